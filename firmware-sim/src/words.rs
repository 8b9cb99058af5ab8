//! Phases and causes in words: one word for programs, a lamp and a sentence for people.

use interlock::{Cause, Phase, Status};

/// The word of a phase in the panel's answers and the event list.
#[must_use]
pub const fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Tripped => "tripped",
        Phase::ResetArmed => "reset_armed",
        Phase::ResetPressed => "reset_pressed",
        Phase::Released => "released",
        Phase::Energised => "energised",
        Phase::Stopping => "stopping",
        Phase::Standby => "standby",
        Phase::Locked => "locked",
    }
}

/// The word of a cause in the panel's answers and the event list.
#[must_use]
pub const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::PowerUp => "power_up",
        Cause::Button => "button",
        Cause::Discrepancy => "discrepancy",
        Cause::Mirror => "mirror",
        Cause::StopLatched => "stop_latched",
        Cause::Stop => "stop",
        Cause::Heartbeat => "heartbeat",
        Cause::Beacon => "beacon",
        Cause::Link => "link",
        Cause::Session => "session",
        Cause::StandbyTimeout => "standby_timeout",
        Cause::TooManyReturns => "too_many_returns",
    }
}

/// The colour of the lamp: red = stopped, blue = a person has to act on the reset, yellow = off or going off, green =
/// may move. The sentence says the same; the colour never stands alone.
#[must_use]
pub const fn lamp(phase: Phase) -> &'static str {
    match phase {
        Phase::Tripped | Phase::Locked => "red",
        Phase::ResetArmed | Phase::ResetPressed => "blue",
        Phase::Released | Phase::Stopping | Phase::Standby => "yellow",
        Phase::Energised => "green",
    }
}

/// What happened, and what a person can do. `body_died`: the last power-up was that of the motor part.
#[must_use]
pub fn sentence(status: &Status, body_died: bool) -> String {
    match status.phase {
        Phase::Energised => "On: the robot may move.".to_owned(),
        Phase::Released => "Off: reset; the robot may be armed.".to_owned(),
        Phase::ResetPressed => "Off: the reset is being pressed; let it go.".to_owned(),
        Phase::ResetArmed => format!("Stopped: {}. Press and let go of the reset.", reason(status.cause, body_died)),
        Phase::Tripped => format!("Stopped: {}. {}", reason(status.cause, body_died), next_act(status)),
        Phase::Stopping => format!("Stopping: {}.", reason(status.cause, body_died)),
        Phase::Standby => format!("Off: {}. It may start again by itself.", reason(status.cause, body_died)),
        Phase::Locked => {
            format!("Locked: {}. Cycle the power, then test the button.", reason(status.cause, body_died))
        }
    }
}

/// What is said about a cause, by the word of [`cause_word`].
#[must_use]
pub fn reason_of(word: &str) -> Option<&'static str> {
    Cause::ALL.into_iter().find(|cause| cause_word(*cause) == word).map(|cause| reason(cause, false))
}

/// A fault's words as a sentence of its own: with a capital, without the point that follows.
#[must_use]
pub fn as_sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

const fn next_act(status: &Status) -> &'static str {
    if status.button_open {
        "Release the button."
    } else if !status.proof_tested {
        "Press and release the button once to test it."
    } else if status.reset_pressed {
        "Let go of the reset."
    } else {
        "Press and let go of the reset."
    }
}

const fn reason(cause: Cause, body_died: bool) -> &'static str {
    match cause {
        Cause::PowerUp if body_died => "the motor part failed and was started anew",
        Cause::PowerUp => "the power came on",
        Cause::Button => "the button was pressed",
        Cause::Discrepancy => "the two channels of the button disagreed",
        Cause::Mirror => "a relay did not follow",
        Cause::StopLatched => "the robot's software asked for a stop that needs a person",
        Cause::Stop => "the robot's software asked for a stop",
        Cause::Heartbeat => "the robot's software was silent",
        Cause::Beacon => "the robot was not heard to say that it is a machine",
        Cause::Link => "the link to the robot's software had too many errors",
        Cause::Session => "the robot's software started anew",
        Cause::StandbyTimeout => "it waited too long for the robot's software",
        Cause::TooManyReturns => "it stopped and started by itself too often",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(phase: Phase, cause: Cause) -> Status {
        Status {
            phase,
            cause,
            trip_epoch: 1,
            standby_ok: false,
            beacon_heard: false,
            button_open: phase == Phase::Tripped,
            reset_pressed: false,
            proof_tested: true,
            energised: false,
            returns_left: 3,
        }
    }

    #[test]
    fn every_phase_and_cause_has_its_own_words() {
        let phases: std::collections::BTreeSet<_> = Phase::ALL.into_iter().map(phase_word).collect();
        let causes: std::collections::BTreeSet<_> = Cause::ALL.into_iter().map(cause_word).collect();
        let reasons: std::collections::BTreeSet<_> = Cause::ALL.into_iter().map(|c| reason(c, false)).collect();
        assert_eq!((phases.len(), causes.len(), reasons.len()), (8, 12, 12));
    }

    #[test]
    fn the_sentence_says_what_happened_and_what_to_do() {
        let words = sentence(&status(Phase::Tripped, Cause::Button), false);
        assert_eq!(words, "Stopped: the button was pressed. Release the button.");
    }
}
