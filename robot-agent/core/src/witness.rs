//! What the control loop saw of the robot's own disclosure and motion: the edges that go into the record.
//!
//! An auditor asks for every second whether the robot moved and whether it was heard. The newest sight does not answer
//! that: the driver may be busy with a commit while a sight is replaced by the next. So each edge is kept here until the
//! driver has it.
//!
//! Terms: *heard* is what the robot's own firmware says of its own receiver; an *edge* is a change of it, or of the body's
//! report that it moves, with the moment on the monotonic clock.

use shared::fact::GapCause;
use shared::time::{Instant, Millis};
use std::collections::VecDeque;

/// How long the firmware calls a disclosure heard after it was: when it says no more, the last one lies this far back.
const HEARD_FOR: Millis = Millis(1500);

/// Edges that wait for the driver. Each side changes at most a few times a second and only while the robot works, and a
/// driver that takes none for two seconds has stopped the robot.
const EDGES_MAX: usize = 256;

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The firmware began to hear the disclosure.
    Heard {
        /// When the control loop saw it.
        at: Instant,
    },
    /// The firmware hears it no more.
    Gap {
        /// Why.
        cause: GapCause,
        /// When it was heard last, as well as can be known.
        at: Instant,
    },
    /// The body moves.
    MotionBegan {
        /// When the control loop saw it.
        at: Instant,
    },
    /// The body moves no more.
    MotionEnded {
        /// When the control loop saw it.
        at: Instant,
    },
}

/// The newest sights and the edges between them. Give it every report; take the edges, and say which were delivered.
#[derive(Debug, Default)]
pub struct Witness {
    /// Since when the disclosure is heard, and when that was said last.
    heard: Option<(Instant, Instant)>,
    /// When it was heard last before the gap that is open.
    heard_before: Option<Instant>,
    /// When the body last said that it moves.
    moving: Option<Instant>,
    sent: Option<Instant>,
    edges: VecDeque<Edge>,
}

impl Witness {
    /// A disclosure went on the air.
    pub const fn sent(&mut self, now: Instant) {
        self.sent = Some(now);
    }

    /// When a disclosure last went on the air.
    pub const fn last_sent(&self) -> Option<Instant> {
        self.sent
    }

    /// When the firmware last heard it: now while it hears it, `None` when it never did.
    pub fn last_heard(&self, now: Instant) -> Option<Instant> {
        self.heard.map(|_| now).or(self.heard_before)
    }

    /// The firmware says whether it hears the disclosure.
    pub fn hear(&mut self, is_heard: bool, now: Instant) {
        match (is_heard, self.heard) {
            (true, Some((since, _))) => self.heard = Some((since, now)),
            (true, None) if self.has_room() => {
                self.heard = Some((now, now));
                self.edges.push_back(Edge::Heard { at: now });
            }
            (true, None) => {}
            (false, Some((since, _))) => {
                let (cause, at) = self.silence(now);
                self.gap(cause, at.max(since));
            }
            (false, None) => {}
        }
    }

    /// The body says whether it moves.
    pub fn move_body(&mut self, is_moving: bool, now: Instant) {
        match (is_moving, self.moving) {
            (true, None) if self.has_room() => {
                self.moving = Some(now);
                self.edges.push_back(Edge::MotionBegan { at: now });
            }
            (true, None) => {}
            (true, Some(_)) => self.moving = Some(now),
            (false, Some(_)) => self.rest(now),
            (false, None) => {}
        }
    }

    /// The firmware is not known any more. What it hears and whether the body moves is known up to its last word; what it
    /// did after that stands in its own record.
    pub fn lose_firmware(&mut self) {
        if let Some((_, said)) = self.heard {
            self.gap(GapCause::LinkLost, said);
        }
        if let Some(said) = self.moving {
            self.rest(said);
        }
    }

    /// The edges that were not delivered, oldest first.
    pub fn edges(&self) -> Vec<Edge> {
        self.edges.iter().copied().collect()
    }

    /// The driver has the oldest `count` edges.
    pub fn delivered(&mut self, count: usize) {
        self.edges.drain(..count.min(self.edges.len()));
    }

    /// Whether what begins now can be told to its end: both ends have their room.
    fn has_room(&self) -> bool {
        self.edges.len() + 4 <= EDGES_MAX
    }

