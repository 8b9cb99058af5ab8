//! `drill --presses N --firmwares M`: presses the buttons of energised robots under a flood and a busy processor, and
//! prints how long the power took to go.
//!
//! Each robot has a real firmware with its body, an agent that floods it and asks for power all the time, and a person
//! who resets and presses at random times. What is measured is the firmware's own word: its ticks, its clock, its event
//! list, and the body's truth log. Milliseconds stand beside the lateness of a plain timer thread of the same machine;
//! only ticks are judged.
//!
//! Exit code 0 when every relay command fell within a tick and nothing was energised without a person's reset.

mod agent;
mod evidence;
mod firmware;
mod load;
mod person;
mod report;

use anyhow::{Context, Result};
use clap::Parser;
use load::Load;
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;

/// Presses the buttons of energised robots under a flood, and measures.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// How many presses, all robots together.
    #[arg(long, default_value_t = 50)]
    presses: u64,
    /// How many firmwares side by side.
    #[arg(long, default_value_t = 2)]
    firmwares: u64,
    /// Floods with spoiled, foreign and replayed frames while a button is pressed.
    #[arg(long)]
    hostile: bool,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One line of JSON instead of the table, which goes to stderr then.
    #[arg(long)]
    json: bool,
    /// The firmware's program; without it, the one beside this program.
    #[arg(long)]
    firmware: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match drill(&args) {
        Ok(report) => {
            if args.json {
                eprintln!("{}", report.table());
            }
            println!("{}", if args.json { report.line() } else { report.table() });
            if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("drill: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn drill(args: &Args) -> Result<Report> {
    let dir = tempfile::tempdir()?;
    let program = args.firmware.clone().map_or_else(beside, Ok)?;
    let frames = Arc::new(AtomicU64::new(0));
    let setting = firmware::Setting::choose(dir.path(), program)?;
    let load = Load::start(setting.air, args.firmwares)?;
    let robots: Vec<_> = (0..args.firmwares)
        .map(|number| {
            let share = args.presses / args.firmwares + u64::from(number < args.presses % args.firmwares);
            let order = person::Order { number, share, hostile: args.hostile, seed: args.seed };
            let (setting, frames) = (setting.clone(), Arc::clone(&frames));
            thread::spawn(move || person::drill(&setting, order, &frames))
        })
        .collect();
    let mut report = Report::new(args);
    for robot in robots {
        let part = robot.join().map_err(|_| anyhow::anyhow!("a person's thread panicked"))??;
        report.add(part);
    }
    report.finish(&load.end(), &frames);
    Ok(report)
}

fn beside() -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program has no file of its own")?;
    Ok(own.with_file_name("firmware-sim"))
}
