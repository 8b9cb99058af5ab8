//! The packages of the workspace and what they reach, as `cargo metadata` tells it.
//!
//! Terms: what a manifest writes down is *declared*; what a package gets in the end, through others too, is *reached*.
//! Dev-dependencies reach nothing here: tests and proofs may use what they like.

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId, TargetKind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;

/// All of it.
pub struct House {
    /// Our own packages, by name.
    pub members: BTreeMap<String, Member>,
    /// What each package uses directly, ours and others', as `name@version`: two versions of a package may use different
    /// things. Procedural macros use nothing: what they need runs inside the compiler and is never part of a program.
    uses: BTreeMap<String, BTreeSet<String>>,
}

/// One of our packages.
#[derive(Default)]
pub struct Member {
    /// Its manifest, from the repository's root.
    pub manifest: String,
    /// The manifest's text, to find lines in.
    pub text: String,
    /// Its dependencies as declared, of every kind and for every platform.
    pub declared: Vec<Declared>,
    /// What its own features switch on, for example `shared/wire`.
    pub switches: Vec<String>,
}

/// One line of a manifest's dependencies.
pub struct Declared {
    /// The package's name, even where it is renamed.
    pub package: String,
    /// Whether it is a dev-dependency.
    pub is_dev: bool,
    /// The features asked for, without the default ones.
    pub features: Vec<String>,
}

impl House {
    /// Reads manifests and the resolved graph.
    pub fn of(metadata: &Metadata) -> Result<Self> {
        let resolve = metadata.resolve.as_ref().context("cargo metadata gave no resolved graph")?;
        let packages: BTreeMap<&PackageId, &Package> = metadata.packages.iter().map(|p| (&p.id, p)).collect();
        let mut uses = BTreeMap::new();
        for node in &resolve.nodes {
            let package = packages.get(&node.id).with_context(|| format!("cargo metadata describes no {}", node.id))?;
            uses.insert(key(package), used_by(node, package, &packages));
        }
        let members = metadata.workspace_packages().into_iter().map(|package| member(package, metadata));
        Ok(Self { members: members.collect::<Result<_>>()?, uses })
    }

    /// The shortest way from `name` to each package that it reaches: `name` first, the package last.
    pub fn ways_from(&self, name: &str) -> Vec<Vec<&str>> {
        let Some(start) = self.uses.keys().find(|key| name_in(key) == name) else { return Vec::new() };
        let mut seen = BTreeSet::from([start.as_str()]);
        let mut ways = Vec::new();
        let mut open = VecDeque::from([vec![start.as_str()]]);
        while let Some(way) = open.pop_front() {
            let used = self.uses.get(way[way.len() - 1]).into_iter().flatten();
            open.extend(used.filter(|next| seen.insert(next)).map(|next| [way.as_slice(), &[next]].concat()));
            ways.push(way.into_iter().map(name_in).collect());
        }
        ways.split_off(1)
    }
}

impl Member {
    /// The line of the manifest that declares `package`, or 1.
    pub fn line_of(&self, package: &str) -> usize {
        let declares = |line: &str| {
            line.strip_prefix(package).is_some_and(|rest| rest.starts_with([' ', '=', '.']))
                || line.contains(&format!("package = \"{package}\""))
        };
        self.text.lines().position(|line| declares(line.trim_start())).map_or(1, |index| index + 1)
    }
}

fn used_by(node: &Node, package: &Package, packages: &BTreeMap<&PackageId, &Package>) -> BTreeSet<String> {
    if package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro)) {
        return BTreeSet::new();
    }
    let normal = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
    normal.filter_map(|dep| packages.get(&dep.pkg)).map(|package| key(package)).collect()
}

fn key(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}

fn name_in(key: &str) -> &str {
    key.split('@').next().unwrap_or(key)
}

fn member(package: &Package, metadata: &Metadata) -> Result<(String, Member)> {
    let path = &package.manifest_path;
    let text = fs::read_to_string(path).with_context(|| format!("read {path}"))?;
    let manifest = path.strip_prefix(&metadata.workspace_root).unwrap_or(path).to_string();
    let declared = package.dependencies.iter().map(|dependency| Declared {
        package: dependency.name.clone(),
        is_dev: dependency.kind == DependencyKind::Development,
        features: dependency.features.clone(),
    });
    let switches = package.features.values().flatten().cloned().collect();
    Ok((package.name.to_string(), Member { manifest, text, declared: declared.collect(), switches }))
}

#[cfg(test)]
impl House {
    /// A house of these members; every pair of `uses` is a package and one that it uses.
    pub fn built(members: Vec<(&str, Member)>, uses: &[(&str, &str)]) -> Self {
        let mut house = Self { members: BTreeMap::new(), uses: BTreeMap::new() };
        house.members.extend(members.into_iter().map(|(name, member)| (name.to_owned(), member)));
        for (from, to) in uses {
            house.uses.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        house
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_is_told() {
        let uses = [("core", "a"), ("a", "b"), ("b", "io"), ("core", "b"), ("io", "core")];
        let house = House::built(Vec::new(), &uses);
        let ways = house.ways_from("core");
        assert!(ways.contains(&vec!["core", "b", "io"]), "{ways:?}");
        assert_eq!(ways.len(), 3);
    }

    #[test]
    fn versions_of_a_package_are_kept_apart() {
        let uses = [("core@1", "random@1"), ("tool@1", "random@2"), ("random@1", "pure@1"), ("random@2", "io@1")];
        let house = House::built(Vec::new(), &uses);
        assert_eq!(house.ways_from("core"), [vec!["core", "random"], vec!["core", "random", "pure"]]);
    }

    #[test]
    fn a_dependency_is_found_in_its_manifest() {
        let text = "[dependencies]\nserde.workspace = true\nother = { package = \"tokio\" }\n".to_owned();
        let member = Member { text, ..Member::default() };
        assert_eq!(member.line_of("serde"), 2);
        assert_eq!(member.line_of("tokio"), 3);
        assert_eq!(member.line_of("serde_json"), 1);
    }
}
