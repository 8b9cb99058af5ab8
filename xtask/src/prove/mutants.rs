//! Mutants of the interlock: small changes to its source, each of which a check has to notice.
//!
//! The committed table says how a run ended and names the survivors, each with the reason why it is no change at all. It
//! carries the hash of the source it is of, so that it cannot outlive it. To run all mutants belongs to a thorough proof.

use crate::child;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use shared::seal::Hash;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const TABLE: &str = "firmware-sim/interlock/tests/mutants.toml";
const SOURCE: &str = "firmware-sim/interlock/src";

/// The share of mutants that may be equivalent: one in twenty.
const EQUIVALENT_SHARE: usize = 20;

/// How a run ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutants {
    /// Program and version.
    pub tool: String,
    /// SHA-256 over the interlock's source files, one after the other in the order of their names.
    pub source: String,
    /// Mutants that can be built.
    pub total: usize,
    pub killed: usize,
    /// Whether they were run now; otherwise the numbers are the committed ones.
    #[serde(default)]
    pub run_now: bool,
    #[serde(default)]
    pub equivalent: Vec<Equivalent>,
}

/// A mutant that does the same as the original in every state that can be reached.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// As the tool names it.
    pub mutant: String,
    /// Why nothing can tell it from the original.
    pub reason: String,
    /// `comparison` over all reachable states and inputs, or `argument`.
    pub shown_by: String,
}

/// The committed table, which must be of the current source and account for every mutant.
pub fn committed(workspace: &Workspace) -> Result<Mutants> {
    let text = fs::read_to_string(workspace.root.join(TABLE)).with_context(|| format!("read {TABLE}"))?;
    let table: Mutants = toml::from_str(&text).with_context(|| format!("read {TABLE}"))?;
    let source = digest(&workspace.root.join(SOURCE))?;
    ensure!(
        table.source == source,
        "{TABLE} is of another source than {SOURCE} now holds ({source}): run `cargo xtask prove --thorough`"
    );
    ensure!(table.killed + table.equivalent.len() == table.total, "{TABLE} does not account for every mutant");
    ensure!(
        table.equivalent.len() * EQUIVALENT_SHARE <= table.total,
        "more than one mutant in {EQUIVALENT_SHARE} is called equivalent"
    );
    Ok(table)
}

/// Runs every mutant. The survivors must be the ones the table calls equivalent.
pub fn run(workspace: &Workspace) -> Result<Mutants> {
    let tool = version()?;
    let folder = workspace.target.join("mutants");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let mut mutants = workspace.cargo(&["mutants", "--package", "interlock", "--jobs", "2", "--output"]);
    mutants.arg(&folder).stdout(std::io::stderr());
    // Each copy of the workspace has a build folder of its own; what is only for a debugger takes a third of the time.
    mutants.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "none");
    // It ends with 2 when there are survivors and with 3 when some ran out of time; both are judged below.
    let status = child::finish(&mut mutants, None)?;
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("`{}` ended with {}", child::words(&mutants), child::ending(status));
    }
    let run = Run::read(&folder.join("mutants.out"))?;
    eprintln!("{} mutants, {} killed; source {}", run.total, run.killed, digest(&workspace.root.join(SOURCE))?);
    let table = committed(workspace)?;
    run.agrees_with(&table)?;
    Ok(Mutants { tool, run_now: true, ..table })
}

/// What a run left behind.
struct Run {
    total: usize,
    killed: usize,
    survivors: BTreeSet<String>,
}

/// The part of `outcomes.json` that counts.
#[derive(Deserialize)]
struct Outcomes {
    caught: usize,
    missed: usize,
    timeout: usize,
}

impl Run {
    fn read(folder: &Path) -> Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
        };
        let Outcomes { caught, missed, timeout } = serde_json::from_str(&text("outcomes.json")?)?;
        // Nothing in the interlock can run for ever, so a busy machine is no reason to call a mutant killed.
        ensure!(timeout == 0, "{timeout} mutants ran out of time: run it again when the machine is less busy");
        let survivors = text("missed.txt")?.lines().map(str::to_owned).collect();
        Ok(Self { total: caught + missed, killed: caught, survivors })
    }

    fn agrees_with(&self, table: &Mutants) -> Result<()> {
        let named: BTreeSet<String> = table.equivalent.iter().map(|equivalent| equivalent.mutant.clone()).collect();
        if let Some(stranger) = self.survivors.difference(&named).next() {
            bail!("nothing notices this mutant, and {TABLE} does not call it equivalent: {stranger}");
        }
        ensure!(
            (self.total, self.killed, &self.survivors) == (table.total, table.killed, &named),
            "{TABLE} says {} of {} killed, this run {} of {}",
            table.killed,
            table.total,
            self.killed,
            self.total
        );
        Ok(())
    }
}

/// SHA-256 over the files of a folder, one after the other in the order of their names.
fn digest(folder: &Path) -> Result<String> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let texts = paths.iter().map(|path| fs::read(path).with_context(|| format!("read {}", path.display())));
    let texts = texts.collect::<Result<Vec<_>>>()?;
    let parts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    Ok(Hash::of(&parts).0.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn version() -> Result<String> {
    let output = Command::new("cargo").args(["mutants", "--version"]).stderr(Stdio::null()).output();
    let output = output.context("run cargo mutants --version")?;
    if !output.status.success() {
        bail!("cargo-mutants is missing. Run: cargo install --locked cargo-mutants");
    }
    Ok(String::from_utf8(output.stdout).context("read the version of cargo-mutants")?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_of_the_current_source() {
        let workspace = Workspace::find().expect("we were built from a workspace");
        let table = committed(&workspace).expect("the table is good");
        assert!(table.total > 100, "{table:?}");
    }

    #[test]
    fn a_survivor_that_nobody_explained_is_refused() {
        let table: Mutants = toml::from_str(
            r#"
            tool = "x"
            source = "y"
            total = 3
            killed = 2
            [[equivalent]]
            mutant = "a"
            reason = "b"
            shown_by = "argument"
            "#,
        )
        .expect("the table can be read");
        let run = |total, killed, survivor: &str| Run { total, killed, survivors: [survivor.to_owned()].into() };
        assert!(run(3, 2, "a").agrees_with(&table).is_ok());
        assert!(run(3, 2, "b").agrees_with(&table).is_err());
        assert!(run(4, 3, "a").agrees_with(&table).is_err());
    }

    #[test]
    fn a_digest_covers_every_byte() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file can be written");
        write("b", "c");
        write("a", "ab");
        let digest = || digest(folder.path()).expect("the folder can be read");
        // Of "abc", by FIPS 180-4.
        assert_eq!(digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        write("b", "d");
        assert_ne!(digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
