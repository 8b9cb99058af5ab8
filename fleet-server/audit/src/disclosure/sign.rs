//! What one thing in a journal tells about energy, motion and disclosure, and when that was on the robot's own clock.
//!
//! Terms: the *moment* is when it was so, the *stamp* when it was written. A safety controller's line is written by the
//! agent some time after it happened; everything else within a few cycles. How a journal is read into signs: `signs`.

use shared::fact::GapCause;
use shared::journal::Boot;

/// One thing that a journal tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// In which boot of the robot's computer.
    pub boot: Boot,
    /// When it was so, on that boot's monotonic clock, in milliseconds.
    pub at_ms: u64,
    /// When it was written, on the same clock; 0 when that was in a later boot.
    pub stamp_ms: u64,
    /// What.
    pub what: What,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An agent started; whatever the one before had not told is not known from it.
    Started,
    /// It began to disclose with a key.
    Key,
    /// The agent was alive.
    Alive,
    /// The entry names a moment that cannot be.
    Unbelievable,
    /// The agent saw the interlock in a phase with energy, or in one without.
    Phase {
        /// Whether the motors had power.
        on: bool,
    },
    /// An event of the safety controller's own record.
    Line {
        /// Its number in that record, which has no holes.
        n: u64,
        /// Whether the motors had power from then on; `None` for an event that changes nothing about it.
        on: Option<bool>,
        /// Why the controller began to take it away, if this is where it began.
        stops: Option<Stop>,
    },
    /// The safety controller's own record says that the body began to move, or moves no more.
    Body {
        /// The event's number.
        n: u64,
        /// Whether it moves from then on.
        moves: bool,
    },
    /// The safety controller's own record says that it took a disclosure, and no other one before the next event.
    Took {
        /// The event's number.
        n: u64,
    },
    /// The newest sign that a process left which did not end in order, told by the one after it.
    LivedUntil {
        /// It would have left another one within so long, in milliseconds.
        within_ms: u64,
    },
    /// The safety controller started: the power was off before it, and it cannot tell since when.
    Woke {
        /// The event's number in its record.
        n: u64,
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

/// Why a controller takes the energy away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It did not hear the robot's disclosure.
    Beacon,
    /// It did not hear the agent, or another one greeted it.
    Agent,
    /// Anything else: a button, a fault, a word.
    Other,
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

impl From<GapCause> for Cause {
    fn from(cause: GapCause) -> Self {
        match cause {
            GapCause::NotHeard => Self::NotHeard,
            GapCause::NotSent => Self::NotSent,
            GapCause::LinkLost => Self::LinkLost,
            GapCause::Ended => Self::Ended,
        }
    }
}
