//! The drill in small: 50 presses of energised robots under a flood, and some under a hostile one. What is judged is
//! ticks and acts of a person, never the time of a machine that is busy with other tests.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod program;

use serde_json::Value;
use std::process::Command;

fn drill(more: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drill"));
    let output = command.arg("--json").arg("--firmware").arg(program::firmware()).args(more).output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    println!("{words}");
    serde_json::from_str(&words).unwrap()
}

fn cuts_at_once_and_stays_off(report: &Value, presses: u64) {
    assert_eq!(report["presses"], presses);
    assert!(report["command_ticks"]["max"].as_u64().unwrap() <= 1, "{report}");
    assert_eq!(report["energised_afterwards"], 0);
    assert!(report["walked_mm"].as_u64().unwrap() > 0, "robots that never moved prove little");
}

#[test]
fn fifty_presses_under_a_flood_of_valid_frames_cut_within_a_tick_and_nothing_comes_back() {
    cuts_at_once_and_stays_off(&drill(&["--presses", "50", "--firmwares", "2"]), 50);
}

#[test]
fn ten_presses_under_a_hostile_flood_cut_within_a_tick_and_nothing_comes_back() {
    cuts_at_once_and_stays_off(&drill(&["--presses", "10", "--firmwares", "1", "--hostile", "--seed", "2"]), 10);
}
