//! A write of a field, judged: whether it is the last one, and whether it makes sense for the task as it stands.
//!
//! What a task is about, how urgent it is and when it is due may always be written. Where it is done and who does it may be
//! written while it stands on paper; once the order may be on a robot, that robot works by what it was given.

use crate::assignment;
use crate::change::{Change, TaskRecord};
use crate::fleet::Fleet;
use crate::round::At;
use shared::field::{FieldStamp, FieldValue, Written, check};
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::op::OpResult;
use shared::refusal::Code;
use shared::task::{TaskKind, TaskRow};

impl Fleet {
    /// The newest stamp of an edit that was given out.
    #[must_use]
    pub fn newest_stamp(&self) -> Hlc {
        self.editing.writers.newest()
    }

    /// Writes a field, unless a later write stands or it makes no sense.
    pub(super) fn write_field(&mut self, id: TaskId, value: &FieldValue, stamp: FieldStamp, at: At) -> OpResult {
        let Some(task) = self.tasks.get(id).cloned() else { return OpResult::Refused { code: Code::NotFound } };
        if !self.editing.fields.entry(id).or_default().would_win(value.field(), &stamp) {
            return OpResult::Older { stamp: stamp.hlc };
        }
        match self.sensible(&task, value).and_then(|()| changed(&task, value)) {
            Err(code) => OpResult::Refused { code },
            Ok(after) => {
                self.keep_field(id, Written { value: value.clone(), stamp });
                self.set_changed(&task, after, at);
                OpResult::Done { stamp: stamp.hlc }
            }
        }
    }

    fn keep_field(&mut self, task: TaskId, written: Written) {
        self.editing.fields.entry(task).or_default().take(written.clone());
        self.editing.written.insert(task);
        self.round.change(Change::Field { task, written });
    }

    fn set_changed(&mut self, before: &TaskRecord, after: TaskRecord, at: At) {
        if after != *before {
            self.set_task(after.clone());
        }
        self.dispatch_to_its_robot(&after, at.now);
    }

    /// Whether the value is one that a task of this hall and kind may have.
    fn sensible(&self, task: &TaskRecord, value: &FieldValue) -> Result<(), Code> {
        check(value).map_err(|_| Code::BadBody)?;
        match value {
            FieldValue::Zone(zone) | FieldValue::From(zone) if self.site.hall.zone(zone).is_none() => {
                Err(Code::UnknownZone)
            }
            FieldValue::From(_) if task.row.kind != TaskKind::Kitting => Err(Code::BadBody),
            FieldValue::Wanted(robot) if self.roster.get(robot).is_none() => Err(Code::UnknownRobot),
            FieldValue::Title(_)
            | FieldValue::Priority(_)
            | FieldValue::Due(_)
            | FieldValue::Zone(_)
            | FieldValue::From(_)
            | FieldValue::Wanted(_)
            | FieldValue::Cancel => Ok(()),
        }
    }
}

/// The task with the value.
fn changed(task: &TaskRecord, value: &FieldValue) -> Result<TaskRecord, Code> {
    match value {
        FieldValue::Title(_) | FieldValue::Priority(_) | FieldValue::Due(_) => Ok(shown(task, value)),
        FieldValue::Zone(_) | FieldValue::From(_) => on_paper(&task.row).map(|()| shown(task, value)),
        FieldValue::Wanted(robot) => assignment::assign(task, robot),
        FieldValue::Cancel => assignment::cancel(task),
    }
}

fn shown(task: &TaskRecord, value: &FieldValue) -> TaskRecord {
    let mut after = task.clone();
    value.show_in(&mut after.row);
    after
}

fn on_paper(row: &TaskRow) -> Result<(), Code> {
    match (row.state.has_ended(), row.state.may_be_on_robot()) {
        (true, _) => Err(Code::TaskEnded),
        (false, true) => Err(Code::AlreadySent),
        (false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{robot, row, zone};
    use shared::task::TaskState;

    fn task(state: TaskState) -> TaskRecord {
        TaskRecord { row: TaskRow { state, robot: Some(robot("r-1")), ..row(1) }, given_to: None }
    }

    #[test]
    fn what_is_on_a_robot_keeps_its_place_and_its_robot_and_takes_the_rest() {
        let (zone, wanted) = (FieldValue::Zone(zone("store")), FieldValue::Wanted(robot("r-2")));
        let title = FieldValue::Title("New".into());
        for state in [TaskState::Dispatched, TaskState::Running, TaskState::Held] {
            assert_eq!(changed(&task(state), &zone), Err(Code::AlreadySent));
            assert_eq!(changed(&task(state), &wanted), Err(Code::AlreadySent));
            assert_eq!(changed(&task(state), &title).unwrap().row.title, "New");
            assert!(changed(&task(state), &FieldValue::Cancel).unwrap().row.cancel_wanted);
        }
        for state in [TaskState::Queued, TaskState::Assigned] {
            assert_eq!(changed(&task(state), &zone).unwrap().row.zone.as_str(), "store");
            assert_eq!(changed(&task(state), &wanted).unwrap().row.robot, Some(robot("r-2")));
        }
        assert_eq!(changed(&task(TaskState::Done), &zone), Err(Code::TaskEnded));
        assert_eq!(changed(&task(TaskState::Done), &FieldValue::Cancel), Err(Code::TaskEnded));
        assert_eq!(changed(&task(TaskState::Done), &FieldValue::Priority(1)).unwrap().row.priority, 1);
    }
}
