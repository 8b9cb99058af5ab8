//! A planted fault is really there: what the verdict is shown to find has to exist.

use crate::rig::Rig;

/// Longest a body without the fault is seen to move after a press: torque gone within 30 ms, and a tick.
const STANDS_WITHIN_MS: u64 = 40;

#[test]
fn a_planted_overrun_moves_the_body_for_a_second_after_its_line_went_off() {
    let mut rig = Rig::start_with("plant = \"motion\"\n").sent_away();
    let pressed_ms = rig.press()["t_ms"].as_u64().unwrap();
    rig.live_for(1500);
    let line = rig.truth("line").last().cloned().unwrap();
    let moved_ms = rig.truth("moved").last().unwrap()["t_ms"].as_u64().unwrap();
    assert_eq!((&line["on"], rig.phase().as_str()), (&false.into(), "tripped"));
    assert!(line["t_ms"].as_u64().unwrap() < moved_ms);
    assert!((pressed_ms + STANDS_WITHIN_MS..pressed_ms + 1500).contains(&moved_ms), "{pressed_ms} {moved_ms}");
}
