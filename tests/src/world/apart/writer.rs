//! Those who write: a person with an outbox, and what comes to anybody's mind.

use crate::world::random::Random;
use crate::world::robot::At;
use crate::world::server::Server;
use crate::world::wall;
use anyhow::{Context, Result};
use fleet_core::{Answer, Command, Token};
use robot_core::LocalEdit;
use shared::checklist::{Edit, difference};
use shared::contribution::Blob;
use shared::field::{FieldValue, OpId};
use shared::hlc::Hlc;
use shared::id::{ClientId, TaskId};
use shared::note::Note;
use shared::op::{Bytes, Op, OpAct, OpBatch, OpTime};
use shared::task::TaskRow;
use shared::time::WallTime;
use std::collections::BTreeMap;

/// Between two attempts to send.
const SEND_EVERY_MS: u64 = 1_000;

/// A person with an outbox on a disk of its own, which no crash touches.
#[derive(Debug)]
pub struct Person {
    /// Whether nobody is in reach.
    pub is_cut: bool,
    client: ClientId,
    epoch: u64,
    next: u64,
    /// How far this machine's calendar is off, in milliseconds.
    wrong_ms: i64,
    hlc: Hlc,
    seen: Hlc,
    unsent: BTreeMap<u64, Op>,
    row: Option<TaskRow>,
    parts: Vec<Vec<u8>>,
    sent_ms: u64,
}

impl Person {
    /// Somebody whose calendar is off by up to a day.
    pub fn new(name: &str, seed: u64) -> Result<Self> {
        let mut random = Random::from_seed(seed);
        let wrong_ms = i64::try_from(random.below(2 * 86_400_000))? - 86_400_000;
        Ok(Self {
            is_cut: true,
            client: ClientId::parse(name)?,
            epoch: random.draw() >> 1,
            next: 1,
            wrong_ms,
            hlc: Hlc::default(),
            seen: Hlc::default(),
            unsent: BTreeMap::new(),
            row: None,
            parts: vec![],
            sent_ms: 0,
        })
    }

    /// Somebody sets the calendar of this machine, so far from the world's.
    pub const fn set_calendar(&mut self, wrong_ms: i64) {
        self.wrong_ms = wrong_ms;
    }

    /// How many operations the server has not answered.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// The task as this machine knows it.
    pub const fn row(&self) -> Option<&TaskRow> {
        self.row.as_ref()
    }

    /// The note as this machine knows it, with what was not sent.
    pub fn note(&self) -> Result<Note> {
        Ok(Note::open(self.note_parts().iter().map(Vec::as_slice), OpId::default())?)
    }

    /// The note's text; none where it is no note.
    pub fn text(&self, _: TaskId) -> String {
        self.note().map_or_else(|_| String::new(), |note| note.content().text)
    }

    fn note_parts(&self) -> Vec<Vec<u8>> {
        let own = self.unsent.values().filter_map(|op| match &op.act {
            OpAct::Note { update } => Some(update.0.0.clone()),
            OpAct::Set { .. } | OpAct::EditNote { .. } => None,
        });
        self.parts.iter().cloned().chain(own).collect()
    }

    /// Writes words into the note.
    pub fn say(&mut self, word: &str, task: TaskId, now_ms: u64) -> Result<()> {
        self.write(&LocalEdit::Append(word.to_owned()), task, now_ms)
    }

    /// Writes, as `fleet task` does: kept first.
    pub fn write(&mut self, edit: &LocalEdit, task: TaskId, now_ms: u64) -> Result<()> {
        let wall = WallTime(wall(now_ms).0.saturating_add_signed(self.wrong_ms));
        self.hlc = self.hlc.next(wall);
        let text = self.note()?.content().text;
        let act = match edit {
            LocalEdit::Set(value) => OpAct::Set { value: value.clone() },
            LocalEdit::Append(line) => self.noted(difference(&text, &appended(&text, line)))?,
            LocalEdit::Text(line) => self.noted(difference(&text, &format!("{line} {text}")))?,
            LocalEdit::Check { item, done } => {
                self.noted(vec![Edit::Check { text: item.clone(), done: *done, at_ms: wall.0 }])?
            }
            LocalEdit::Show => return Ok(()),
        };
        let (id, seq) = (self.op_id(), self.next);
        let written = Some(OpTime { hlc: self.hlc, boot: self.epoch, mono_ms: now_ms });
        self.unsent.insert(seq, Op { seq, id, task, written, seen: self.seen, act });
        self.next += 1;
        Ok(())
    }

