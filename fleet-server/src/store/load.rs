//! Everything that a fleet starts from, read back row by row.

use super::{Fault, attempt};
use fleet_core::Loaded;
use fleet_core::change::{FactMark, FeedRow, TaskRecord};
use rusqlite::{Connection, Row};
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane};
use shared::seal::Hash;
use shared::wire::from_bytes;

/// Reads every table that the fleet keeps in memory.
pub fn everything(connection: &Connection) -> Result<Loaded, Fault> {
    let server_epoch = "SELECT value FROM meta WHERE key = 'server_epoch'";
    let newest_first = "SELECT robot, boot FROM boot ORDER BY n";
    Ok(Loaded {
        server_epoch: all(connection, server_epoch, |row| Ok(u64::from_be_bytes(row.get(0)?)))?.pop().unwrap_or(0),
        tasks: read(connection, "task", "SELECT row, given_to FROM task", task)?,
        feed: read(connection, "feed row", "SELECT robot, seq, row FROM feed", feed)?,
        facts: read(connection, "fact", "SELECT robot, epoch, lane, lane_seq, hash FROM fact", mark)?,
        watermarks: read(connection, "watermark", "SELECT robot, epoch, lane, lane_seq, hash FROM watermark", mark)?,
        origins: read(connection, "origin", "SELECT robot, epoch, lane, lane_seq, hash FROM origin", mark)?,
        now_numbers: read(connection, "number", "SELECT robot, number FROM now_number", |row| {
            Ok((robot(row, 0)?, number(row, 1)?))
        })?,
        boots: read(connection, "boot", newest_first, |row| Ok((robot(row, 0)?, Boot(word(row, 1)?))))?,
    })
}

/// Why a row is not what this program wrote.
type Why = String;

fn read<T, F>(connection: &Connection, what: &'static str, sql: &str, mut row: F) -> Result<Vec<T>, Fault>
where
    F: FnMut(&Row<'_>) -> Result<T, Why>,
{
    let rows = all(connection, sql, |found| Ok(row(found)))?;
    rows.into_iter().collect::<Result<_, Why>>().map_err(|why| Fault::Row { what, why })
}

fn all<T, F>(connection: &Connection, sql: &str, row: F) -> Result<Vec<T>, Fault>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<T>,
{
    let mut statement = connection.prepare(sql).map_err(attempt("prepare a query"))?;
    let rows = statement.query_map([], row).map_err(attempt("read a table"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(attempt("read a row"))
}

fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, column: usize) -> Result<T, Why> {
    row.get(column).map_err(|e| e.to_string())
}

fn robot(row: &Row<'_>, column: usize) -> Result<RobotId, Why> {
    RobotId::parse(&get::<String>(row, column)?).map_err(|e| e.to_string())
}

fn number(row: &Row<'_>, column: usize) -> Result<u64, Why> {
    u64::try_from(get::<i64>(row, column)?).map_err(|e| e.to_string())
}

fn word(row: &Row<'_>, column: usize) -> Result<u64, Why> {
    get(row, column).map(u64::from_be_bytes)
}

fn task(row: &Row<'_>) -> Result<TaskRecord, Why> {
    let given_to: Option<String> = get(row, 1)?;
    let given_to = given_to.map(|name| RobotId::parse(&name)).transpose().map_err(|e| e.to_string())?;
    Ok(TaskRecord { row: from_bytes(&get::<Vec<u8>>(row, 0)?).map_err(|e| e.to_string())?, given_to })
}

fn feed(row: &Row<'_>) -> Result<FeedRow, Why> {
    Ok(FeedRow { robot: robot(row, 0)?, seq: number(row, 1)?, row: get(row, 2)? })
}

fn mark(row: &Row<'_>) -> Result<FactMark, Why> {
    let index = usize::try_from(number(row, 2)?).map_err(|e| e.to_string())?;
    let lane = Lane::ALL.get(index).copied().ok_or_else(|| format!("there is no lane {index}"))?;
    Ok(FactMark::new(robot(row, 0)?, Epoch(word(row, 1)?), lane, number(row, 3)?, Hash(get(row, 4)?)))
}
