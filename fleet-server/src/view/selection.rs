//! Which tasks a reader wants, and in which order.

use serde::Deserialize;
use shared::id::{RobotId, ZoneId};
use shared::task::TaskRow;

/// A wish. What is not named does not matter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Only tasks that are done in this zone.
    pub zone: Option<ZoneId>,
    /// Only tasks that this robot has, or is to have.
    pub robot: Option<RobotId>,
    /// Only tasks that have not ended, or only those that have.
    pub open: Option<bool>,
    /// In which order.
    #[serde(default)]
    pub sort: Sort,
}

/// An order of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By number: the order of their making.
    #[default]
    Number,
    /// By priority, then by number: the order in which a robot takes them.
    Priority,
}

impl Selection {
    /// Whether a task is wanted.
    #[must_use]
    pub fn takes(&self, task: &TaskRow) -> bool {
        self.open.is_none_or(|open| open != task.state.has_ended())
            && self.zone.as_ref().is_none_or(|zone| *zone == task.zone)
            && self.robot.as_ref().is_none_or(|robot| task.robot.as_ref() == Some(robot))
    }
}

impl Sort {
    /// What rows are sorted by, smallest first. No two tasks have one number.
    #[must_use]
    pub const fn key(self, task: &TaskRow) -> (u8, u32) {
        match self {
            Self::Number => (0, task.number),
            Self::Priority => (task.priority, task.number),
        }
    }
}
