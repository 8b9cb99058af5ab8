//! Edits of fields and notes at the robot, and what the server's feed tells of them.

use super::{LocalEdit, Robot};
use crate::change::Change;
use crate::edits::{Part, Place};
use shared::checklist::{Content, Edit, difference};
use shared::fact::Fact;
use shared::id::TaskId;
use shared::refusal::Code;
use shared::task::TaskRow;
use shared::time::Instant;
use shared::wire::fleet_to_robot::Row;

/// A task as people at the robot see it: as the server told, with what was edited here and is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTask {
    /// Its fields.
    pub row: TaskRow,
    /// Its note.
    pub note: Content,
    /// How many edits of it the server has not settled.
    pub waiting: usize,
}

impl Robot {
    /// Edits a task, durably, and shows it.
    pub(super) fn edit_task(&mut self, name: &str, edit: LocalEdit, now: Instant) -> Result<ShownTask, Code> {
        let task = self.orders.find(name).ok_or(Code::NotFound)?.id;
        if let Some((fact, change)) = self.edited(task, edit, now)? {
            self.out.change(change);
            self.record(&fact, now);
        }
        let row = self.orders.row(task).ok_or(Code::NotFound)?;
        let (row, note) = (self.edits.overlaid(row), self.edits.content(task)?);
        Ok(ShownTask { row, note, waiting: self.edits.waiting(task) })
    }

    fn edited(&mut self, task: TaskId, edit: LocalEdit, now: Instant) -> Result<Option<(Fact, Change)>, Code> {
        let (place, at_ms) = (self.place(), self.recorder.wall(now).0);
        let is_same = |edit: &LocalEdit, text: &str| matches!(edit, LocalEdit::Text(new) if new == text);
        match edit {
            LocalEdit::Show => Ok(None),
            LocalEdit::Set(value) => self.edits.set(task, value, &place).map(Some),
            edit if is_same(&edit, &self.edits.content(task)?.text) => Ok(None),
            LocalEdit::Text(text) => self.edits.edit(task, |old| difference(old, &text), &place).map(Some),
            LocalEdit::Append(line) => {
                let append = |old: &str| difference(old, &if old.is_empty() { line } else { format!("{old}\n{line}") });
                self.edits.edit(task, append, &place).map(Some)
            }
            LocalEdit::Check { item, done } => {
                let check = Edit::Check { text: item, done, at_ms };
                self.edits.edit(task, |_| vec![check], &place).map(Some)
            }
        }
    }

    fn place(&self) -> Place {
        let chain = self.recorder.chain();
        let robot = self.identity.robot.as_str().to_owned();
        Place { robot, epoch: chain.epoch.0, cseq: chain.cseq + 1, hlc: self.recorder.hlc() }
    }

    /// A row about edits.
    pub(super) fn edit_row(&mut self, row: Row) {
        let changes = match row {
            Row::Note { task, rev, whole, part, of, bytes } => {
                vec![self.edits.note_row(task, Part { rev, whole, part, of, bytes: bytes.0 })]
            }
            Row::Settled { op, stamp, why: _ } => self.edits.settled(op, stamp),
            Row::Stamp { stamp } => self.edits.stamped(stamp).into_iter().collect(),
            Row::Task { .. } | Row::Revoke { .. } | Row::Endorsement { .. } => vec![],
        };
        changes.into_iter().for_each(|change| self.out.change(change));
    }

    pub(super) fn forget_note(&mut self, task: TaskId) {
        let forgotten = self.edits.forget(task);
        forgotten.into_iter().for_each(|change| self.out.change(change));
    }
}
