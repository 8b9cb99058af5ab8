//! What the scripted person does next at one robot: a decision from what the panel shows and what the server says.
//!
//! At the start of a shift: the proof test (press and release the button once), the reset, and later the word to resume
//! when the robot waits for it. What somebody else has pressed is never undone, and the reset and the word to resume
//! after it are left to them too.
//!
//! Leaves to others: doing it (`round`).

use super::acts::By;
use super::panel::{Status, Switch};
use super::rest::RobotView;
use shared::fact::InterlockPhase;

/// Something the person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Presses the button, for the proof test.
    Press,
    /// Pulls the button out again.
    Release,
    /// Presses and releases the reset.
    Reset,
    /// Lets go of a reset that is still held, because an earlier hand was interrupted.
    LetGo,
    /// Clears the robot, as the safety officer that the person is too.
    Clear,
    /// Tells the robot, through the server, to go on with its work.
    Resume,
}

/// What the person does next, if anything. `hand` is who pressed the button last, while that still matters.
#[must_use]
pub fn next_act(panel: &Status, view: Option<&RobotView>, hand: Option<By>) -> Option<Act> {
    if matches!(hand, Some(By::Visitor | By::Script)) {
        return None;
    }
    match (panel.button, panel.reset) {
        (Switch::Pressed, _) => (hand == Some(By::Person)).then_some(Act::Release),
        (Switch::Released, Switch::Pressed) => Some(Act::LetGo),
        (Switch::Released, Switch::Released) => at_rest(panel, view),
    }
}

fn at_rest(panel: &Status, view: Option<&RobotView>) -> Option<Act> {
    match panel.phase {
        InterlockPhase::Tripped => (!panel.proof_tested).then_some(Act::Press),
        InterlockPhase::ResetArmed => Some(Act::Reset),
        InterlockPhase::Energised => view.is_some_and(|view| waits(panel, view)).then_some(Act::Resume),
        InterlockPhase::Released => view.is_some_and(|view| is_due(panel, view)).then_some(Act::Clear),
        // The stop runs by its own clock; a lock-out ends only when the power is switched off and on.
        InterlockPhase::ResetPressed | InterlockPhase::Stopping | InterlockPhase::Standby | InterlockPhase::Locked => {
            None
        }
    }
}

/// Who has the button in hand, now that the panel shows this. A button nobody here pressed was pressed by a visitor; a
/// robot that has power and works again is in nobody's hand.
#[must_use]
pub fn hand_after(panel: &Status, view: Option<&RobotView>, hand: Option<By>) -> Option<By> {
    match (panel.button, hand) {
        (Switch::Pressed, None) => Some(By::Visitor),
        (Switch::Released, Some(_)) if view.is_some_and(|view| works(panel, view)) => None,
        (Switch::Pressed | Switch::Released, _) => hand,
    }
}

/// Whether a clearance of this very trip is due, as the robot itself says.
fn is_due(panel: &Status, view: &RobotView) -> bool {
    view.is_heard() && view.clearance.is_some_and(|due| due.trip_epoch == panel.trip_epoch)
}

/// Whether the robot has power, and says so itself, and waits for a person.
#[must_use]
pub fn waits(panel: &Status, view: &RobotView) -> bool {
    has_power(panel, view) && view.awaits_person
}

fn works(panel: &Status, view: &RobotView) -> bool {
    has_power(panel, view) && !view.awaits_person
}

