//! What the control loop saw of disclosure and motion goes into the record, edge by edge.

use super::Robot;
use crate::witness::Edge;
use shared::fact::{Fact, GapCause};
use shared::time::Instant;

/// What the record says is going on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    is_heard: bool,
    is_moving: bool,
    /// When the robot's own firmware last heard its disclosure. Outlives a control loop that tells nothing any more.
    pub(super) heard: Option<Instant>,
}

impl Robot {
    pub(super) fn witness(&mut self, edges: &[Edge], now: Instant) {
        for edge in edges {
            self.open.take(*edge);
            self.record(&fact_of(*edge), now);
        }
    }

    /// The process ends in order, and its disclosure with it. A body in motion still makes its controlled stop, so no end of
    /// the motion is told here: what the robot does without an agent stands in its firmware's own record, and motion ends
    /// with the energy at the latest.
    pub(super) fn close_record(&mut self, now: Instant) {
        let Open { is_heard, .. } = std::mem::take(&mut self.open);
        if is_heard {
            self.record(&Fact::DisclosureGap { cause: GapCause::Ended, mono_ms: now.0 }, now);
        }
    }
}

impl Open {
    /// Whether the robot's own receiver hears it.
    pub(super) const fn is_heard(&self) -> bool {
        self.is_heard
    }

    const fn take(&mut self, edge: Edge) {
        match edge {
            Edge::Heard { .. } => self.is_heard = true,
            Edge::Gap { .. } => self.is_heard = false,
            Edge::MotionBegan { .. } => self.is_moving = true,
            Edge::MotionEnded { .. } => self.is_moving = false,
        }
    }
}

const fn fact_of(edge: Edge) -> Fact {
    match edge {
        Edge::Heard { at } => Fact::DisclosureHeard { mono_ms: at.0 },
        Edge::Gap { cause, at } => Fact::DisclosureGap { cause, mono_ms: at.0 },
        Edge::MotionBegan { at } => Fact::MotionBegan { mono_ms: at.0 },
        Edge::MotionEnded { at } => Fact::MotionEnded { mono_ms: at.0 },
    }
}
