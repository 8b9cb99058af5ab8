//! The rows of what is edited at this robot, and of the notes that the feed has brought.

use super::sum;
use super::{Fault, path_of};
use robot_core::{Loaded, PendingEdit};
use rusqlite::{Connection, Transaction, params};
use shared::id::TaskId;
use shared::note_log::KeptNote;
use shared::wire::{Decode, from_bytes, to_bytes};

/// Writes an edit that is not settled.
pub fn edit(db: &Transaction<'_>, edit: &PendingEdit) -> rusqlite::Result<()> {
    let (number, fact) = (edit.number.cast_signed(), to_bytes(&edit.fact));
    let sum = sum::of("edit", &[&edit.number.to_be_bytes(), &fact]);
    db.prepare_cached("INSERT INTO edit (number, fact, sum) VALUES (?1, ?2, ?3)")?
        .execute(params![number, fact, sum])
        .map(drop)
}

/// Removes one that is.
pub fn settled(db: &Transaction<'_>, number: u64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM edit WHERE number = ?1")?.execute(params![number.cast_signed()]).map(drop)
}

/// Writes a note.
pub fn note(db: &Transaction<'_>, task: TaskId, kept: &KeptNote) -> rusqlite::Result<()> {
    let kept = to_bytes(kept);
    let sum = sum::of("note", &[task.bytes(), &kept]);
    db.prepare_cached(
        "INSERT INTO note (task, kept, sum) VALUES (?1, ?2, ?3) ON CONFLICT (task) DO UPDATE SET kept = ?2, sum = ?3",
    )?
    .execute(params![task.bytes(), kept, sum])
    .map(drop)
}

/// Removes one.
pub fn forgotten(db: &Transaction<'_>, task: TaskId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM note WHERE task = ?1")?.execute(params![task.bytes()]).map(drop)
}

/// Reads all of it back; a row that the disk has changed is named.
pub fn load(db: &Connection, loaded: Loaded) -> Result<Loaded, Fault> {
    let sql = |source| Fault::Sql { what: "read the edits", path: path_of(db), source };
    let mut rows = db.prepare("SELECT number, fact, sum FROM edit ORDER BY number").map_err(sql)?;
    let rows = rows.query_map([], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?, row.get(2)?)));
    let mut edits = vec![];
    for row in rows.map_err(sql)? {
        let (number, fact, found): (u64, Vec<u8>, Vec<u8>) = row.map_err(sql)?;
        let is_whole = found == sum::of("edit", &[&number.to_be_bytes(), &fact]);
        edits.push(PendingEdit { number, fact: read(db, is_whole, &fact)? });
    }
    let mut rows = db.prepare("SELECT task, kept, sum FROM note ORDER BY task").map_err(sql)?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let mut notes = vec![];
    for row in rows.map_err(sql)? {
        let (task, kept, found): ([u8; 16], Vec<u8>, Vec<u8>) = row.map_err(sql)?;
        let is_whole = found == sum::of("note", &[&task, &kept]);
        notes.push((TaskId::from_bytes(task), read(db, is_whole, &kept)?));
    }
    Ok(Loaded { edits, notes, ..loaded })
}

fn read<T: for<'b> Decode<'b, ()>>(db: &Connection, is_whole: bool, bytes: &[u8]) -> Result<T, Fault> {
    let damaged = |why: String| Fault::Damaged { path: path_of(db), what: format!("an edit or a note: {why}") };
    if !is_whole {
        return Err(damaged("the row's checksum does not fit".into()));
    }
    from_bytes(bytes).map_err(|e| damaged(e.to_string()))
}
