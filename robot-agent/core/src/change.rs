//! What the replica writes in one transaction, and what it gives back at the next start.

use crate::aside::AsideRow;
use crate::beacon_clock::BeaconMark;
use crate::continuity::Discontinuity;
use crate::firmware_lines::LineMark;
use crate::intake::{Partial, SnapshotMark};
use crate::retention::Milestone;
use crate::telemetry::{Reservation, TelemetryLoaded};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::journal::{Chain, Epoch, Record};
use shared::note_log::KeptNote;
use shared::refusal::Code;
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::wire::robot_to_fleet::Mark;

/// One row to write. All changes of one commit stand or fall together.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new epoch: what is written behind it belongs to it, and nothing of it is acknowledged yet.
    Epoch(Epoch),
    /// An entry of the journal.
    Journal(Record),
    /// The server has stored a lane up to here.
    Acked(Mark),
    /// A task as the server's feed has it: its id and the row's exact bytes.
    Task {
        /// Which task.
        id: TaskId,
        /// The exact bytes of the feed's row.
        row: Vec<u8>,
    },
    /// The robot may no longer see this task.
    Revoked(TaskId),
    /// The feed is applied up to here.
    Cursor {
        /// The life of the server's database.
        server_epoch: u64,
        /// The newest row applied.
        cursor: u64,
    },
    /// Whether there are rows of another life of the server's database.
    Mixed(bool),
    /// A snapshot begins to come in; what there was of another is forgotten.
    SnapshotBegun(SnapshotMark),
    /// A chunk of it is applied.
    SnapshotChunk {
        /// Its number.
        number: u32,
        /// The tasks that stood in it.
        tasks: Vec<TaskId>,
    },
    /// It is over. When the whole of it is applied, what was put aside before it began and stood in none of its chunks is gone.
    SnapshotEnded {
        /// Whether the whole of it is applied.
        whole: bool,
    },
    /// Something that cannot be used is kept.
    Aside(AsideRow),
    /// It can be used now, and is kept aside no more.
    TakenFromAside(Hash),
    /// The newest stamp that the server has told: what is written after it is stamped later, also after a restart.
    Stamp(Hlc),
    /// How far this robot is with an order.
    Work(WorkRow),
    /// Whether work waits for a person after a person stopped the robot.
    AwaitsPerson(bool),
    /// Whether a safety officer has to clear a trip before the robot asks to be armed.
    ClearanceDue(bool),
    /// The firmware's count of presses that has been acted on.
    Presses(u32),
    /// A line of the firmware's own record stands in the journal.
    FirmwareLine(LineMark),
    /// The newest number of an obeyed `down/now` message.
    NowNumber(u64),
    /// The trip epoch that was last recorded.
    TripEpoch(u32),
    /// How far the beacon's clock may have been used on the air, under this disclosure id.
    Beacon {
        /// Whose clock.
        id: [u8; 16],
        /// How far.
        mark: BeaconMark,
    },
    /// An endorsement of the key that the robot discloses with, as its link pack.
    Endorsement {
        /// The disclosure id that is endorsed.
        id: [u8; 16],
        /// Until when, in seconds since 2019.
        until: u32,
        /// The exact bytes that go on the air.
        pack: Vec<u8>,
    },
    /// The journal is forgotten up to the end of this chain: acknowledged, and kept for long enough since.
    Pruned(Chain),
    /// Which numbers of the telemetry lane may be used.
    Telemetry(Reservation),
    /// An edit of ours that is not settled.
    Edit(Box<PendingEdit>),
    /// It is settled.
    EditSettled(u64),
    /// A task's note as the feed has brought it.
    Note {
        /// Which task's.
        task: TaskId,
        /// Its bytes.
        kept: Box<KeptNote>,
    },
    /// The robot may no longer see this task's note.
    NoteForgotten(TaskId),
    /// The newest stamp of a field that the server told of.
    SeenStamp(Hlc),
    /// Whether the process ended in order.
    Clean(bool),
}

/// An edit of ours that the server's feed has not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEdit {
    /// Its place among ours.
    pub number: u64,
    /// The fact in the journal.
    pub fact: Fact,
}

/// How far this robot is with one order: its own knowledge, which the server's rows never overwrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkRow {
    /// Which task.
    pub task: TaskId,
    /// Under which fence.
    pub fence: u64,
    /// Steps finished.
    pub steps_done: u8,
    /// The next step was begun and its end is not recorded: in doubt after a restart.
    pub begun: bool,
    /// Done, failed, refused or cancelled.
    pub ended: bool,
    /// Why it cannot go on.
    pub blocked: Option<Code>,
}

/// Everything the replica gives back at a start.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Why the journal cannot be shown to go on; `None` when it goes on.
    pub discontinuity: Option<Discontinuity>,
    /// The end of the journal.
    pub chain: Chain,
    /// The newest stamp that was written or seen.
    pub hlc: Hlc,
    /// Entries that the server has not acknowledged, oldest first.
    pub unacked: Vec<Record>,
    /// How far the server has acknowledged each lane.
    pub acked: Vec<Mark>,
    /// The life of the server's database; 0 when none was met.
    pub server_epoch: u64,
    /// The newest feed row applied.
    pub cursor: u64,
    /// Whether there are rows of another life of the server's database.
    pub is_mixed: bool,
    /// The snapshot that is applied in part.
    pub snapshot: Option<Partial>,
    /// What could not be used, oldest first.
    pub aside: Vec<AsideRow>,
    /// The tasks that the feed has brought.
    pub tasks: Vec<TaskRow>,
    /// How far this robot is with them.
    pub work: Vec<WorkRow>,
    /// Whether work waits for a person.
    pub awaits_person: bool,
    /// Whether a safety officer has to clear a trip.
    pub clearance_due: bool,
    /// The firmware's count of presses that was last acted on; `None` when none was ever heard.
    pub presses: Option<u32>,
    /// The lines of the firmware's own record that stand in the journal.
    pub firmware_lines: Vec<LineMark>,
    /// The newest number of an obeyed `down/now` message.
    pub now_number: u64,
    /// The trip epoch that was last recorded; 0 for none.
    pub trip_epoch: u32,
    /// How far the beacon's clock may have been used on the air.
    pub beacon: Option<BeaconMark>,
    /// The link packs that were taken, at most one for each key.
    pub endorsements: Vec<Vec<u8>>,
    /// Milestones of the current epoch, oldest first.
    pub milestones: Vec<Milestone>,
    /// Where telemetry goes on.
    pub telemetry: TelemetryLoaded,
    /// Edits of ours that are not settled, in their order.
    pub edits: Vec<PendingEdit>,
    /// The notes that the feed has brought.
    pub notes: Vec<(TaskId, KeptNote)>,
    /// The newest stamp of a field that the server told of.
    pub seen_stamp: Hlc,
    /// Whether the process before ended in order.
    pub clean: bool,
}
