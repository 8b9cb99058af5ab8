//! Rows to write, and the rows that come back at the next start.
//!
//! Everything one input changes stands in one list and is written in one transaction: there is no moment at which a
//! fact is on disk and its effect is not.

use crate::editing::OpRow;
use crate::judge::Rule;
use shared::audit::BatchSeal;
use shared::checklist::Content;
use shared::contribution::Job;
use shared::field::Written;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Epoch, Lane, Record};
use shared::note_log::NoteLog;
use shared::refusal::Code;
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::time::WallTime;
use shared::wire::robot_to_fleet::Mark;
use shared::wire::telemetry::Span;

/// One row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The life of the server's database, when it is begun anew.
    ServerEpoch(u64),
    /// An entry of a robot's journal: evidence, kept for ever.
    Fact(FactRow),
    /// A robot's signature under entries of its journal: evidence, kept for ever.
    BatchSeal(BatchSealRow),
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
    /// Rows of a robot's feed that nobody needs any more.
    Forgotten(ForgottenRow),
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
    /// How far a robot's chain is verified now.
    Chain(ChainRow),
    /// An entry that was offered again under another number, and took effect there.
    Origin(OriginRow),
    /// How far the calendar of a robot's boot is off.
    Skew(SkewRow),
    /// An entry under a number that another entry already has: both are kept.
    Fork(FactRow),
    /// Something that was taken and does not fit together.
    Flag(FlagRow),
    /// A stretch of a robot's telemetry. No evidence: kept for as long as the configuration says.
    Telemetry(TelemetryRow),
    /// How far a robot's telemetry has been taken.
    TelemetryMark {
        /// Whose.
        robot: RobotId,
        /// In which life of its database.
        epoch: Epoch,
        /// The newest number.
        seq: u64,
    },
    /// Telemetry that came before this moment is not kept any longer.
    TelemetryForgotten {
        /// Milliseconds since 1970.
        before: WallTime,
    },
    /// Bytes that are not what they claim to be.
    Quarantine(QuarantineRow),
    /// The last write of a field.
    Field {
        /// Of which task.
        task: TaskId,
        /// What was written, when and by whom.
        written: Written,
    },
    /// An operation of somebody's outbox was taken, or it is known now what became of it.
    Op(OpRow),
    /// A contribution to a note waits to be merged.
    NoteJob {
        /// Its number.
        number: u64,
        /// What waits.
        job: Box<Job>,
    },
    /// It waits no more.
    NoteJobDone {
        /// Its number.
        number: u64,
    },
    /// It was not taken: kept beside, with the reason.
    NoteRefused {
        /// Its number.
        number: u64,
        /// Why.
        why: Code,
        /// What it was.
        job: Box<Job>,
    },
    /// A note has changed.
    Note(Box<NoteRow>),
    /// Up to which revision a note stands in a robot's feed; 0 when it may see it no more.
    NoteShown {
        /// Which robot.
        robot: RobotId,
        /// Which task's note.
        task: TaskId,
        /// Up to where.
        rev: u64,
    },
}

/// A change of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRow {
    /// Which task's.
    pub task: TaskId,
    /// Which one it is after this.
    pub rev: u64,
    /// What is new.
    pub update: Vec<u8>,
    /// All of it, where the updates before are folded.
    pub folded: Option<Vec<u8>>,
    /// What it says.
    pub content: Content,
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
    /// When it was written, as the server corrected it; its order among the robot's entries of the lane is theirs.
    pub stamp: Hlc,
}

/// How far a robot's chain is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRow {
    /// Whose.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// The newest entry whose every predecessor is there and fits.
    pub cseq: u64,
    /// The chain's hash at it.
    pub head: Hash,
    /// The entry behind it does not fit: nothing after is ever verified.
    pub is_broken: bool,
}

/// The link of a stored entry to the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Whose entry.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// Its number in the chain.
    pub cseq: u64,
    /// The hash that it names as the one before.
    pub prev: Hash,
    /// The chain's hash at it.
    pub hash: Hash,
}

/// An entry that took effect under another number than its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginRow {
    /// Whose entry.
    pub robot: RobotId,
    /// The life of the database in which it was first written.
    pub epoch: Epoch,
    /// Its first lane, number and hash.
    pub mark: Mark,
}

