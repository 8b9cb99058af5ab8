//! Broken hardware: every single defect is found, and what was found stays until a person has tested the repair.

use crate::rig::{Rig, walking};
use firmware_sim::panel::request::Act as Hand;
use firmware_sim::plant::Defect;

/// The interlock's own bounds (`Limits::SHIPPED`) and a tick, in milliseconds.
const DISCREPANCY_MS: u64 = 505;
const MIRROR_MS: u64 = 105;

/// When the newest event of this kind was recorded.
fn event_ms(rig: &Rig, ev: &str) -> u64 {
    let events = rig.lines("events.jsonl");
    events.iter().rfind(|event| event["ev"] == ev).unwrap()["t_ms"].as_u64().unwrap()
}

fn cause(rig: &Rig) -> String {
    rig.look().unwrap()["cause"].as_str().unwrap().to_owned()
}

/// A person tries everything that is no repair, and the agent everything it has; the robot stays off.
fn stays_off(rig: &mut Rig) {
    let epoch = rig.look().unwrap()["trip_epoch"].as_u64().unwrap();
    rig.release();
    rig.reset();
    rig.connect(77);
    rig.agent.as_mut().unwrap().arm = u32::try_from(epoch).ok();
    rig.live_for(300);
    let status = rig.look().unwrap();
    assert_eq!(status["relays"], false);
    assert!(["locked", "tripped"].iter().any(|phase| status["phase"] == *phase), "{status}");
    rig.agent = None;
}

#[test]
fn a_stuck_contact_cuts_at_once_locks_within_its_bound_and_stays_locked_until_a_proof_test_passes() {
    let mut rig = walking();
    rig.inject(Defect::StuckA);
    let pressed = rig.press();
    assert_eq!((&pressed["relays"], &pressed["cut_ticks"]), (&false.into(), &0.into()), "the other channel cuts");
    rig.until_phase("locked");
    rig.until("the lock-out is recorded", |rig| rig.has_event("locked"));
    let took_ms = event_ms(&rig, "locked") - pressed["t_ms"].as_u64().unwrap();
    assert!((500..=DISCREPANCY_MS + 100).contains(&took_ms), "{took_ms}");
    assert_eq!(cause(&rig), "discrepancy");
    stays_off(&mut rig);

    rig.act(Hand::PowerBlip);
    assert_eq!(rig.nv()["fault_pending"], true);
    stays_off(&mut rig);
    rig.restart();
    stays_off(&mut rig);

    // Still broken: the proof test itself fails and locks again.
    rig.press();
    rig.until_phase("locked");
    rig.inject(Defect::None);
    rig.release();
    assert_eq!(rig.phase(), "locked", "a repair alone ends nothing");
    rig.act(Hand::PowerBlip);
    rig.energise();
    rig.until("the fault is forgotten on disk", |rig| rig.nv()["fault_pending"] == false);
}

#[test]
fn a_welded_relay_alone_holds_no_power_and_is_found_within_its_bound() {
    for weld in [Defect::Weld1, Defect::Weld2] {
        let mut rig = walking();
        rig.inject(weld);
        rig.live_for(200);
        assert_eq!(rig.phase(), "energised", "a weld cannot show while the relay is on");
        let pressed = rig.press();
        rig.until_phase("locked");
        assert_eq!((rig.look().unwrap()["cut_ticks"].as_u64(), cause(&rig).as_str()), (Some(0), "mirror"));
        rig.until("the lock-out is recorded", |rig| rig.has_event("locked"));
        let took_ms = event_ms(&rig, "locked") - pressed["t_ms"].as_u64().unwrap();
        assert!((100..=MIRROR_MS + 100).contains(&took_ms), "{took_ms}");
        rig.until("the line is off", |rig| rig.truth("line").last().is_some_and(|line| line["on"] == false));
        stays_off(&mut rig);
    }
}

#[test]
fn a_mirror_contact_that_would_hide_a_weld_is_found_while_the_relay_is_on() {
    for mirror in [Defect::StuckMirror1, Defect::StuckMirror2] {
        let mut rig = walking();
        rig.inject(mirror);
        rig.until_phase("locked");
        assert_eq!(cause(&rig), "mirror");
        rig.until("the line is off", |rig| rig.truth("line").last().is_some_and(|line| line["on"] == false));
    }
}

#[test]
fn a_bouncing_button_cuts_latches_and_locks_nothing() {
    let mut rig = walking();
    rig.inject(Defect::Bounce);
    rig.press();
    rig.live_for(200);
    let status = rig.look().unwrap();
    assert_eq!((&status["phase"], &status["button"]), (&"tripped".into(), &"pressed".into()));
    assert_eq!((&status["cause"], &status["relays"]), (&"button".into(), &false.into()));
    let moves = rig.truth("moved").len();
    rig.release();
    rig.live_for(400);
    assert_eq!((rig.phase().as_str(), rig.truth("moved").len()), ("reset_armed", moves));
}

#[test]
fn a_power_blip_takes_the_power_and_begins_a_new_start() {
    let mut rig = walking();
    let before = rig.look().unwrap();
    let blipped = rig.act(Hand::PowerBlip);
    assert_eq!((&blipped["phase"], &blipped["relays"]), (&"tripped".into(), &false.into()));
    assert_eq!((&blipped["cause"], &blipped["proof_tested"]), (&"power_up".into(), &false.into()));
    assert_eq!(blipped["boots"].as_u64().unwrap(), before["boots"].as_u64().unwrap() + 1);
    assert!(blipped["trip_epoch"].as_u64() > before["trip_epoch"].as_u64());
    assert!(blipped["energised_ms"].as_u64() >= before["energised_ms"].as_u64());
    rig.agent = None;
    rig.until("the line is off", |rig| rig.truth("line").last().is_some_and(|line| line["on"] == false));
    rig.energise();
}

#[test]
fn a_defect_outlives_the_firmware() {
    let mut rig = Rig::start();
    rig.inject(Defect::StuckB);
    rig.until("the defect is kept", |rig| rig.path("defect").exists());
    rig.restart();
    assert_eq!(rig.look().unwrap()["defect"], "stuck_b");
}
