//! `fleet-audit`: the offline verifier as a program of its own.

use clap::Parser;
use fleet_audit::Audit;
use std::process::ExitCode;

/// Checks what happened, offline. Exit code 0: it holds; 1: tampered; 2: the command line is wrong; 3: unreadable; 4: a
/// promise was broken; 5: a part is not signed; 6: incomplete; 7: a captured head stands nowhere; 8: an agent's record leaves
/// out what its safety controller tells.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    audit: Audit,
}

fn main() -> ExitCode {
    let verdict = Cli::parse().audit.run();
    verdict.lines().iter().for_each(|line| println!("{line}"));
    ExitCode::from(verdict.exit_code())
}
