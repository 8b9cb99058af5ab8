//! The server's database, as the server left it.

use super::replica::{kept, task};
use super::table::{Database, seq};
use crate::verdict::history::{Kept, Server};
use anyhow::{Context, Result};
use rusqlite::Row;
use shared::id::RobotId;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads the server's database.
///
/// # Errors
/// When it is missing, or a table has another form.
pub fn read(path: &Path) -> Result<Server> {
    let db = Database::open(path)?;
    let mut facts: BTreeMap<RobotId, Vec<Kept>> = BTreeMap::new();
    let sql = "SELECT epoch, cseq, lane, lane_seq, hash, entry, body, robot FROM fact ORDER BY robot, epoch, cseq";
    for (robot, fact) in db.rows(sql, |row| Ok((robot(row, 7)?, kept(row)?)))? {
        facts.entry(robot).or_default().push(fact);
    }
    let mut feed: BTreeMap<RobotId, BTreeMap<u64, Vec<u8>>> = BTreeMap::new();
    for (robot, number, bytes) in db.rows("SELECT robot, seq, row FROM feed", feed_row)? {
        feed.entry(robot).or_default().insert(number, bytes);
    }
    Ok(Server {
        epoch: db.meta("server_epoch")?.with_context(|| format!("{} has no server_epoch", path.display()))?,
        tasks: db.rows("SELECT id, row FROM task", task)?.into_iter().collect(),
        facts,
        feed,
    })
}

fn feed_row(row: &Row<'_>) -> Result<(RobotId, u64, Vec<u8>)> {
    Ok((robot(row, 0)?, seq(row, 1)?, row.get(2)?))
}

fn robot(row: &Row<'_>, column: usize) -> Result<RobotId> {
    let name: String = row.get(column)?;
    RobotId::parse(&name).with_context(|| format!("{name:?} is no robot"))
}
