//! One thing that happened in the conversation with a robot.

use crate::judge::Rule;
use shared::fact::EpochCause;
use shared::journal::{Epoch, Lane};
use shared::time::WallTime;
use shared::wire::robot_to_fleet::Connection;

/// What happened, and when by the server's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, milliseconds since 1970.
    pub wall: WallTime,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Its connection word.
    Connection(Connection),
    /// It greeted.
    Hello {
        /// The life of its database.
        epoch: Epoch,
        /// The feed row that it has.
        cursor: u64,
    },
    /// It sent a stretch of a lane, and everything up to `acked` was acknowledged.
    Batch {
        /// Which lane.
        lane: Lane,
        /// Its first entry.
        first: u64,
        /// Its last entry.
        last: u64,
        /// How far the lane is taken now.
        acked: u64,
    },
    /// A stretch of a lane began behind a hole.
    Gap {
        /// Which lane.
        lane: Lane,
        /// How far the lane is taken.
        has: u64,
        /// Where the stretch began.
        first: u64,
    },
    /// A stretch of a lane, or an entry of it, is not what it claims to be.
    BadBatch {
        /// Which lane.
        lane: Lane,
        /// How far the lane is taken.
        acked: u64,
        /// What is wrong with what comes next.
        reason: String,
    },
    /// Telemetry began behind a hole that it did not name.
    TelemetryGap {
        /// How far it is taken.
        has: u64,
        /// Where it began.
        first: u64,
    },
    /// Telemetry that will never come.
    TelemetryLost {
        /// The first number.
        first: u64,
        /// The last number.
        last: u64,
    },
    /// Rows of its feed were sent.
    Rows {
        /// The row before the first.
        from: u64,
        /// How many.
        count: usize,
    },
    /// It said how far it has applied.
    Applied {
        /// The newest row.
        cursor: u64,
    },
    /// A snapshot was begun.
    Snapshot {
        /// The row of the feed that it is of.
        as_of: u64,
    },
    /// An entry's stamp was corrected by more than a network explains.
    Restamped {
        /// How far the robot's stamp was ahead, in milliseconds.
        ahead_ms: i64,
    },
    /// A flag was raised.
    Flag(Rule),
    /// Its record did not go on, and a new epoch of it began.
    Epoch {
        /// Why.
        cause: EpochCause,
        /// The epoch before, if one is known.
        before: Option<Epoch>,
        /// How many entries are offered again.
        again: u64,
    },
    /// It sent another entry under a number that was taken.
    Fork {
        /// In which lane.
        lane: Lane,
        /// Under which number.
        seq: u64,
    },
    /// Two machines speak under its name.
    TwoMachines,
    /// This database was restored from a copy of which the robot knows more.
    Restored,
    /// Its rows are sent anew, because they were not what they should be.
    Resync,
    /// Something on its topic was not taken.
    Quarantined(String),
}

impl What {
    /// The kind's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::Hello { .. } => "hello",
            Self::Batch { .. } => "batch",
            Self::Gap { .. } => "gap",
            Self::BadBatch { .. } => "bad_batch",
            Self::TelemetryGap { .. } => "telemetry_gap",
            Self::TelemetryLost { .. } => "telemetry_lost",
            Self::Rows { .. } => "rows",
            Self::Applied { .. } => "applied",
            Self::Snapshot { .. } => "snapshot",
            Self::Restamped { .. } => "restamped",
            Self::Flag(_) => "flag",
            Self::Epoch { .. } => "epoch",
            Self::Fork { .. } => "fork",
            Self::TwoMachines => "two_machines",
            Self::Restored => "restored",
            Self::Resync => "resync",
            Self::Quarantined(_) => "quarantined",
        }
    }

    /// What happened, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Connection(Connection::Online) => "It is connected.".into(),
            Self::Connection(Connection::Offline) => "It left in order.".into(),
            Self::Connection(Connection::ConnectionBroken) => "The broker lost it.".into(),
            Self::Hello { epoch, cursor } => format!("It greeted in epoch {epoch:?} with row {cursor}."),
            Self::Batch { lane, first, last, acked } => {
                format!("It sent {} {first} to {last}; acknowledged up to {acked}.", lane.as_str())
            }
            Self::Gap { lane, has, first } => {
                format!("Its {} lane began at {first}, and the server has up to {has}.", lane.as_str())
            }
            Self::BadBatch { lane, acked, reason } => {
                format!("Its {} lane was not taken beyond {acked}: {reason}.", lane.as_str())
            }
            Self::TelemetryGap { has, first } => {
                format!("Its telemetry began at {first}, and the server has up to {has}.")
            }
            Self::TelemetryLost { first, last } => format!("Its telemetry {first} to {last} will never come."),
            Self::Rows { from, count } => format!("{count} rows after row {from} were sent."),
            Self::Applied { cursor } => format!("It has applied row {cursor}."),
            Self::Snapshot { as_of } => format!("A snapshot at row {as_of} was begun."),
            Self::Restamped { ahead_ms } => format!("A stamp was corrected; the robot's was {ahead_ms} ms ahead."),
            Self::Flag(rule) => format!("A flag was raised: {}.", rule.as_str()),
            Self::Epoch { cause, again, .. } => {
                format!("It began a new epoch ({}) and offered {again} entries again.", cause.as_str())
            }
            Self::Fork { lane, seq } => format!("It sent another entry under {} {seq}; both are kept.", lane.as_str()),
            Self::TwoMachines => "Two machines speak under its name.".into(),
            Self::Restored => "The server's database is an older copy of itself and began a new life.".into(),
            Self::Resync => "Its rows differ from the server's and are sent anew.".into(),
            Self::Quarantined(reason) => format!("A message was not taken: {reason}."),
        }
    }
}