    /// Why it fell silent, and when it was heard last. What was sent since then was not heard; if nothing was, the radio or
    /// this very loop stood still, and it was heard last when it was sent last.
    fn silence(&self, now: Instant) -> (GapCause, Instant) {
        let heard_until = now - HEARD_FOR;
        match self.sent {
            Some(sent) if sent > heard_until => (GapCause::NotHeard, heard_until),
            Some(sent) => (GapCause::NotSent, sent),
            None => (GapCause::NotSent, heard_until),
        }
    }

    fn gap(&mut self, cause: GapCause, at: Instant) {
        (self.heard, self.heard_before) = (None, Some(at));
        self.edges.push_back(Edge::Gap { cause, at });
    }

    fn rest(&mut self, at: Instant) {
        self.moving = None;
        self.edges.push_back(Edge::MotionEnded { at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard() -> Witness {
        let mut witness = Witness::default();
        witness.sent(Instant(900));
        witness.hear(true, Instant(1000));
        witness
    }

    #[test]
    fn a_gap_is_dated_back_to_the_last_hearing_and_says_whether_anything_was_sent() {
        let mut muted = heard();
        muted.sent(Instant(3900));
        muted.hear(false, Instant(4000));
        muted.hear(false, Instant(4050));
        let gap = Edge::Gap { cause: GapCause::NotHeard, at: Instant(2500) };
        assert_eq!(muted.edges(), [Edge::Heard { at: Instant(1000) }, gap]);
        assert_eq!(
            (heard().last_heard(Instant(7)), muted.last_heard(Instant(7))),
            (Some(Instant(7)), Some(Instant(2500)))
        );
        let mut refused = heard();
        refused.sent(Instant(2000));
        refused.hear(false, Instant(4000));
        assert_eq!(refused.edges()[1], Edge::Gap { cause: GapCause::NotSent, at: Instant(2000) });
        let mut early = heard();
        early.hear(false, Instant(1100));
        assert_eq!(
            early.edges()[1],
            Edge::Gap { cause: GapCause::NotHeard, at: Instant(1000) },
            "never before it began"
        );
    }

    #[test]
    fn what_a_lost_firmware_said_holds_up_to_its_last_word() {
        let mut witness = heard();
        witness.move_body(true, Instant(1200));
        witness.move_body(true, Instant(1300));
        witness.hear(true, Instant(1350));
        witness.lose_firmware();
        witness.lose_firmware();
        let expected = [
            Edge::Heard { at: Instant(1000) },
            Edge::MotionBegan { at: Instant(1200) },
            Edge::Gap { cause: GapCause::LinkLost, at: Instant(1350) },
            Edge::MotionEnded { at: Instant(1300) },
        ];
        assert_eq!(witness.edges(), expected);
        witness.hear(true, Instant(2000));
        assert_eq!(witness.edges().last(), Some(&Edge::Heard { at: Instant(2000) }));
    }

    #[test]
    fn edges_wait_until_they_are_delivered_and_each_that_begins_also_ends() {
        let mut witness = Witness::default();
        for i in 0..1000 {
            witness.move_body(i % 2 == 0, Instant(i));
            witness.hear(i % 3 == 0, Instant(i));
        }
        witness.lose_firmware();
        let edges = witness.edges();
        assert!(edges.len() > EDGES_MAX - 8 && edges.len() <= EDGES_MAX, "{}", edges.len());
        let count = |wanted: fn(&Edge) -> bool| edges.iter().filter(|edge| wanted(edge)).count();
        assert_eq!(count(|e| matches!(e, Edge::Heard { .. })), count(|e| matches!(e, Edge::Gap { .. })));
        assert_eq!(count(|e| matches!(e, Edge::MotionBegan { .. })), count(|e| matches!(e, Edge::MotionEnded { .. })));
        witness.delivered(edges.len());
        assert!(witness.edges().is_empty());
        witness.move_body(true, Instant(5000));
        assert_eq!(witness.edges(), [Edge::MotionBegan { at: Instant(5000) }]);
    }

    #[test]
    fn nothing_was_ever_heard() {
        let mut witness = Witness::default();
        witness.hear(false, Instant(10));
        witness.lose_firmware();
        assert_eq!((witness.edges(), witness.last_heard(Instant(20))), (vec![], None));
    }
}
