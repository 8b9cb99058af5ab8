//! What people at this robot, or the robot itself, edit of the tasks it has: fields and notes, also out of reach.
//!
//! An edit is an entry of the journal like any other. Until the server's feed has told what became of it, it lies over what
//! the feed has brought: nobody sees their own words appear and vanish.
//!
//! Leaves to others: writing the entry (`recorder`), the tasks themselves (`orders`).

mod note_copy;

pub use note_copy::Part;

use crate::change::{Change, PendingEdit};
use note_copy::NoteCopy;
use shared::checklist::{Content, Edit};
use shared::contribution::{Blob, NoteWrite};
use shared::fact::Fact;
use shared::field::{FieldValue, FieldWrite, OpId, check};
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::note::Note;
use shared::note_log::KeptNote;
use shared::refusal::Code;
use shared::task::TaskRow;
use shared::wire::to_bytes;
use std::collections::BTreeMap;

/// Most edits that may wait.
const PENDING_MAX: usize = 10_000;

/// Where in the journal an edit will stand: with its content, what names it.
#[derive(Clone, Debug)]
pub struct Place {
    /// This robot.
    pub robot: String,
    /// The life of its database.
    pub epoch: u64,
    /// The next number of the chain.
    pub cseq: u64,
    /// The newest stamp.
    pub hlc: Hlc,
}

/// Notes, and edits that were not settled.
#[derive(Debug)]
pub struct Edits {
    pending: BTreeMap<u64, Fact>,
    notes: BTreeMap<TaskId, NoteCopy>,
    seen: Hlc,
    next: u64,
}

impl Edits {
    /// What the replica gave back.
    pub fn new(pending: Vec<PendingEdit>, notes: Vec<(TaskId, KeptNote)>, seen: Hlc) -> Self {
        let next = pending.last().map_or(1, |edit| edit.number + 1);
        let pending = pending.into_iter().map(|edit| (edit.number, edit.fact)).collect();
        let notes = notes.into_iter().map(|(task, kept)| (task, NoteCopy::of(kept))).collect();
        Self { pending, notes, seen, next }
    }

    // ---- writing

    /// Writes a field of a task that this robot has.
    ///
    /// # Errors
    /// [`Code::BadBody`] for a value that no task has; [`Code::StorageFull`] when too many edits wait.
    pub fn set(&mut self, task: TaskId, value: FieldValue, place: &Place) -> Result<(Fact, Change), Code> {
        check(&value).map_err(|_| Code::BadBody)?;
        let op = place.op(&[task.bytes().as_slice(), &to_bytes(&value)].concat());
        self.keep(Fact::FieldWritten { write: FieldWrite { op, task, value, seen: self.seen } })
    }

    /// Edits the note of a task that this robot has. `edits` makes them of the text as it stands.
    ///
    /// # Errors
    /// Why the note does not take them.
    pub fn edit(
        &mut self,
        task: TaskId,
        edits: impl FnOnce(&str) -> Vec<Edit>,
        place: &Place,
    ) -> Result<(Fact, Change), Code> {
        let edits = edits(&self.content(task)?.text);
        let op = place.op(&[task.bytes().as_slice(), &to_bytes(&edits)].concat());
        let update = self.open(task, op)?.edit(&edits).map_err(|bad| bad.code())?;
        self.keep(Fact::NoteUpdate { write: NoteWrite { op, task, update: Blob(update) } })
    }

    fn keep(&mut self, fact: Fact) -> Result<(Fact, Change), Code> {
        if self.pending.len() >= PENDING_MAX {
            return Err(Code::StorageFull);
        }
        let number = self.next;
        self.next += 1;
        self.pending.insert(number, fact.clone());
        let edit = PendingEdit { number, fact: fact.clone() };
        Ok((fact, Change::Edit(Box::new(edit))))
    }

    // ---- reading

    /// A task as people here see it: as the server told, with what was not settled over it.
    pub fn overlaid(&self, row: &TaskRow) -> TaskRow {
        let mut shown = row.clone();
        let writes = self.pending.values().filter_map(field_write).filter(|write| write.task == row.id);
        writes.for_each(|write| write.value.show_in(&mut shown));
        shown
    }

    /// How many edits of a task are not settled.
    pub fn waiting(&self, task: TaskId) -> usize {
        self.pending.values().filter(|fact| task_of(fact) == Some(task)).count()
    }

    /// What a task's note says here.
    ///
    /// # Errors
    /// [`Code::BadNote`] when its bytes are none.
    pub fn content(&self, task: TaskId) -> Result<Content, Code> {
        self.open(task, OpId::default()).map(|note| note.content())
    }

    /// The note with our own words. One of ours that does not fit any more rests on another that the server refused: the
    /// server refuses it too, and until it has said so it is left out.
    fn open(&self, task: TaskId, op: OpId) -> Result<Note, Code> {
        let known: Vec<&[u8]> = self.notes.get(&task).into_iter().flat_map(NoteCopy::parts).collect();
        let own = self.pending.values().filter_map(note_write).filter(|write| write.task == task);
        let own: Vec<&[u8]> = own.map(|write| write.update.0.as_slice()).collect();
        if let Ok(note) = Note::open(known.iter().chain(&own).copied(), op) {
            return Ok(note);
        }
        let mut fitting = known;
        for update in own {
            let fits = Note::open(fitting.iter().copied().chain([update]), op).is_ok();
            fitting.extend(fits.then_some(update));
        }
        Note::open(fitting, op).map_err(|bad| bad.code())
    }

