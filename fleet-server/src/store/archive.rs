//! Robots' journals as readers ask for them: over connections of their own that cannot write, so that nobody who reads keeps
//! the writer waiting.

use super::{Fault, attempt};
use fleet_audit::disclosure::journal::{Received, Source};
use rusqlite::{Connection, OpenFlags, Row, params};
use shared::audit::BatchSeal;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane};
use shared::seal::{PublicKey, Signature};
use shared::wire::robot_to_fleet::Carried;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database, for readers.
#[derive(Clone, Debug)]
pub struct Archive {
    path: PathBuf,
}

/// The lives of a robot's database that have left entries here, oldest first, each with its number of entries.
pub type Epochs = Vec<(Epoch, u64)>;

/// An entry of a journal with its exact bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its number in the chain.
    pub cseq: u64,
    /// Its head.
    pub entry: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// When it was taken, milliseconds since 1970.
    pub received_ms: u64,
}

/// A signature under entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealRow {
    /// Rises with each; where to go on reading.
    pub n: u64,
    /// The signature, and over what.
    pub seal: BatchSeal,
    /// When it was taken, milliseconds since 1970.
    pub received_ms: u64,
}

impl Archive {
    /// The archive of a data folder; nothing is opened yet.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { path: folder.join("fleet.db") }
    }

    pub(super) fn open(&self) -> Result<Connection, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(attempt("open for reading"))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(attempt("set the busy timeout"))?;
        Ok(connection)
    }

    /// Which epochs of a robot's journal there are.
    ///
    /// # Errors
    /// [`Fault`] when the database cannot be read.
    pub fn epochs(&self, robot: &RobotId) -> Result<Epochs, Fault> {
        let sql = "SELECT epoch, count(*) FROM fact WHERE robot = ?1 GROUP BY epoch ORDER BY min(received_ms), epoch";
        read(&self.open()?, sql, params![robot.as_str()], |row| {
            Ok((Epoch(u64::from_be_bytes(row.get(0)?)), number(row, 1)?))
        })
    }

    /// Entries with numbers `from` to `to` in the chain, at most `most`, in order.
    ///
    /// # Errors
    /// [`Fault`] when the database cannot be read.
    pub fn entries(
        &self,
        robot: &RobotId,
        epoch: Epoch,
        (from, to): (u64, u64),
        most: usize,
    ) -> Result<Vec<StoredEntry>, Fault> {
        let sql = "SELECT cseq, entry, body, received_ms FROM fact
                   WHERE robot = ?1 AND epoch = ?2 AND cseq BETWEEN ?3 AND ?4 ORDER BY cseq LIMIT ?5";
        let (from, to, most) = (integer(from), integer(to), integer(most as u64));
        let values = params![robot.as_str(), epoch.0.to_be_bytes(), from, to, most];
        read(&self.open()?, sql, values, |row| {
            let (cseq, received_ms) = (number(row, 0)?, number(row, 3)?);
            Ok(StoredEntry { cseq, entry: row.get(1)?, body: row.get(2)?, received_ms })
        })
    }

    /// One epoch of a robot's journal whole, as the verifier takes it; `key` is the robot's.
    ///
    /// # Errors
    /// [`Fault`] when the database cannot be read.
    pub fn source(&self, robot: &RobotId, epoch: Epoch, key: PublicKey) -> Result<Source, Fault> {
        let entries = self.entries(robot, epoch, (0, u64::MAX), usize::MAX)?;
        let entries = entries.into_iter().map(|StoredEntry { entry, body, .. }| Carried { entry, body }).collect();
        let seals = self.seals(robot, epoch, 0, usize::MAX)?;
        let seals = seals.into_iter().map(|SealRow { seal, received_ms, .. }| Received { seal, received_ms }).collect();
        Ok(Source { robot: robot.clone(), epoch, entries, seals, key: Some(key) })
    }

    /// Signatures behind number `after`, at most `most`, in the order in which they were taken.
    ///
    /// # Errors
    /// [`Fault`] when the database cannot be read.
    pub fn seals(&self, robot: &RobotId, epoch: Epoch, after: u64, most: usize) -> Result<Vec<SealRow>, Fault> {
        let sql = "SELECT n, lane, first, last, boot, sent_mono_ms, signature, body, received_ms FROM batch_seal
                   WHERE robot = ?1 AND epoch = ?2 AND n > ?3 ORDER BY n LIMIT ?4";
        let values = params![robot.as_str(), epoch.0.to_be_bytes(), integer(after), integer(most as u64)];
        read(&self.open()?, sql, values, seal)
    }
}

