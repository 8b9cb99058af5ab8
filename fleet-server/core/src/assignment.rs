//! Who gets a task, and when the order goes out: queued, assigned, dispatched; and how a person withdraws it.
//!
//! Leaves to others: what the robot makes of the order (`judge`), how it reaches the robot (`feed`).

use crate::change::TaskRecord;
use crate::plan;
use shared::id::RobotId;
use shared::refusal::Code;
use shared::task::{TaskRow, TaskState};
use shared::zone::Hall;

/// Gives a task to a robot on paper. Once the order may be on a robot only that robot can give it up, because it may be
/// working on it out of reach: two robots would hold one task.
///
/// # Errors
/// [`Code::TaskEnded`] or [`Code::AlreadySent`].
pub fn assign(task: &TaskRecord, robot: &RobotId) -> Result<TaskRecord, Code> {
    if task.row.state.has_ended() {
        return Err(Code::TaskEnded);
    }
    if task.row.state.may_be_on_robot() {
        let is_same = task.row.robot.as_ref() == Some(robot);
        return if is_same { Ok(task.clone()) } else { Err(Code::AlreadySent) };
    }
    let row = TaskRow { state: TaskState::Assigned, robot: Some(robot.clone()), why: None, ..task.row.clone() };
    Ok(TaskRecord { row, ..task.clone() })
}

/// Gives the order out: a new fence and the steps. A task whose zone the hall no longer has stays assigned and says why.
pub fn dispatch(task: &TaskRecord, hall: &Hall) -> TaskRecord {
    let waits = task.row.state == TaskState::Assigned;
    let (true, Some(robot)) = (waits, task.row.robot.clone()) else { return task.clone() };
    let Some(steps) = plan::steps(&task.row, hall) else {
        let row = TaskRow { why: Some(Code::UnknownZone), ..task.row.clone() };
        return TaskRecord { row, ..task.clone() };
    };
    let fence = task.row.fence + 1;
    let row = TaskRow { state: TaskState::Dispatched, fence, steps, steps_done: 0, why: None, ..task.row.clone() };
    TaskRecord { row, given_to: Some(robot) }
}

/// Withdraws a task: at once while no robot can have it, else as a wish that its robot answers.
///
/// # Errors
/// [`Code::TaskEnded`] when it was finished or given up before.
pub fn cancel(task: &TaskRecord) -> Result<TaskRecord, Code> {
    let row = match task.row.state {
        TaskState::Cancelled => task.row.clone(),
        TaskState::Done | TaskState::Failed => return Err(Code::TaskEnded),
        TaskState::Queued | TaskState::Assigned => crate::judge::cancelled(task.row.clone()),
        TaskState::Dispatched | TaskState::Accepted | TaskState::Running | TaskState::Held | TaskState::Blocked => {
            TaskRow { cancel_wanted: true, ..task.row.clone() }
        }
    };
    Ok(TaskRecord { row, ..task.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{hall, robot, row};

    fn task(state: TaskState) -> TaskRecord {
        TaskRecord { row: TaskRow { state, ..row(1) }, given_to: None }
    }

    #[test]
    fn an_order_that_may_be_on_a_robot_is_not_given_to_another() {
        let sent = dispatch(&assign(&task(TaskState::Queued), &robot("r-1")).unwrap(), &hall());
        assert_eq!((sent.row.state, sent.row.fence), (TaskState::Dispatched, 1));
        assert_eq!(assign(&sent, &robot("r-2")), Err(Code::AlreadySent));
        assert_eq!(assign(&sent, &robot("r-1")), Ok(sent.clone()));
    }

    #[test]
    fn a_robot_on_paper_can_be_changed_and_each_dispatch_raises_the_fence() {
        let first = assign(&task(TaskState::Queued), &robot("r-1")).unwrap();
        let second = assign(&first, &robot("r-2")).unwrap();
        assert_eq!(second.row.fence, 0);
        assert_eq!(dispatch(&second, &hall()).given_to, Some(robot("r-2")));
    }

    #[test]
    fn a_cancel_is_final_on_paper_a_wish_on_a_robot_and_refused_after_the_end() {
        assert_eq!(cancel(&task(TaskState::Assigned)).unwrap().row.state, TaskState::Cancelled);
        let wish = cancel(&task(TaskState::Running)).unwrap().row;
        assert_eq!((wish.state, wish.cancel_wanted), (TaskState::Running, true));
        assert_eq!(cancel(&task(TaskState::Done)), Err(Code::TaskEnded));
        assert_eq!(cancel(&task(TaskState::Cancelled)), Ok(task(TaskState::Cancelled)));
    }
}
