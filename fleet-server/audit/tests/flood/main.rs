//! The bystander, as a program, in a hall of five robots and under a flood of 10,000 packets a second.
//!
//! What it decides is tested without a clock (`shared/src/beacon/tests/flooding.rs`). This measures how long it takes on the
//! machine at hand, prints it, and is run when asked:
//! `cargo test -p fleet-audit --test flood -- --ignored --nocapture --test-threads 1`
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod forge;
mod hall;

use forge::Kind;
use hall::Hall;
use serde_json::Value;
use std::process::Command;

const TRIALS: u32 = 8;
/// How long each trial listens, in seconds.
const SECONDS: &str = "4";

/// After how many seconds the last of the five was verified, in each trial; all of them have to be.
fn measure(kind: Option<Kind>) {
    let hall = Hall::open(kind);
    let mut after_s: Vec<f64> = (0..TRIALS).map(|trial| listen(&hall, trial)).collect();
    after_s.sort_by(f64::total_cmp);
    println!("{kind:?}: {} packets a second; all five verified after {after_s:?} s", hall.rate());
}

fn listen(hall: &Hall, trial: u32) -> f64 {
    // Not always at the same moment of the robots' three seconds.
    std::thread::sleep(std::time::Duration::from_millis(u64::from(trial * 370 % 1000)));
    let mut program = Command::new(env!("CARGO_BIN_EXE_fleet-audit"));
    program.args(["listen", "--json", "--seconds", SECONDS, "--ca", &hall.ca(), "--air", &hall.air()]);
    let output = program.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let end: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    println!("  {} exit {}", end, output.status.code().unwrap());
    let after_s: Vec<f64> = end["verified_after_s"].as_object().unwrap().values().filter_map(Value::as_f64).collect();
    assert_eq!(after_s.len(), hall::ROBOTS.len(), "somebody was not verified: {end}");
    after_s.into_iter().fold(0.0, f64::max)
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn without_a_flood() {
    measure(None);
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn noise() {
    measure(Some(Kind::Noise));
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn disclosures_of_ids_that_nobody_has() {
    measure(Some(Kind::Strangers));
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn endorsements_of_keys_that_nobody_has() {
    measure(Some(Kind::StrangersLinks));
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn disclosures_of_the_robots_with_wrong_signatures() {
    measure(Some(Kind::Presences));
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn endorsements_of_the_robots_with_a_later_end() {
    measure(Some(Kind::Links));
}

#[test]
#[ignore = "a measurement, half a minute for each kind of flood"]
fn all_of_them() {
    measure(Some(Kind::All));
}
