//! What a person at this machine wants done, kept until the server has answered, and what this machine knows of the tasks.
//!
//! A file of lines, each appended and flushed to the disk before anything is sent. A crash leaves a whole number of lines and
//! perhaps a torn one, which was promised to nobody and is cut off. There is one writer at a time: the kernel's lock on the
//! file makes the next command wait. A file that has grown long is written anew beside itself and put in its place.
//!
//! It is no database because nothing is ever looked up in it: a command reads it once, and a person edits a few times an hour.

mod known;
mod line;

pub use known::Known;
use line::Line;

use super::client::Failure;
use crate::{clock, entropy};
use rustix::fs::{FlockOperation, flock};
use shared::checklist::Edit;
use shared::field::OpId;
use shared::hlc::Hlc;
use shared::id::{ClientId, TaskId};
use shared::note::Note;
use shared::op::{Bytes, Op, OpAct, OpBatch, OpTime};
use shared::time::WallTime;
use shared::wire::to_bytes;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// From this length on the file is written anew, in bytes.
const LONG: u64 = 4 * 1024 * 1024;

/// An outbox, held by this process alone.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    file: File,
    client: ClientId,
    epoch: u64,
    next: u64,
    hlc: Hlc,
    unsent: BTreeMap<u64, Unsent>,
    known: Known,
}

/// An operation that the server has not answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsent {
    /// The operation.
    pub op: Op,
    /// When it was made, milliseconds since 1970.
    pub made_ms: u64,
}

