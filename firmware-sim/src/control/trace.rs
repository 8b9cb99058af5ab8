//! What the controller has seen since it last wrote, kept back until something else is written.
//!
//! The agent records when the body moved and when the robot was heard, and its record has a hole where it died: what it saw
//! last was not on the disk yet. So the controller remembers the last few edges of motion and the last disclosure that it
//! heard, and when it has an event to write (a stop, above all) it writes them first, in the order and with the times in which
//! they were. While nothing stops the robot they cost no write: the agent has recorded what is older than a few seconds,
//! because one that could not would have been stopped.

use shared::time::{Instant, Millis};
use std::collections::VecDeque;

/// How old something may be when it is written. A driver that has not taken what its control loop saw for two seconds stops
/// the robot; a heartbeat that is missing is noticed after 0.3 s, and the stop takes as long.
const KEPT_FOR: Millis = Millis::secs(5);

/// Edges that are kept. A body that trembles must not fill the record: eight tell more motion than a robot does in that time.
const EDGES_MAX: usize = 8;

/// What was seen since the last event.
#[derive(Debug, Default)]
pub(super) struct Trace {
    is_moving: bool,
    edges: VecDeque<(Instant, &'static str)>,
    heard: Option<Instant>,
}

impl Trace {
    /// What the body reports.
    pub(super) fn see(&mut self, is_moving: bool, now: Instant) {
        if is_moving == self.is_moving {
            return;
        }
        self.is_moving = is_moving;
        self.edges.push_back((now, if is_moving { "moves" } else { "rests" }));
        let too_many = self.edges.len().saturating_sub(EDGES_MAX);
        self.edges.drain(..too_many);
    }

    /// The receiver took a disclosure.
    pub(super) const fn hear(&mut self, now: Instant) {
        self.heard = Some(now);
    }

    /// What has to be written before an event at `now`, oldest first.
    pub(super) fn take(&mut self, now: Instant) -> impl Iterator<Item = (Instant, &'static str)> {
        let heard = self.heard.take().map(|at| (at, "heard"));
        let mut seen: Vec<_> = std::mem::take(&mut self.edges).into_iter().chain(heard).collect();
        seen.sort_by_key(|(at, _)| *at);
        seen.into_iter().filter(move |(at, _)| now.since(*at) <= KEPT_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_given_once_in_order_and_what_is_old_or_too_much_is_left_out() {
        let mut trace = Trace::default();
        for (is_moving, at) in [(false, 1), (true, 10), (true, 11), (false, 900), (true, 4_000)] {
            trace.see(is_moving, Instant(at));
        }
        trace.hear(Instant(700));
        trace.hear(Instant(1_000));
        let taken: Vec<_> = trace.take(Instant(5_500)).collect();
        assert_eq!(taken, [(Instant(900), "rests"), (Instant(1_000), "heard"), (Instant(4_000), "moves")]);
        trace.see(true, Instant(5_600));
        assert_eq!(trace.take(Instant(5_700)).count(), 0);
        for at in 6_000..7_000 {
            trace.see(at % 2 == 0, Instant(at));
        }
        assert!(trace.take(Instant(7_000)).map(|(at, _)| at.0).eq(6_992..7_000));
    }
}
