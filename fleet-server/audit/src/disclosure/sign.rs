//! What one entry of a journal tells about energy, motion and disclosure, and when that was on the robot's own clock.
//!
//! Terms: the *moment* is when it was so, the *stamp* when it was written. A safety controller's line is written by the
//! agent some time after it happened; everything else within a few cycles.

use shared::journal::Boot;

/// One thing that a journal tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// In which boot of the robot's computer.
    pub boot: Boot,
    /// When it was so, on that boot's monotonic clock, in milliseconds.
    pub at_ms: u64,
    /// When it was written, on the same clock.
    pub stamp_ms: u64,
    /// What.
    pub what: What,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An agent started; whatever the one before had not told is not known from it.
    Started,
    /// The agent was alive.
    Alive,
    /// The agent saw the interlock in a phase with energy, or in one without.
    Phase {
        /// Whether the motors had power.
        on: bool,
    },
    /// The safety controller's own record: the energy came or went.
    Line {
        /// Whether the motors had power from then on.
        on: bool,
        /// The controller took it away because it did not hear the disclosure.
        by_beacon: bool,
    },
    /// The robot's own receiver began to hear its disclosure.
    Heard,
    /// The robot's own receiver heard the last disclosure, for now.
    Unheard(Cause),
    /// The body began to move.
    Moves,
    /// The body moves no more.
    Rests,
}

/// Why a robot was not heard to disclose itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It was sent and not heard: the radio was muted or jammed.
    NotHeard,
    /// It was not sent: the radio refused, or the control loop withheld it.
    NotSent,
    /// The safety controller was not heard, so nobody knows what it heard.
    LinkLost,
    /// The agent ended in order.
    Ended,
    /// The agent died, and nothing signs without it.
    Died,
    /// The computer had started and the first disclosure was not heard yet.
    Starting,
}

impl Cause {
    /// Its word in tables and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotHeard => "not_heard",
            Self::NotSent => "not_sent",
            Self::LinkLost => "link_lost",
            Self::Ended => "ended",
            Self::Died => "died",
            Self::Starting => "starting",
        }
    }
}
