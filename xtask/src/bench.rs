//! `cargo xtask bench`: builds the benches of one subject as a user's programs are built, and runs them.
//!
//! What is measured, and against which floor, lies in `tests/benches`.

use crate::child;
use crate::workspace::Workspace;
use anyhow::Result;
use std::process::ExitCode;

/// What to measure, and how to tell it.
#[derive(clap::Args)]
pub struct Request {
    /// The subject
    subject: Subject,
    /// One JSON line on stdout instead of words
    #[arg(long)]
    json: bool,
    /// Only the row of this name; an unknown one lists them
    #[arg(long, value_name = "NAME")]
    row: Option<String>,
}

/// What there are benches of.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Subject {
    /// The sync engine: writing, sending, merging
    Sync,
}

/// Builds and runs the benches of a subject.
pub fn run(workspace: &Workspace, request: &Request) -> Result<ExitCode> {
    let name = match request.subject {
        Subject::Sync => "sync",
    };
    let mut bench = workspace.cargo(&["bench", "--quiet", "--package", "tests", "--bench", name, "--"]);
    bench.args(request.json.then_some("--json"));
    bench.args(request.row.iter().flat_map(|row| ["--row", row]));
    child::run(&mut bench)?;
    Ok(ExitCode::SUCCESS)
}
