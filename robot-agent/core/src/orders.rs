//! The tasks that the feed has brought, and how far this robot is with them.
//!
//! Two kinds of rows stand side by side: the server's, which its feed replaces, and our own work, which nothing but our
//! own doing changes.
//!
//! A feed that is told again passes through states that are long over. So a row is taken at once and answered later: when
//! the caller knows that it is what holds now.

use crate::change::WorkRow;
use shared::id::{RobotId, TaskId};
use shared::refusal::Code;
use shared::task::{Step, TaskKind, TaskRow};
use std::collections::{BTreeMap, BTreeSet};

/// Most steps of an order that this robot takes.
const STEPS_MAX: usize = 64;

/// Tasks and work, by task.
#[derive(Debug)]
pub struct Orders {
    me: RobotId,
    rows: BTreeMap<TaskId, TaskRow>,
    work: BTreeMap<TaskId, WorkRow>,
    /// Whose row was taken and not answered yet.
    unanswered: BTreeSet<TaskId>,
}

/// What a row of the feed asks of this robot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A new order: it will be done.
    Accept(WorkRow),
    /// A new order that cannot be done.
    Refuse(WorkRow, Code),
    /// A person withdrew an order that is not finished.
    Cancel(WorkRow),
    /// Nothing that is not known.
    Nothing,
}

impl Orders {
    /// What the replica gave back. Any of it may have been taken and not answered before the process ended.
    pub fn new(me: RobotId, rows: Vec<TaskRow>, work: Vec<WorkRow>) -> Self {
        let rows: BTreeMap<TaskId, TaskRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let work = work.into_iter().map(|work| (work.task, work)).collect();
        let unanswered = rows.keys().copied().collect();
        Self { me, rows, work, unanswered }
    }

    /// Takes a row in place of the one before; it waits for its answer.
    pub fn take(&mut self, row: TaskRow) {
        self.unanswered.insert(row.id);
        self.rows.insert(row.id, row);
    }

    /// What the rows ask that were taken and not answered yet. The caller records the answers and stores the work.
    pub fn asked(&mut self) -> Vec<Asked> {
        let tasks: Vec<TaskId> = std::mem::take(&mut self.unanswered).into_iter().collect();
        self.asked_by_all(&tasks)
    }

    /// The same for these tasks only.
    pub fn asked_about(&mut self, tasks: &[TaskId]) -> Vec<Asked> {
        let wanted: Vec<TaskId> = tasks.iter().filter(|task| self.unanswered.remove(task)).copied().collect();
        self.asked_by_all(&wanted)
    }

    /// What was taken and not answered is of another life of the server's database: nobody asks it any more.
    pub fn drop_questions(&mut self) {
        self.unanswered.clear();
    }

    /// Forgets a task that this robot may no longer see. Work that was begun stays known.
    pub fn revoke(&mut self, task: TaskId) {
        self.rows.remove(&task);
        self.unanswered.remove(&task);
    }

