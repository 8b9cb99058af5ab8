//! Was anything done twice? Counted at the body, where it would have been seen.
//!
//! Walking, looking and charging twice change nothing; taking hold, putting down and tending a machine do. Besides the
//! body's own count, a step may not begin again once its robot's record has its end, no task may be finished under two
//! orders or by two robots, and the server may not have heard of one task's end twice.

use super::history::{Deed, History, Kept, Robot};
use super::orders::Orders;
use shared::fact::Fact;
use shared::id::{RobotId, TaskId};
use shared::task::OrderRef;
use std::collections::{BTreeMap, BTreeSet};

/// One sentence for each thing that was done once too often.
#[must_use]
pub fn doubled(history: &History) -> Vec<String> {
    let orders = Orders::of(history);
    let mut doubled = steps_finished_again(history, &orders);
    doubled.extend(tasks_finished_again(history, &orders));
    doubled.extend(history.robots.iter().flat_map(|(id, robot)| steps_begun_after_their_end(id, robot)));
    doubled.extend(ends_heard_again(history));
    doubled
}

fn steps_finished_again(history: &History, orders: &Orders) -> Vec<String> {
    let mut counts: BTreeMap<(u64, u8), (usize, &str)> = BTreeMap::new();
    for (_, tag, step, act) in finished(history).filter(|(_, _, _, act)| changes_the_world(act)) {
        let (count, _) = counts.entry((tag, step)).or_insert((0, act));
        *count += 1;
    }
    let again = counts.into_iter().filter(|(_, (count, _))| *count > 1);
    again
        .flat_map(|((tag, step), (count, act))| {
            let what = orders.get(tag).map_or_else(|| format!("order {tag:016x}"), |known| name(known.order));
            vec![format!("{act}, step {step} of {what}, was finished {count} times"); count - 1]
        })
        .collect()
}

fn changes_the_world(act: &str) -> bool {
    matches!(act, "pick" | "place" | "tend" | "tend_machine")
}

fn finished(history: &History) -> impl Iterator<Item = (&RobotId, u64, u8, &str)> {
    let deeds = history.robots.iter().flat_map(|(id, robot)| robot.truth.iter().map(move |truth| (id, &truth.what)));
    deeds.filter_map(|(id, what)| match what {
        Deed::Finished { order, step, act } => Some((id, *order, *step, act.as_str())),
        Deed::Moved { .. } | Deed::Begun { .. } | Deed::Crouch | Deed::Other => None,
    })
}

fn tasks_finished_again(history: &History, orders: &Orders) -> Vec<String> {
    let mut by_task: BTreeMap<TaskId, BTreeSet<(&RobotId, u64)>> = BTreeMap::new();
    for (robot, tag, step, _) in finished(history) {
        let known = orders.get(tag).filter(|known| known.is_last(step));
        if let Some(known) = known {
            by_task.entry(known.order.task).or_default().insert((robot, known.order.fence));
        }
    }
    let again = by_task.into_iter().filter(|(_, ends)| ends.len() > 1);
    again.map(|(task, ends)| format!("task {task} was finished {} times: {ends:?}", ends.len())).collect()
}

fn steps_begun_after_their_end(id: &RobotId, robot: &Robot) -> Vec<String> {
    let ends = ends_of_steps(robot);
    let begun = robot.truth.iter().filter_map(|truth| match truth.what {
        Deed::Begun { order, step } => Some((truth.t_ms, order, step)),
        Deed::Moved { .. } | Deed::Finished { .. } | Deed::Crouch | Deed::Other => None,
    });
    begun
        .filter_map(|(t_ms, tag, step)| {
            let ended_ms = *ends.get(&(tag, step)).filter(|ended_ms| **ended_ms < t_ms)?;
            Some(format!("{id} began step {step} of order {tag:016x} at {t_ms} ms, and had ended it at {ended_ms} ms"))
        })
        .collect()
}

fn ends_of_steps(robot: &Robot) -> BTreeMap<(u64, u8), u64> {
    let mut ends = BTreeMap::new();
    for (mono_ms, fact) in robot.replica.journal.iter().filter_map(Kept::fact) {
        if let Fact::StepEnded { order, step } = fact {
            ends.entry((order.tag(), step)).or_insert(mono_ms);
        }
    }
    ends
}

fn ends_heard_again(history: &History) -> Vec<String> {
    let mut heard: BTreeMap<TaskId, usize> = BTreeMap::new();
    for (_, fact) in history.server.facts.values().flatten().filter_map(Kept::fact) {
        if let Fact::Done { order } = fact {
            *heard.entry(order.task).or_default() += 1;
        }
    }
    let again = heard.into_iter().filter(|(_, count)| *count > 1);
    again.map(|(task, count)| format!("the server was told {count} times that task {task} is done")).collect()
}

fn name(order: OrderRef) -> String {
    format!("task {} (fence {})", order.task, order.fence)
}
