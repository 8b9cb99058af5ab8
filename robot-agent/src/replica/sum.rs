//! A checksum over the columns of one row, stored with it.
//!
//! It notices what a disk does to a row, not what a person does: whoever can write the database can write a checksum. The
//! table's name and each column's length are covered, so that no row passes for one of another table or with its columns
//! shifted.

use super::{Fault, load};
use robot_core::{BeaconMark, LineMark, WorkRow};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params};
use shared::seal::{Hash, to_hex};
use shared::wire::robot_to_fleet::Mark;
use std::path::Path;

/// A row's checksum: the first eight bytes of a SHA-256.
pub type Sum = [u8; 8];

/// Of a row of `meta`.
pub fn of_meta(key: &str, value: &[u8]) -> Sum {
    of("meta", &[key.as_bytes(), value])
}

/// Of a row of `acked`.
pub fn of_acked(mark: &Mark) -> Sum {
    of("acked", &[&[mark.lane.number()], &mark.seq.to_be_bytes(), &mark.hash.0])
}

/// Of a row of `task`.
pub fn of_task(id: &[u8], row: &[u8]) -> Sum {
    of("task", &[id, row])
}

/// Of a row of `work`.
pub fn of_work(work: &WorkRow) -> Sum {
    let flags = [work.steps_done, work.begun.into(), work.ended.into()];
    let blocked = work.blocked.map(|code| code.number().to_be_bytes());
    of("work", &[work.task.bytes(), &work.fence.to_be_bytes(), &flags, blocked.as_ref().map_or(&[][..], |b| b)])
}

/// Of the row of `firmware`.
pub fn of_firmware(presses: u32) -> Sum {
    of("firmware", &[&presses.to_be_bytes()])
}

/// Of a row of `firmware_line`.
pub fn of_firmware_line(mark: &LineMark) -> Sum {
    of("firmware_line", &[&mark.n.to_be_bytes(), &mark.hash.0])
}

/// Of a row of `beacon`.
pub fn of_beacon(id: &[u8], mark: &BeaconMark) -> Sum {
    let heard = mark.heard_ds.map(u64::to_be_bytes);
    let heard = heard.as_ref().map_or(&[][..], |bytes| bytes);
    of("beacon", &[id, &mark.boot.0.to_be_bytes(), &mark.mono.0.to_be_bytes(), &mark.time_ds.to_be_bytes(), heard])
}

/// Of a row of `endorsement`.
pub fn of_endorsement(id: &[u8], until_s: u32, pack: &[u8]) -> Sum {
    of("endorsement", &[id, &until_s.to_be_bytes(), pack])
}

/// Of a row of `snapshot_chunk`.
pub fn of_snapshot_chunk(number: u32, tasks: &[u8]) -> Sum {
    of("snapshot_chunk", &[&number.to_be_bytes(), tasks])
}

/// Of a row of `aside`, whose hash is that of its bytes.
pub fn of_aside(place: i64, cause: Option<u8>, bytes: &[u8]) -> Sum {
    of("aside", &[&place.to_be_bytes(), cause.as_slice(), bytes])
}