    // ---- what the feed brings

    /// A part of a note.
    pub fn note_row(&mut self, task: TaskId, part: Part) -> Change {
        let copy = self.notes.entry(task).or_default();
        copy.take(part);
        Change::Note { task, kept: Box::new(copy.kept()) }
    }

    /// What became of an edit of ours.
    pub fn settled(&mut self, op: OpId, stamp: Hlc) -> Vec<Change> {
        let number = self.pending.iter().find(|(_, fact)| op_of(fact) == Some(op)).map(|(number, _)| *number);
        let settled = number.map(|number| {
            self.pending.remove(&number);
            Change::EditSettled(number)
        });
        settled.into_iter().chain(self.stamped(stamp)).collect()
    }

    /// What the edits that are not settled are known by.
    pub fn open_ops(&self) -> Vec<OpId> {
        self.pending.values().filter_map(op_of).collect()
    }

    /// The server has given out this stamp.
    pub fn stamped(&mut self, stamp: Hlc) -> Option<Change> {
        let is_news = stamp > self.seen;
        self.seen = self.seen.seen(stamp);
        is_news.then_some(Change::SeenStamp(stamp))
    }

    /// The robot may see this task no more.
    pub fn forget(&mut self, task: TaskId) -> Option<Change> {
        self.notes.remove(&task).map(|_| Change::NoteForgotten(task))
    }
}

impl Place {
    fn op(&self, content: &[u8]) -> OpId {
        OpId::of(&self.robot, self.epoch, self.cseq, self.hlc, content)
    }
}

fn field_write(fact: &Fact) -> Option<&FieldWrite> {
    if let Fact::FieldWritten { write } = fact { Some(write) } else { None }
}

fn note_write(fact: &Fact) -> Option<&NoteWrite> {
    if let Fact::NoteUpdate { write } = fact { Some(write) } else { None }
}

/// What an edit is known by; `None` of another fact.
pub fn op_of(fact: &Fact) -> Option<OpId> {
    field_write(fact).map(|write| write.op).or_else(|| note_write(fact).map(|write| write.op))
}

fn task_of(fact: &Fact) -> Option<TaskId> {
    field_write(fact).map(|write| write.task).or_else(|| note_write(fact).map(|write| write.task))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::tests::row;
    use shared::checklist::difference;

    fn empty() -> Edits {
        Edits::new(vec![], vec![], Hlc::default())
    }

    fn place(cseq: u64) -> Place {
        Place { robot: "r-1".into(), epoch: 1, cseq, hlc: Hlc(cseq) }
    }

    fn whole(rev: u64, bytes: &[u8]) -> Part {
        Part { rev, whole: true, part: 0, of: 1, bytes: bytes.to_vec() }
    }

    fn text(edits: &Edits) -> String {
        edits.content(row(1, 1).id).unwrap().text
    }

    #[test]
    fn an_edit_lies_over_what_the_server_told_until_it_is_settled() {
        let (mut edits, task) = (empty(), row(1, 1));
        let (fact, _) = edits.set(task.id, FieldValue::Title("Mine".into()), &place(1)).unwrap();
        assert_eq!((edits.overlaid(&task).title.as_str(), edits.waiting(task.id)), ("Mine", 1));
        let changes = edits.settled(op_of(&fact).unwrap(), Hlc(7));
        assert_eq!(changes, [Change::EditSettled(1), Change::SeenStamp(Hlc(7))]);
        assert_eq!(edits.overlaid(&task).title, task.title);
        let (fact, _) = edits.set(task.id, FieldValue::Priority(1), &place(2)).unwrap();
        assert!(matches!(fact, Fact::FieldWritten { write } if write.seen == Hlc(7)));
        assert_eq!(edits.set(task.id, FieldValue::Priority(9), &place(3)), Err(Code::BadBody));
    }

    #[test]
    fn a_note_is_the_servers_with_our_own_words_whatever_comes_first() {
        let (mut edits, task) = (empty(), row(1, 1).id);
        let theirs = Note::open([], OpId([9; 16])).unwrap().edit(&difference("", "theirs ")).unwrap();
        let (first, _) = edits.edit(task, |old| difference(old, "ours"), &place(1)).unwrap();
        edits.edit(task, |old| difference(old, "ours!"), &place(2)).unwrap();
        assert_eq!(text(&edits), "ours!");
        edits.note_row(task, whole(1, &theirs));
        let both = text(&edits);
        assert!(both.contains("theirs ") && both.contains("ours!"), "{both}");
        // What the server has of us comes back in its own words, and then our copy of it goes.
        let Fact::NoteUpdate { write } = &first else { panic!("{first:?}") };
        edits.note_row(task, Part { rev: 2, whole: false, part: 0, of: 1, bytes: write.update.0.clone() });
        edits.settled(write.op, Hlc(5));
        assert_eq!(text(&edits), both);
        edits.forget(task);
        assert_eq!(text(&edits), "", "what is left of ours rests on what was settled, and that is gone");
    }

    #[test]
    fn two_edits_that_say_the_same_have_different_names() {
        let (mut edits, task) = (empty(), row(1, 1).id);
        let (a, _) = edits.set(task, FieldValue::Priority(1), &place(1)).unwrap();
        let (b, _) = edits.set(task, FieldValue::Priority(1), &place(2)).unwrap();
        assert_ne!(op_of(&a), op_of(&b));
    }
}