    /// Stores how far an order is.
    pub fn set_work(&mut self, work: WorkRow) {
        self.work.insert(work.task, work);
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &TaskRow> {
        self.rows.values()
    }

    /// The row of a task.
    pub fn row(&self, task: TaskId) -> Option<&TaskRow> {
        self.rows.get(&task)
    }

    /// A task by its number `T-00001` or by its long id.
    pub fn find(&self, name: &str) -> Option<&TaskRow> {
        match TaskId::try_from(name.to_owned()) {
            Ok(id) => self.rows.get(&id),
            Err(_) => self.rows.values().find(|row| row.code() == name),
        }
    }

    /// How far a task's order is.
    pub fn work(&self, task: TaskId) -> Option<WorkRow> {
        self.work.get(&task).copied()
    }

    /// The order to work on next: one that was begun, else a charge when the battery is low, else by priority and number.
    pub fn next(&self, battery_low: bool) -> Option<(&TaskRow, WorkRow)> {
        let open = self.work.values().filter(|work| !work.ended);
        // A database that was put back has forgotten how its work ended; the server's row has not.
        let with_rows = open.filter_map(|work| Some((self.rows.get(&work.task)?, *work)));
        let with_rows = with_rows.filter(|(row, _)| !row.state.has_ended());
        with_rows.min_by_key(|(row, work)| {
            let begun = work.begun || work.steps_done > 0;
            let charges = battery_low && row.kind == TaskKind::Charging;
            (!begun, !charges, row.priority, row.number)
        })
    }

    fn asked_by_all(&self, tasks: &[TaskId]) -> Vec<Asked> {
        tasks.iter().filter_map(|task| self.rows.get(task)).map(|row| self.asked_by(row)).collect()
    }

    fn asked_by(&self, row: &TaskRow) -> Asked {
        let is_mine = row.robot.as_ref() == Some(&self.me);
        if !is_mine || row.state.has_ended() {
            return Asked::Nothing;
        }
        match self.work(row.id) {
            Some(work) if row.fence < work.fence => Asked::Nothing,
            Some(work) if row.fence == work.fence => cancel_of(row, work),
            Some(_) | None => new_order(row),
        }
    }
}

fn cancel_of(row: &TaskRow, work: WorkRow) -> Asked {
    if row.cancel_wanted && !work.ended { Asked::Cancel(work) } else { Asked::Nothing }
}

fn new_order(row: &TaskRow) -> Asked {
    let work = WorkRow { task: row.id, fence: row.fence, steps_done: 0, begun: false, ended: false, blocked: None };
    if !row.state.may_be_on_robot() {
        return Asked::Nothing;
    }
    if row.cancel_wanted {
        return Asked::Cancel(work);
    }
    if is_doable(&row.steps) { Asked::Accept(work) } else { Asked::Refuse(work, Code::NotCapable) }
}

fn is_doable(steps: &[Step]) -> bool {
    let percent_exists = |step: &Step| match step {
        Step::Charge { until_percent } => (1..=100).contains(until_percent),
        Step::WalkTo { .. }
        | Step::Pick { .. }
        | Step::Place { .. }
        | Step::Inspect { .. }
        | Step::TendMachine { .. } => true,
    };
    !steps.is_empty() && steps.len() <= STEPS_MAX && steps.iter().all(percent_exists)
}

/// Whether the robot holds something after these finished steps: then a cancel waits until it is put down.
pub fn holds_after(finished: &[Step]) -> bool {
    finished.iter().fold(false, |held, step| match step {
        Step::Pick { .. } => true,
        Step::Place { .. } => false,
        Step::WalkTo { .. } | Step::Inspect { .. } | Step::TendMachine { .. } | Step::Charge { .. } => held,
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use shared::id::ZoneId;
    use shared::task::TaskState;
    use shared::zone::Point;

    /// A dispatched kitting order for `r-1`.
    pub fn row(number: u8, fence: u64) -> TaskRow {
        TaskRow {
            id: TaskId::from_bytes([number; 16]),
            number: number.into(),
            title: "Bring a kit".into(),
            kind: TaskKind::Kitting,
            zone: ZoneId::parse("cell-a").unwrap(),
            from: None,
            priority: 3,
            due_ms: None,
            state: TaskState::Dispatched,
            robot: Some(RobotId::parse("r-1").unwrap()),
            fence,
            steps: vec![
                Step::WalkTo { to: Point { x_cm: 10, y_cm: 0 } },
                Step::Pick { work_ds: 20 },
                Step::Place { work_ds: 20 },
            ],
            steps_done: 0,
            cancel_wanted: false,
            why: None,
            late: false,
        }
    }

    fn orders() -> Orders {
        Orders::new(RobotId::parse("r-1").unwrap(), vec![], vec![])
    }

    /// What a row asks that is answered at once.
    fn asked(orders: &mut Orders, row: TaskRow) -> Asked {
        orders.take(row);
        orders.asked().pop().unwrap()
    }

    #[test]
    fn an_order_is_accepted_once_and_an_older_fence_never() {
        let mut orders = orders();
        let Asked::Accept(work) = asked(&mut orders, row(1, 2)) else { panic!("not accepted") };
        orders.set_work(work);
        assert_eq!(asked(&mut orders, row(1, 2)), Asked::Nothing);
        assert_eq!(asked(&mut orders, row(1, 1)), Asked::Nothing);
        assert!(matches!(asked(&mut orders, row(1, 3)), Asked::Accept(_)));
    }

    #[test]
    fn a_row_is_answered_as_it_stands_in_the_end_and_once() {
        let mut orders = orders();
        orders.take(row(1, 1));
        orders.take(row(2, 1));
        orders.take(row(3, 1));
        orders.take(TaskRow { state: TaskState::Done, ..row(1, 1) });
        orders.revoke(row(2, 1).id);
        assert!(matches!(orders.asked_about(&[row(3, 1).id])[..], [Asked::Accept(_)]));
        assert_eq!(orders.asked(), [Asked::Nothing]);
        assert_eq!(orders.asked(), []);
        let mut again = Orders::new(RobotId::parse("r-1").unwrap(), vec![row(4, 1)], vec![]);
        assert!(matches!(again.asked()[..], [Asked::Accept(_)]), "the process ended before it was answered");
    }

    #[test]
    fn an_order_for_another_robot_or_one_that_has_ended_asks_nothing() {
        let other = TaskRow { robot: Some(RobotId::parse("r-2").unwrap()), ..row(1, 1) };
        assert_eq!(asked(&mut orders(), other), Asked::Nothing);
        assert_eq!(asked(&mut orders(), TaskRow { state: TaskState::Done, ..row(1, 1) }), Asked::Nothing);
    }

    #[test]
    fn work_whose_task_has_ended_is_not_taken_in_hand() {
        let mut orders = orders();
        let Asked::Accept(work) = asked(&mut orders, row(1, 1)) else { panic!("not accepted") };
        orders.set_work(work);
        assert!(orders.next(false).is_some());
        orders.take(TaskRow { state: TaskState::Cancelled, ..row(1, 1) });
        assert!(orders.next(false).is_none());
    }

    #[test]
    fn an_order_without_steps_or_with_an_impossible_charge_is_refused() {
        let empty = TaskRow { steps: vec![], ..row(1, 1) };
        assert!(matches!(asked(&mut orders(), empty), Asked::Refuse(_, Code::NotCapable)));
        let impossible = TaskRow { steps: vec![Step::Charge { until_percent: 101 }], ..row(1, 1) };
        assert!(matches!(asked(&mut orders(), impossible), Asked::Refuse(_, Code::NotCapable)));
    }

    #[test]
    fn what_was_begun_comes_first_and_a_low_battery_prefers_the_charger() {
        let mut orders = orders();
        let charge = TaskRow { kind: TaskKind::Charging, ..row(2, 1) };
        for row in [row(1, 1), charge, row(3, 1)] {
            let Asked::Accept(work) = asked(&mut orders, row) else { panic!("not accepted") };
            orders.set_work(work);
        }
        let next = |orders: &Orders, low| orders.next(low).unwrap().0.number;
        assert_eq!((next(&orders, false), next(&orders, true)), (1, 2));
        let begun = WorkRow { begun: true, ..orders.work(TaskId::from_bytes([3; 16])).unwrap() };
        orders.set_work(begun);
        assert_eq!(next(&orders, true), 3);
    }
}
