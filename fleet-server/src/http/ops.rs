//! Operations of outboxes, answered one by one, and what has changed since the client last asked.
//!
//! A cursor is a place in what this process has published. One of another process is none: then everything is told.

use super::App;
use super::body::Large;
use super::problem::Problem;
use super::shape::Task;
use super::tasks::find;
use crate::view::{NoteCopy, View};
use axum::Json;
use axum::extract::{Path, State};
use fleet_core::{Answer, Command, OpAnswer};
use serde::Serialize;
use shared::checklist::Item;
use shared::field::OpId;
use shared::hlc::Hlc;
use shared::op::{OpBatch, OpResult};
use shared::seal::to_hex;

/// What is answered to a batch.
#[derive(Debug, Serialize)]
pub struct Answered {
    results: Vec<Decided>,
    /// Where to go on.
    cursor: String,
    /// Whether the rows are all there are, because the cursor was none of this process.
    whole: bool,
    /// The newest stamp that the server has given out: what is written after this was seen comes later.
    stamp: Hlc,
    rows: Vec<Changed>,
}

#[derive(Debug, Serialize)]
struct Decided {
    seq: u64,
    id: OpId,
    #[serde(flatten)]
    result: OpResult,
    /// What a refusal means, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Changed {
    #[serde(flatten)]
    task: Task,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

/// A note as it is told; `parts` are what an edit names as its base.
#[derive(Debug, Default, Serialize)]
pub struct Note {
    rev: u64,
    text: String,
    items: Vec<Item>,
    parts: Vec<String>,
}

/// `POST /v1/ops`
pub async fn take(State(app): State<App>, Large(batch): Large<OpBatch>) -> Result<Json<Answered>, Problem> {
    let cursor = batch.cursor.clone();
    let results = if batch.ops.is_empty() { vec![] } else { ask(&app, batch).await? };
    let (view, since) = (app.desk.picture(), since(&app, cursor.as_deref()));
    Ok(Json(Answered {
        results: results.into_iter().map(decided).collect(),
        cursor: format!("{:016x}-{}", app.life, view.rev),
        whole: since.is_none(),
        stamp: view.stamp,
        rows: rows(&view, since),
    }))
}

/// `GET /v1/tasks/{id}/note`
pub async fn note(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Note>, Problem> {
    let view = app.desk.picture();
    let id = find(&view, &id)?;
    Ok(Json(view.notes.get(&id).map(|copy| Note::from(&**copy)).unwrap_or_default()))
}

async fn ask(app: &App, batch: OpBatch) -> Result<Vec<OpAnswer>, Problem> {
    match app.desk.ask(Command::Ops(batch)).await?? {
        Answer::Ops(answers) => Ok(answers),
        Answer::Task { .. } | Answer::Imported(_) | Answer::Requested { .. } | Answer::Sync(_) => {
            unreachable!("operations are answered with what became of them")
        }
    }
}

fn since(app: &App, cursor: Option<&str>) -> Option<u64> {
    let (life, rev) = cursor?.split_once('-')?;
    let is_ours = u64::from_str_radix(life, 16) == Ok(app.life);
    rev.parse().ok().filter(|_| is_ours)
}

fn rows(view: &View, since: Option<u64>) -> Vec<Changed> {
    let is_new = |id| since.is_none_or(|since| view.changed.get(id).is_some_and(|rev| *rev > since));
    let changed = view.tasks.iter().filter(|(id, _)| is_new(*id));
    let note = |id| view.notes.get(id).map(|copy| Note::from(&**copy));
    changed.map(|(id, row)| Changed { task: Task::from(&**row), note: note(id) }).collect()
}

fn decided(OpAnswer { seq, id, result }: OpAnswer) -> Decided {
    let sentence = match result {
        OpResult::Refused { code } => Some(code.sentence()),
        OpResult::Done { .. } | OpResult::Older { .. } | OpResult::Taken { .. } => None,
    };
    Decided { seq, id, result, sentence }
}

impl From<&NoteCopy> for Note {
    fn from(copy: &NoteCopy) -> Self {
        let NoteCopy { rev, content, parts } = copy;
        let parts = parts.iter().map(|part| to_hex(part)).collect();
        Self { rev: *rev, text: content.text.clone(), items: content.items.clone(), parts }
    }
}
