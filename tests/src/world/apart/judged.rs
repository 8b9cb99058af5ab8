//! The copies of the task as the disks have them, and what is wrong with them.

use super::Promised;
use super::writer::{Person, only};
use crate::history::table::Database;
use anyhow::{Context, Result};
use robot_agent::replica::Replica;
use shared::checklist::{Content, item_id};
use shared::field::{FieldValue, OpId};
use shared::id::{RobotId, TaskId};
use shared::note::Note;
use shared::task::TaskRow;
use shared::wire::from_bytes;
use std::collections::BTreeSet;
use std::path::Path;

/// One copy.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The row; none where it is not known.
    pub row: Option<TaskRow>,
    /// The note.
    pub note: Content,
    /// Edits that were made here and are not settled.
    pub open: usize,
}

/// All of them.
#[derive(Debug)]
pub struct Copies {
    /// The server's, from its database.
    pub server: Copy,
    others: Vec<(String, Copy)>,
}

/// Reads them: server and robot from their databases, people from their outboxes.
pub fn copies(server: &Path, replica: &Path, robot: &RobotId, people: &[Person], task: TaskId) -> Result<Copies> {
    let mut others = vec![("the robot".to_owned(), robots(replica, robot, task)?)];
    for (number, person) in people.iter().enumerate() {
        let copy = Copy { row: person.row().cloned(), note: person.note()?.content(), open: person.unsent() };
        others.push((format!("person {number}"), copy));
    }
    Ok(Copies { server: servers(server, task)?, others })
}

/// The note is put together anew from its bytes, and has to say what the server's database says that it says.
fn servers(path: &Path, task: TaskId) -> Result<Copy> {
    let db = Database::open(path)?;
    let mut rows = db.rows("SELECT id, row FROM task", crate::history::replica::task)?;
    rows.retain(|(id, _)| *id == task);
    let row: TaskRow = from_bytes(&only(rows, "task")?.1)?;
    let told = db.rows("SELECT content, snapshot FROM note", |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
    let updates = db.rows("SELECT bytes FROM note_update ORDER BY rev", |row| Ok(row.get::<_, Vec<u8>>(0)?))?;
    let (content, snapshot): (Vec<u8>, Vec<u8>) = only(told, "note")?;
    let parts = [snapshot].into_iter().filter(|part| !part.is_empty()).chain(updates);
    let note = put_together(&parts.collect::<Vec<_>>())?;
    anyhow::ensure!(note == from_bytes::<Content>(&content)?, "the server's note does not say what is told of it");
    let open = db.rows("SELECT number FROM note_job", |row| Ok(row.get::<_, i64>(0)?))?.len();
    Ok(Copy { row: Some(row), note, open })
}

fn robots(path: &Path, robot: &RobotId, task: TaskId) -> Result<Copy> {
    let loaded = Replica::open_existing(path, robot)?.load(robot).context("the robot's replica")?;
    let row = loaded.tasks.into_iter().find(|row| row.id == task);
    let parts = loaded.notes.into_iter().find(|(id, _)| *id == task).map(|(_, kept)| kept.parts).unwrap_or_default();
    let note = put_together(&parts.into_iter().map(|part| part.0).collect::<Vec<_>>())?;
    Ok(Copy { row, note, open: loaded.edits.len() })
}

fn put_together(parts: &[Vec<u8>]) -> Result<Content> {
    Ok(Note::open(parts.iter().map(Vec::as_slice), OpId::default())?.content())
}

/// Where the copies differ; one that has open edits is not where it will be.
pub fn unequal(copies: &Copies) -> Vec<String> {
    let mut found = vec![];
    let server = &copies.server;
    if server.open > 0 {
        found.push(format!("{} contributions wait at the server", server.open));
    }
    for (name, copy) in &copies.others {
        if copy.open > 0 {
            found.push(format!("{} edits of {name} are open", copy.open));
        }
        if copy.row != server.row {
            found.push(format!("{name} has {:?}, the server {:?}", copy.row, server.row));
        }
        if copy.note != server.note {
            found.push(format!("{name} has the note {:?}, the server {:?}", copy.note, server.note));
        }
    }
    found
}

/// Where what all agree on is not what was promised.
pub fn wrong(copies: &Copies, promised: &Promised) -> Vec<String> {
    let Some(row) = &copies.server.row else { return vec!["there is no row".to_owned()] };
    let mut found = vec![];
    for value in promised.fields.values() {
        let is_there = match value {
            FieldValue::Title(title) => row.title == *title,
            FieldValue::Priority(priority) => row.priority == *priority,
            FieldValue::Due(due_ms) => row.due_ms == *due_ms,
            FieldValue::Zone(_) | FieldValue::From(_) | FieldValue::Wanted(_) | FieldValue::Cancel => true,
        };
        if !is_there {
            found.push(format!("{value:?} was written last, and the row is {row:?}"));
        }
    }
    let note = &copies.server.note;
    let words: Vec<&str> = note.text.split_whitespace().collect();
    for word in &promised.words {
        let count = words.iter().filter(|found| *found == word).count();
        if count != 1 {
            found.push(format!("{word:?} stands {count} times in {:?}", note.text));
        }
    }
    let ids: BTreeSet<&str> = note.items.iter().map(|item| item.id.as_str()).collect();
    if ids.len() != note.items.len() {
        found.push(format!("an item is doubled: {:?}", note.items));
    }
    for item in promised.items.iter().filter(|item| !ids.contains(item_id(item).as_str())) {
        found.push(format!("{item:?} is not in the checklist {:?}", note.items));
    }
    found
}