/// How far the calendar of a robot's boot is ahead of the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewRow {
    /// Whose.
    pub robot: RobotId,
    /// Which boot of its computer.
    pub boot: Boot,
    /// Milliseconds ahead; negative for behind.
    pub skew_ms: i64,
    /// When the boot began, in milliseconds since 1970; none of one that sent nothing itself.
    pub began_ms: Option<i64>,
}

/// A robot's signature with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSealRow {
    /// Who signed.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// The signature, and over what.
    pub seal: BatchSeal,
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
    /// When it was made, milliseconds since 1970.
    pub made: WallTime,
}

/// Rows of a feed that are not needed any more. The newest row stays, so that no number is given twice, and so does the
/// newest of each kind that is not about a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenRow {
    /// Whose feed.
    pub robot: RobotId,
    /// The newest row that is forgotten.
    pub up_to: u64,
}

/// Where a robot's feed begins and ends in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEnds {
    /// Whose feed.
    pub robot: RobotId,
    /// The oldest row that was not forgotten.
    pub first: u64,
    /// The newest row.
    pub head: u64,
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

/// A stretch of a robot's telemetry: samples of one boot, or numbers that will never come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetryRow {
    /// Whose.
    pub robot: RobotId,
    /// In which life of its database.
    pub epoch: Epoch,
    /// Which numbers of the lane.
    pub span: Span,
    /// When the first sample was taken, by the server's calendar.
    pub from: WallTime,
    /// When the last one was.
    pub to: WallTime,
    /// What has to be added to the boot's monotonic clock for the server's calendar, in milliseconds.
    pub offset_ms: i64,
    /// The exact bytes of a `shared::wire::telemetry::Block`; `None` when the numbers will never come.
    pub block: Option<Vec<u8>>,
    /// When it was taken.
    pub received: WallTime,
}

impl TelemetryRow {
    /// How many bytes it takes, about.
    #[must_use]
    pub fn weight(&self) -> u64 {
        const OTHER_COLUMNS: u64 = 64;
        self.block.as_ref().map_or(0, |block| block.len() as u64) + OTHER_COLUMNS
    }
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
    /// The newest rows of every robot's feed, in their order.
    pub feed: Vec<FeedRow>,
    /// Where every robot's feed begins and ends.
    pub feed_ends: Vec<FeedEnds>,
    /// The newest row of each kind that is not about a task, and all that tell what became of edits.
    pub feed_pinned: Vec<FeedRow>,
    /// When some rows were made, in their order.
    pub feed_made: Vec<(RobotId, u64, WallTime)>,
    /// The hash under every number of every lane.
    pub facts: Vec<FactMark>,
    /// How far each lane has been taken.
    pub watermarks: Vec<FactMark>,
    /// The newest number of a `down/now` message, by robot.
    pub now_numbers: Vec<(RobotId, u64)>,
    /// Every boot met, oldest first.
    pub boots: Vec<(RobotId, Boot)>,
    /// How far each chain is verified.
    pub chains: Vec<ChainRow>,
    /// The links of the entries behind the verified part of their chain, in the chain's order.
    pub links: Vec<LinkRow>,
    /// Entries that took effect under another number.
    pub origins: Vec<OriginRow>,
    /// How far robots' calendars are off.
    pub skews: Vec<SkewRow>,
    /// The newest stamp of each robot's lane.
    pub stamps: Vec<(RobotId, Lane, Hlc)>,
    /// The newest number of each robot's telemetry, by epoch.
    pub telemetry_marks: Vec<(RobotId, Epoch, u64)>,
    /// Bytes of telemetry that are kept, by the hour in which they came, counted from 1970.
    pub telemetry_hours: Vec<(u64, u64)>,
    /// The last write of every field that was written.
    pub fields: Vec<(TaskId, Written)>,
    /// Every operation that was taken.
    pub ops: Vec<OpRow>,
    /// Every note, and what it says.
    pub notes: Vec<(TaskId, NoteLog, Content)>,
    /// Contributions that wait, by number.
    pub note_jobs: Vec<(u64, Job)>,
    /// The highest number that a contribution was given and that is still there.
    pub newest_note_job: u64,
    /// Up to which revision notes stand in feeds.
    pub notes_shown: Vec<(RobotId, TaskId, u64)>,
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
