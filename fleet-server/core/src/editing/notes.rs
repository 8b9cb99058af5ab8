//! Notes, and the contributions that wait to be merged into them.
//!
//! A contribution is on disk before anybody looks into it; then it is merged elsewhere, one at a time, and what comes back
//! takes its place. One that is not taken is kept beside, with the reason, and the next one goes on.

use crate::change::{Change, Loaded, NoteRow};
use crate::fleet::Fleet;
use crate::judge::Rule;
use crate::round::At;
use crate::tell::Output;
use shared::checklist::Content;
use shared::contribution::{Author, Blob, Contribution, Job, MergeAsk, Merged};
use shared::field::OpId;
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::note_log::NoteLog;
use shared::op::OpResult;
use shared::refusal::Code;
use std::collections::BTreeMap;

/// Most contributions that may wait.
const JOBS_MAX: usize = 10_000;

/// A note as readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteView<'a> {
    /// Rises with each change.
    pub rev: u64,
    /// What it says.
    pub content: &'a Content,
    /// The parts that together are the note.
    pub parts: Vec<&'a [u8]>,
}

/// Every note, and what waits.
#[derive(Debug, Default)]
pub struct Notes {
    kept: BTreeMap<TaskId, (NoteLog, Content)>,
    jobs: BTreeMap<u64, Job>,
    asked: Option<u64>,
    newest_job: u64,
}

impl Notes {
    /// What the store gave back.
    pub fn new(loaded: &mut Loaded) -> Self {
        let kept = std::mem::take(&mut loaded.notes).into_iter().map(|(task, log, said)| (task, (log, said)));
        let jobs = std::mem::take(&mut loaded.note_jobs).into_iter().collect();
        Self { kept: kept.collect(), jobs, asked: None, newest_job: loaded.newest_note_job }
    }

    /// The bytes of a note.
    pub fn log(&self, task: TaskId) -> Option<&NoteLog> {
        self.kept.get(&task).map(|(log, _)| log)
    }

    /// Tasks that have a note.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        self.kept.keys().copied()
    }

    /// Whether an edit waits to be merged.
    pub fn is_waiting(&self, op: OpId) -> bool {
        self.jobs.values().any(|job| job.op == op)
    }

    /// Whether something waits that nobody was asked to merge.
    pub fn is_due(&self) -> bool {
        self.asked.is_none() && !self.jobs.is_empty()
    }

    fn next_ask(&mut self) -> Option<(u64, MergeAsk)> {
        let (number, job) = self.jobs.first_key_value().filter(|_| self.asked.is_none())?;
        let parts =
            self.log(job.task).map_or_else(Vec::new, |log| log.parts().map(|part| Blob(part.to_vec())).collect());
        self.asked = Some(*number);
        Some((*number, MergeAsk { parts, op: job.op, contribution: job.contribution.clone() }))
    }
}

impl Fleet {
    /// A task's note, if somebody wrote one.
    #[must_use]
    pub fn note(&self, task: TaskId) -> Option<NoteView<'_>> {
        let (log, content) = self.editing.notes.kept.get(&task)?;
        Some(NoteView { rev: log.rev, content, parts: log.parts().collect() })
    }

    /// Takes a contribution to be merged.
    pub(super) fn contribute(
        &mut self,
        task: TaskId,
        op: OpId,
        author: Author,
        stamp: Hlc,
        contribution: Contribution,
    ) -> OpResult {
        if self.tasks.get(task).is_none() {
            return OpResult::Refused { code: Code::NotFound };
        }
        if self.editing.notes.jobs.len() >= JOBS_MAX {
            return OpResult::Refused { code: Code::StorageFull };
        }
        let notes = &mut self.editing.notes;
        notes.newest_job += 1;
        let (number, job) = (notes.newest_job, Job { task, op, author, stamp, contribution });
        notes.jobs.insert(number, job.clone());
        self.round.change(Change::NoteJob { number, job: Box::new(job) });
        OpResult::Taken { stamp }
    }

    /// Asks for the next contribution to be merged, once what waits is on disk.
    pub(crate) fn next_merge(&mut self) -> Option<Output> {
        self.editing.notes.next_ask().map(|(number, ask)| Output::Merge { number, ask: Box::new(ask) })
    }

    /// What came of a contribution.
    pub(crate) fn merged(&mut self, number: u64, merged: Merged, at: At) {
        let notes = &mut self.editing.notes;
        notes.asked.take_if(|asked| *asked == number);
        let Some(job) = notes.jobs.remove(&number) else { return };
        self.round.change(Change::NoteJobDone { number });
        let result = match merged {
            Merged::Changed { delta, state, content } => {
                self.take_delta(job.task, delta.0, &state.0, content);
                OpResult::Done { stamp: job.stamp }
            }
            Merged::Same => OpResult::Done { stamp: job.stamp },
            Merged::Refused { why } => {
                self.refuse_note(number, &job, why, at);
                OpResult::Refused { code: why }
            }
        };
        match job.author {
            Author::Robot { robot } => self.settle_robot(robot, job.op, job.stamp, result),
            Author::Client { client, seq } => self.settle_op(client, seq, result),
        }
    }

    fn take_delta(&mut self, task: TaskId, delta: Vec<u8>, state: &[u8], content: Content) {
        let (log, said) = self.editing.notes.kept.entry(task).or_default();
        let is_folded = log.append(delta.clone(), state);
        said.clone_from(&content);
        let row = NoteRow { task, rev: log.rev, update: delta, folded: is_folded.then(|| state.to_vec()), content };
        self.round.change(Change::Note(Box::new(row)));
        self.round.note_changed(task);
        self.editing.noted.insert(task);
    }

    fn refuse_note(&mut self, number: u64, job: &Job, why: Code, at: At) {
        self.round.change(Change::NoteRefused { number, why, job: Box::new(job.clone()) });
        if let Author::Robot { robot } = &job.author {
            self.flag_note(robot, job.task, number, Rule::NoteRefused, at);
        }
    }
}
