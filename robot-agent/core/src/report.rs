//! The newest state, as the robot tells it: at once on a change that matters, four times a second while it moves, once a
//! second anyway.

use shared::time::{Instant, Millis};
use shared::wire::robot_to_fleet::State;

const ALWAYS: Millis = Millis::secs(1);
const MOVING: Millis = Millis(250);

/// When the state was told last, and what it said.
#[derive(Debug, Default)]
pub struct Report {
    last: Option<(State, Instant)>,
}

impl Report {
    /// Whether `state` should be told now. Marks it as told when it should.
    pub fn is_due(&mut self, state: &State, now: Instant) -> bool {
        let due = self.last.as_ref().is_none_or(|(last, at)| {
            let age = now.since(*at);
            differs_at_once(last, state) || age >= ALWAYS || (last.at != state.at && age >= MOVING)
        });
        if due {
            self.last = Some((state.clone(), now));
        }
        due
    }

    /// Forgets what was told: a new connection hears the state at once.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// When the state is due although nothing changes.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.last.as_ref().map(|(_, at)| *at + ALWAYS)
    }
}

fn differs_at_once(a: &State, b: &State) -> bool {
    let key = |s: &State| (s.interlock, s.order, s.step, s.awaits_person, s.boot, s.clearance, s.endorsed_until);
    key(a) != key(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::Boot;
    use shared::zone::Point;

    fn state(x_cm: i16, awaits_person: bool) -> State {
        State {
            boot: Boot(1),
            mono_ms: 0,
            at: Some(Point { x_cm, y_cm: 0 }),
            battery_permille: None,
            interlock: None,
            order: None,
            step: None,
            awaits_person,
            unacked: 0,
            cursor: 0,
            disclosed_ms_ago: None,
            clearance: None,
            endorsed_until: None,
            heard_ms_ago: None,
            oldest_unacked_ms: None,
            telemetry_unacked: None,
            storage_permille: None,
            disbelieved: None,
        }
    }

    #[test]
    fn a_change_that_matters_is_told_at_once_a_step_aside_four_times_a_second() {
        let mut report = Report::default();
        assert!(report.is_due(&state(0, false), Instant(0)));
        assert!(!report.is_due(&state(1, false), Instant(249)));
        assert!(report.is_due(&state(1, false), Instant(250)));
        assert!(report.is_due(&state(1, true), Instant(251)));
        assert!(!report.is_due(&state(1, true), Instant(1250)));
        assert!(report.is_due(&state(1, true), Instant(1251)));
    }
}
