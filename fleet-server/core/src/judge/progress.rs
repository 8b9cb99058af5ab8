//! The table: a task in a state, a word of the robot that holds its order, and the task afterwards.
//!
//! Three rules decide every cell. *Done* is the end of all doubt: the body finished the work, so no state keeps it out
//! and none follows it. An order that has *ended* otherwise stays so. Everything else counts only while the order may
//! be on the robot, and the newest word counts.

use super::Word;
use crate::change::TaskRecord;
use shared::fact::Fact;
use shared::id::RobotId;
use shared::refusal::Code;
use shared::task::{TaskRow, TaskState};
use shared::time::WallTime;

/// The task after a word of the robot that got the order in force.
pub fn after(task: &TaskRecord, word: Word<'_>) -> TaskRecord {
    let row = task.row.clone();
    let row = match word.fact {
        Fact::Done { .. } => done(row, word.robot, word.happened),
        Fact::Accepted { .. } => accepted(row),
        Fact::Refused { why, .. } => refused(row, *why),
        Fact::StepStarted { .. } => running(row),
        Fact::StepEnded { step, .. } => step_ended(row, *step),
        Fact::Held { why, .. } => waiting(row, TaskState::Held, *why),
        Fact::Blocked { why, .. } => waiting(row, TaskState::Blocked, *why),
        Fact::Failed { why, .. } => ended(row, TaskState::Failed, *why),
        Fact::Cancelled { .. } => ended(row, TaskState::Cancelled, Code::CancelledByPerson),
        Fact::AgentStarted { .. }
        | Fact::Interlock { .. }
        | Fact::Resumed { .. }
        | Fact::Cleared { .. }
        | Fact::EpochBegan { .. }
        | Fact::DeadLetter { .. }
        | Fact::Firmware { .. }
        | Fact::DisclosureStarted { .. }
        | Fact::DisclosureHeard { .. }
        | Fact::DisclosureGap { .. }
        | Fact::MotionBegan { .. }
        | Fact::MotionEnded { .. }
        | Fact::Endorsed { .. }
        | Fact::Thinned { .. }
        | Fact::StorageFull
        | Fact::FieldWritten { .. }
        | Fact::NoteUpdate { .. }
        | Fact::Mark
        | Fact::LivedUntil { .. }
        | Fact::BeaconTimeSet { .. } => row,
    };
    TaskRecord { row, ..task.clone() }
}

/// Finished work is finished, also when the server had given it up; then it is late.
fn done(row: TaskRow, robot: &RobotId, happened: WallTime) -> TaskRow {
    if row.state == TaskState::Done {
        return row;
    }
    let given_up = !row.state.may_be_on_robot();
    let overdue = row.due_ms.is_some_and(|due| happened.0 > due);
    let steps_done = u8::try_from(row.steps.len()).unwrap_or(u8::MAX);
    let robot = Some(robot.clone());
    TaskRow { state: TaskState::Done, robot, steps_done, why: None, late: given_up || overdue, ..row }
}

fn accepted(row: TaskRow) -> TaskRow {
    let state = if row.state == TaskState::Dispatched { TaskState::Accepted } else { row.state };
    TaskRow { state, ..row }
}

/// An order given back before it was begun is wanted again, unless a person had withdrawn it meanwhile.
fn refused(row: TaskRow, why: Code) -> TaskRow {
    match row.state {
        TaskState::Dispatched | TaskState::Accepted if row.cancel_wanted => cancelled(row),
        TaskState::Dispatched | TaskState::Accepted => {
            TaskRow { state: TaskState::Queued, robot: None, steps_done: 0, why: Some(why), ..row }
        }
        TaskState::Running | TaskState::Held | TaskState::Blocked => ended(row, TaskState::Failed, why),
        TaskState::Queued | TaskState::Assigned | TaskState::Done | TaskState::Failed | TaskState::Cancelled => row,
    }
}

fn running(row: TaskRow) -> TaskRow {
    if !row.state.may_be_on_robot() {
        return row;
    }
    TaskRow { state: TaskState::Running, why: None, ..row }
}

fn step_ended(row: TaskRow, step: u8) -> TaskRow {
    if !row.state.may_be_on_robot() {
        return row;
    }
    let steps = u8::try_from(row.steps.len()).unwrap_or(u8::MAX);
    let steps_done = row.steps_done.max(step.saturating_add(1).min(steps));
    running(TaskRow { steps_done, ..row })
}

fn waiting(row: TaskRow, state: TaskState, why: Code) -> TaskRow {
    if !row.state.may_be_on_robot() {
        return row;
    }
    TaskRow { state, why: Some(why), ..row }
}

fn ended(row: TaskRow, state: TaskState, why: Code) -> TaskRow {
    if !row.state.may_be_on_robot() {
        return row;
    }
    TaskRow { state, why: Some(why), ..row }
}

/// The end of a task that no robot holds, or that its robot gave back.
pub fn cancelled(row: TaskRow) -> TaskRow {
    TaskRow { state: TaskState::Cancelled, why: Some(Code::CancelledByPerson), cancel_wanted: true, ..row }
}
