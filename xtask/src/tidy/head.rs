//! What a file is called, and how it opens.

use super::finding::Finding;
use super::tree::File;

/// Names that say nothing: what has no noun belongs next to its only caller.
const NO_NOUNS: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"];

/// What a crate's root has to say, so that the compiler holds the whole crate to it.
const VOWS: [(&str, &str); 6] = [
    ("firmware-sim/link/src/lib.rs", "no_std"),
    ("firmware-sim/interlock/src/lib.rs", "no_std"),
    ("firmware-sim/interlock/src/lib.rs", "forbid(unsafe_code)"),
    ("firmware-sim/interlock/src/lib.rs", "clippy::wildcard_enum_match_arm"),
    ("robot-agent/core/src/lib.rs", "clippy::wildcard_enum_match_arm"),
    ("fleet-server/core/src/lib.rs", "clippy::wildcard_enum_match_arm"),
];

/// A name without a noun, a module without its first words, a crate without its vows.
pub fn findings(file: &File) -> Vec<Finding> {
    name(file).into_iter().chain(opening(file)).chain(unvowed(file)).collect()
}

fn name(file: &File) -> Option<Finding> {
    let mut names = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let name = names.find(|name| NO_NOUNS.contains(&name.to_lowercase().as_str()))?;
    let why = "a file is named after the noun it owns; what has no noun belongs next to its only caller";
    Some(at(file, "names", format!("something is called {name}"), why))
}

fn opening(file: &File) -> Option<Finding> {
    if file.rust.is_none() || file.text.starts_with("//!") {
        return None;
    }
    let why = "a module opens with what it is responsible for and what it leaves to whom";
    Some(at(file, "opening", "the first line is not a `//!`".to_owned(), why))
}

fn unvowed(file: &File) -> Vec<Finding> {
    let inner =
        |line: &&str| line.starts_with("#![") && !line.starts_with("#![allow") && !line.starts_with("#![expect");
    let is_vowed = |vow: &str| file.text.lines().filter(inner).any(|line| line.contains(vow));
    let missing = VOWS.iter().filter(|(path, vow)| *path == file.path && !is_vowed(vow));
    let why = "the compiler holds the crate to what its root says";
    missing.map(|(_, vow)| at(file, "vow", format!("the crate's root does not say {vow}"), why)).collect()
}

fn at(file: &File, rule: &'static str, what: String, why: &str) -> Finding {
    Finding { path: file.path.clone(), line: 1, rule, what, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        findings(&File::new(path, text.to_owned())).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_name_without_a_noun_is_refused() {
        assert_eq!(rules("robot-agent/src/utils.rs", "//! x"), ["names"]);
        assert_eq!(rules("tests/tests/common/mod.rs", "//! x"), ["names"]);
        assert_eq!(rules("fleet-server/web/helpers.js", ""), ["names"]);
        assert_eq!(rules("shared/src/commonplace.rs", "//! x"), Vec::<&str>::new());
    }

    #[test]
    fn a_core_that_drops_its_vows_is_refused() {
        let vowed = "//! x\n#![no_std]\n#![forbid(unsafe_code)]\n#![deny(clippy::wildcard_enum_match_arm)]\n";
        assert_eq!(rules("firmware-sim/interlock/src/lib.rs", vowed), Vec::<&str>::new());
        for (word, weaker) in [("forbid", "deny"), ("no_std", "no_main"), ("deny", "allow")] {
            assert_eq!(rules("firmware-sim/interlock/src/lib.rs", &vowed.replace(word, weaker)), ["vow"], "{weaker}");
        }
    }

    #[test]
    fn a_module_without_its_first_words_is_refused() {
        assert_eq!(rules("shared/src/id.rs", "use std::fmt;\n//! late\n"), ["opening"]);
        assert_eq!(rules("shared/src/id.rs", "//! Who is who.\n"), Vec::<&str>::new());
    }
}