impl Outbox {
    /// Opens the outbox in this file, or makes one; waits while another command has it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let unusable = |why: String| Failure::Usage(format!("the outbox {} cannot be used: {why}", path.display()));
        let outbox = Self::opened(path).map_err(|e| unusable(e.to_string()))?;
        if outbox.client.as_str().is_empty() { Err(unusable("it has no beginning".into())) } else { Ok(outbox) }
    }

    fn opened(path: &Path) -> std::io::Result<Self> {
        let mut file = locked(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        if whole == 0 {
            return Self::begin(path, file);
        }
        let lines = text[..whole].lines().map(Line::read).collect::<Result<Vec<Line>, _>>()?;
        let mut outbox = Self::of(path, file, lines)?;
        if whole as u64 > LONG {
            outbox.write_anew()?;
        }
        Ok(outbox)
    }

    fn begin(path: &Path, file: File) -> std::io::Result<Self> {
        let name = format!("cli-{:016x}", entropy::number());
        let client = ClientId::parse(&name).map_err(std::io::Error::other)?;
        let first = Line::Begin { client, epoch: entropy::number() >> 1, next: 1, hlc: Hlc::default() };
        let mut outbox = Self::of(path, file, vec![first.clone()])?;
        outbox.append(&[first])?;
        sync_folder(path)?;
        Ok(outbox)
    }

    fn of(path: &Path, file: File, lines: Vec<Line>) -> std::io::Result<Self> {
        let mut lines = lines.into_iter();
        let Some(Line::Begin { client, epoch, next, hlc }) = lines.next() else {
            return Err(std::io::Error::other("it does not begin as an outbox does"));
        };
        let (unsent, known) = (BTreeMap::new(), Known::default());
        let mut outbox = Self { path: path.to_owned(), file, client, epoch, next, hlc, unsent, known };
        lines.for_each(|line| outbox.take(line));
        Ok(outbox)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Begin { .. } => {}
            Line::Op { op, made_ms } => {
                self.next = self.next.max(op.seq + 1);
                self.hlc = self.hlc.seen(op.written.map_or(Hlc::default(), |written| written.hlc));
                self.unsent.insert(op.seq, Unsent { op, made_ms });
            }
            Line::Answered { seq } => drop(self.unsent.remove(&seq)),
            Line::Known { answer } => self.known.take(&answer),
        }
    }

    /// The operations that the server has not answered, oldest first.
    pub fn unsent(&self) -> impl Iterator<Item = &Unsent> {
        self.unsent.values()
    }

    /// Whose outbox it is.
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// What this machine knows of the tasks.
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// Keeps a write of a field.
    pub fn set(&mut self, task: TaskId, act: OpAct) -> Result<(), Failure> {
        let hlc = self.hlc.next(clock::wall());
        let id = act.id(&self.client, self.epoch, self.next, hlc);
        self.keep(task, id, hlc, act)
    }

    /// Keeps edits of a note, made upon what this machine knows of it and has not sent yet. `edits` makes them of the text.
    pub fn edit(&mut self, task: TaskId, edits: impl FnOnce(&str, WallTime) -> Vec<Edit>) -> Result<(), Failure> {
        let (wall, parts) = (clock::wall(), self.note_parts(task)?);
        let edits = edits(&self.note(task)?.content().text, wall);
        if edits.is_empty() {
            return Ok(());
        }
        let hlc = self.hlc.next(wall);
        let id = OpId::of(self.client.as_str(), self.epoch, self.next, hlc, &to_bytes(&edits));
        let bad = |bad: shared::note::BadNote| Failure::Usage(bad.to_string());
        let note = Note::open(parts.iter().map(Vec::as_slice), id).map_err(bad)?;
        let update = Bytes(shared::contribution::Blob(note.edit(&edits).map_err(bad)?));
        self.keep(task, id, hlc, OpAct::Note { update })
    }

    /// The note with what was not sent yet.
    pub fn note(&self, task: TaskId) -> Result<Note, Failure> {
        let parts = self.note_parts(task)?;
        Note::open(parts.iter().map(Vec::as_slice), OpId::default()).map_err(|bad| Failure::Usage(bad.to_string()))
    }

    fn note_parts(&self, task: TaskId) -> Result<Vec<Vec<u8>>, Failure> {
        let known = self.known.note_parts(task).map_err(Failure::Usage)?;
        let own = self.unsent().filter(|unsent| unsent.op.task == task).filter_map(|unsent| match &unsent.op.act {
            OpAct::Note { update } => Some(update.0.0.clone()),
            OpAct::Set { .. } | OpAct::EditNote { .. } => None,
        });
        Ok(known.into_iter().chain(own).collect())
    }

    fn keep(&mut self, task: TaskId, id: OpId, hlc: Hlc, act: OpAct) -> Result<(), Failure> {
        let written = Some(OpTime { hlc, boot: boot(), mono_ms: clock::now().0 });
        let op = Op { seq: self.next, id, task, written, seen: self.known.stamp(), act };
        self.write(vec![Line::Op { op, made_ms: clock::wall().0 }])
    }

    /// The next batch to send; one without operations asks for what is new.
    pub fn batch(&self) -> OpBatch {
        let ops = self.unsent().take(shared::op::BATCH_OPS_MAX).map(|unsent| unsent.op.clone()).collect();
        let (boot, mono_ms, wall_ms) = (Some(boot()), Some(clock::now().0), Some(clock::wall().0));
        OpBatch { client: self.client.clone(), boot, mono_ms, wall_ms, ops, cursor: self.known.cursor() }
    }

    /// Takes the server's answer to a batch: what was answered is not sent again.
    pub fn answered(&mut self, answer: &serde_json::Value) -> Result<(), Failure> {
        let seqs = answer["results"].as_array().into_iter().flatten().filter_map(|result| result["seq"].as_u64());
        let answered = seqs.map(|seq| Line::Answered { seq });
        let known = Line::Known { answer: Box::new(Known::essence(answer)) };
        self.write(answered.chain([known]).collect())
    }

    /// Begins anew under another name, with what was not answered: the server lost what it had answered before, or this file
    /// is an old copy. What took effect before does not do so twice: operations keep their identities and times.
    pub fn rename(&mut self) -> Result<(), Failure> {
        let name = format!("cli-{:016x}", entropy::number());
        self.client = ClientId::parse(&name).map_err(|e| Failure::Usage(e.to_string()))?;
        self.epoch = entropy::number() >> 1;
        let unsent = std::mem::take(&mut self.unsent);
        let renumbered = |(seq, unsent): (u64, Unsent)| (seq, Unsent { op: Op { seq, ..unsent.op }, ..unsent });
        self.unsent = (1..).zip(unsent.into_values()).map(renumbered).collect();
        self.next = self.unsent.len() as u64 + 1;
        self.write_anew().map_err(|e| Failure::Usage(format!("cannot write {}: {e}", self.path.display())))
    }

    fn write(&mut self, lines: Vec<Line>) -> Result<(), Failure> {
        let written = self.append(&lines);
        written.map_err(|e| Failure::Usage(format!("cannot write {}: {e}", self.path.display())))?;
        lines.into_iter().for_each(|line| self.take(line));
        Ok(())
    }

    fn append(&mut self, lines: &[Line]) -> std::io::Result<()> {
        let text: String = lines.iter().map(Line::text).collect();
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()
    }

    /// A crash in here leaves the old file, or the new one under the old name. The lock is taken on the new one before
    /// anybody can find it.
    fn write_anew(&mut self) -> std::io::Result<()> {
        let next = self.path.with_extension("next");
        let mut file = locked(&next)?;
        file.set_len(0)?;
        let Self { client, epoch, next: number, hlc, unsent, known, .. } = &*self;
        let begin = Line::Begin { client: client.clone(), epoch: *epoch, next: *number, hlc: *hlc };
        let known = Line::Known { answer: Box::new(known.whole()) };
        let ops = unsent.values().cloned().map(|Unsent { op, made_ms }| Line::Op { op, made_ms });
        let text: String = std::iter::once(begin).chain([known]).chain(ops).map(|line| line.text()).collect();
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&next, &self.path)?;
        self.file = file;
        sync_folder(&self.path)
    }
}

/// Opens and locks the file that stands under the name: while this waited, another command may have put a new one there.
fn locked(path: &Path) -> std::io::Result<File> {
    loop {
        let file = OpenOptions::new().create(true).truncate(false).read(true).append(true).open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        let (held, named) = (rustix::fs::fstat(&file)?, rustix::fs::stat(path));
        if named.is_ok_and(|named| (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)) {
            return Ok(file);
        }
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// This boot of the machine; 0 where the system does not tell, and then the calendar counts.
fn boot() -> u64 {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    u64::from_str_radix(&digits, 16).unwrap_or(0)
}

#[cfg(test)]
mod tests;
