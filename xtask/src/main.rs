//! The workshop's commands: `cargo xtask tidy | test | prove | bench | demo`.
//!
//! Here stand the commands and what they hand on. Running a child process is in `child`, where the folders are in
//! `workspace`; each command has a file of its own.

mod bench;
mod child;
mod clock;
mod demo;
mod needs;
mod prove;
mod steps;
mod thorough;
mod tidy;
mod workspace;

use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;
use workspace::Workspace;

/// Builds, checks and shows Bellwether.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Check the rules of the house: who imports whom, and what may be written where
    Tidy,
    /// Run every check there is: format, lints, tidy, builds, tests and the demo. Stops at the first that fails
    Test {
        /// Where two users cannot be had, pass the test that agent and panel are separated without showing it: it prints NOT SHOWN
        #[arg(long)]
        one_uid: bool,
        /// And what takes longer than a commit should wait: hundreds of kills, a robot of version 1, thousands of mutes
        #[arg(long)]
        thorough: bool,
    },
    /// Prove that the interlock keeps its invariants, and print what was shown
    Prove(prove::Request),
    /// Measure the programs against floors of the same run
    Bench(bench::Request),
    /// Build the programs and run the demo factory. Options of `fleet demo` are passed on
    Demo {
        /// `--headless [--seconds N] [--json] [--keep DIR]` runs without a visitor and judges the run;
        /// everything else goes to `fleet demo` (`cargo xtask demo -- --help` lists it)
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        Command::Tidy => tidy::run(&workspace),
        Command::Test { one_uid, thorough: false } => steps::run(&workspace.accepting(one_uid)),
        Command::Test { one_uid, thorough: true } => thorough::run(&workspace.accepting(one_uid)),
        Command::Prove(request) => prove::run(&workspace, &request),
        Command::Bench(request) => bench::run(&workspace, &request),
        Command::Demo { options } => demo::run(&workspace, options),
    }
}
