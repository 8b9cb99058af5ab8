//! Each robot's numbered rows, and how far it has applied them.
//!
//! One message is under way to a robot at a time; the next follows its answer, and without an answer the rows after the
//! last applied one are sent again while the robot is heard. Numbers never have holes.
//!
//! The rows stand in the store; the newest of each robot stay here, older ones are read back when a robot lacks them. A
//! robot that announced snapshots gets one where that is shorter, or where the rows are gone: what it has applied, or
//! what is older than thirty days, is forgotten. The feed of a robot that did not announce them is never forgotten.
//!
//! Leaves to others: which task a robot may see (`fleet`), whether the robot is heard (`roster`), reading rows (`store`).

mod age;
mod replica;
mod sending;
#[cfg(test)]
mod tests;

pub use replica::{Next, RobotFeed};
pub use sending::name as snapshot_name;

use crate::change::{FeedEnds, FeedRow, ForgottenRow, TaskRecord};
use shared::id::{RobotId, TaskId};
use shared::task::TaskState;
use shared::time::{Instant, Millis, WallTime};
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{Row, RowBytes};
use shared::wire::to_bytes;
use std::collections::BTreeMap;

/// How long a message may stay unanswered before it is sent again.
const RESEND: Millis = Millis::secs(2);
/// Most bytes of rows in a message, so that with its envelope it stays below the payload limit.
const ROWS_LEN_MAX: usize = 48 * 1024;
/// Most rows in a message, and most rows of a robot that stay in memory.
pub const ROWS_MAX: usize = 256;

/// The feeds of all robots.
#[derive(Debug, Default)]
pub struct Feeds {
    feeds: BTreeMap<RobotId, RobotFeed>,
    wall: WallTime,
}

/// What the store gives back of the feeds.
#[derive(Debug, Default)]
pub struct Kept {
    /// The oldest and the newest row of each feed; from the rows where nothing is said.
    pub ends: Vec<FeedEnds>,
    /// The newest row of every kind but tasks, and all that tell what became of edits.
    pub pinned: Vec<FeedRow>,
    /// The newest rows.
    pub tail: Vec<FeedRow>,
    /// When some rows were made.
    pub made: Vec<(RobotId, u64, WallTime)>,
    /// Up to which revision notes stand in them.
    pub notes_shown: Vec<(RobotId, TaskId, u64)>,
}

impl Feeds {
    /// What the store gave back; nothing is known of what the robots have applied.
    pub fn new<'a>(kept: Kept, tasks: impl IntoIterator<Item = &'a TaskRecord>) -> Self {
        let mut feeds = Self::default();
        kept.ends.into_iter().for_each(|ends| feeds.of(&ends.robot).set_ends(ends.first, ends.head));
        for FeedRow { robot, seq, row, made: _ } in kept.pinned {
            let (feed, row) = (feeds.of(&robot), RowBytes(row));
            feed.pin(&row);
            feed.keep_settled(seq, &row);
        }
        kept.made.into_iter().for_each(|(robot, seq, wall)| feeds.of(&robot).note_age(seq, wall));
        for FeedRow { robot, seq, row, made: _ } in kept.tail {
            feeds.of(&robot).insert(seq, RowBytes(row));
        }
        for task in tasks {
            let holder = task.given_to.as_ref().filter(|holder| has_order(task, holder));
            holder.into_iter().for_each(|holder| feeds.of(holder).set_shown(task.row.id));
        }
        kept.notes_shown.into_iter().for_each(|(robot, task, rev)| feeds.of(&robot).set_note_shown(task, rev));
        feeds
    }

    /// What the calendar says now: new rows are labelled with it, and old ones are forgotten by it.
    pub const fn set_wall(&mut self, wall: WallTime) {
        self.wall = wall;
    }

    /// The feed of a robot, begun if there is none.
    pub fn of(&mut self, robot: &RobotId) -> &mut RobotFeed {
        self.feeds.entry(robot.clone()).or_default()
    }

    /// The feed of a robot, if it has one.
    pub fn get(&self, robot: &RobotId) -> Option<&RobotFeed> {
        self.feeds.get(robot)
    }

    /// Adds the rows that a changed task means: its new content for the robot that has its order, and its end for every
    /// other robot that saw it.
    pub fn show(&mut self, task: &TaskRecord) -> Vec<FeedRow> {
        let holder = task.given_to.as_ref().filter(|holder| has_order(task, holder)).cloned();
        let others =
            self.feeds.iter().filter(|(robot, feed)| holder.as_ref() != Some(robot) && feed.shows(task.row.id));
        let others: Vec<RobotId> = others.map(|(robot, _)| robot.clone()).collect();
        let revoked = others.into_iter().map(|robot| (robot, Row::Revoke { task: task.row.id }));
        let shown = holder.map(|robot| (robot, Row::Task { row: task.row.clone() }));
        let rows: Vec<(RobotId, Row)> = revoked.chain(shown).collect();
        rows.into_iter().map(|(robot, row)| self.append(robot, &row)).collect()
    }

    /// Adds a row to a robot's feed.
    pub fn append(&mut self, robot: RobotId, row: &Row) -> FeedRow {
        let wall = self.wall;
        let feed = self.of(&robot);
        let seq = feed.head() + 1;
        let bytes = to_bytes(row);
        feed.append(seq, RowBytes(bytes.clone()), wall);
        FeedRow { robot, seq, row: bytes, made: wall }
    }

    /// Forgets the rows that a robot's replica has or that are too old, if it can do without them.
    pub fn forget(&mut self, robot: &RobotId, can: Abilities) -> Option<ForgottenRow> {
        let wall = self.wall;
        let up_to = self.feeds.get_mut(robot).filter(|_| can.has(Abilities::SNAPSHOTS))?.forget(wall)?;
        Some(ForgottenRow { robot: robot.clone(), up_to })
    }

    /// When a message to some robot is due again; `heard_until` tells until when a robot counts as heard.
    pub fn poll_timeout(&self, heard_until: impl Fn(&RobotId) -> Option<Instant>) -> Option<Instant> {
        self.deadlines(heard_until).map(|(at, _)| at).min()
    }

    /// The robots whose message is due again by `now`: exactly those whose deadline was told.
    pub fn due(&self, now: Instant, heard_until: impl Fn(&RobotId) -> Option<Instant>) -> Vec<RobotId> {
        self.deadlines(heard_until).filter(|(at, _)| *at <= now).map(|(_, robot)| robot.clone()).collect()
    }

    fn deadlines<F>(&self, heard_until: F) -> impl Iterator<Item = (Instant, &RobotId)>
    where
        F: Fn(&RobotId) -> Option<Instant>,
    {
        self.feeds.iter().filter_map(move |(robot, feed)| {
            let at = feed.due_at()?;
            heard_until(robot).is_some_and(|until| until >= at).then_some((at, robot))
        })
    }
}

fn has_order(task: &TaskRecord, robot: &RobotId) -> bool {
    task.row.robot.as_ref() == Some(robot) && task.row.state != TaskState::Assigned
}
