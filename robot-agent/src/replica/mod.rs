//! The robot's own copy, in SQLite: what it acknowledged survives a power cut.
//!
//! Write-ahead log with `synchronous=FULL`: a commit that returned is on disk. One connection, owned by the driver.
//! Leaves to others: what to write (`robot-core`).

mod load;
mod migrate;
mod write;

use robot_core::{Change, Loaded};
use rusqlite::Connection;
use shared::audit::JournalExport;
use shared::id::RobotId;
use shared::journal::Epoch;
use std::path::{Path, PathBuf};

/// The open database.
#[derive(Debug)]
pub struct Replica {
    db: Connection,
    epoch: Epoch,
    #[cfg(debug_assertions)]
    spoil_tasks: bool,
}

/// Why the replica cannot be used. Every one of these ends the process.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database could not do what was asked.
    #[error("cannot {what} in {path}")]
    Sql {
        /// What was attempted.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// A newer program has written this database.
    #[error("{path} has schema {found}; this program knows up to {known}: use a newer robot-agent")]
    FromTheFuture {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// It is another robot's database.
    #[error("{path} belongs to robot {found}, this is {wanted}")]
    AnotherRobot {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Who asks.
        wanted: RobotId,
    },
    /// A row does not read back as what was written.
    #[error("{path}: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
}

impl Replica {
    /// Opens the database, making it when there is none, and brings its schema up to date. `fresh_epoch` is used only
    /// when the database is new.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be opened, is from a newer program, or belongs to another robot.
    pub fn open(path: &Path, robot: &RobotId, fresh_epoch: Epoch) -> Result<Self, Fault> {
        let sql = |what| move |source| Fault::Sql { what, path: path.into(), source };
        let mut db = Connection::open(path).map_err(sql("open"))?;
        configure(&db).map_err(sql("configure"))?;
        migrate::migrate(&mut db, path)?;
        let epoch = load::identity(&mut db, path, robot, fresh_epoch)?;
        Ok(Self {
            db,
            epoch,
            #[cfg(debug_assertions)]
            spoil_tasks: false,
        })
    }

    /// Opens a database that is there, to read it.
    ///
    /// # Errors
    /// [`Fault`] when there is none, or as [`open`](Self::open).
    pub fn open_existing(path: &Path, robot: &RobotId) -> Result<Self, Fault> {
        if !path.exists() {
            return Err(Fault::Damaged { path: path.into(), what: "there is no such database".into() });
        }
        Self::open(path, robot, Epoch(0))
    }

    /// The journal of the current epoch, for an auditor.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn export(&self, robot: &RobotId) -> Result<JournalExport, Fault> {
        load::export(&self.db, robot, self.epoch)
    }

    /// Everything that a start needs.
    ///
    /// # Errors
    /// [`Fault`] when a row cannot be read or the chain does not hold.
    pub fn load(&self, robot: &RobotId) -> Result<Loaded, Fault> {
        load::load(&self.db, robot, self.epoch)
    }

    /// Writes all changes in one transaction. When this returns, they survive a power cut.
    ///
    /// # Errors
    /// [`Fault`]; nothing of it was written then, and the process has to end.
    pub fn commit(&mut self, changes: &[Change]) -> Result<(), Fault> {
        #[cfg(debug_assertions)]
        let spoiled = crate::plant::spoil(self.spoil_tasks, changes);
        #[cfg(debug_assertions)]
        let changes = spoiled.as_deref().unwrap_or(changes);
        write::commit(&mut self.db, self.epoch, changes).map_err(|source| Fault::Sql {
            what: "commit",
            path: path_of(&self.db),
            source,
        })
    }

    /// Makes every task row differ from what the server sent, so that a test can show that it is found.
    #[cfg(debug_assertions)]
    pub const fn spoil_tasks(&mut self) {
        self.spoil_tasks = true;
    }
}

fn path_of(db: &Connection) -> PathBuf {
    db.path().map_or_else(PathBuf::new, PathBuf::from)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests;
