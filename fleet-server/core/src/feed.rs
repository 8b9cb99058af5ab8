//! Each robot's numbered rows, and how far it has applied them.
//!
//! One message is under way to a robot at a time; the next follows its answer, and without an answer the rows after the
//! last applied one are sent again while the robot is heard. Numbers never have holes.
//!
//! Leaves to others: which task a robot may see (`fleet`), whether the robot is heard (`roster`).

use crate::change::{FeedRow, TaskRecord};
use shared::beacon::Endorsement;
use shared::id::{RobotId, TaskId};
use shared::task::TaskState;
use shared::time::{Instant, Millis};
use shared::wire::fleet_to_robot::{Feed, Row, RowBytes};
use shared::wire::{from_bytes, to_bytes};
use std::collections::{BTreeMap, BTreeSet};

/// How long a message may stay unanswered before it is sent again.
const RESEND: Millis = Millis::secs(2);
/// Most bytes of rows in a message, so that with its envelope it stays below the payload limit.
const ROWS_LEN_MAX: usize = 48 * 1024;
/// Most rows in a message.
const ROWS_MAX: usize = 256;

/// The feeds of all robots.
#[derive(Debug, Default)]
pub struct Feeds {
    feeds: BTreeMap<RobotId, RobotFeed>,
}

/// One robot's rows and the conversation about them.
#[derive(Debug, Default)]
pub struct RobotFeed {
    rows: BTreeMap<u64, RowBytes>,
    shown: BTreeSet<TaskId>,
    endorsement: Option<(u64, Endorsement)>,
    applied: Option<u64>,
    sent: Option<Sent>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    up_to: u64,
    at: Instant,
}

impl Feeds {
    /// The rows that the store gave back; nothing is known of what the robots have applied.
    pub fn new(rows: Vec<FeedRow>) -> Self {
        let mut feeds = Self::default();
        for FeedRow { robot, seq, row } in rows {
            feeds.of(&robot).insert(seq, RowBytes(row));
        }
        feeds
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
        let feed = self.of(&robot);
        let seq = feed.head() + 1;
        let bytes = to_bytes(row);
        feed.insert(seq, RowBytes(bytes.clone()));
        FeedRow { robot, seq, row: bytes }
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
            let at = feed.resend_at()?;
            heard_until(robot).is_some_and(|until| until >= at).then_some((at, robot))
        })
    }
}

fn has_order(task: &TaskRecord, robot: &RobotId) -> bool {
    task.row.robot.as_ref() == Some(robot) && task.row.state != TaskState::Assigned
}

