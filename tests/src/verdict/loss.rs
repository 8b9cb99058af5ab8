//! Does the server still have what it acknowledged?
//!
//! *Acked* are the journal entries at or below the robot's own watermarks: what the robot was told is safe and may be
//! forgotten. *Lost* is each of them that either side no longer has as it was written, each acknowledged fact whose
//! task has not felt it, each task that an import was told it had made, and each chain that does not hold.

use super::chain::broken_chains;
use super::history::{History, Kept, Phase, Replica};
use shared::fact::Fact;
use shared::id::{RobotId, TaskId};
use shared::journal::Lane;
use shared::task::{TaskRow, TaskState};
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::Mark;
use std::collections::{BTreeMap, BTreeSet};

/// How many entries were acknowledged.
#[must_use]
pub fn acked(history: &History) -> u64 {
    history.robots.values().flat_map(|robot| &robot.replica.acked).map(|mark| mark.seq).sum()
}

/// How many entries of the robots' current epochs still wait for their acknowledgement.
#[must_use]
pub fn unacked(history: &History) -> usize {
    history.robots.values().map(|robot| unacked_of(&robot.replica)).sum()
}

fn unacked_of(replica: &Replica) -> usize {
    let watermark = |lane| replica.acked.iter().find(|mark| mark.lane == lane).map_or(0, |mark| mark.seq);
    replica.journal.iter().filter(|kept| kept.epoch == replica.epoch && kept.lane_seq > watermark(kept.lane)).count()
}

/// One sentence for each thing that was acknowledged and is gone.
#[must_use]
pub fn lost(history: &History) -> Vec<String> {
    let mut lost = broken_chains(history);
    for (id, robot) in &history.robots {
        lost.extend(lost_entries(id, &robot.replica, history.facts_of(id)));
        lost.extend(lost_effects(id, &robot.replica, history));
    }
    lost.extend(lost_imports(history));
    lost
}

type Numbered<'a> = BTreeMap<(Lane, u64), &'a Kept>;

fn numbered<'a>(entries: &'a [Kept], replica: &Replica) -> Numbered<'a> {
    let current = entries.iter().filter(|kept| kept.epoch == replica.epoch);
    current.map(|kept| ((kept.lane, kept.lane_seq), kept)).collect()
}

fn lost_entries(robot: &RobotId, replica: &Replica, facts: &[Kept]) -> Vec<String> {
    let (own, theirs) = (numbered(&replica.journal, replica), numbered(facts, replica));
    let numbers = |mark: &Mark| (1..=mark.seq).map(|seq| (mark.lane, seq)).collect::<Vec<_>>();
    let entries = replica.acked.iter().flat_map(numbers);
    let mut lost: Vec<String> = entries
        .filter_map(|at| Some((at, why_lost(own.get(&at).copied(), theirs.get(&at).copied())?)))
        .map(|((lane, seq), why)| format!("{robot}, {} {seq} of {:?}: {why}", lane.as_str(), replica.epoch))
        .collect();
    let foreign = replica.acked.iter().filter(|mark| !names_its_entry(mark, &own));
    lost.extend(
        foreign.map(|mark| format!("{robot}: the mark at {} {} has another hash", mark.lane.as_str(), mark.seq)),
    );
    lost
}

fn why_lost(own: Option<&Kept>, theirs: Option<&Kept>) -> Option<&'static str> {
    match (own, theirs) {
        (None, _) => Some("it was acknowledged, and the robot does not have it"),
        (Some(_), None) => Some("it was acknowledged, and the server does not have it"),
        (Some(own), Some(theirs)) if own.hash != theirs.hash => Some("it was acknowledged, and the server has another"),
        (Some(_), Some(_)) => None,
    }
}

fn names_its_entry(mark: &Mark, own: &Numbered<'_>) -> bool {
    mark.seq == 0 || own.get(&(mark.lane, mark.seq)).is_none_or(|kept| kept.hash == mark.hash)
}

fn lost_effects(robot: &RobotId, replica: &Replica, history: &History) -> Vec<String> {
    let acknowledged = |kept: &&Kept| {
        let below = |mark: &Mark| mark.lane == kept.lane && kept.lane_seq <= mark.seq;
        kept.epoch == replica.epoch && replica.acked.iter().any(below)
    };
    let facts = replica.journal.iter().filter(acknowledged).filter_map(Kept::fact);
    facts.filter_map(|(_, fact)| lost_effect(robot, &fact, history)).collect()
}

fn lost_effect(robot: &RobotId, fact: &Fact, history: &History) -> Option<String> {
    let task = fact.order()?.task;
    let Some(bytes) = history.server.tasks.get(&task) else {
        return Some(format!("{robot} spoke of task {task}, was acknowledged, and the server does not have the task"));
    };
    let row: TaskRow = from_bytes(bytes).ok()?;
    let ignored = matches!(fact, Fact::Done { .. }) && row.state != TaskState::Done;
    ignored.then(|| format!("{robot} finished {}, was acknowledged, and the server has it {:?}", row.code(), row.state))
}

fn lost_imports(history: &History) -> Vec<String> {
    let there: BTreeSet<String> =
        history.server_rows().flat_map(|row| [row.id.to_string(), row.code()]).chain(unreadable(history)).collect();
    let imports = history.acts.iter().filter(|act| act.act == "import" && act.phase == Phase::After);
    let named = imports.flat_map(|act| &act.tasks);
    named.filter(|task| !there.contains(*task)).map(|task| format!("the import made {task}, which is gone")).collect()
}

/// Rows that cannot be decoded still stand under their key; what is wrong with them is told by `equality`.
fn unreadable(history: &History) -> impl Iterator<Item = String> {
    history.server.tasks.keys().map(TaskId::to_string)
}
