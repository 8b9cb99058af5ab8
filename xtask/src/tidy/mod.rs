//! `cargo xtask tidy`: the rules of the house, read off the packages and the files.
//!
//! Terms: a *finding* is one place that breaks one rule. `allow` is the committed list of who may use what, `house` the
//! packages as cargo sees them, `imports` the rules between packages; `tree` holds the files, `words` and the files
//! beside it the rules for what is written in them.

mod allow;
mod finding;
mod head;
mod house;
mod imports;
mod outside;
mod rust;
mod sql;
mod tree;
mod words;

use crate::workspace::{self, Workspace};
use allow::Allow;
use anyhow::Result;
use finding::Finding;
use house::House;
use std::process::ExitCode;
use tree::Tree;

/// Prints every finding and exits 1 if there is one.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    let findings = check(workspace)?;
    for finding in &findings {
        println!("{finding}");
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Everything in the repository that breaks a rule, by file and line.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let allow = Allow::read(&workspace.root)?;
    let house = House::of(&workspace::metadata(&workspace.root, false)?)?;
    let tree = Tree::of_git(&workspace.root)?;
    let mut findings = imports::findings(&house, &allow);
    findings.extend(tree.files().iter().flat_map(findings_in));
    findings.extend(words::second_clocks(&tree));
    findings.sort();
    Ok(findings)
}

fn findings_in(file: &tree::File) -> Vec<Finding> {
    [head::findings(file), words::findings(file), sql::findings(file), outside::findings(file)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let workspace = Workspace::find().expect("we were built from a workspace");
        let findings = check(&workspace).expect("packages and files can be read");
        let words: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert!(words.is_empty(), "\n{}\n", words.join("\n"));
    }
}
