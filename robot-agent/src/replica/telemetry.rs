//! The telemetry's own file: what a killed process has kept is there, what a power cut takes is told as lost.
//!
//! Write-ahead log with `synchronous=NORMAL`: a transaction reaches the disk when the log is folded into the database, so
//! a sample costs no flush. A power cut sets the file back to an earlier moment, whole; nothing else does.
//!
//! With each transaction the file remembers the head of the journal that is committed by then: a replica that was put back beside
//! a newer file lacks it. The file follows the replica's commits, so it never leads a replica that is the newest.

use super::{Fault, path_of};
use robot_core::{FileEnd, Keep, KeptItem, RememberedHead, Thinned, Wanted};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::seal::Hash;
use shared::wire::telemetry::{Item, Sample, Span};
use shared::wire::{from_bytes, to_bytes};
use std::path::Path;

/// The newest schema.
const KNOWN: u32 = 1;

/// The open file.
#[derive(Debug)]
pub struct TelemetryFile {
    db: Connection,
}

impl TelemetryFile {
    /// Opens the file, making it when there is none.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be opened, is from a newer program, or belongs to another robot.
    pub fn open(path: &Path, robot: &RobotId) -> Result<Self, Fault> {
        let sql = |what| move |source| Fault::Sql { what, path: path.into(), source };
        let mut db = Connection::open(path).map_err(sql("open"))?;
        configure(&db).map_err(sql("configure"))?;
        let found: u32 =
            db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql("read the schema"))?;
        match found {
            0 => begin(&mut db, robot).map_err(sql("make"))?,
            KNOWN => {}
            _ => return Err(Fault::FromTheFuture { path: path.into(), found, known: KNOWN }),
        }
        let owner: Vec<u8> = meta(&db, "robot").map_err(sql("read the owner"))?.unwrap_or_default();
        if owner != robot.as_str().as_bytes() {
            let found = String::from_utf8_lossy(&owner).into_owned();
            return Err(Fault::AnotherRobot { path: path.into(), found, wanted: robot.clone() });
        }
        Ok(Self { db })
    }

    /// What it has, seen from a reservation of numbers in this epoch.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn end(&self, reserved: Option<Epoch>) -> Result<FileEnd, Fault> {
        let read = || {
            let items = self.db.query_row("SELECT count(*) FROM item", [], |row| number(row, 0))?;
            let reserved = reserved.map_or(Ok(0), |epoch| newest(&self.db, epoch))?;
            Ok(FileEnd { reserved, items })
        };
        read().map_err(|source| self.fault("read the end", source))
    }

    /// The head of the journal that it remembers; `None` in a new file, and in one of a version that remembered none.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn head(&self) -> Result<Option<RememberedHead>, Fault> {
        let read = meta(&self.db, "head").map_err(|source| self.fault("read the remembered head", source))?;
        Ok(read.and_then(|bytes| head_of(&bytes)))
    }

    /// Makes all changes in one transaction, and remembers the head that is committed. A killed process finds them again.
    ///
    /// # Errors
    /// [`Fault`]; nothing of it was written then.
    pub fn keep(&mut self, keeps: &[Keep], committed: Option<RememberedHead>) -> Result<(), Fault> {
        let path = path_of(&self.db);
        let written = (|| {
            let transaction = self.db.transaction()?;
            for keep in keeps {
                write(&transaction, keep)?;
            }
            committed.map_or(Ok(()), |head| set(&transaction, "head", &bytes_of(head)))?;
            transaction.commit()
        })();
        written.map_err(|source| Fault::Sql { what: "keep telemetry", path, source })
    }

    /// Reads items, in the order in which they were kept.
    ///
    /// # Errors
    /// [`Fault`] when one cannot be read.
    pub fn read(&self, wanted: Wanted) -> Result<Vec<KeptItem>, Fault> {
        let (after, most) = match wanted {
            Wanted::ToSend { most } => (0, most),
            Wanted::ToThin { after, most } => (after, most),
        };
        let sql = "SELECT place, epoch, first, last, sample FROM item WHERE place > ?1 ORDER BY place LIMIT ?2";
        let read = || {
            let mut rows = self.db.prepare_cached(sql)?;
            let rows = rows.query_map(params![after.cast_signed(), most], kept)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.fault("read telemetry", source))
    }

    /// Bytes that it uses, without its free pages.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be asked.
    pub fn used(&self) -> Result<u64, Fault> {
        super::used(&self.db).map_err(|source| self.fault("measure", source))
    }

    fn fault(&self, what: &'static str, source: rusqlite::Error) -> Fault {
        Fault::Sql { what, path: path_of(&self.db), source }
    }
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")
}

