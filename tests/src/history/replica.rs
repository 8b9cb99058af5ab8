//! A robot's database, as its agent left it.

use super::table::{Database, array, epoch, hash, lane, seq};
use crate::verdict::history::{Kept, Replica};
use anyhow::{Context, Result, ensure};
use rusqlite::Row;
use shared::id::{RobotId, TaskId};
use shared::journal::Epoch;
use shared::wire::robot_to_fleet::Mark;
use std::path::Path;

/// Reads the database of `robot`.
///
/// # Errors
/// When it is missing, belongs to another robot, or a table has another form.
pub fn read(path: &Path, robot: &RobotId) -> Result<Replica> {
    let db = Database::open(path)?;
    let named =
        db.rows("SELECT CAST(value AS TEXT) FROM meta WHERE key = 'robot'", |row| Ok(row.get::<_, String>(0)?))?;
    ensure!(named == [robot.as_str()], "{} belongs to {named:?}, not to {robot}", path.display());
    let epoch = db.meta("epoch")?.with_context(|| format!("{} has no epoch", path.display()))?;
    Ok(Replica {
        epoch: Epoch(epoch),
        server_epoch: db.meta("server_epoch")?.unwrap_or(0),
        cursor: db.meta("cursor")?.unwrap_or(0),
        journal: db
            .rows("SELECT epoch, cseq, lane, lane_seq, hash, entry, body FROM journal ORDER BY epoch, cseq", kept)?,
        acked: db.rows("SELECT lane, seq, hash FROM acked ORDER BY lane", mark)?,
        tasks: db.rows("SELECT id, row FROM task", task)?.into_iter().collect(),
    })
}

/// A row of the seven columns that both sides have of an entry.
pub(crate) fn kept(row: &Row<'_>) -> Result<Kept> {
    Ok(Kept {
        epoch: epoch(row, 0)?,
        cseq: seq(row, 1)?,
        lane: lane(row, 2)?,
        lane_seq: seq(row, 3)?,
        hash: hash(row, 4)?,
        entry: row.get(5)?,
        body: row.get(6)?,
        boot_ms: 0,
    })
}

fn mark(row: &Row<'_>) -> Result<Mark> {
    Ok(Mark { lane: lane(row, 0)?, seq: seq(row, 1)?, hash: hash(row, 2)? })
}

/// A task's identity and bytes.
pub(crate) fn task(row: &Row<'_>) -> Result<(TaskId, Vec<u8>)> {
    Ok((TaskId::from_bytes(array(row, 0)?), row.get(1)?))
}