    fn op_id(&self) -> OpId {
        OpId::of(self.client.as_str(), self.epoch, self.next, self.hlc, b"")
    }

    fn noted(&self, edits: Vec<Edit>) -> Result<OpAct> {
        let parts = self.note_parts();
        let note = Note::open(parts.iter().map(Vec::as_slice), self.op_id())?;
        Ok(OpAct::Note { update: Bytes(Blob(note.edit(&edits)?)) })
    }

    /// A moment passes: what is unsent is sent, and the answer is taken if it comes.
    pub fn live(&mut self, server: &mut Server, at: &mut At<'_>) -> Result<()> {
        if self.is_cut || at.now_ms < self.sent_ms + SEND_EVERY_MS {
            return Ok(());
        }
        self.sent_ms = at.now_ms;
        let token = Token(at.random.draw());
        if self.unsent.is_empty() {
            self.look(server, at.now_ms);
            return Ok(());
        }
        let is_lost = |at: &mut At<'_>| at.crash_once_in > 0 && at.random.once_in(4);
        if is_lost(at) {
            return Ok(());
        }
        server.ask(token, Command::Ops(self.batch(at.now_ms)), at)?;
        let answer = server.take_answer(token);
        if is_lost(at) {
            return Ok(());
        }
        if let Some(answer) = answer {
            let Answer::Ops(answers) = answer.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))? else {
                anyhow::bail!("operations were answered with something else")
            };
            answers.iter().for_each(|answer| drop(self.unsent.remove(&answer.seq)));
            self.look(server, at.now_ms);
        }
        Ok(())
    }

    /// Takes over what the server publishes, which is what it has committed.
    fn look(&mut self, server: &Server, _: u64) {
        let Some((row, parts, stamp)) = server.published() else { return };
        (self.row, self.parts) = (Some(row), parts);
        self.seen = self.seen.seen(stamp);
    }

    fn batch(&self, now_ms: u64) -> OpBatch {
        let wall_ms = Some(wall(now_ms).0.saturating_add_signed(self.wrong_ms));
        let ops = self.unsent.values().cloned().collect();
        let (boot, mono_ms) = (Some(self.epoch), Some(now_ms));
        OpBatch { client: self.client.clone(), boot, mono_ms, wall_ms, ops, cursor: None }
    }
}

/// Something to write: a field, a word of its own before or behind the text, or one of few items.
pub fn some_edit(random: &mut Random, number: u64) -> LocalEdit {
    match random.below(8) {
        0 => LocalEdit::Set(FieldValue::Title(format!("title {number}"))),
        1 => LocalEdit::Set(FieldValue::Priority(u8::try_from(random.below(5)).unwrap_or(0) + 1)),
        2 => LocalEdit::Set(FieldValue::Due(Some(number))),
        3 | 4 => LocalEdit::Append(format!("word{number}")),
        5 => LocalEdit::Append(format!("wörd{number}🟦")),
        _ => {
            let item = ["seal the box", "Seal  the box", "weigh it", "WEIGH IT", "label"][random.below(5) as usize];
            LocalEdit::Check { item: item.to_owned(), done: random.once_in(2) }
        }
    }
}

/// Whether writing it twice is writing it once.
pub const fn may_repeat(edit: &LocalEdit) -> bool {
    matches!(edit, LocalEdit::Set(_) | LocalEdit::Check { .. })
}

impl super::Promised {
    /// Remembers what was promised.
    pub fn note(&mut self, edit: &LocalEdit) {
        match edit {
            LocalEdit::Set(value) => drop(self.fields.insert(value.field(), value.clone())),
            LocalEdit::Append(word) | LocalEdit::Text(word) => self.words.push(word.clone()),
            LocalEdit::Check { item, .. } => self.items.push(item.clone()),
            LocalEdit::Show => {}
        }
    }
}

fn appended(text: &str, line: &str) -> String {
    if text.is_empty() { line.to_owned() } else { format!("{text}\n{line}") }
}

/// The row and the note of the one task.
pub fn published(fleet: &fleet_core::Fleet) -> Option<(TaskRow, Vec<Vec<u8>>, Hlc)> {
    let row = fleet.tasks().next()?.clone();
    let parts = fleet.note(row.id).map_or_else(Vec::new, |note| note.parts.iter().map(|part| part.to_vec()).collect());
    Some((row, parts, fleet.newest_stamp()))
}

/// Kept so that an error names what was looked for.
pub fn only<T>(found: Vec<T>, what: &str) -> Result<T> {
    let mut found = found;
    let one = found.pop();
    one.filter(|_| found.is_empty()).with_context(|| format!("there is not one {what}"))
}
