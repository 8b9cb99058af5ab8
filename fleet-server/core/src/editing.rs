//! What people and robots edit while they are apart: fields, last writer wins; notes, merged.
//!
//! Everything that is edited comes through here once, whoever wrote it: an operation of a person's outbox (`ops`) or an entry
//! of a robot's journal (`robots`). What became of it goes back to the writer behind what it changed.
//!
//! Leaves to others: whether an entry or an operation was taken before (`ingest`, `ops`), merging two notes (`shared::note`, in
//! a process of its own).

mod clock;
mod fields;
mod notes;
mod ops;
mod robots;
mod showing;
#[cfg(test)]
mod tests;

pub use notes::NoteView;
pub use ops::{OpAnswer, OpRow};

use crate::change::Loaded;
use clock::Writers;
use notes::Notes;
use ops::Outboxes;
use shared::field::Fields;
use shared::id::{RobotId, TaskId};
use shared::wire::fleet_to_robot::Row;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of edits.
#[derive(Debug, Default)]
pub struct Editing {
    fields: BTreeMap<TaskId, Fields>,
    writers: Writers,
    outboxes: Outboxes,
    notes: Notes,
    /// What the robots are told of their own edits at the end of the input, behind the rows that show them.
    settled: Vec<(RobotId, Row)>,
    /// Tasks whose fields somebody wrote in this input.
    written: BTreeSet<TaskId>,
    /// Notes that have changed in this input.
    noted: BTreeSet<TaskId>,
}

impl Editing {
    /// What the store gave back.
    pub fn new(loaded: &mut Loaded) -> Self {
        let mut editing = Self { notes: Notes::new(loaded), outboxes: Outboxes::new(loaded), ..Self::default() };
        for (task, written) in std::mem::take(&mut loaded.fields) {
            editing.writers.wrote(written.stamp);
            editing.fields.entry(task).or_default().take(written);
        }
        editing
    }

    /// Whether a contribution to a note waits that nobody was asked to merge.
    pub fn is_due(&self) -> bool {
        self.notes.is_due()
    }
}