fn seal(row: &Row<'_>) -> rusqlite::Result<SealRow> {
    let place = row.get::<_, u8>(1)?;
    let lane = Lane::from_number(place).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, place.into()))?;
    let seal = BatchSeal {
        lane,
        first: number(row, 2)?,
        last: number(row, 3)?,
        boot: Boot(u64::from_be_bytes(row.get(4)?)),
        sent_mono_ms: number(row, 5)?,
        signature: Signature(row.get(6)?),
        body: row.get(7)?,
    };
    Ok(SealRow { n: number(row, 0)?, seal, received_ms: number(row, 8)? })
}

/// Reads rows.
pub(super) fn read<T>(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare(sql).map_err(attempt("prepare a query"))?;
    let rows = statement.query_map(values, row).map_err(attempt("read a journal"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(attempt("read a journal's row"))
}

/// A counter in a column.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let found: i64 = row.get(column)?;
    u64::try_from(found).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, found))
}

/// A bound beyond what the engine counts is no bound.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use fleet_core::Change;
    use fleet_core::change::{BatchSealRow, FactRow};
    use shared::fact::Fact;
    use shared::hlc::Hlc;
    use shared::journal::{Chain, Stamp};
    use shared::time::{Instant, WallTime};

    #[test]
    fn a_journal_is_read_in_pages_while_the_writer_has_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let robot = RobotId::parse("r-1").unwrap();
        let mut store = Store::open(folder.path(), 1).unwrap();
        let mut chain = Chain::begin(&robot, Epoch(u64::MAX));
        let stamp = Stamp { boot: Boot(1), mono: Instant(2), hlc: Hlc(3) };
        let fact = |number| {
            let record = chain.append(&Fact::Resumed { number }, stamp);
            let stamp = record.entry.hlc;
            Change::Fact(FactRow { robot: robot.clone(), epoch: Epoch(u64::MAX), record, received: WallTime(9), stamp })
        };
        let facts: Vec<Change> = (0..5).map(fact).collect();
        let (lane, signature) = (Lane::Safety, Signature([7; 64]));
        let seal = BatchSeal {
            lane,
            first: 1,
            last: 5,
            boot: Boot(u64::MAX),
            sent_mono_ms: 4,
            signature,
            body: Some(vec![1]),
        };
        let row =
            BatchSealRow { robot: robot.clone(), epoch: Epoch(u64::MAX), seal: seal.clone(), received: WallTime(9) };
        store.commit(&facts).unwrap();
        store.commit(&[Change::BatchSeal(row)]).unwrap();
        let archive = Archive::of(folder.path());
        assert_eq!(archive.epochs(&robot).unwrap(), [(Epoch(u64::MAX), 5)]);
        let page = archive.entries(&robot, Epoch(u64::MAX), (2, u64::MAX), 3).unwrap();
        assert_eq!(page.iter().map(|entry| entry.cseq).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(archive.seals(&robot, Epoch(u64::MAX), 0, 9).unwrap(), [SealRow { n: 1, seal, received_ms: 9 }]);
        assert!(archive.seals(&robot, Epoch(u64::MAX), 1, 9).unwrap().is_empty());
        assert!(archive.epochs(&RobotId::parse("r-2").unwrap()).unwrap().is_empty());
        assert!(Archive::of(Path::new("/nowhere")).epochs(&robot).is_err());
    }
}