impl RobotFeed {
    /// Number of the newest row; 0 when there is none.
    pub fn head(&self) -> u64 {
        self.rows.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    /// The newest endorsement in it.
    pub fn endorsement(&self) -> Option<&Endorsement> {
        self.endorsement.as_ref().map(|(_, endorsement)| endorsement)
    }

    /// The newest row that the robot is known to have applied.
    pub const fn applied(&self) -> Option<u64> {
        self.applied
    }

    /// The robot says where it is, from the beginning of a conversation.
    pub fn begin_after(&mut self, cursor: u64) {
        self.applied = Some(cursor.min(self.head()));
        self.sent = None;
    }

    /// The robot says how far it has applied. Returns whether that is news.
    pub fn applied_up_to(&mut self, cursor: u64) -> bool {
        let is_news = cursor <= self.head() && self.applied.is_none_or(|applied| cursor > applied);
        if is_news {
            self.applied = Some(cursor);
            self.sent = None;
        }
        is_news
    }

    /// The message that should go out now, if any; marks it as sent.
    pub fn next_message(&mut self, server_epoch: u64, now: Instant) -> Option<Feed> {
        let from = self.applied?;
        let waits = self.resend_at().is_some_and(|at| at > now);
        if waits || from >= self.head() {
            return None;
        }
        let rows = self.rows_after(from);
        self.sent = Some(Sent { up_to: from + rows.len() as u64, at: now });
        Some(Feed { server_epoch, from, rows })
    }

    fn rows_after(&self, from: u64) -> Vec<RowBytes> {
        let mut room = ROWS_LEN_MAX;
        let fits = |row: &&RowBytes| {
            let fits = row.0.len() <= room;
            room = room.saturating_sub(row.0.len());
            fits
        };
        self.rows.range(from + 1..).map(|(_, row)| row).take(ROWS_MAX).take_while(fits).cloned().collect()
    }

    fn resend_at(&self) -> Option<Instant> {
        let sent = self.sent.filter(|sent| self.applied.is_none_or(|applied| applied < sent.up_to))?;
        Some(sent.at + RESEND)
    }

    fn shows(&self, task: TaskId) -> bool {
        self.shown.contains(&task)
    }

    fn insert(&mut self, seq: u64, bytes: RowBytes) {
        match from_bytes(&bytes.0) {
            Ok(Row::Task { row }) => self.shown.insert(row.id),
            Ok(Row::Revoke { task }) => self.shown.remove(&task),
            Ok(Row::Endorsement { pack }) => self.endorse(seq, &pack),
            // A row that a newer server wrote: it travels as it is.
            Err(_) => false,
        };
        self.rows.insert(seq, bytes);
    }

    /// Rows may come in any order; the one with the highest number is the newest. Returns whether it is this one.
    fn endorse(&mut self, seq: u64, pack: &[u8]) -> bool {
        let is_newer = self.endorsement.as_ref().is_none_or(|(newest, _)| seq > *newest);
        if is_newer {
            self.endorsement = Endorsement::read(pack).ok().map(|endorsement| (seq, endorsement));
        }
        is_newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{given, robot, row};
    use shared::task::TaskRow;

    fn feeds_with(count: u8) -> Feeds {
        let mut feeds = Feeds::default();
        (1..=count).for_each(|number| drop(feeds.show(&given(row(number), "r-1"))));
        feeds
    }

    #[test]
    fn rows_go_out_once_until_they_are_applied_or_two_seconds_have_passed() {
        let mut feeds = feeds_with(3);
        let feed = feeds.of(&robot("r-1"));
        assert_eq!(feed.next_message(7, Instant(0)), None);
        feed.begin_after(1);
        let message = feed.next_message(7, Instant(0)).unwrap();
        assert_eq!((message.from, message.rows.len(), message.server_epoch), (1, 2, 7));
        assert_eq!(feed.next_message(7, Instant(1999)), None);
        assert_eq!(feed.next_message(7, Instant(2000)), Some(message));
        assert!(feed.applied_up_to(3));
        assert!(!feed.applied_up_to(3));
        assert_eq!(feed.next_message(7, Instant(9000)), None);
    }

    #[test]
    fn a_cursor_beyond_the_head_is_not_believed() {
        let mut feeds = feeds_with(2);
        let feed = feeds.of(&robot("r-1"));
        feed.begin_after(0);
        assert!(!feed.applied_up_to(3));
        assert_eq!(feed.applied(), Some(0));
    }

    #[test]
    fn the_deadline_is_told_only_while_the_robot_is_heard() {
        let mut feeds = feeds_with(1);
        feeds.of(&robot("r-1")).begin_after(0);
        feeds.of(&robot("r-1")).next_message(7, Instant(100));
        assert_eq!(feeds.poll_timeout(|_| Some(Instant(9000))), Some(Instant(2100)));
        assert_eq!(feeds.poll_timeout(|_| Some(Instant(2000))), None);
        assert_eq!(feeds.poll_timeout(|_| None), None);
    }

    #[test]
    fn a_task_taken_from_a_robot_is_revoked_and_one_on_paper_is_not_shown() {
        let mut feeds = feeds_with(1);
        let back = TaskRow { robot: None, state: TaskState::Queued, ..row(1) };
        let rows = feeds.show(&TaskRecord { row: back, given_to: Some(robot("r-1")) });
        assert_eq!(rows.len(), 1);
        assert_eq!(from_bytes::<Row>(&rows[0].row).unwrap(), Row::Revoke { task: row(1).id });
        let paper = TaskRow { robot: Some(robot("r-1")), state: TaskState::Assigned, ..row(1) };
        assert_eq!(feeds.show(&TaskRecord { row: paper, given_to: Some(robot("r-1")) }), vec![]);
    }

    #[test]
    fn a_long_feed_is_cut_into_messages_that_fit() {
        let mut feeds = Feeds::default();
        for number in 1..=200 {
            let wide = TaskRow { title: "x".repeat(800), ..row(number) };
            feeds.show(&given(wide, "r-1"));
        }
        let feed = feeds.of(&robot("r-1"));
        feed.begin_after(0);
        let message = feed.next_message(7, Instant(0)).unwrap();
        assert!(message.rows.len() < 200 && to_bytes(&message).len() < 50 * 1024);
    }
}