fn of(table: &str, columns: &[&[u8]]) -> Sum {
    let mut bytes = Vec::with_capacity(128);
    for part in std::iter::once(table.as_bytes()).chain(columns.iter().copied()) {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    Hash::of(&[&bytes]).0[..8].try_into().expect("8 of 32 bytes")
}

/// A table whose rows have a checksum.
struct Table {
    name: &'static str,
    /// The columns that are covered.
    columns: &'static str,
    /// An expression that tells its rows apart.
    key: &'static str,
    read: fn(&Row<'_>) -> rusqlite::Result<Keyed>,
}

/// A row's key and the checksum that it should have.
type Keyed = (Value, Sum);

/// The tables that had no checksums when they were made.
const FIRST_TABLES: [Table; 8] = [
    Table { name: "meta", columns: "key, value", key: "key", read: meta },
    Table { name: "acked", columns: "lane, seq, hash", key: "lane", read: acked },
    Table { name: "task", columns: "id, row", key: "id", read: task },
    Table { name: "work", columns: "task, fence, steps_done, begun, ended, blocked", key: "task", read: work },
    Table { name: "firmware", columns: "presses", key: "one", read: firmware },
    Table { name: "firmware_line", columns: "n, hash", key: "n || ' ' || hex(hash)", read: firmware_line },
    Table { name: "beacon", columns: "id, boot, mono_ms, time_ds, heard_ds", key: "id", read: beacon },
    Table { name: "endorsement", columns: "id, until_s, pack", key: "id", read: endorsement },
];

/// Those that were made with them.
const LATER_TABLES: [Table; 2] = [
    Table { name: "snapshot_chunk", columns: "number, tasks", key: "number", read: snapshot_chunk },
    Table { name: "aside", columns: "place, cause, bytes, hash", key: "hash", read: aside },
];

fn meta(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let (key, value): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let sum = of_meta(&key, &value);
    Ok((key.into(), sum))
}

fn acked(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let mark = load::read_mark(row)?;
    Ok((i64::from(mark.lane.number()).into(), of_acked(&mark)))
}

fn task(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let (id, bytes): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let sum = of_task(&id, &bytes);
    Ok((id.into(), sum))
}

fn work(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let work = load::read_work(row)?;
    Ok((work.task.bytes().to_vec().into(), of_work(&work)))
}

fn firmware(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    Ok((1.into(), of_firmware(row.get(0)?)))
}

fn firmware_line(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let mark = load::read_line(row)?;
    let key = format!("{} {}", mark.n.cast_signed(), to_hex(&mark.hash.0).to_uppercase());
    Ok((key.into(), of_firmware_line(&mark)))
}

fn beacon(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let id: Vec<u8> = row.get(0)?;
    let sum = of_beacon(&id, &load::read_beacon(row)?);
    Ok((id.into(), sum))
}

fn endorsement(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let (id, pack): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(2)?);
    let sum = of_endorsement(&id, row.get(1)?, &pack);
    Ok((id.into(), sum))
}

fn snapshot_chunk(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let (number, tasks): (u32, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let sum = of_snapshot_chunk(number, &tasks);
    Ok((i64::from(number).into(), sum))
}

fn aside(row: &Row<'_>) -> rusqlite::Result<Keyed> {
    let (bytes, hash): (Vec<u8>, [u8; 32]) = (row.get(2)?, row.get(3)?);
    // A row under another hash than its own is as damaged as one with other bytes.
    let place: i64 = if Hash::of(&[&bytes]).0 == hash { row.get(0)? } else { i64::MIN };
    let sum = of_aside(place, row.get(1)?, &bytes);
    Ok((hash.to_vec().into(), sum))
}

/// Gives every row of the schema before its checksum.
pub fn fill(db: &Transaction<'_>) -> rusqlite::Result<()> {
    for Table { name, columns, key, read } in FIRST_TABLES {
        let select = format!("SELECT {columns} FROM {name}");
        let rows: Vec<Keyed> = db.prepare(&select)?.query_map([], read)?.collect::<Result<_, _>>()?;
        let mut update = db.prepare(&format!("UPDATE {name} SET sum = ?2 WHERE {key} = ?1"))?;
        for (key, sum) in rows {
            update.execute(params![key, sum])?;
        }
    }
    Ok(())
}

/// Checks every row that has a checksum.
///
/// # Errors
/// [`Fault::Damaged`] naming the first row that is not as it was written.
pub fn verify(db: &Connection, path: &Path) -> Result<(), Fault> {
    let sql = |source| Fault::Sql { what: "check the rows", path: path.into(), source };
    for table in FIRST_TABLES.into_iter().chain(LATER_TABLES) {
        let Table { name, columns, key, read } = table;
        let select = format!("SELECT {columns}, sum, quote({key}) FROM {name}");
        let mut statement = db.prepare(&select).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let behind = columns.split(',').count();
            let stored: Option<Sum> = row.get(behind).ok();
            // A row that cannot even be read is damaged as well.
            let wanted = read(row).ok().map(|(_, sum)| sum);
            if wanted.is_none() || stored != wanted {
                let key: String = row.get(behind + 1).map_err(sql)?;
                let what = format!("the row {key} of the table {name} is not as it was written");
                return Err(Fault::Damaged { path: path.into(), what });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_in_other_columns_or_another_table_have_another_checksum() {
        assert_ne!(of("a", &[b"bc", b"d"]), of("a", &[b"b", b"cd"]));
        assert_ne!(of("a", &[b"bc"]), of("ab", &[b"c"]));
        assert_eq!(of_meta("clean", &[1]), of_meta("clean", &[1]));
    }
}
