//! The server's database: SQLite, one writer, one transaction for each round of inputs.
//!
//! A commit is on disk when it returns (write-ahead log, `synchronous = FULL`), which is what an acknowledgement to a
//! robot rests on. A crash before it leaves nothing of the round; the robots send again.
//!
//! Leaves to others: what the rows mean (`fleet-core`), the layout's history (`migration`).

mod archive;
mod edits;
mod load;
mod migration;
mod rows;
mod telemetry;
mod witness;

pub use archive::{Archive, Epochs, SealRow, StoredEntry};
pub use telemetry::{StoredTelemetry, TelemetryPage};

use fleet_core::{Change, Loaded, ReadFeed};
use rusqlite::{Connection, OpenFlags};
use shared::id::RobotId;
use shared::wire::fleet_to_robot::RowBytes;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The folder is missing, or may not be written.
    #[error("the data folder {} cannot be used", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process writes this database.
    #[error("another fleet serve is using the data folder {}", .0.display())]
    InUse(PathBuf),
    /// The database was written by a newer program.
    #[error("the database has layout {found}, this program knows up to {known}: use a newer fleet")]
    FromTheFuture {
        /// The layout it has.
        found: i64,
        /// The newest layout known here.
        known: i64,
    },
    /// A row cannot be read back.
    #[error("the database has a {what} that cannot be read: {why}")]
    Row {
        /// Which kind of row.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// The database engine reports a fault.
    #[error("the database failed to {attempt}")]
    Engine {
        /// What was attempted.
        attempt: &'static str,
        /// What the engine says.
        source: rusqlite::Error,
    },
}

/// Pages that the writer keeps in memory, in KiB. Each robot's journal grows at a place of its own, so a hundred robots touch
/// some hundred pages in a round, and the engine's own 2 MB would be read back from the file all the time. With four times as
/// much the engine spends more on looking through its pages at each commit than it saves.
const CACHE_KIB: i64 = 16 * 1024;
/// After so many pages (32 MiB) the log is folded into the database. A page that was written ten times in between is copied once;
/// the log is as durable as the database, and a start reads it back in a moment.
const CHECKPOINT_PAGES: i64 = 8192;
/// Statements that stay prepared: all of them.
const STATEMENTS_MAX: usize = 64;

/// Names what was attempted in an engine's fault.
fn attempt(attempt: &'static str) -> impl FnOnce(rusqlite::Error) -> Fault {
    move |source| Fault::Engine { attempt, source }
}

/// The open database. Held by the one writer.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    _lock: Option<File>,
}

impl Store {
    /// Opens `fleet.db` in a folder that exists, making the file if it is missing. `server_epoch` names the life of a
    /// database that is made now.
    ///
    /// # Errors
    /// [`Fault`] when the folder, the lock or the database cannot be used.
    pub fn open(folder: &Path, server_epoch: u64) -> Result<Self, Fault> {
        let lock = lock(folder)?;
        let connection = Connection::open_with_flags(folder.join("fleet.db"), flags()).map_err(attempt("open"))?;
        let mut store = Self::prepare(connection, Some(lock), server_epoch)?;
        if witness::count_start(&mut store.connection, folder, server_epoch)? {
            tracing::warn!(
                "the database is an older copy of itself: it begins a new life, and robots offer again what it lacks"
            );
        }
        Ok(store)
    }

    /// A database in memory, for tests and simulations.
    ///
    /// # Errors
    /// [`Fault`] when the engine fails.
    pub fn in_memory(server_epoch: u64) -> Result<Self, Fault> {
        Self::prepare(Connection::open_in_memory().map_err(attempt("open"))?, None, server_epoch)
    }

    fn prepare(mut connection: Connection, lock: Option<File>, server_epoch: u64) -> Result<Self, Fault> {
        connection.busy_timeout(Duration::from_secs(5)).map_err(attempt("set the busy timeout"))?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(attempt("turn on the write-ahead log"))?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(attempt("turn on full synchronisation"))?;
        connection.pragma_update(None, "cache_size", CACHE_KIB.saturating_neg()).map_err(attempt("size the cache"))?;
        let checkpoint = connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()));
        checkpoint.map_err(attempt("set when the log is folded"))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        migration::run(&mut connection)?;
        rows::begin_life(&connection, server_epoch)?;
        Ok(Self { connection, _lock: lock })
    }

    /// Everything that a fleet starts from.
    ///
    /// # Errors
    /// [`Fault`] when a row cannot be read.
    pub fn load(&self) -> Result<Loaded, Fault> {
        edits::load(&self.connection, load::everything(&self.connection)?)
    }

    /// Rows of a robot's feed that the fleet does not keep in memory.
    ///
    /// # Errors
    /// [`Fault`] when the engine fails.
    pub fn feed_rows(&self, robot: &RobotId, rows: ReadFeed) -> Result<Vec<RowBytes>, Fault> {
        load::feed_rows(&self.connection, robot, rows)
    }

    /// Writes all rows, or none. They are on disk when this returns.
    ///
    /// # Errors
    /// [`Fault`] when the engine fails; the caller ends the process, because what it decided is not on disk.
    pub fn commit(&mut self, changes: &[Change]) -> Result<(), Fault> {
        let transaction = self.connection.transaction().map_err(attempt("begin a transaction"))?;
        rows::write_all(&transaction, changes)?;
        transaction.commit().map_err(attempt("commit"))
    }
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// One writer a database: the kernel takes the lock away when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, Fault> {
    let unusable = |source| Fault::Folder { folder: folder.to_owned(), source };
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("fleet.lock"));
    let file = file.map_err(unusable)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Fault::InUse(folder.to_owned())),
        Err(errno) => Err(unusable(errno.into())),
    }
}

#[cfg(test)]
mod tests;
