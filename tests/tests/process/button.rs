//! The button is pressed on a walking robot. No word over REST or MQTT moves it, neither while the button is in, nor
//! while it is out, nor after the reset: a safety officer has to clear it, and then the robot gets up and waits for a person to let its work go on.

use super::give;
use anyhow::Result;
use serde_json::Value;
use shared::time::{Instant, Millis};
use tests::clock::{now, until};
use tests::process::{Intruder, Rest, Site, officer};
use tests::verdict::motion;

#[test]
fn no_word_moves_a_robot_whose_button_was_pressed() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    let (rest, panel) = (site.rest(), site.panel("r-1"));
    let mut intruder = site.intruder("r-1")?;
    intruder.hear_states(1, now())?;
    site.begin_shift("r-1")?;
    give(&rest, "r-1", "inspection", "far")?;
    // Once stopped and resumed, so that the intruder has a genuine resume to replay.
    site.wait_until_moving("r-1", now())?;
    site.press("r-1")?;
    stand_up_and_resume(&mut site, &mut intruder)?;
    assert!(intruder.count_of_now() > 0, "the intruder has heard no resume");

    site.wait_until_moving("r-1", now())?;
    site.press("r-1")?;
    let pressed_at = now();
    attack(&mut intruder, &rest, "while the button is in")?;
    give(&rest, "r-1", "inspection", "cell")?;
    intruder.hear_states(2, now())?;
    assert!(!site.has_moved_since("r-1", pressed_at)?, "moved with the button in");

    site.release("r-1")?;
    panel.wait_for_phase("reset_armed", Millis::secs(5))?;
    attack(&mut intruder, &rest, "while the button is out")?;
    assert!(!site.has_moved_since("r-1", pressed_at)?, "moved before the reset");

    site.reset("r-1")?;
    panel.wait_for_phase("released", Millis::secs(5))?;
    attack(&mut intruder, &rest, "while no officer has cleared it")?;
    let forged = officer::sign("r-1", officer::challenge(&rest, "r-1")?, "hall-1")?;
    officer::hand_in(&rest, "r-1", &forged)?;
    intruder.hear_states(3, now())?;
    assert_eq!(panel.status()?["phase"], "released", "armed by an officer whom the CA does not know");
    site.clear("r-1")?;
    panel.wait_for_phase("energised", Millis::secs(10))?;
    intruder.replay_everything()?;
    intruder.hear_states(4, now())?;
    assert!(!site.has_moved_since("r-1", pressed_at)?, "moved although nobody let it go on");

    site.resume_if_it_waits("r-1")?;
    site.wait_until_moving("r-1", now())?;
    site.wait_until_done_and_equal(2, Millis::secs(90))?;
    let history = site.finish()?;
    assert!(motion::pressed_robot_was_moving(&history));
    Ok(())
}

/// Release, reset, up, and nothing more until a person says so.
fn stand_up_and_resume(site: &mut Site, intruder: &mut Intruder) -> Result<()> {
    site.release("r-1")?;
    site.reset("r-1")?;
    site.clear("r-1")?;
    site.panel("r-1").wait_for_phase("energised", Millis::secs(10))?;
    let up_at: Instant = now();
    let state = intruder.hear_states(3, up_at)?;
    assert!(state.awaits_person, "a robot whose button was pressed waits for a person");
    assert!(!site.has_moved_since("r-1", up_at)?, "moved although nobody let it go on");
    site.resume_if_it_waits("r-1")
}

/// Everything that can be said from afar, and then as much of the robot's life as shows whether it listened.
fn attack(intruder: &mut Intruder, rest: &Rest, when: &str) -> Result<()> {
    let state = intruder.hear_states(1, now())?;
    let is_told = || {
        let robot = rest.robot("r-1");
        let phase = robot["interlock"]["phase"].as_str()?;
        (phase != "energised" && robot["awaits_person"] == true).then_some(())
    };
    until("the server knows that the interlock is open", Millis::secs(5), is_told)?;
    let (status, answer) = rest.post("/v1/robots/r-1/resume-requests", &Value::Null)?;
    // Whether the server asks the robot or refuses at once: what counts is that the robot does not obey.
    assert!(matches!(status, 202 | 409), "resume {when} was answered {status}: {answer}");
    intruder.forge_resumes(&state)?;
    intruder.replay_everything()?;
    intruder.hear_states(4, now()).map(drop)
}
