//! Rows to write, and the rows that come back at the next start.
//!
//! Everything one input changes stands in one list and is written in one transaction: there is no moment at which a
//! fact is on disk and its effect is not.

use crate::judge::Rule;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::time::WallTime;
use shared::wire::robot_to_fleet::Mark;

/// One row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The life of the server's database, when it is begun anew.
    ServerEpoch(u64),
    /// An entry of a robot's journal: evidence, kept for ever.
    Fact(FactRow),
    /// How far a lane of a robot's journal has been taken.
    Watermark {
        /// Whose journal.
        robot: RobotId,
        /// Which life of its database.
        epoch: Epoch,
        /// The newest entry taken.
        mark: Mark,
    },
    /// A task as it is now.
    Task(TaskRecord),
    /// A row of a robot's feed, as exact bytes of a `Row`.
    FeedRow(FeedRow),
    /// The newest number of a `down/now` message to a robot.
    NowNumber {
        /// Which robot.
        robot: RobotId,
        /// The number.
        number: u64,
    },
    /// A boot of a robot's computer that was not met before.
    Boot {
        /// Which robot.
        robot: RobotId,
        /// The boot.
        boot: Boot,
    },
    /// An entry under a number that another entry already has: both are kept.
    Fork(FactRow),
    /// An entry took effect that was written first at this place, in an earlier epoch.
    Origin(FactMark),
    /// Something that was taken and does not fit together.
    Flag(FlagRow),
    /// Bytes that are not what they claim to be.
    Quarantine(QuarantineRow),
}

/// An entry of a robot's journal with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// Who wrote it.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// The entry.
    pub record: Record,
    /// When it was taken, on the server's wall clock, in milliseconds since 1970.
    pub received: WallTime,
}

/// A task, and what only the server has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    /// The row that replicas see.
    pub row: TaskRow,
    /// Who got the order with the row's fence. Stays known after that robot gave the order back.
    pub given_to: Option<RobotId>,
}

/// A row of a robot's feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Whose feed.
    pub robot: RobotId,
    /// Its number in that feed, from 1.
    pub seq: u64,
    /// The exact bytes of a `shared::wire::fleet_to_robot::Row`.
    pub row: Vec<u8>,
}

/// A disagreement. The same rule on the same entry is one flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagRow {
    /// Which rule noticed it.
    pub rule: Rule,
    /// Whose entry it was noticed on.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// In which lane.
    pub lane: Lane,
    /// Under which number of the lane.
    pub lane_seq: u64,
    /// Which task it is about.
    pub task: Option<TaskId>,
    /// When it was noticed, milliseconds since 1970.
    pub raised: WallTime,
}

/// Bytes that are not what they claim to be, cut to a bounded length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// The topic they came on, at most 200 characters.
    pub topic: String,
    /// Why they were not taken.
    pub reason: String,
    /// The first [`QUARANTINE_LEN_MAX`] of them.
    pub bytes: Vec<u8>,
    /// How many there were.
    pub length: usize,
    /// When they came, milliseconds since 1970.
    pub received: WallTime,
}

/// Most bytes of a malformed message that are kept: enough to see what it was, too few to fill a disk with.
pub const QUARANTINE_LEN_MAX: usize = 4096;

/// Everything the store gives back at a start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The life of the server's database; drawn when it is made.
    pub server_epoch: u64,
    /// Every task.
    pub tasks: Vec<TaskRecord>,
    /// Every robot's feed, in any order.
    pub feed: Vec<FeedRow>,
    /// The hash under every number of every lane.
    pub facts: Vec<FactMark>,
    /// How far each lane has been taken.
    pub watermarks: Vec<FactMark>,
    /// The first places of entries that took effect at another.
    pub origins: Vec<FactMark>,
    /// The newest number of a `down/now` message, by robot.
    pub now_numbers: Vec<(RobotId, u64)>,
    /// Every boot met, oldest first.
    pub boots: Vec<(RobotId, Boot)>,
}

/// A number of a lane and the hash under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactMark {
    /// Whose journal.
    pub robot: RobotId,
    /// Which life of its database.
    pub epoch: Epoch,
    /// Lane, number and hash.
    pub mark: Mark,
}

impl FactMark {
    /// Puts a mark together from its parts.
    #[must_use]
    pub const fn new(robot: RobotId, epoch: Epoch, lane: Lane, seq: u64, hash: Hash) -> Self {
        Self { robot, epoch, mark: Mark { lane, seq, hash } }
    }
}
