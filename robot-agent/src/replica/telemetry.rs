//! The telemetry's own file: what a killed process has kept is there, what a power cut takes is told as lost.
//!
//! Write-ahead log with `synchronous=NORMAL`: a transaction reaches the disk when the log is folded into the database, so
//! a sample costs no flush. A power cut sets the file back to an earlier moment, whole; nothing else does.

use super::{Fault, path_of};
use robot_core::{FileEnd, Keep, KeptItem, Thinned, Wanted};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use shared::id::RobotId;
use shared::journal::Epoch;
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

    /// How it ends.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn end(&self) -> Result<FileEnd, Fault> {
        let newest = "SELECT epoch, last FROM item ORDER BY place DESC LIMIT 1";
        let read = || {
            let kept = self.db.query_row(newest, [], |row| Ok((epoch(row, 0)?, number(row, 1)?))).optional()?;
            let items = self.db.query_row("SELECT count(*) FROM item", [], |row| number(row, 0))?;
            let forgotten = meta(&self.db, "forgotten")?.and_then(|bytes| mark_of(&bytes));
            Ok(FileEnd { newest: kept.or(forgotten), items })
        };
        read().map_err(|source| self.fault("read the end", source))
    }

    /// Makes all changes in one transaction. A killed process finds them again.
    ///
    /// # Errors
    /// [`Fault`]; nothing of it was written then.
    pub fn keep(&mut self, keeps: &[Keep]) -> Result<(), Fault> {
        let path = path_of(&self.db);
        let written = (|| {
            let transaction = self.db.transaction()?;
            for keep in keeps {
                write(&transaction, keep)?;
            }
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

/// What is forgotten is remembered by its number, so that none is used again.
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
mod tests {
    use super::*;
    use robot_core::Thinned;
    use shared::journal::Boot;
    use shared::wire::telemetry::Condition;

    const E: Epoch = Epoch(u64::MAX);

    fn robot() -> RobotId {
        RobotId::parse("r-1").unwrap()
    }

    fn item(number: u64) -> Item {
        let condition = Condition { step: Some(3), ..Condition::default() };
        let mono_ms = number * 1000;
        let sample = Sample { boot: Boot(9), mono_ms, wall_ms: 5, at: None, battery_permille: Some(7), condition };
        Item { span: Span::one(number), sample: Some(sample) }
    }

    fn kept_up_to(file: &mut TelemetryFile, last: u64) {
        let keeps: Vec<Keep> = (1..=last).map(|number| Keep::Item { epoch: E, item: item(number) }).collect();
        file.keep(&keeps).unwrap();
    }

    fn all(file: &TelemetryFile) -> Vec<Item> {
        file.read(Wanted::ToSend { most: 100 }).unwrap().into_iter().map(|kept| kept.item).collect()
    }

    #[test]
    fn what_is_kept_is_read_in_order_by_the_next_process_and_forgotten_once_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("telemetry.db");
        let mut file = TelemetryFile::open(&path, &robot()).unwrap();
        assert_eq!(file.end().unwrap(), FileEnd::default());
        kept_up_to(&mut file, 5);
        let lost = Item { span: Span { first: 6, last: 4096 }, sample: None };
        file.keep(&[Keep::Item { epoch: E, item: lost }]).unwrap();
        drop(file);
        let mut file = TelemetryFile::open(&path, &robot()).unwrap();
        assert_eq!(file.end().unwrap(), FileEnd { newest: Some((E, 4096)), items: 6 });
        assert_eq!(all(&file), [(1..=5).map(item).collect(), vec![lost]].concat());
        file.keep(&[Keep::Forget { epoch: Epoch(1), seq: 9000 }, Keep::Forget { epoch: E, seq: 3 }]).unwrap();
        assert_eq!(all(&file).len(), 3);
        file.keep(&[Keep::Forget { epoch: E, seq: 4096 }, Keep::Forget { epoch: E, seq: 2 }]).unwrap();
        assert_eq!(file.end().unwrap(), FileEnd { newest: Some((E, 4096)), items: 0 }, "a number is not used again");
    }

    #[test]
    fn thinned_items_stand_for_the_numbers_of_those_before_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = TelemetryFile::open(&dir.path().join("telemetry.db"), &robot()).unwrap();
        kept_up_to(&mut file, 4);
        let before = file.read(Wanted::ToThin { after: 1, most: 9 }).unwrap();
        assert_eq!(before.len(), 3);
        let span = Span { first: 2, last: 3 };
        let thinned = Thinned { dropped: vec![before[0].place], widened: vec![(before[1].place, span)] };
        file.keep(&[Keep::Thin(thinned)]).unwrap();
        assert_eq!(all(&file), [item(1), Item { span, ..item(3) }, item(4)]);
    }

    #[test]
    fn another_robots_file_and_one_from_the_future_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("telemetry.db");
        let file = TelemetryFile::open(&path, &robot()).unwrap();
        let other = TelemetryFile::open(&path, &RobotId::parse("r-2").unwrap());
        assert!(matches!(other, Err(Fault::AnotherRobot { .. })));
        file.db.pragma_update(None, "user_version", 9).unwrap();
        drop(file);
        assert!(matches!(TelemetryFile::open(&path, &robot()), Err(Fault::FromTheFuture { found: 9, .. })));
    }
}
