//! What readers see: an immutable picture of the fleet, published by the writer after each commit.
//!
//! Readers never touch the machine that decides. They hold a picture, and it is true of what is on disk.

mod selection;

pub use selection::{Selection, Sort};

use fleet_core::Fleet;
use shared::checklist::Content;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::seal::PublicKey;
use shared::task::TaskRow;
use shared::time::Instant;
use shared::wire::robot_to_fleet::{Connection, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A picture of the whole fleet.
#[derive(Clone, Debug)]
pub struct View {
    /// Rises with every change, within one process.
    pub rev: u64,
    /// The life of the server's database.
    pub server_epoch: u64,
    /// Every robot of the roster.
    pub robots: BTreeMap<RobotId, Arc<RobotView>>,
    /// Every task.
    pub tasks: BTreeMap<TaskId, Arc<TaskRow>>,
    /// Every note.
    pub notes: BTreeMap<TaskId, Arc<NoteCopy>>,
    /// In which revision a task or its note changed last; nothing for those that have not within this process.
    pub changed: BTreeMap<TaskId, u64>,
    /// The newest stamp of a field that was given out.
    pub stamp: Hlc,
}

/// A note, to be read and to be edited upon.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteCopy {
    /// Rises with each change.
    pub rev: u64,
    /// What it says.
    pub content: Content,
    /// The parts that together are the note.
    pub parts: Vec<Vec<u8>>,
}

/// What is known of one robot. How true it still is depends on the age of `heard_at`.
#[derive(Clone, Debug, PartialEq)]
pub struct RobotView {
    /// Its name.
    pub id: RobotId,
    /// The key that the roster names for it.
    pub key: PublicKey,
    /// When its newest state arrived, on the server's monotonic clock.
    pub heard_at: Option<Instant>,
    /// Its newest state.
    pub state: Option<State>,
    /// Its connection word.
    pub connection: Option<Connection>,
    /// The newest row of its feed.
    pub feed_head: u64,
    /// The newest row that it is known to have applied.
    pub applied: Option<u64>,
    /// How far its calendar is ahead of the server's, in milliseconds, and whether that is suspect.
    pub clock_skew: Option<(i64, bool)>,
}

/// What changed from one picture to the next.
#[derive(Clone, Debug)]
pub struct Delta {
    /// The revision of the picture after it.
    pub rev: u64,
    /// Robots as they are now.
    pub robots: Vec<Arc<RobotView>>,
    /// Tasks as they are now.
    pub tasks: Vec<Arc<TaskRow>>,
}

impl View {
    /// A picture of everything.
    #[must_use]
    pub fn of(fleet: &Fleet, rev: u64) -> Self {
        let robots = fleet.robots().filter_map(|id| Some((id.clone(), robot_view(fleet, id)?))).collect();
        let tasks = fleet.tasks().map(|row| (row.id, Arc::new(row.clone()))).collect();
        let notes = fleet.tasks().filter_map(|row| Some((row.id, note_copy(fleet, row.id)?))).collect();
        let (changed, stamp) = (BTreeMap::new(), fleet.newest_stamp());
        Self { rev, server_epoch: fleet.server_epoch(), robots, tasks, notes, changed, stamp }
    }

    /// The tasks that a reader wants, in the order in which they are wanted.
    #[must_use]
    pub fn select(&self, wanted: &Selection) -> Vec<&TaskRow> {
        let mut rows: Vec<&TaskRow> = self.tasks.values().map(|row| &**row).filter(|row| wanted.takes(row)).collect();
        rows.sort_unstable_by_key(|row| wanted.sort.key(row));
        rows
    }

    /// Takes the named robots and tasks over from the fleet and says what changed.
    pub fn refresh(&mut self, fleet: &Fleet, robots: &BTreeSet<RobotId>, tasks: &BTreeSet<TaskId>) -> Delta {
        self.rev += 1;
        self.stamp = fleet.newest_stamp();
        self.changed.extend(tasks.iter().map(|task| (*task, self.rev)));
        self.notes.extend(tasks.iter().filter_map(|task| Some((*task, note_copy(fleet, *task)?))));
        let robots: Vec<_> = robots.iter().filter_map(|id| robot_view(fleet, id)).collect();
        let tasks: Vec<_> = tasks.iter().filter_map(|id| fleet.task(*id).cloned().map(Arc::new)).collect();
        self.robots.extend(robots.iter().map(|robot| (robot.id.clone(), robot.clone())));
        self.tasks.extend(tasks.iter().map(|task| (task.id, task.clone())));
        Delta { rev: self.rev, robots, tasks }
    }
}

fn note_copy(fleet: &Fleet, task: TaskId) -> Option<Arc<NoteCopy>> {
    let note = fleet.note(task)?;
    let parts = note.parts.iter().map(|part| part.to_vec()).collect();
    Some(Arc::new(NoteCopy { rev: note.rev, content: note.content.clone(), parts }))
}

fn robot_view(fleet: &Fleet, id: &RobotId) -> Option<Arc<RobotView>> {
    let entry = fleet.robot(id)?;
    let (feed_head, applied) = fleet.feed_position(id);
    Some(Arc::new(RobotView {
        id: id.clone(),
        key: *entry.key(),
        heard_at: entry.heard_at(),
        state: entry.state().map(|(state, _)| state.clone()),
        connection: entry.connection(),
        feed_head,
        applied,
        clock_skew: fleet.clock_skew(id),
    }))
}
