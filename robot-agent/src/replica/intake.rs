//! The snapshot that is coming in: which of its chunks are applied.

use super::load::get;
use super::sum;
use super::write::set;
use robot_core::{Partial, SnapshotMark};
use rusqlite::{Connection, Row, Transaction, params};
use shared::id::TaskId;
use std::collections::BTreeMap;

/// Under which key of `meta` the snapshot's name stands.
const KEY: &str = "snapshot";
/// Bytes of its value: server epoch, name, row of the feed, number of chunks.
const LEN: usize = 8 + 8 + 8 + 4;

/// Begins a snapshot in place of the one that was coming in.
pub fn begin(db: &Transaction<'_>, mark: &SnapshotMark) -> rusqlite::Result<()> {
    forget(db)?;
    let SnapshotMark { server_epoch, snapshot, as_of, of } = mark;
    let numbers = [server_epoch.to_be_bytes(), snapshot.to_be_bytes(), as_of.to_be_bytes()].concat();
    set(db, KEY, &[&numbers[..], &of.to_be_bytes()].concat())?;
    super::aside::mark_place(db)
}

/// Notes that a chunk is applied.
pub fn apply(db: &Transaction<'_>, number: u32, tasks: &[TaskId]) -> rusqlite::Result<()> {
    let ids: Vec<u8> = tasks.iter().flat_map(|id| *id.bytes()).collect();
    db.prepare_cached("INSERT INTO snapshot_chunk (number, tasks, sum) VALUES (?1, ?2, ?3)")?
        .execute(params![number, ids, sum::of_snapshot_chunk(number, &ids)])
        .map(drop)
}

/// Ends it; `whole` tells whether what stood in none of its chunks is gone.
pub fn end(db: &Transaction<'_>, whole: bool) -> rusqlite::Result<()> {
    forget(db)?;
    if whole { super::aside::drop_older(db) } else { Ok(()) }
}

fn forget(db: &Transaction<'_>) -> rusqlite::Result<()> {
    db.execute("DELETE FROM meta WHERE key = ?1", params![KEY])?;
    db.execute("DELETE FROM snapshot_chunk", []).map(drop)
}

/// The snapshot that is applied in part.
pub fn load(db: &Connection) -> rusqlite::Result<Option<Partial>> {
    let Some(mark) = get(db, KEY)?.and_then(|bytes| read_mark(&bytes)) else { return Ok(None) };
    let mut rows = db.prepare("SELECT number, tasks FROM snapshot_chunk")?;
    let chunks: BTreeMap<u32, Vec<TaskId>> = rows.query_map([], read_chunk)?.collect::<Result<_, _>>()?;
    Ok(Some(Partial { mark, chunks }))
}

fn read_mark(bytes: &[u8]) -> Option<SnapshotMark> {
    let bytes: &[u8; LEN] = bytes.try_into().ok()?;
    let number = |from: usize| u64::from_be_bytes(bytes[from..from + 8].try_into().expect("8 bytes"));
    let of = u32::from_be_bytes(bytes[24..].try_into().expect("4 bytes"));
    Some(SnapshotMark { server_epoch: number(0), snapshot: number(8), as_of: number(16), of })
}

fn read_chunk(row: &Row<'_>) -> rusqlite::Result<(u32, Vec<TaskId>)> {
    let ids: Vec<u8> = row.get(1)?;
    Ok((row.get(0)?, ids.as_chunks::<16>().0.iter().map(|id| TaskId::from_bytes(*id)).collect()))
}
