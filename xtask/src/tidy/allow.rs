//! The committed list of who may use which package, and why: `xtask/allow.toml`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Packages that cores may reach through what they name, with the reason.
    pub reachable: BTreeMap<String, String>,
    /// Our own packages. One that is missing here is a finding.
    #[serde(rename = "crate")]
    pub crates: BTreeMap<String, House>,
}

/// What one of our packages may do.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    /// Cores decide and do no input or output: all they reach must be listed.
    #[serde(default)]
    pub core: bool,
    /// All that it may name. Without a list it may name anything.
    pub dependencies: Option<Vec<Named>>,
    /// What it may not reach, by whatever way. A name that ends with `*` stands for all that begin so.
    #[serde(default)]
    pub never: Vec<Named>,
    /// Features of a dependency that it may not switch on.
    #[serde(default)]
    pub without: Vec<Without>,
}

/// A package and why it stands in the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The package's name.
    pub package: String,
    /// One sentence.
    pub reason: String,
}

/// Features of a package, and why they are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Without {
    /// The dependency's name.
    pub package: String,
    /// Its features.
    pub features: Vec<String>,
    /// One sentence.
    pub reason: String,
}

impl Allow {
    /// Reads the list of the repository at `root`.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join("xtask/allow.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("understand {}", path.display()))
    }

    /// Refuses an entry without a reason.
    pub fn parse(text: &str) -> Result<Self> {
        let allow: Self = toml::from_str(text)?;
        if let Some(package) = allow.reasons().find(|(_, reason)| reason.trim().is_empty()).map(|(package, _)| package)
        {
            bail!("{package} is listed without a reason");
        }
        Ok(allow)
    }

    fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        let reachable = self.reachable.iter().map(|(package, reason)| (package.as_str(), reason.as_str()));
        reachable.chain(self.crates.values().flat_map(House::reasons))
    }
}

impl House {
    fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.dependencies.iter().flatten().chain(&self.never);
        let without = self.without.iter().map(|without| (without.package.as_str(), without.reason.as_str()));
        named.map(|named| (named.package.as_str(), named.reason.as_str())).chain(without)
    }
}

impl Named {
    /// Whether this entry stands for `package`.
    pub fn covers(&self, package: &str) -> bool {
        match self.package.strip_suffix('*') {
            Some(beginning) => package.starts_with(beginning),
            None => package == self.package,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_without_a_reason_is_refused() {
        let text = "[reachable]\ncfg-if = \" \"\n[crate.shared]\n";
        let error = Allow::parse(text).err().expect("no reason");
        assert!(error.to_string().contains("cfg-if is listed without a reason"));
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert!(Allow::parse("[reachable]\n[crate.shared]\nallways = []\n").is_err());
    }

    #[test]
    fn a_star_stands_for_all_that_begin_so() {
        let never = Named { package: "fleet-*".to_owned(), reason: "the other side".to_owned() };
        assert!(never.covers("fleet-core"));
        assert!(!never.covers("fleet"));
    }
}
