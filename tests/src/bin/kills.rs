//! `kills --cycles N --seed S`: kills, cuts off and exchanges real programs while they work, and judges what is left.
//!
//! Exit code 0 when nothing was lost, nothing doubled and all copies are equal in the end.

use clap::Parser;
use std::process::ExitCode;
use tests::kills::{Plan, run};
use tests::process::Broker;

/// Kills real programs at random moments and judges what is left.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// How many blows.
    #[arg(long, default_value_t = 100)]
    cycles: u32,
    /// What they and their moments are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Begin over Mosquitto instead of the embedded broker.
    #[arg(long)]
    mosquitto: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let broker = if args.mosquitto { Broker::Mosquitto } else { Broker::Embedded };
    match run(Plan { cycles: args.cycles, seed: args.seed, broker }) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kills: seed {}: {error:#}", args.seed);
            ExitCode::FAILURE
        }
    }
}
