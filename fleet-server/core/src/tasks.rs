//! The tasks by identity, and which of them wait for their robot to be heard.

use crate::change::TaskRecord;
use shared::id::{RobotId, TaskId};
use shared::task::TaskState;
use std::collections::{BTreeMap, BTreeSet};

/// Every task there ever was.
#[derive(Debug, Default)]
pub struct Tasks {
    records: BTreeMap<TaskId, TaskRecord>,
    waiting: BTreeSet<(RobotId, TaskId)>,
    number: u32,
}

impl Tasks {
    /// What the store gave back.
    pub fn new(records: Vec<TaskRecord>) -> Self {
        let mut tasks = Self::default();
        records.into_iter().for_each(|task| tasks.set(task));
        tasks
    }

    pub fn get(&self, id: TaskId) -> Option<&TaskRecord> {
        self.records.get(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &TaskRecord> {
        self.records.values()
    }

    /// The number after the highest that was ever given.
    pub const fn next_number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    pub fn set(&mut self, task: TaskRecord) {
        let before = self.records.get(&task.row.id).and_then(waits_for);
        before.map(|pair| self.waiting.remove(&pair));
        self.waiting.extend(waits_for(&task));
        self.number = self.number.max(task.row.number);
        self.records.insert(task.row.id, task);
    }

    /// The tasks that are given to a robot on paper only.
    pub fn waiting_for(&self, robot: &RobotId) -> Vec<TaskRecord> {
        let first = (robot.clone(), TaskId::from_bytes([0; 16]));
        let of_robot = self.waiting.range(first..).take_while(|(name, _)| name == robot);
        of_robot.filter_map(|(_, id)| self.get(*id)).cloned().collect()
    }
}

fn waits_for(task: &TaskRecord) -> Option<(RobotId, TaskId)> {
    let waits = task.row.state == TaskState::Assigned;
    let robot = task.row.robot.clone().filter(|_| waits)?;
    Some((robot, task.row.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{robot, row};
    use shared::task::TaskRow;

    #[test]
    fn only_what_is_assigned_waits_and_only_for_its_robot() {
        let assigned = |number, name: &str| TaskRecord {
            row: TaskRow { state: TaskState::Assigned, robot: Some(robot(name)), ..row(number) },
            given_to: None,
        };
        let mut tasks = Tasks::new(vec![assigned(1, "r-1"), assigned(2, "r-2"), assigned(3, "r-1")]);
        assert_eq!(tasks.waiting_for(&robot("r-1")).len(), 2);
        tasks.set(assigned(1, "r-2"));
        tasks.set(TaskRecord { row: row(3), given_to: None });
        assert_eq!(tasks.waiting_for(&robot("r-1")), vec![]);
        assert_eq!(tasks.waiting_for(&robot("r-2")).len(), 2);
        assert_eq!(tasks.next_number(), 4);
    }
}
