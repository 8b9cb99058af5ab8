//! The drill in small: 50 presses of energised robots under a flood, and some under a hostile one. What is judged is
//! all but the rate of the flood, which a machine that is busy with other tests does not carry. A drill whose plain timer
//! was as late as the bound of the torque has shown nothing about milliseconds, and is done once more.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod program;

use serde_json::Value;
use std::process::Command;

const ATTEMPTS: u32 = 5;
/// So late that the end of torque may be later than 30 ms by that alone.
const TIMER_LATE_MS: u64 = 15;

fn drill(more: &[&str]) -> Value {
    for attempt in 1.. {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drill"));
        command.args(["--json", "--any-rate", "--firmware"]).arg(program::firmware()).args(more);
        let output = command.output().unwrap();
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        println!("{words}");
        let errors = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_str(&words).unwrap_or_else(|_| panic!("{words}{errors}"));
        let is_machine_late = report["timer_late_ms"]["max"].as_u64().unwrap() >= TIMER_LATE_MS;
        if output.status.success() {
            return report;
        }
        cuts_at_once_and_stays_off(&report, report["presses"].as_u64().unwrap());
        assert!(is_machine_late && attempt < ATTEMPTS, "{words}{errors}");
    }
    unreachable!("an attempt passes or fails")
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
