//! `cargo xtask test`: every check there is, in order, each with its name and its duration.
//!
//! The first step that fails ends the run. Nothing is skipped: a step that has nothing to do says so.

use crate::child;
use crate::clock::Stopwatch;
use crate::demo;
use crate::needs;
use crate::prove;
use crate::tidy;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::process::{Command, ExitCode};

/// How long the demo of the tests runs, in seconds.
const DEMO_S: u32 = 60;

/// One check.
pub struct Step {
    /// What it checks.
    pub name: &'static str,
    /// The check.
    pub run: fn(&Workspace) -> Result<()>,
}

/// The cheap ones come first.
const STEPS: [Step; 9] = [
    Step { name: "needs: the programs that the checks start", run: needs::meet },
    Step { name: "format", run: |workspace| child::run(&mut workspace.cargo(&["fmt", "--all", "--check"])) },
    Step { name: "tidy: the rules of the house", run: tidy_up },
    Step { name: "lints", run: lints },
    Step {
        name: "prove: the interlock's model, mutants and bare metal; its searches are among the tests",
        run: prove::beside_the_tests,
    },
    Step { name: "programs and tests are built", run: build },
    Step {
        name: "tests",
        run: |workspace| child::run(&mut workspace.cargo(&["test", "--workspace", "--no-fail-fast"])),
    },
    Step { name: "tests of the pages", run: web_tests },
    Step { name: "demo: a minute of the factory, judged", run: |workspace| demo::judged(workspace, DEMO_S) },
];

/// Runs them all, or as far as they pass.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    run_all(workspace, &STEPS)
}

/// Runs steps in their order, or as far as they pass.
pub fn run_all(workspace: &Workspace, steps: &[Step]) -> Result<ExitCode> {
    let all = Stopwatch::start();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n== {}/{} {}", index + 1, steps.len(), step.name);
        let one = Stopwatch::start();
        if let Err(error) = (step.run)(workspace) {
            let unrun = steps.len() - index - 1;
            eprintln!("== FAILED after {one}: {}: {error:#}", step.name);
            bail!("{index} steps passed, 1 failed ({}), {unrun} not run; {all} in all", step.name);
        }
        eprintln!("== passed in {one}");
    }
    eprintln!("\nxtask: all {} steps passed in {all}", steps.len());
    Ok(ExitCode::SUCCESS)
}

fn lints(workspace: &Workspace) -> Result<()> {
    child::run(&mut workspace.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn tidy_up(workspace: &Workspace) -> Result<()> {
    let findings = tidy::check(workspace)?;
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    Ok(())
}

/// Programs and tests together, so that both get the same features and nothing is built twice. Tests that start
/// processes find the programs where this step leaves them.
fn build(workspace: &Workspace) -> Result<()> {
    child::run(&mut workspace.cargo(&["build", "--workspace", "--bins", "--tests"]))
}

/// Files by name: what node makes of a folder differs between its versions.
fn web_tests(workspace: &Workspace) -> Result<()> {
    let files = needs::web_tests(workspace);
    if files.is_empty() {
        eprintln!("the pages have no tests yet");
        return Ok(());
    }
    child::run(Command::new("node").arg("--test").args(files).current_dir(&workspace.root))
}
