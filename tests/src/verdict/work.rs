//! What was done, as the body tells it, and whether the records tell the same.

use super::history::{Deed, History, Kept, Phase, Robot};
use shared::fact::Fact;
use shared::id::RobotId;
use shared::task::{TaskRow, TaskState};
use std::collections::BTreeSet;

/// Tasks that the server has as done and whose robot's body finished every step.
#[must_use]
pub fn tasks_done(history: &History) -> usize {
    done_rows(history).filter(|row| body_finished(history, row)).count()
}

/// Ends of work that were recorded while the robot's network was cut, and that the server has now.
#[must_use]
pub fn done_offline(history: &History) -> usize {
    let of_robot = |id: &RobotId| {
        let cuts = cuts(history, id);
        let done =
            history.facts_of(id).iter().filter_map(Kept::fact).filter(|(_, fact)| matches!(fact, Fact::Done { .. }));
        done.filter(|(mono_ms, _)| cuts.iter().any(|(from, to)| from < mono_ms && mono_ms < to)).count()
    };
    history.robots.keys().map(of_robot).sum()
}

/// One sentence for each place where a record tells other than the body: work that is called done and was not finished,
/// and work that was begun although the record did not have its start before.
#[must_use]
pub fn untrue(history: &History) -> Vec<String> {
    let unfinished = done_rows(history).filter(|row| !body_finished(history, row));
    let unfinished = unfinished.map(|row| format!("the server has {} as done, and no body finished it", row.code()));
    let unrecorded = history.robots.iter().flat_map(|(id, robot)| unrecorded(id, robot));
    unfinished.chain(unrecorded).collect()
}

fn done_rows(history: &History) -> impl Iterator<Item = TaskRow> {
    history.server_rows().filter(|row| row.state == TaskState::Done)
}

fn body_finished(history: &History, row: &TaskRow) -> bool {
    let Some(robot) = row.robot.as_ref().and_then(|id| history.robots.get(id)) else { return false };
    let tag = row.order().tag();
    let finished: BTreeSet<usize> = robot.truth.iter().filter_map(|truth| step_finished(&truth.what, tag)).collect();
    !row.steps.is_empty() && (0..row.steps.len()).all(|step| finished.contains(&step))
}

fn step_finished(deed: &Deed, tag: u64) -> Option<usize> {
    match deed {
        Deed::Finished { order, step, .. } if *order == tag => Some(usize::from(*step)),
        Deed::Finished { .. } | Deed::Begun { .. } | Deed::Moved { .. } | Deed::Crouch | Deed::Other => None,
    }
}

/// From the end of the cutting to the beginning of the mending, so that nothing counts that may have been connected.
fn cuts(history: &History, robot: &RobotId) -> Vec<(u64, u64)> {
    let restores: Vec<u64> = history.acts_on(robot, "restore", Phase::Before).map(|act| act.t_ms).collect();
    let end = |from: u64| restores.iter().copied().filter(|t_ms| *t_ms > from).min().unwrap_or(u64::MAX);
    history.acts_on(robot, "cut", Phase::After).map(|act| (act.t_ms, end(act.t_ms))).collect()
}

fn unrecorded(id: &RobotId, robot: &Robot) -> Vec<String> {
    let started: BTreeSet<(u64, u8, u64)> =
        robot.replica.journal.iter().filter_map(Kept::fact).filter_map(start).collect();
    let begun = robot.truth.iter().filter_map(|truth| match truth.what {
        Deed::Begun { order, step } => Some((order, step, truth.t_ms)),
        Deed::Moved { .. } | Deed::Finished { .. } | Deed::Crouch | Deed::Other => None,
    });
    // A walk to the safe point is no order: nobody waits for it, and nothing depends on its record.
    let ordered = begun.filter(|(tag, _, _)| *tag != robot_core::RETREAT_TAG);
    let missing =
        ordered.filter(|(tag, step, t_ms)| started.range((*tag, *step, 0)..=(*tag, *step, *t_ms)).next().is_none());
    missing
        .map(|(tag, step, t_ms)| {
            format!("{id} began step {step} of order {tag:016x} at {t_ms} ms, and its record has no start of it before")
        })
        .collect()
}

fn start((mono_ms, fact): (u64, Fact)) -> Option<(u64, u8, u64)> {
    match fact {
        Fact::StepStarted { order, step } => Some((order.tag(), step, mono_ms)),
        _ => None,
    }
}
