//! Whose word a key is: the auditor's own, or that of the server whose journals are checked with it.

use super::journal::Source;
use shared::id::RobotId;
use shared::seal::PublicKey;
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// A public key as `ROBOT=HEX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotKey {
    /// Whose.
    pub robot: RobotId,
    /// The key.
    pub key: PublicKey,
}

impl FromStr for RobotKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (robot, key) = text.split_once('=').ok_or("a key is written as ROBOT=HEX")?;
        Ok(Self {
            robot: RobotId::parse(robot.trim()).map_err(|e| e.to_string())?,
            key: PublicKey::parse(key.trim()).map_err(|e| e.to_string())?,
        })
    }
}

/// Keys that an auditor brought along.
pub type Keys = BTreeMap<RobotId, PublicKey>;

/// The keys of the command line and of a file with `ROBOT=HEX` in each line; empty lines and `#` lines are passed over.
///
/// # Errors
/// What is wrong, for people: a file that cannot be read, or two keys for one robot.
pub fn collect(given: &[RobotKey], file: Option<&Path>) -> Result<Keys, String> {
    let mut all = given.to_vec();
    if let Some(file) = file {
        let text = crate::input::text(file, crate::input::LIST_LEN_MAX)
            .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            all.push(line.parse().map_err(|e| format!("{}: {line:?}: {e}", file.display()))?);
        }
    }
    let mut keys = Keys::new();
    for RobotKey { robot, key } in all {
        if keys.insert(robot.clone(), key).is_some_and(|before| before != key) {
            return Err(format!("there are two keys for {robot}"));
        }
    }
    Ok(keys)
}

/// Whose word the keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The auditor brought them: nobody under audit has chosen them.
    Given,
    /// The server under audit named them: a server that makes up a journal can make up its key.
    Server,
    /// There were none.
    Nobody,
}

impl Whose {
    /// Who vouches for the keys that these journals are checked with.
    #[must_use]
    pub fn of(given: &Keys, sources: &[Source]) -> Self {
        if !given.is_empty() {
            Self::Given
        } else if sources.iter().any(|source| source.key.is_some()) {
            Self::Server
        } else {
            Self::Nobody
        }
    }

    /// Its word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Server => "server",
            Self::Nobody => "none",
        }
    }

    /// What people have to know about it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Given => "Signatures were checked with the keys that were given.",
            Self::Server => {
                "Keys by the server's word: whoever makes up a journal can make up its key. Give --key or --keys."
            }
            Self::Nobody => "No keys: nobody's signature was checked.",
        }
    }
}
