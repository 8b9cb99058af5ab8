//! Each rule between packages, shown to refuse; the last tests do it with this repository's own manifests.

use super::super::house::Declared;
use super::*;
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = r#"
[reachable]
cfg-if = "chooses code while compiling"

[crate.shared]
core = true
dependencies = [{ package = "ring", reason = "signatures" }]

[crate.robot-core]
core = true
dependencies = [{ package = "shared", reason = "the vocabulary" }]

[crate.robot-agent]
never = [{ package = "fleet-*", reason = "the sides meet in shared" }]

[crate.firmware-sim]
never = [{ package = "tokio", reason = "no async runtime beside the interlock" }]
without = [{ package = "shared", features = ["wire"], reason = "the safety controller speaks no MQTT" }]
"#;

fn uses(packages: &[&str]) -> Member {
    Member {
        manifest: "x/Cargo.toml".to_owned(),
        declared: packages.iter().map(|p| declared(p)).collect(),
        ..Member::default()
    }
}

fn declared(package: &str) -> Declared {
    Declared { package: package.to_owned(), is_dev: false, features: Vec::new() }
}

fn whats(members: Vec<(&str, Member)>, uses: &[(&str, &str)]) -> Vec<String> {
    let allow = Allow::parse(LIST).expect("the list above is one");
    findings(&House::built(members, uses), &allow).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn what_is_listed_passes() {
    let members = vec![("shared", uses(&["ring"])), ("robot-core", uses(&["shared"]))];
    let found = whats(members, &[("robot-core", "shared"), ("shared", "ring"), ("ring", "cfg-if")]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_core_names_only_what_is_listed() {
    let found = whats(vec![("shared", uses(&["ring", "rand"]))], &[]);
    assert_eq!(found, ["shared names rand"]);
}

#[test]
fn a_core_reaches_no_io_through_a_listed_package() {
    let found = whats(vec![("shared", uses(&["ring"]))], &[("shared", "ring"), ("ring", "mio")]);
    assert_eq!(found, ["shared reaches mio (shared -> ring -> mio)"]);
}

#[test]
fn a_core_reaches_no_io_through_another_core() {
    let members = vec![("robot-core", uses(&["shared"])), ("shared", uses(&["tokio"]))];
    let found = whats(members, &[("robot-core", "shared"), ("shared", "tokio")]);
    assert_eq!(found, ["robot-core reaches tokio (robot-core -> shared -> tokio)", "shared names tokio"]);
}

#[test]
fn a_side_never_reaches_the_other() {
    let members = vec![("robot-agent", uses(&["glue"]))];
    let found = whats(members, &[("robot-agent", "glue"), ("glue", "fleet-core")]);
    assert_eq!(found, ["robot-agent reaches fleet-core (robot-agent -> glue -> fleet-core)"]);
}

#[test]
fn a_feature_may_be_refused_in_the_dependency_and_in_the_features() {
    let asked = Declared { features: vec!["wire".to_owned()], ..declared("shared") };
    let asks = Member { declared: vec![asked], ..uses(&[]) };
    assert_eq!(whats(vec![("firmware-sim", asks)], &[]), ["firmware-sim switches on shared/wire"]);
    let switches = Member { switches: vec!["shared/wire".to_owned()], ..uses(&["shared"]) };
    assert_eq!(whats(vec![("firmware-sim", switches)], &[]), ["firmware-sim switches on shared/wire"]);
}

#[test]
fn a_dev_dependency_may_be_anything_but_a_circle() {
    let dev = |package| Declared { is_dev: true, ..declared(package) };
    let shared = Member { declared: vec![dev("tokio"), dev("robot-core")], ..uses(&[]) };
    let found = whats(vec![("shared", shared), ("robot-core", uses(&["shared"]))], &[]);
    assert_eq!(
        found,
        ["robot-core uses shared, which uses robot-core again", "shared uses robot-core, which uses shared again"]
    );
}

#[test]
fn a_new_package_says_what_it_may_use() {
    assert_eq!(whats(vec![("newcomer", uses(&[]))], &[]), ["newcomer is not in xtask/allow.toml"]);
}

#[test]
fn the_house_refuses_tokio_in_robot_core() {
    let copy = Copy::of_the_house();
    assert_eq!(copy.findings_about("tokio"), Vec::<String>::new());
    copy.add_dependency("robot-agent/core", "tokio = { workspace = true }");
    assert_eq!(copy.findings_about("tokio"), ["robot-core names tokio"]);
}

#[test]
fn the_house_refuses_what_a_core_gets_through_another() {
    let copy = Copy::of_the_house();
    copy.add_dependency("shared", "tokio = { workspace = true }");
    let found = copy.findings_about("tokio");
    assert!(found.contains(&"shared names tokio".to_owned()), "{found:?}");
    assert!(found.contains(&"fleet-core reaches tokio (fleet-core -> shared -> tokio)".to_owned()), "{found:?}");
}

#[test]
fn the_house_refuses_the_interlock_in_the_agent() {
    let copy = Copy::of_the_house();
    copy.add_dependency("robot-agent", "interlock = { workspace = true }");
    let found = copy.findings_about("robot-agent reaches interlock ");
    assert_eq!(found, ["robot-agent reaches interlock (robot-agent -> interlock)"]);
}

/// The manifests of this repository in a folder of their own, with empty sources. Reading the original downloads what the
/// copy, which is read without a network, needs.
struct Copy(tempfile::TempDir);

impl Copy {
    fn of_the_house() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
        let copy = Self(tempfile::tempdir().expect("a temporary folder can be made"));
        for name in ["Cargo.toml", "Cargo.lock", "xtask/allow.toml"] {
            copy.write(Path::new(name), &fs::read_to_string(root.join(name)).expect("the file is committed"));
        }
        let house =
            House::of(&workspace::metadata(root, false).expect("packages can be downloaded")).expect("it has a graph");
        for member in house.members.values() {
            copy.member(root, Path::new(&member.manifest).parent().expect("a manifest lies in a folder"));
        }
        copy
    }

    /// Cargo wants to see every target it was told of, so each source file is there, without its contents.
    fn member(&self, root: &Path, folder: &Path) {
        self.write(
            &folder.join("Cargo.toml"),
            &fs::read_to_string(root.join(folder).join("Cargo.toml")).expect("it is there"),
        );
        for part in ["src", "src/bin", "tests", "benches", "examples"] {
            for source in sources(&root.join(folder).join(part)) {
                self.write(&folder.join(part).join(source), "fn main() {}\n");
            }
        }
    }

    fn write(&self, path: &Path, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    fn add_dependency(&self, folder: &str, line: &str) {
        let path = self.0.path().join(folder).join("Cargo.toml");
        let text = fs::read_to_string(&path).expect("it was copied");
        fs::write(&path, text.replace("[dependencies]\n", &format!("[dependencies]\n{line}\n")))
            .expect("a file can be written");
    }

    fn findings_about(&self, words: &str) -> Vec<String> {
        let metadata = workspace::metadata(self.0.path(), true).expect("the packages are downloaded");
        let house = House::of(&metadata).expect("it has a graph");
        let allow = Allow::read(self.0.path()).expect("the list was copied");
        let whats = findings(&house, &allow).into_iter().map(|finding| finding.what);
        whats.filter(|what| what.contains(words)).collect()
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())));
    names.filter(|name| name.extension().is_some_and(|extension| extension == "rs")).collect()
}
