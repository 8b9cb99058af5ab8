//! Are all copies equal? Byte by byte, each robot's copy against the server's, and the server's copies among themselves.
//!
//! For each robot: its tasks are the newest feed rows, its cursor is the feed's head, the newest feed row of a task is
//! the task, every order it may have stands in its feed, and its acknowledged record is the one the server has. A feed
//! whose oldest rows the server has forgotten tells nothing of their tasks: those are compared with the task itself.

use super::history::{History, Kept, Replica, Server};
use shared::id::{RobotId, TaskId};
use shared::journal::Lane;
use shared::task::TaskRow;
use shared::wire::fleet_to_robot::Row;
use shared::wire::from_bytes;
use std::collections::{BTreeMap, BTreeSet};

/// One sentence for each difference.
#[must_use]
pub fn differences(history: &History) -> Vec<String> {
    let server = &history.server;
    let mut found = strangers(history);
    for (id, robot) in &history.robots {
        let of = |text: String| format!("{id}: {text}");
        found.extend(position(id, &robot.replica, server).into_iter().map(of));
        found.extend(tasks(id, &robot.replica, server).into_iter().map(of));
        found.extend(feed_is_current(id, &robot.replica, server).into_iter().map(of));
        found.extend(record(&robot.replica, history.facts_of(id)).into_iter().map(of));
    }
    found
}

fn strangers(history: &History) -> Vec<String> {
    let known = history.server.facts.keys().chain(history.server.feed.keys());
    let unknown: BTreeSet<&RobotId> = known.filter(|id| !history.robots.contains_key(*id)).collect();
    unknown.into_iter().map(|id| format!("the server knows {id}, of which no history is left")).collect()
}

fn position(id: &RobotId, replica: &Replica, server: &Server) -> Vec<String> {
    let head = server.feed.get(id).and_then(|feed| feed.last_key_value()).map_or(0, |(seq, _)| *seq);
    let mut found = Vec::new();
    if replica.cursor != head {
        found.push(format!("its cursor is {}, the feed's head {head}", replica.cursor));
    }
    if head > 0 && replica.server_epoch != server.epoch {
        found.push(format!(
            "it follows server epoch {:016x}, the server has {:016x}",
            replica.server_epoch, server.epoch
        ));
    }
    found
}

/// The newest row of each task in a robot's feed; a revoked task has none.
fn newest(id: &RobotId, server: &Server) -> BTreeMap<TaskId, (Vec<u8>, TaskRow)> {
    let mut newest = BTreeMap::new();
    for bytes in server.feed.get(id).into_iter().flat_map(BTreeMap::values) {
        match from_bytes(bytes) {
            Ok(Row::Task { row }) => drop(newest.insert(row.id, (bytes.clone(), row))),
            Ok(Row::Revoke { task }) => drop(newest.remove(&task)),
            Ok(Row::Endorsement { .. }) | Err(_) => {}
        }
    }
    newest
}

fn tasks(id: &RobotId, replica: &Replica, server: &Server) -> Vec<String> {
    let newest = newest(id, server);
    let every: BTreeSet<&TaskId> = newest.keys().chain(replica.tasks.keys()).collect();
    let mut found = Vec::new();
    for task in every {
        match (replica.tasks.get(task), newest.get(task)) {
            (Some(own), Some((fed, _))) if own == fed => {}
            (Some(_), Some((_, row))) => found.push(format!("its copy of {} is not the newest feed row", row.code())),
            (None, Some((_, row))) => found.push(format!("it does not have {}, which is in its feed", row.code())),
            (Some(own), None) if is_forgotten(id, server) && is_the_task(own, id, server) => {}
            (Some(_), None) => found.push(format!("it has task {task}, which is not in its feed")),
            (None, None) => unreachable!("the task comes from one of the two"),
        }
    }
    found
}

/// Whether rows of a robot's feed are gone: they are numbered from 1 without a hole, and the newest one stays.
fn is_forgotten(id: &RobotId, server: &Server) -> bool {
    let Some(feed) = server.feed.get(id) else { return false };
    feed.last_key_value().is_some_and(|(head, _)| *head > feed.len() as u64)
}

/// Whether a replica's row is the server's task, which was given to this robot.
fn is_the_task(own: &[u8], id: &RobotId, server: &Server) -> bool {
    let Ok(Row::Task { row }) = from_bytes(own) else { return false };
    let truth: Option<TaskRow> = server.tasks.get(&row.id).and_then(|bytes| from_bytes(bytes).ok());
    row.robot.as_ref() == Some(id) && truth.as_ref() == Some(&row)
}

fn feed_is_current(id: &RobotId, replica: &Replica, server: &Server) -> Vec<String> {
    let newest = newest(id, server);
    let mut found: Vec<String> = newest.values().filter_map(|(_, fed)| stale(fed, server)).collect();
    let rows = server.tasks.iter().map(|(task, bytes)| (task, from_bytes::<TaskRow>(bytes)));
    for (task, row) in rows {
        match row {
            Ok(row) if row.state.may_be_on_robot() && row.robot.as_ref() == Some(id) && !newest.contains_key(task) => {
                if !(is_forgotten(id, server) && replica.tasks.contains_key(task)) {
                    found.push(format!("{} was given to it, and is not in its feed", row.code()));
                }
            }
            Ok(_) => {}
            Err(error) => found.push(format!("the server's row of task {task} cannot be read: {error}")),
        }
    }
    found
}

fn stale(fed: &TaskRow, server: &Server) -> Option<String> {
    let truth: Option<TaskRow> = server.tasks.get(&fed.id).and_then(|bytes| from_bytes(bytes).ok());
    match truth {
        Some(truth) if truth == *fed => None,
        Some(truth) => Some(format!("its feed has {} {:?}, the server {:?}", fed.code(), fed.state, truth.state)),
        None => Some(format!("its feed has {}, the server does not", fed.code())),
    }
}

fn record(replica: &Replica, facts: &[Kept]) -> Vec<String> {
    let key = |kept: &Kept| (kept.lane, kept.lane_seq);
    let own: BTreeMap<(Lane, u64), &Kept> =
        replica.journal.iter().filter(|kept| kept.epoch == replica.epoch).map(|kept| (key(kept), kept)).collect();
    let theirs = facts.iter().filter(|kept| kept.epoch == replica.epoch);
    let mut found = Vec::new();
    let mut count = BTreeMap::new();
    for fact in theirs {
        *count.entry(fact.lane).or_insert(0_u64) += 1;
        if own.get(&key(fact)).is_none_or(|kept| *kept != fact) {
            found.push(format!("the server's {} is not the one in its journal", fact.name()));
        }
    }
    for mark in &replica.acked {
        let has = count.get(&mark.lane).copied().unwrap_or(0);
        if has < mark.seq {
            found.push(format!("the server has {has} of {} acknowledged {} entries", mark.seq, mark.lane.as_str()));
        }
    }
    found
}
