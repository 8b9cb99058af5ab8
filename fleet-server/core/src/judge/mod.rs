//! What a robot's word about an order changes.
//!
//! The work was done or was not, whenever the word arrives. So a fact is never refused from the record; it is judged
//! against the task as it stands, and where the two cannot both be right a flag is raised.
//!
//! The table of server change against robot progress is in `progress`, its proof by enumeration in `table`.

mod progress;
#[cfg(test)]
mod table;

use crate::change::TaskRecord;
use shared::fact::Fact;
use shared::id::RobotId;
use shared::task::OrderRef;
use shared::time::WallTime;

pub(crate) use progress::cancelled;

/// Why a fact and the server's knowledge cannot both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The fact speaks of a task that the server does not have.
    UnknownTask,
    /// The order was given to another robot.
    NotHolder,
    /// The order is older than the one in force.
    StaleFence,
    /// The order is newer than any that the server gave out.
    NewerFence,
    /// The fact came in a lane where its kind does not belong.
    WrongLane,
    /// Two entries have the same number and different content.
    Fork,
    /// An entry does not continue the chain that the entries before it make.
    Chain,
    /// The robot's calendar is off, or was when it wrote the entry.
    ClockSuspect,
    /// The robot knows what this database gave out or took and has no more: it was restored from a copy.
    Restored,
    /// The robot's rows were not what they should be, and were sent anew.
    Diverged,
    /// The robot's record could not be shown to go on: a database was put back, copied or made anew.
    NewEpoch,
    /// The robot put something aside that it could not use.
    DeadLetter,
    /// A field was written at a robot, and makes no sense for the task as it stands.
    FieldRefused,
    /// A note was edited at a robot, and does not take the edit.
    NoteRefused,
    /// Two machines speak under the robot's name at the same time.
    TwoMachines,
}

impl Rule {
    /// Its word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTask => "unknown_task",
            Self::NotHolder => "not_holder",
            Self::StaleFence => "stale_fence",
            Self::NewerFence => "newer_fence",
            Self::WrongLane => "wrong_lane",
            Self::Fork => "fork",
            Self::Chain => "chain",
            Self::ClockSuspect => "clock_suspect",
            Self::Restored => "restored",
            Self::Diverged => "diverged",
            Self::NewEpoch => "new_epoch",
            Self::DeadLetter => "dead_letter",
            Self::FieldRefused => "field_refused",
            Self::NoteRefused => "note_refused",
            Self::TwoMachines => "two_machines",
        }
    }
}

/// A robot's word about an order.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// Who said it.
    pub robot: &'a RobotId,
    /// What was said.
    pub fact: &'a Fact,
    /// When it happened, as well as the server can tell, milliseconds since 1970.
    pub happened: WallTime,
}

/// What a word comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The task stays as it is.
    Stays,
    /// The task is this now.
    Becomes(Box<TaskRecord>),
    /// The task stays as it is, and somebody should look.
    Flagged(Rule),
}

/// Judges a word about `order` against the task that the order names.
#[must_use]
pub fn judge(task: Option<&TaskRecord>, order: OrderRef, word: Word<'_>) -> Verdict {
    let Some(task) = task else { return Verdict::Flagged(Rule::UnknownTask) };
    if order.fence < task.row.fence {
        return Verdict::Flagged(Rule::StaleFence);
    }
    if order.fence > task.row.fence {
        return Verdict::Flagged(Rule::NewerFence);
    }
    if task.given_to.as_ref() != Some(word.robot) {
        return Verdict::Flagged(Rule::NotHolder);
    }
    let after = progress::after(task, word);
    if after == *task { Verdict::Stays } else { Verdict::Becomes(Box::new(after)) }
}
