//! `cargo xtask prove`: shows that the interlock keeps its invariants, and prints what was shown.
//!
//! Quick is the exhaustive search without a broken part, the interlock's other tests, the independent model and the build
//! for bare metal. Thorough adds longer times, one broken part, ten million hostile frames, the model with longer times
//! and the mutants. What is searched and tested lies in `firmware-sim/interlock`; here it is run and counted.

mod mutants;
mod searches;
mod spin;
mod table;

use crate::child;
use crate::clock::Stopwatch;
use crate::needs;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use mutants::Mutants;
use searches::Search;
use serde::Serialize;
use spin::Model;
use std::process::ExitCode;

/// What to show, and how to tell it.
#[derive(clap::Args)]
pub struct Request {
    /// A few minutes at most: no broken part (this is the default)
    #[arg(long, conflicts_with = "thorough")]
    quick: bool,
    /// Everything, with one broken part and all mutants: up to an hour
    #[arg(long)]
    thorough: bool,
    /// One JSON line on stdout instead of the table
    #[arg(long)]
    json: bool,
}

/// What was shown.
#[derive(Serialize)]
struct Report {
    level: &'static str,
    holds: bool,
    seconds: f64,
    searches: Vec<Search>,
    tests: Tests,
    models: Vec<Model>,
    bare_metal: &'static str,
    mutants: Mutants,
}

/// The interlock's tests beside the search.
#[derive(Serialize)]
struct Tests {
    hostile_frames: u32,
    seconds: f64,
}

/// Runs it all, then tells it all; a search that finds a violation is told too, anything else that fails ends the run.
pub fn run(workspace: &Workspace, request: &Request) -> Result<ExitCode> {
    let all = Stopwatch::start();
    bare_metal(workspace)?;
    let mutants = if request.thorough { mutants::run(workspace)? } else { mutants::committed(workspace)? };
    let searches = searches::run(workspace, request.thorough)?;
    let models = spin::run(workspace, request.thorough)?;
    let report = Report {
        level: if request.thorough { "thorough" } else { "quick" },
        holds: searches.iter().all(Search::holds) && models.iter().all(|model| model.as_expected),
        tests: tests(workspace, request.thorough)?,
        searches,
        models,
        bare_metal: needs::BARE_METAL,
        mutants,
        seconds: all.read().as_secs_f64(),
    };
    println!("{}", if request.json { serde_json::to_string(&report)? } else { table::of(&report) });
    Ok(if report.holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What `cargo test` does not do by itself: the model, the build for bare metal, and whether the committed table of
/// mutants is of this source. The search and the other tests of a quick proof run among the tests of the workspace.
pub fn beside_the_tests(workspace: &Workspace) -> Result<()> {
    bare_metal(workspace)?;
    let mutants = mutants::committed(workspace)?;
    let models = spin::run(workspace, false)?;
    eprint!("{}", table::of_models(&models));
    eprintln!("{}", table::of_mutants(&mutants));
    if !models.iter().all(|model| model.as_expected) {
        bail!("the model and the interlock disagree");
    }
    Ok(())
}

fn bare_metal(workspace: &Workspace) -> Result<()> {
    let mut build = workspace.cargo(&["build", "--package", "interlock", "--target", needs::BARE_METAL]);
    child::run(build.stdout(std::io::stderr()))
}

fn tests(workspace: &Workspace, thorough: bool) -> Result<Tests> {
    let running = Stopwatch::start();
    let mut tests = workspace.cargo(&["test", "--package", "interlock", "--lib"]);
    tests.args(["--test", "hostile", "--test", "property", "--test", "shipped"]);
    if thorough {
        tests.args(["--", "--include-ignored"]);
    }
    child::run(tests.stdout(std::io::stderr()))?;
    Ok(Tests { hostile_frames: if thorough { 10_000_000 } else { 200_000 }, seconds: running.read().as_secs_f64() })
}
