//! What robots are sent of notes and of edits: only those who said that they know them, only of the tasks that they may see.

use crate::change::{Change, FeedRow};
use crate::fleet::Fleet;
use shared::contribution::Blob;
use shared::field::Written;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::note_log::NoteLog;
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::Row;
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes of a note in one row, so that the row fits a message with its envelope.
const PART_LEN_MAX: usize = 32 * 1024;

impl Fleet {
    /// Puts into the feeds what was edited in this input; `robots` are those whose tasks have changed. Returns whose feeds
    /// have grown.
    pub(crate) fn show_edits(&mut self, mut robots: BTreeSet<RobotId>) -> BTreeSet<RobotId> {
        for task in std::mem::take(&mut self.editing.noted) {
            robots.extend(self.tasks.get(task).and_then(|task| task.given_to.clone()));
        }
        for robot in robots.clone() {
            self.show_notes(&robot);
        }
        let written = std::mem::take(&mut self.editing.written);
        self.show_stamps(&written);
        for (robot, row) in std::mem::take(&mut self.editing.settled) {
            self.feed_row(&robot, &row);
            robots.insert(robot);
        }
        robots
    }

    /// Puts every note that a robot may see and has not been shown into its feed, and forgets those it may see no more.
    pub(crate) fn show_notes(&mut self, robot: &RobotId) {
        if !self.roster.abilities(robot).has(Abilities::NOTES) {
            return;
        }
        let feed = self.feeds.of(robot);
        for task in feed.drop_hidden_notes() {
            self.round.change(Change::NoteShown { robot: robot.clone(), task, rev: 0 });
        }
        let feed = self.feeds.of(robot);
        let seen: Vec<TaskId> = self.editing.notes.tasks().filter(|task| feed.shows(*task)).collect();
        seen.into_iter().for_each(|task| self.show_note(robot, task));
    }

    fn show_note(&mut self, robot: &RobotId, task: TaskId) {
        let Some(log) = self.editing.notes.log(task) else { return };
        let (rev, shown) = (log.rev, self.feeds.of(robot).note_shown(task));
        if shown == rev {
            return;
        }
        for row in note_rows(task, log, shown) {
            self.feed_row(robot, &row);
        }
        self.set_note_shown(robot, task, rev);
    }

    fn set_note_shown(&mut self, robot: &RobotId, task: TaskId, rev: u64) {
        self.feeds.of(robot).set_note_shown(task, rev);
        self.round.change(Change::NoteShown { robot: robot.clone(), task, rev });
    }

    /// Every note that a robot may see, whole, as rows of a snapshot; they count as shown.
    pub(crate) fn notes_for_snapshot(&mut self, robot: &RobotId) -> Vec<Row> {
        if !self.roster.abilities(robot).has(Abilities::NOTES) {
            return vec![];
        }
        let shown = self.feeds.of(robot).shown().clone();
        let notes = shown.into_iter().filter_map(|task| Some((task, self.editing.notes.log(task)?.clone())));
        let notes: Vec<(TaskId, NoteLog)> = notes.collect();
        notes.iter().for_each(|(task, log)| self.set_note_shown(robot, *task, log.rev));
        notes.iter().flat_map(|(task, log)| note_rows(*task, log, 0)).collect()
    }

    /// Tells each who has some of the tasks how late the newest write in them is: one row, however many were written.
    fn show_stamps(&mut self, written: &BTreeSet<TaskId>) {
        let mut newest: BTreeMap<RobotId, Hlc> = BTreeMap::new();
        for (robot, stamp) in written.iter().filter_map(|task| self.newest_shown(*task)) {
            let known = newest.entry(robot).or_default();
            *known = known.seen(stamp);
        }
        newest.into_iter().for_each(|(robot, stamp)| self.feed_row(&robot, &Row::Stamp { stamp }));
    }

    /// Who sees a task's fields, and the stamp of the newest write in them.
    fn newest_shown(&self, task: TaskId) -> Option<(RobotId, Hlc)> {
        let stamp = self.editing.fields.get(&task)?.iter().map(|written: &Written| written.stamp.hlc).max()?;
        let robot = self.tasks.get(task)?.given_to.clone()?;
        let sees = self.feeds.get(&robot)?.shows(task) && self.roster.abilities(&robot).has(Abilities::NOTES);
        sees.then_some((robot, stamp))
    }

    fn feed_row(&mut self, robot: &RobotId, row: &Row) {
        let row: FeedRow = self.feeds.append(robot.clone(), row);
        self.round.robot_changed(robot);
        self.round.change(Change::FeedRow(row));
    }
}

/// The rows that bring a replica from revision `shown` to the newest; from 0, or from before the last folding, the whole.
fn note_rows(task: TaskId, log: &NoteLog, shown: u64) -> Vec<Row> {
    let parts: Vec<&[u8]> = log.parts().collect();
    let first = log.rev + 1 - parts.len() as u64;
    let known = if shown >= first { usize::try_from(shown + 1 - first).unwrap_or(parts.len()) } else { 0 };
    let numbered = (first..).zip(&parts).skip(known);
    numbered.flat_map(|(rev, bytes)| rows_of(task, rev, known == 0 && rev == first, bytes)).collect()
}

fn rows_of(task: TaskId, rev: u64, whole: bool, bytes: &[u8]) -> Vec<Row> {
    let of = u32::try_from(bytes.len().div_ceil(PART_LEN_MAX)).expect("a note has a few parts");
    let row = |(part, bytes): (u32, &[u8])| Row::Note { task, rev, whole, part, of, bytes: Blob(bytes.to_vec()) };
    (0..).zip(bytes.chunks(PART_LEN_MAX)).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::task_id;

    fn told(log: &NoteLog, shown: u64) -> Vec<(u64, bool, u32, u32)> {
        let about = |row: &Row| match row {
            Row::Note { rev, whole, part, of, .. } => Some((*rev, *whole, *part, *of)),
            Row::Task { .. }
            | Row::Revoke { .. }
            | Row::Endorsement { .. }
            | Row::Settled { .. }
            | Row::Stamp { .. } => None,
        };
        note_rows(task_id(1), log, shown).iter().filter_map(about).collect()
    }

    #[test]
    fn a_replica_is_sent_what_it_lacks_and_the_whole_where_that_is_gone() {
        let mut log = NoteLog::default();
        let append = |log: &mut NoteLog| {
            log.append(vec![1], &[9]);
        };
        (0..3).for_each(|_| append(&mut log));
        assert_eq!(told(&log, 0), [(1, true, 0, 1), (2, false, 0, 1), (3, false, 0, 1)]);
        assert_eq!(told(&log, 2), [(3, false, 0, 1)]);
        (0..63).for_each(|_| append(&mut log));
        assert_eq!((log.rev, log.updates.len()), (66, 2));
        assert_eq!(told(&log, 2), [(64, true, 0, 1), (65, false, 0, 1), (66, false, 0, 1)]);
        assert_eq!(told(&log, 64), [(65, false, 0, 1), (66, false, 0, 1)]);
        assert_eq!(told(&log, 66), []);
        let long = NoteLog { rev: 7, snapshot: vec![0; 2 * PART_LEN_MAX + 1], updates: vec![] };
        assert_eq!(told(&long, 3), [(7, true, 0, 3), (7, true, 1, 3), (7, true, 2, 3)]);
    }
}