fn begin(db: &mut Connection, robot: &RobotId) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(include_str!("telemetry.sql"))?;
    set(&transaction, "robot", robot.as_str().as_bytes())?;
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()
}

fn write(db: &Transaction<'_>, keep: &Keep) -> rusqlite::Result<()> {
    match keep {
        Keep::Item { epoch, item: Item { span, sample } } => db
            .prepare_cached("INSERT INTO item (epoch, first, last, sample) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                epoch.0.to_be_bytes(),
                span.first.cast_signed(),
                span.last.cast_signed(),
                sample.as_ref().map(to_bytes)
            ])
            .map(drop),
        Keep::Forget { epoch, seq } => forget(db, *epoch, *seq),
        Keep::Thin(thinned) => thin(db, thinned),
    }
}

/// The newest number of an epoch that the file has, or has forgotten last.
fn newest(db: &Connection, wanted: Epoch) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(last), 0) FROM item WHERE epoch = ?1";
    let kept = db.query_row(sql, params![wanted.0.to_be_bytes()], |row| number(row, 0))?;
    let forgotten = meta(db, "forgotten")?.and_then(|bytes| mark_of(&bytes)).filter(|(epoch, _)| *epoch == wanted);
    Ok(kept.max(forgotten.map_or(0, |(_, seq)| seq)))
}

/// What is forgotten is remembered by its number, so that it is not taken for lost.
fn forget(db: &Transaction<'_>, epoch: Epoch, seq: u64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM item WHERE epoch = ?1 AND last <= ?2")?
        .execute(params![epoch.0.to_be_bytes(), i64::try_from(seq).unwrap_or(i64::MAX)])?;
    let before = meta(db, "forgotten")?.and_then(|bytes| mark_of(&bytes));
    let is_older = before.is_some_and(|(known, newest)| known == epoch && newest >= seq);
    if is_older {
        return Ok(());
    }
    set(db, "forgotten", &[epoch.0.to_be_bytes(), seq.to_be_bytes()].concat())
}

fn thin(db: &Transaction<'_>, thinned: &Thinned) -> rusqlite::Result<()> {
    let mut drop_one = db.prepare_cached("DELETE FROM item WHERE place = ?1")?;
    for place in &thinned.dropped {
        drop_one.execute(params![place.cast_signed()])?;
    }
    let mut widen = db.prepare_cached("UPDATE item SET first = ?2, last = ?3 WHERE place = ?1")?;
    for (place, Span { first, last }) in &thinned.widened {
        widen.execute(params![place.cast_signed(), first.cast_signed(), last.cast_signed()])?;
    }
    Ok(())
}

fn set(db: &Connection, key: &str, value: &[u8]) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])
        .map(drop)
}

fn meta(db: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row(params![key], |row| row.get(0)).optional()
}

fn mark_of(bytes: &[u8]) -> Option<(Epoch, u64)> {
    let (epoch, seq) = bytes.split_first_chunk::<8>()?;
    Some((Epoch(u64::from_be_bytes(*epoch)), u64::from_be_bytes(seq.try_into().ok()?)))
}

fn bytes_of(RememberedHead { epoch, cseq, head }: RememberedHead) -> Vec<u8> {
    [&epoch.0.to_be_bytes()[..], &cseq.to_be_bytes(), &head.0].concat()
}

fn head_of(bytes: &[u8]) -> Option<RememberedHead> {
    let (mark, head) = bytes.split_at_checked(16)?;
    let (epoch, cseq) = mark_of(mark)?;
    Some(RememberedHead { epoch, cseq, head: Hash(head.try_into().ok()?) })
}

fn kept(row: &Row<'_>) -> rusqlite::Result<KeptItem> {
    let sample = row.get::<_, Option<Vec<u8>>>(4)?.map(|bytes| sample(&bytes)).transpose()?;
    let span = Span { first: number(row, 2)?, last: number(row, 3)? };
    Ok(KeptItem { place: number(row, 0)?, epoch: epoch(row, 1)?, item: Item { span, sample } })
}

fn sample(bytes: &[u8]) -> rusqlite::Result<Sample> {
    let spoiled = |e| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Blob, Box::new(e));
    from_bytes(bytes).map_err(spoiled)
}

fn epoch(row: &Row<'_>, column: usize) -> rusqlite::Result<Epoch> {
    row.get(column).map(u64::from_be_bytes).map(Epoch)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

#[cfg(test)]
mod tests;
