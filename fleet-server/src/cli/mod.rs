//! The command line: one grammar, `fleet noun verb`. It uses nothing but the public API.
//!
//! Data goes to the standard output, everything else to the standard error. Exit codes: 0 ok, 1 failure, 2 usage or
//! configuration, 3 not found, 4 denied, 5 kept here and not yet on the server, 6 robot not reached.

mod audit;
mod ca_key;
mod clearance;
mod client;
mod edit;
mod endorse;
mod exchange;
mod ops;
mod outbox;
mod revoke;
mod robot;
mod shown;
mod status;
mod sync;
mod table;
mod tap;
mod task;
mod telemetry;

use clap::{Parser, Subcommand};
use client::Failure;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "fleet", version, about = "Coordinates a fleet of humanoid robots", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// Run the server of a site.
    Serve(crate::serve::Args),
    /// Run a whole simulated site on this machine.
    Demo(crate::demo::Args),
    /// One line for each robot, and the tasks by state.
    Status(status::Args),
    /// Make, give out, withdraw and list tasks.
    Task(task::Args),
    /// List robots, let one that waits for a person go on, clear one whose button was pressed.
    Robot(robot::Args),
    /// How synchronisation with the robots goes, and why one is behind.
    Sync(sync::Args),
    /// Live traffic of the site as JSON lines, decoded, with the verdict on each signature.
    Tap(tap::Args),
    /// What this machine's outbox holds, and sending it.
    Ops(ops::Args),
    /// The part of the server that merges notes, in a process of its own; started by it.
    #[command(hide = true)]
    MergeNotes,
    /// Check what happened, without trusting anyone: offline, or on the records that a server hands out.
    Audit(audit::Args),
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    match Cli::parse().noun {
        Noun::Serve(args) => crate::serve::run(args).unwrap_or_else(|error| broken(&error)),
        Noun::Demo(args) => crate::demo::run(args).unwrap_or_else(|error| broken(&error)),
        Noun::Status(args) => answered(status::run(&args)),
        Noun::Task(args) => answered(task::run(&args)),
        Noun::Tap(args) => tap::run(&args).unwrap_or_else(|error| broken(&error)),
        Noun::Sync(args) => answered(sync::run(&args)),
        Noun::Robot(args) => answered(robot::run(&args)),
        Noun::Ops(args) => answered(ops::run(&args)),
        Noun::MergeNotes => crate::merger::run_child(),
        Noun::Audit(args) => audited(audit::run(&args)),
    }
}

fn audited(result: Result<fleet_audit::Verdict, Failure>) -> ExitCode {
    let verdict = match result {
        Ok(verdict) => verdict,
        Err(failure) => return answered(Err(failure)),
    };
    match print(&verdict.lines().join("\n")) {
        ExitCode::SUCCESS => ExitCode::from(verdict.exit_code()),
        broken => broken,
    }
}

fn answered(result: Result<String, Failure>) -> ExitCode {
    match result {
        Ok(text) => print(&text),
        Err(failure) => {
            eprintln!("fleet: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

/// A reader that has had enough, as `head` has, is no failure.
fn print(text: &str) -> ExitCode {
    use std::io::Write;
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => broken(&error.into()),
    }
}

fn broken(error: &anyhow::Error) -> ExitCode {
    eprintln!("fleet: {error:#}");
    ExitCode::FAILURE
}