// The server's word may be older than the panel's. Every trip has a new epoch, so a word from before it is recognised.
fn has_power(panel: &Status, view: &RobotView) -> bool {
    let told = view.interlock.as_ref();
    panel.phase == InterlockPhase::Energised
        && view.is_heard()
        && told.is_some_and(|told| told.phase == InterlockPhase::Energised && told.trip_epoch == panel.trip_epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use InterlockPhase::{Energised, Locked, ResetArmed, Standby, Tripped};

    fn panel(phase: InterlockPhase, button: Switch) -> Status {
        let reset = Switch::Released;
        let rest = serde_json::Map::new();
        Status { t_ms: 0, phase, trip_epoch: 7, button, reset, proof_tested: true, moving: false, rest }
    }

    fn view(phase: &str, trip_epoch: u32, awaits_person: bool) -> RobotView {
        let text = format!(
            r#"{{"id":"r-1","heard_age_ms":100,"interlock":{{"phase":"{phase}","trip_epoch":{trip_epoch}}},"awaits_person":{awaits_person},
                "clearance":null,"unacked":0,"cursor":0,"feed_head":0}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_shift_begins_with_the_proof_test_the_reset_and_nothing_else() {
        let untested = |button| Status { proof_tested: false, ..panel(Tripped, button) };
        assert_eq!(next_act(&untested(Switch::Released), None, None), Some(Act::Press));
        assert_eq!(next_act(&untested(Switch::Pressed), None, Some(By::Person)), Some(Act::Release));
        assert_eq!(next_act(&panel(Tripped, Switch::Released), None, Some(By::Person)), None);
        assert_eq!(next_act(&panel(ResetArmed, Switch::Released), None, Some(By::Person)), Some(Act::Reset));
        assert_eq!(next_act(&panel(Energised, Switch::Released), None, Some(By::Person)), None);
    }

    #[test]
    fn what_a_visitor_pressed_stays_and_the_rest_of_it_is_the_visitors_too() {
        for phase in [Tripped, ResetArmed, Energised, Standby, Locked] {
            for button in [Switch::Pressed, Switch::Released] {
                let waiting = view("energised", 7, true);
                assert_eq!(next_act(&panel(phase, button), Some(&waiting), Some(By::Visitor)), None);
            }
        }
        assert_eq!(hand_after(&panel(Tripped, Switch::Pressed), None, None), Some(By::Visitor));
        assert_eq!(next_act(&panel(Tripped, Switch::Pressed), None, None), None);
    }

    #[test]
    fn a_visitors_hand_is_gone_when_the_robot_works_again() {
        let up = panel(Energised, Switch::Released);
        let hand = Some(By::Visitor);
        assert_eq!(hand_after(&up, Some(&view("energised", 7, true)), hand), hand);
        assert_eq!(hand_after(&up, Some(&view("energised", 6, false)), hand), hand, "a word from before the trip");
        assert_eq!(hand_after(&up, None, hand), hand);
        assert_eq!(hand_after(&up, Some(&view("energised", 7, false)), hand), None);
    }

    #[test]
    fn a_robot_that_waits_is_resumed_once_it_has_power_and_is_heard() {
        let up = panel(Energised, Switch::Released);
        assert_eq!(next_act(&up, Some(&view("energised", 7, true)), Some(By::Person)), Some(Act::Resume));
        assert_eq!(next_act(&up, Some(&view("tripped", 7, true)), None), None);
        let silent = RobotView { heard_age_ms: Some(60_000), ..view("energised", 7, true) };
        assert_eq!(next_act(&up, Some(&silent), None), None);
        assert_eq!(next_act(&panel(Standby, Switch::Released), Some(&view("energised", 7, true)), None), None);
    }

    #[test]
    fn after_a_press_that_was_no_test_the_officer_clears_that_trip_and_no_other() {
        let up = panel(InterlockPhase::Released, Switch::Released);
        let due = |trip_epoch| RobotView {
            clearance: Some(super::super::rest::ClearanceView { trip_epoch }),
            ..view("released", trip_epoch, true)
        };
        assert_eq!(next_act(&up, Some(&due(7)), Some(By::Person)), Some(Act::Clear));
        assert_eq!(next_act(&up, Some(&due(6)), Some(By::Person)), None);
        assert_eq!(next_act(&up, Some(&due(7)), Some(By::Visitor)), None);
        assert_eq!(next_act(&up, Some(&view("released", 7, true)), Some(By::Person)), None);
    }

    #[test]
    fn a_reset_that_was_left_held_is_let_go() {
        let held = Status { reset: Switch::Pressed, ..panel(Tripped, Switch::Released) };
        assert_eq!(next_act(&held, None, Some(By::Person)), Some(Act::LetGo));
        assert_eq!(next_act(&held, None, Some(By::Visitor)), None);
    }
}
