//! What the robot was given and cannot use.

use super::load::number;
use super::sum;
use super::write::set;
use robot_core::AsideRow;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use shared::fact::DeadCause;
use shared::seal::Hash;

/// Under which key of `meta` the newest place stands that was taken when a snapshot began.
const KEY: &str = "snapshot_aside";

/// Keeps something, behind everything that is kept.
pub fn put(db: &Transaction<'_>, row: &AsideRow) -> rusqlite::Result<()> {
    let place = newest(db)? + 1;
    let cause = row.dead.map(number_of);
    db.prepare_cached(
        "INSERT INTO aside (hash, place, cause, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (hash) DO UPDATE SET place = ?2, cause = ?3, sum = ?5",
    )?
    .execute(params![row.hash.0, place, cause, row.bytes, sum::of_aside(place, cause, &row.bytes)])
    .map(drop)
}

/// Keeps it no more.
pub fn take(db: &Transaction<'_>, hash: &Hash) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM aside WHERE hash = ?1")?.execute(params![hash.0]).map(drop)
}

/// Remembers what is kept when a snapshot begins.
pub fn mark_place(db: &Transaction<'_>) -> rusqlite::Result<()> {
    set(db, KEY, &newest(db)?.to_be_bytes())
}

/// Drops the rows of a newer version that were kept when the snapshot began and did not come again with it. Dead letters
/// stay: they are for a person.
pub fn drop_older(db: &Transaction<'_>) -> rusqlite::Result<()> {
    let place = number(db, KEY)?.cast_signed();
    db.execute("DELETE FROM aside WHERE cause IS NULL AND place <= ?1", params![place]).map(drop)
}

/// All of it, oldest first. A cause of a newer version counts as a row that is gone: nothing is done with it.
pub fn load(db: &Connection) -> rusqlite::Result<Vec<AsideRow>> {
    let mut rows = db.prepare("SELECT hash, cause, bytes FROM aside ORDER BY place")?;
    let read = |row: &Row<'_>| {
        let cause: Option<u8> = row.get(1)?;
        let dead = cause.map(|number| cause_of(number).unwrap_or(DeadCause::RowGone));
        Ok(AsideRow { hash: Hash(row.get(0)?), dead, bytes: row.get(2)? })
    };
    rows.query_map([], read)?.collect()
}

fn newest(db: &Connection) -> rusqlite::Result<i64> {
    let newest = "SELECT place FROM aside ORDER BY place DESC LIMIT 1";
    Ok(db.prepare_cached(newest)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

const fn number_of(cause: DeadCause) -> u8 {
    match cause {
        DeadCause::BadRow => 0,
        DeadCause::BadChunk => 1,
        DeadCause::TooLarge => 2,
        DeadCause::RowGone => 3,
    }
}

fn cause_of(number: u8) -> Option<DeadCause> {
    let all = [DeadCause::BadRow, DeadCause::BadChunk, DeadCause::TooLarge, DeadCause::RowGone];
    all.into_iter().find(|cause| number_of(*cause) == number)
}
