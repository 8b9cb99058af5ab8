//! Strange things that hands do with button and reset. None of them may give power.

use crate::rig::{Rig, fairly, walking};
use firmware_sim::panel::request::Act as Hand;
use firmware_sim::plant::Defect;
use std::process::Command;

/// Longest press of the reset that counts is 3 s (SR-06).
const TOO_LONG_MS: u64 = 3100;

fn panel(rig: &Rig, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmware-sim"));
    let output = command.arg("panel").arg("--socket").arg(rig.path("panel/panel.sock")).args(words).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Healthy, tested, waiting for the reset, with an agent that beats and asks for power all the time.
fn waiting() -> Rig {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    rig.switch_radio_on();
    rig.until("the beacon is heard", |rig| rig.look().unwrap()["beacon_heard"] == true);
    let epoch = rig.look().unwrap()["trip_epoch"].as_u64().unwrap();
    rig.agent.as_mut().unwrap().arm = u32::try_from(epoch).ok();
    rig
}

#[test]
fn a_tap_of_5_ms_latches_and_cuts() {
    let mut rig = walking();
    let tapped = rig.act(Hand::Tap { ms: 5 });
    assert_eq!((&tapped["button"], &tapped["phase"]), (&"pressed".into(), &"tripped".into()));
    assert_eq!((&tapped["relays"], &tapped["cut_ticks"]), (&false.into(), &0.into()));
    rig.live_for(300);
    assert_eq!(rig.look().unwrap()["button"], "pressed");
}

#[test]
fn a_half_pressed_button_cuts_and_a_person_has_to_reset_although_it_never_latched() {
    fairly(|rig| {
        rig.send_away();
        // Pushed so far that one contact opens and the other does not.
        rig.inject(Defect::StuckA);
        let half = rig.press();
        assert_eq!((&half["relays"], &half["cut_ticks"]), (&false.into(), &0.into()));
        rig.release();
        rig.inject(Defect::None);
        let moves_at = half["t_ms"].as_u64().unwrap() + 30;
        rig.until_ticks_passed(100);
        let status = rig.look().unwrap();
        assert_eq!(status["relays"], false);
        // Held for half a second by a slow machine, it is a fault of the contacts as well.
        assert!(["reset_armed", "locked"].iter().any(|phase| status["phase"] == *phase), "{status}");
        assert!(rig.truth("moved").last().unwrap()["t_ms"].as_u64().unwrap() <= moves_at);
    });
}

#[test]
fn a_reset_that_is_held_too_long_or_taped_down_never_resets() {
    let mut rig = waiting();
    rig.act(Hand::ResetPress);
    rig.live_for(TOO_LONG_MS);
    assert_eq!((rig.phase().as_str(), rig.has_event("reset_refused")), ("tripped", true), "taped down");
    rig.act(Hand::ResetRelease);
    rig.live_for(200);
    assert_eq!(rig.phase(), "reset_armed", "letting go of a reset that was held too long");
    assert!(!rig.has_event("reset") && !rig.has_event("energised"));
}

#[test]
fn a_reset_pressed_before_the_button_is_released_never_resets() {
    let mut rig = waiting();
    rig.press();
    rig.act(Hand::ResetPress);
    rig.live_for(100);
    rig.release();
    rig.live_for(300);
    assert_eq!(rig.phase(), "tripped");
    rig.act(Hand::ResetRelease);
    rig.live_for(200);
    assert_eq!(rig.phase(), "reset_armed");
    assert!(!rig.has_event("reset") && !rig.has_event("energised"));
}

#[test]
fn a_reset_that_is_only_pulsed_never_resets() {
    let mut rig = waiting();
    for _ in 0..20 {
        rig.act(Hand::ResetPress);
        rig.act(Hand::ResetRelease);
    }
    rig.live_for(100);
    // A pulse of two requests is a tick or two long; where the machine was slow, some may have been long enough.
    let pulses = rig.lines("events.jsonl");
    let longest_ms = pulses
        .windows(2)
        .filter(|pair| pair[0]["ev"] == "reset_pressed" && pair[1]["ev"] == "reset_released")
        .map(|pair| pair[1]["t_ms"].as_u64().unwrap() - pair[0]["t_ms"].as_u64().unwrap())
        .max();
    assert!(longest_ms.is_some_and(|ms| ms >= 90) || !rig.has_event("reset"), "{longest_ms:?}");
}

#[test]
fn the_panels_words_reach_every_act() {
    let rig = Rig::start();
    assert_eq!(panel(&rig, &["tap", "5"]).0, Some(0));
    assert_eq!(rig.look().unwrap()["button"], "pressed");
    assert_eq!(panel(&rig, &["release"]).0, Some(0));
    assert_eq!(panel(&rig, &["inject", "weld_2"]).0, Some(0));
    assert_eq!(rig.look().unwrap()["defect"], "weld_2");
    assert_eq!(panel(&rig, &["inject", "none"]).0, Some(0));
    let (code, status) = panel(&rig, &["power-blip", "--json"]);
    assert_eq!((code, status.contains("\"boots\":2")), (Some(0), true), "{status}");
    assert_eq!(panel(&rig, &["inject", "weld_3"]).0, Some(2));
    assert_eq!(panel(&rig, &["press", "weld_1"]).0, Some(2));
}
