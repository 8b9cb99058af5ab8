//! Proves the invariants I1 to I21 on the shipped interlock by trying everything.
//!
//! `cargo test -p interlock --test proof` runs the ordinary search: no broken part, times of a few ticks. Behind `--`:
//! `--thorough` adds longer times and one broken part, `--json` prints one JSON line for each search and nothing else on
//! stdout, `--bless` writes the state counts instead of comparing them.

mod checks;
mod counts;
mod faces;
mod plant;
mod rescue;
mod search;
mod witness;
mod world;

use std::process::ExitCode;

use interlock::Limits;
use search::{Outcome, Search};

/// Times of one to a few ticks, each different from its neighbours where that can show an error.
const SHORT: Limits = Limits {
    discrepancy: 2,
    mirror: 1,
    heartbeat: 3,
    beacon: 2,
    stopping: 2,
    reset_min: 1,
    reset_max: 2,
    healthy: 2,
    standby: 4,
    returns: 1,
    returns_window: 7,
    link_errors: 2,
    link_window: 2,
};

/// Long enough for two returns and three link errors.
const LONGER: Limits = Limits {
    discrepancy: 3,
    mirror: 2,
    stopping: 3,
    reset_max: 3,
    returns: 2,
    returns_window: 12,
    link_errors: 3,
    link_window: 4,
    ..SHORT
};

const ORDINARY: Search = Search { name: "no_fault", limits: SHORT, faults: false };
const THOROUGH: [Search; 2] = [
    Search { name: "no_fault_longer", limits: LONGER, faults: false },
    Search { name: "one_fault", limits: SHORT, faults: true },
];

fn main() -> ExitCode {
    let has = |flag: &str| std::env::args().skip(1).any(|arg| arg == flag);
    if has("--list") {
        return ExitCode::SUCCESS;
    }
    let more = if has("--thorough") { &THOROUGH[..] } else { &[] };
    let mut all_hold = true;
    for search in [ORDINARY].iter().chain(more) {
        let outcome = search.run();
        let as_committed = counts::agree(&outcome, has("--bless"));
        all_hold &= report(&outcome, has("--json"), as_committed) && as_committed;
    }
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One row for each invariant. True if all of them hold.
fn report(outcome: &Outcome, json: bool, as_committed: bool) -> bool {
    let all_hold = outcome.rows.iter().all(|row| row.holds);
    if json {
        println!("{}", outcome.to_json(as_committed));
        return all_hold;
    }
    println!(
        "{}: {} states, {} transitions, {:.1} s",
        outcome.name, outcome.states, outcome.transitions, outcome.seconds
    );
    for row in &outcome.rows {
        println!("  {} {}", if row.holds { "holds   " } else { "VIOLATED" }, row.name);
        for line in &row.story {
            println!("           {line}");
        }
    }
    all_hold
}
