//! `verdict --dir D [--json]`: judges the history that a demo left in a folder.
//!
//! Exit code 0 when the run passes, 1 when it does not, 2 when its history cannot be read; with `--json` that is a document
//! too, with the code `unreadable`.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::verdict::{Verdict, verdict};

/// Judges a run from what it left: truth logs, events, acts and both sides' databases.
#[derive(Debug, Parser)]
struct Args {
    /// The folder of the run.
    #[arg(long)]
    dir: PathBuf,
    /// One line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match tests::history::read(&args.dir) {
        Ok(history) => tell(&verdict(&history), args.json),
        Err(error) => {
            eprintln!("verdict: {error:#}");
            if args.json {
                println!("{}", serde_json::json!({ "code": "unreadable", "words": [format!("{error:#}")] }));
            }
            ExitCode::from(2)
        }
    }
}

fn tell(verdict: &Verdict, json: bool) -> ExitCode {
    let line = serde_json::to_string(verdict).expect("figures and sentences always have a JSON form");
    if json {
        println!("{line}");
    } else {
        print!("{}", in_words(verdict));
    }
    if verdict.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn in_words(verdict: &Verdict) -> String {
    let figures = [
        ("tasks done", verdict.tasks_done.to_string()),
        ("done while cut off", verdict.done_offline.to_string()),
        ("entries acknowledged", verdict.acked.to_string()),
        ("lost", verdict.lost.to_string()),
        ("doubled", verdict.doubled.to_string()),
        ("motion while tripped", verdict.motion_while_tripped.to_string()),
        ("untrue records", verdict.untrue.to_string()),
        ("replicas equal", verdict.replicas_equal.to_string()),
        ("pressed robot was moving", verdict.pressed_robot_was_moving.to_string()),
    ];
    let figures = figures.map(|(what, figure)| format!("{what:<26}{figure}\n")).concat();
    let failures: String = verdict.failures.iter().map(|failure| format!("- {failure}\n")).collect();
    figures + if failures.is_empty() { "The run passes.\n" } else { "The run does not pass:\n" } + &failures
}
