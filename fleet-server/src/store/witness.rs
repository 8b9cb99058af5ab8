//! A second memory beside the database, to notice that the database is an old copy of itself.
//!
//! Each start is counted in the database and then in a file of its own. When the file has counted further, or names another life, the
//! database was put back from a copy, and begins a new life: numbers that robots already know are not given out again. A
//! copy that was taken and put back between two starts is not seen here; robots that are ahead of it show it.

use super::{Fault, attempt};
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// What both memories hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    server_epoch: u64,
    starts: u64,
}

/// Counts this start in both memories. `fresh` names the next life, should one begin; returns whether it did.
///
/// A crash between the two leaves the database ahead of the file, which is no sign of a copy.
pub fn count_start(connection: &mut Connection, folder: &Path, fresh: u64) -> Result<bool, Fault> {
    let unusable = |source| Fault::Folder { folder: folder.to_owned(), source };
    let path = folder.join("fleet.witness");
    let seen = read(&path).map_err(unusable)?;
    let here = counted(connection)?;
    let is_copy = seen.is_some_and(|seen| seen.starts > here.starts || seen.server_epoch != here.server_epoch);
    let starts = seen.map_or(0, |seen| seen.starts).max(here.starts) + 1;
    let count = Count { server_epoch: if is_copy { fresh } else { here.server_epoch }, starts };
    keep(connection, count)?;
    write(&path, count).map_err(unusable)?;
    Ok(is_copy)
}

fn counted(connection: &Connection) -> Result<Count, Fault> {
    Ok(Count { server_epoch: number(connection, "server_epoch")?, starts: number(connection, "starts")? })
}

fn number(connection: &Connection, key: &str) -> Result<u64, Fault> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    let found = connection.query_row(sql, [key], |row| row.get(0)).optional();
    found.map(|bytes| bytes.map_or(0, u64::from_be_bytes)).map_err(attempt("read its life"))
}

fn keep(connection: &mut Connection, count: Count) -> Result<(), Fault> {
    let transaction = connection.transaction().map_err(attempt("begin a transaction"))?;
    for (key, value) in [("server_epoch", count.server_epoch), ("starts", count.starts)] {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
        transaction.execute(sql, (key, value.to_be_bytes())).map_err(attempt("count a start"))?;
    }
    transaction.commit().map_err(attempt("commit"))
}

/// A file that cannot be understood is as good as none: the next start has a whole one again.
fn read(path: &Path) -> std::io::Result<Option<Count>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(other) => return Err(other),
    };
    let mut words = text.split_whitespace();
    let life = words.next().and_then(|word| u64::from_str_radix(word, 16).ok());
    let starts = words.next().and_then(|word| word.parse().ok());
    Ok(life.zip(starts).map(|(server_epoch, starts)| Count { server_epoch, starts }))
}

fn write(path: &Path, count: Count) -> std::io::Result<()> {
    let next = path.with_extension("witness-next");
    let mut file = File::create(&next)?;
    file.write_all(format!("{:016x} {}\n", count.server_epoch, count.starts).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&next, path)
}
