//! What a robot decides, without input or output.
//!
//! Two machines live here, because they run on two clocks. [`Robot`] is the *driver's*: it records, sends, takes orders
//! and chooses steps, and everything it does passes through a commit. [`Control`] is the *control loop's*: every 50 ms
//! it beats, discloses and asks for motion, with no disk and no network in its way.
//!
//! Terms: an *order* gives a task to this robot; a *step* is one action of it; an *activity* is the step that the body
//! should be doing now; *seen* is what the control loop last read from the firmware.
//!
//! Leaves to others: files, sockets and clocks (`robot-agent`), whether motors have power (`interlock`, in another
//! process, which this package cannot import), what a task is worth (`fleet-core`).

#![warn(clippy::wildcard_enum_match_arm)]

mod aside;
mod beacon_clock;
mod change;
mod clearance;
mod continuity;
mod control;
mod disclosure;
mod edits;
mod endorsement;
mod execution;
mod feed;
mod firmware_lines;
mod intake;
mod interlock_watch;
mod orders;
mod outbound;
mod outbox;
mod permit;
mod presses;
mod recorder;
mod report;
mod retention;
mod retreat;
mod robot;
mod session;
mod storage;
mod telemetry;
mod watchdog;
mod witness;

pub use aside::AsideRow;
pub use beacon_clock::{BeaconClock, BeaconMark, ServerTime};
pub use change::{Change, Loaded, PendingEdit, WorkRow};
pub use continuity::{Discontinuity, Evidence, Memory, RememberedHead, judge_start};
pub use control::{Control, Cycle, Received};
pub use disclosure::OnAir;
pub use endorsement::{NotTaken, Stage, Validity};
pub use execution::Activity;
pub use firmware_lines::LineMark;
pub use intake::{Partial, SnapshotMark};
pub use outbound::{Output, Tell};
pub use permit::MotionPermit;
pub use retention::{EVERY as MILESTONE_EVERY, Milestone};
pub use retreat::{RETREAT_TAG, Seat};
pub use robot::{Identity, Input, LocalAnswer, LocalAsk, LocalEdit, LocalToken, Robot, Secrets, ShownTask};
pub use storage::StorageReading;
pub use telemetry::{FileEnd, Keep, KeptItem, Reservation, TelemetryLoaded, Thinned, Wanted};
pub use witness::{Edge, Witness};

use interlock_link::{Body, Counters, Status, StepCount};
use shared::time::Instant;

/// What the control loop has last read from the firmware; each part is `None` when it is unknown or too old.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// The interlock's status.
    pub status: Option<Status>,
    /// The body's report.
    pub body: Option<Body>,
    /// The body's count for the step that was named last.
    pub count: Option<StepCount>,
    /// What the firmware has counted since ever, as far as it has told in this session.
    pub counters: Option<Counters>,
    /// When this robot's disclosure was last sent on the air.
    pub disclosed: Option<Instant>,
    /// When its own firmware last heard it: now, while it hears it.
    pub heard: Option<Instant>,
}
