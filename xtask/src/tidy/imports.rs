//! Who may import whom: the rules between packages.

use super::allow::{self, Allow, Named, Without};
use super::finding::Finding;
use super::house::{House, Member};
use std::collections::{BTreeMap, BTreeSet};

/// Everything in the manifests and the resolved graph that the list does not allow.
pub fn findings(house: &House, allow: &Allow) -> Vec<Finding> {
    let mut findings = circles(house);
    for (name, member) in &house.members {
        match allow.crates.get(name) {
            Some(rules) => findings.extend(Visit { house, allow, name, member, rules }.findings()),
            None => findings.push(unlisted(name, member)),
        }
    }
    findings
}

fn unlisted(name: &str, member: &Member) -> Finding {
    Finding {
        path: member.manifest.clone(),
        line: 1,
        rule: "imports",
        what: format!("{name} is not in xtask/allow.toml"),
        why: "every package of the workspace says there what it may use".to_owned(),
    }
}

/// One package under its rules.
struct Visit<'a> {
    house: &'a House,
    allow: &'a Allow,
    name: &'a str,
    member: &'a Member,
    rules: &'a allow::House,
}

impl Visit<'_> {
    fn findings(&self) -> Vec<Finding> {
        let ways = self.house.ways_from(self.name);
        let mut findings = self.named();
        if self.rules.core {
            findings.extend(ways.iter().filter_map(|way| self.reached(way)));
        }
        findings.extend(ways.iter().filter_map(|way| self.never(way)));
        findings.extend(self.rules.without.iter().flat_map(|without| self.switched_on(without)));
        findings
    }

    fn named(&self) -> Vec<Finding> {
        let Some(listed) = &self.rules.dependencies else { return Vec::new() };
        let declared = self.member.declared.iter().filter(|declared| !declared.is_dev);
        let strangers = declared.filter(|declared| !covers(listed, &declared.package));
        let why = "xtask/allow.toml lists what it may, each with a reason".to_owned();
        strangers
            .map(|declared| {
                self.at(&declared.package, format!("{} names {}", self.name, declared.package), why.clone())
            })
            .collect()
    }

    /// A core's dependencies are looked at to the end: a pure crate that brings a runtime along is no pure crate. What a
    /// stranger brings along is not told again.
    fn reached(&self, way: &[&str]) -> Option<Finding> {
        let strangers = (2..=way.len()).filter(|length| !self.is_known(&way[..*length]));
        if way.len() == 2 || strangers.min() != Some(way.len()) {
            return None;
        }
        let why = "a core does no input or output: all that it reaches is listed in xtask/allow.toml".to_owned();
        Some(self.at(way[1], format!("{} reaches {} ({})", self.name, way[way.len() - 1], way.join(" -> ")), why))
    }

    /// Ours, listed for all cores, or named by this core or by another one on the way, which answers for it.
    fn is_known(&self, way: &[&str]) -> bool {
        let (package, before) = way.split_last().expect("a way has an end");
        let cores = before.iter().filter_map(|name| self.allow.crates.get(*name)).filter(|rules| rules.core);
        self.house.members.contains_key(*package)
            || self.allow.reachable.contains_key(*package)
            || cores.filter_map(|rules| rules.dependencies.as_deref()).any(|listed| covers(listed, package))
    }

    fn never(&self, way: &[&str]) -> Option<Finding> {
        let package = way[way.len() - 1];
        let never = self.rules.never.iter().find(|never| never.covers(package))?;
        Some(self.at(way[1], format!("{} reaches {package} ({})", self.name, way.join(" -> ")), never.reason.clone()))
    }

    fn switched_on(&self, without: &Without) -> Vec<Finding> {
        let declared =
            self.member.declared.iter().filter(|declared| declared.package == without.package && !declared.is_dev);
        let asked = declared.flat_map(|declared| &declared.features).cloned();
        let switches = self.member.switches.iter().filter_map(|switch| switch.split_once('/'));
        let switched = switches.filter(|(package, _)| package.trim_end_matches('?') == without.package);
        let features: BTreeSet<String> = asked.chain(switched.map(|(_, feature)| feature.to_owned())).collect();
        let refused = features.into_iter().filter(|feature| without.features.contains(feature));
        let what = |feature| format!("{} switches on {}/{feature}", self.name, without.package);
        refused.map(|feature| self.at(&without.package, what(feature), without.reason.clone())).collect()
    }

    fn at(&self, package: &str, what: String, why: String) -> Finding {
        Finding { path: self.member.manifest.clone(), line: self.member.line_of(package), rule: "imports", what, why }
    }
}

fn covers(listed: &[Named], package: &str) -> bool {
    listed.iter().any(|named| named.covers(package))
}

/// Cargo refuses circles itself, except through dev-dependencies, where they make two copies of a package meet.
fn circles(house: &House) -> Vec<Finding> {
    let ours: BTreeMap<&str, BTreeSet<&str>> =
        house.members.iter().map(|(name, member)| (name.as_str(), ours(name, member, house))).collect();
    let mut findings = Vec::new();
    for (name, member) in &house.members {
        for next in ours[name.as_str()].iter().filter(|next| leads_to(next, name, &ours)) {
            findings.push(Finding {
                path: member.manifest.clone(),
                line: member.line_of(next),
                rule: "circle",
                what: format!("{name} uses {next}, which uses {name} again"),
                why: "what goes round has no bottom to build and test first".to_owned(),
            });
        }
    }
    findings
}

/// What a member declares of our own, of every kind. A package may test itself with other features; that is no circle.
fn ours<'a>(name: &str, member: &'a Member, house: &House) -> BTreeSet<&'a str> {
    let declared = member.declared.iter().map(|declared| declared.package.as_str());
    declared.filter(|package| *package != name && house.members.contains_key(*package)).collect()
}

fn leads_to(from: &str, to: &str, ours: &BTreeMap<&str, BTreeSet<&str>>) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(ours.get(at).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
mod tests;
