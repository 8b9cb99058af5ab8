//! What an operator wants done, and the binding order that gives it to one robot.
//!
//! Terms (VDA 5050): a *task* is the wish; an *order* is the instruction that gives the task to one robot, with its
//! *fence*; a *step* is one action of the order. A higher fence of the same task counts, a lower one is refused.
//!
//! Leaves to others: who gets a task and when its state changes (`fleet-core`), how a step is carried out (`robot-core`).

use crate::id::{RobotId, TaskId, ZoneId};
use crate::refusal::Code;
use crate::seal::Hash;
use crate::zone::Point;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The kind of work, which decides the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum TaskKind {
    /// Fetch a kit in one zone and bring it to another.
    #[n(0)]
    Kitting,
    /// Load or unload a machine.
    #[n(1)]
    MachineTending,
    /// Look at something.
    #[n(2)]
    Inspection,
    /// Charge the robot's own battery.
    #[n(3)]
    Charging,
}

/// One action of an order. Lengths of work are in tenths of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Step {
    /// Walk in a straight line to a point.
    #[n(0)]
    WalkTo {
        /// Where to.
        #[n(0)]
        to: Point,
    },
    /// Take hold of something; the robot must not hold anything yet.
    #[n(1)]
    Pick {
        /// How long it takes, in tenths of a second.
        #[n(0)]
        work_ds: u16,
    },
    /// Put down what is held.
    #[n(2)]
    Place {
        /// How long it takes, in tenths of a second.
        #[n(0)]
        work_ds: u16,
    },
    /// Look at something.
    #[n(3)]
    Inspect {
        /// How long it takes, in tenths of a second.
        #[n(0)]
        work_ds: u16,
    },
    /// Load or unload a machine.
    #[n(4)]
    TendMachine {
        /// How long it takes, in tenths of a second.
        #[n(0)]
        work_ds: u16,
    },
    /// Charge at a charger.
    #[n(5)]
    Charge {
        /// Until the battery has this many percent, 1 to 100.
        #[n(0)]
        until_percent: u8,
    },
}

impl Step {
    /// Whether the step may be done again when nobody knows if it was finished: doing it twice changes nothing.
    #[must_use]
    pub const fn may_repeat(&self) -> bool {
        match self {
            Self::WalkTo { .. } | Self::Inspect { .. } | Self::Charge { .. } => true,
            Self::Pick { .. } | Self::Place { .. } | Self::TendMachine { .. } => false,
        }
    }
}

/// Where a task is in its life, told truthfully: never further than somebody's acknowledgement proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum TaskState {
    /// Wanted; no robot has it.
    #[n(0)]
    Queued,
    /// A robot is chosen; it is not heard or not fit yet, and knows nothing of it.
    #[n(1)]
    Assigned,
    /// The order stands in the robot's feed; it may have arrived.
    #[n(2)]
    Dispatched,
    /// The robot's replica has acknowledged the order.
    #[n(3)]
    Accepted,
    /// The robot has begun a step.
    #[n(4)]
    Running,
    /// Begun, and waiting for a person to resume it.
    #[n(5)]
    Held,
    /// Begun, and cannot go on; `why` says the reason.
    #[n(6)]
    Blocked,
    /// Finished.
    #[n(7)]
    Done,
    /// Given up by the robot; `why` says the reason.
    #[n(8)]
    Failed,
    /// Withdrawn by a person, before or after it was begun.
    #[n(9)]
    Cancelled,
}

impl TaskState {
    /// Whether nothing more will happen to the task.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Done | Self::Failed | Self::Cancelled => true,
            Self::Queued
            | Self::Assigned
            | Self::Dispatched
            | Self::Accepted
            | Self::Running
            | Self::Held
            | Self::Blocked => false,
        }
    }

    /// Whether the order may already be known to the robot, so that only the robot can give it up.
    #[must_use]
    pub const fn may_be_on_robot(self) -> bool {
        match self {
            Self::Dispatched | Self::Accepted | Self::Running | Self::Held | Self::Blocked => true,
            Self::Queued | Self::Assigned | Self::Done | Self::Failed | Self::Cancelled => false,
        }
    }
}

/// Which order: a task and the fence under which it was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct OrderRef {
    /// The task.
    #[n(0)]
    pub task: TaskId,
    /// Rises each time the task is given out.
    #[n(1)]
    pub fence: u64,
}

impl OrderRef {
    /// The name under which the body counts the order's steps: 64 bits of a hash of task and fence.
    #[must_use]
    pub fn tag(&self) -> u64 {
        let hash = Hash::of(&[b"order/v1\0", self.task.bytes(), &self.fence.to_be_bytes()]);
        u64::from_be_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"))
    }
}

/// A task as every replica has it: the wish, who has it, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TaskRow {
    /// Its identity.
    #[n(0)]
    pub id: TaskId,
    /// Its number for people, printed `T-00001`.
    #[n(1)]
    pub number: u32,
    /// What it is about, at most 200 characters.
    #[n(2)]
    pub title: String,
    /// The kind of work.
    #[n(3)]
    pub kind: TaskKind,
    /// Where it is done; for kitting, where the kit is brought.
    #[n(4)]
    pub zone: ZoneId,
    /// For kitting: where the kit is fetched.
    #[n(5)]
    pub from: Option<ZoneId>,
    /// 1 (first) to 5 (last).
    #[n(6)]
    pub priority: u8,
    /// When it should be done, milliseconds since 1970; a wish, it decides nothing.
    #[n(7)]
    pub due_ms: Option<u64>,
    /// How far it is.
    #[n(8)]
    pub state: TaskState,
    /// Who has it, or is to have it.
    #[n(9)]
    pub robot: Option<RobotId>,
    /// Rises each time the task is given out; 0 before the first.
    #[n(10)]
    pub fence: u64,
    /// What the robot does, in order; empty before the task is given out.
    #[n(11)]
    pub steps: Vec<Step>,
    /// Steps that the robot has finished.
    #[n(12)]
    pub steps_done: u8,
    /// A person wants it withdrawn; the robot may not know yet.
    #[n(13)]
    pub cancel_wanted: bool,
    /// Why it is held, blocked, failed or cancelled.
    #[n(14)]
    pub why: Option<Code>,
    /// Done although the server had given it up, or after its due time.
    #[n(15)]
    pub late: bool,
}

impl TaskRow {
    /// The order in force.
    #[must_use]
    pub const fn order(&self) -> OrderRef {
        OrderRef { task: self.id, fence: self.fence }
    }

    /// The number as people read it.
    #[must_use]
    pub fn code(&self) -> String {
        format!("T-{:05}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_fence_is_another_tag() {
        let task = TaskId::from_bytes([1; 16]);
        assert_ne!(OrderRef { task, fence: 1 }.tag(), OrderRef { task, fence: 2 }.tag());
    }
}
