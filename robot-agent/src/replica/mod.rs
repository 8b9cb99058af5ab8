//! The robot's own copy, in SQLite: what it acknowledged survives a power cut.
//!
//! Write-ahead log with `synchronous=FULL`: a commit that returned is on disk. One connection, owned by the driver. Beside
//! it lies the newest entry's number and hash (`head`), by which a start notices that the database is not the newest.
//! Leaves to others: what to write (`robot-core`).

mod aside;
mod blame;
mod edits;
mod fault;
mod head;
mod intake;
mod journal;
mod load;
mod migrate;
mod reserve;
mod sum;
mod telemetry;
mod vault;
mod write;

pub use blame::Blame;
pub use fault::Fault;
use head::HeadFile;
use robot_core::{Change, Loaded, RememberedHead, judge_start};
use rusqlite::Connection;
use shared::audit::{Anchor, JournalExport};
use shared::id::RobotId;
use shared::journal::{Epoch, Lane, Record};
use shared::seal::Hash;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
pub use vault::{Limits, RESERVE_LEN, Room, Vault};

/// The open database.
#[derive(Debug)]
pub struct Replica {
    db: Connection,
    epoch: Epoch,
    fresh_epoch: Epoch,
    machine: Hash,
    machine_is_noted: bool,
    /// `None` for a database that is only read.
    head: Option<HeadFile>,
    #[cfg(debug_assertions)]
    spoil_tasks: bool,
}

impl Replica {
    /// Opens the database, making it when there is none, and brings its schema up to date, on a computer without a name.
    /// `fresh_epoch` is begun when the database is new or cannot be shown to be the newest.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be opened, is from a newer program, or belongs to another robot.
    pub fn open(path: &Path, robot: &RobotId, fresh_epoch: Epoch) -> Result<Self, Fault> {
        Self::open_on(Hash::default(), path, robot, fresh_epoch)
    }

    /// Opens the database on the computer that `machine` stands for.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(machine: Hash, path: &Path, robot: &RobotId, fresh_epoch: Epoch) -> Result<Self, Fault> {
        let mut replica = Self::open_to_read(path, robot, fresh_epoch)?;
        sum::verify(&replica.db, path)?;
        let beside = path.with_extension("head");
        replica.machine = machine;
        replica.head = Some(HeadFile::open(&beside).map_err(|source| Fault::Head { path: beside, source })?);
        Ok(replica)
    }

    fn open_to_read(path: &Path, robot: &RobotId, fresh_epoch: Epoch) -> Result<Self, Fault> {
        let sql = |what| move |source| Fault::Sql { what, path: path.into(), source };
        let mut db = Connection::open(path).map_err(sql("open"))?;
        configure(&db).map_err(sql("configure"))?;
        migrate::migrate(&mut db, path)?;
        let epoch = load::identity(&mut db, path, robot, fresh_epoch)?;
        Ok(Self {
            db,
            epoch,
            fresh_epoch,
            machine: Hash::default(),
            machine_is_noted: false,
            head: None,
            #[cfg(debug_assertions)]
            spoil_tasks: false,
        })
    }

    /// Opens a database that is there, to read it. The agent may be running.
    ///
    /// # Errors
    /// [`Fault`] when there is none, or as [`open`](Self::open).
    pub fn open_existing(path: &Path, robot: &RobotId) -> Result<Self, Fault> {
        if !path.exists() {
            return Err(Fault::Damaged { path: path.into(), what: "there is no such database".into() });
        }
        Self::open_to_read(path, robot, Epoch(0))
    }

    /// The journal of the current epoch, for an auditor.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn export(&self, robot: &RobotId) -> Result<JournalExport, Fault> {
        self.export_epoch(robot, self.epoch)
    }

    /// The journal of any epoch that stands in this database.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn export_epoch(&self, robot: &RobotId, epoch: Epoch) -> Result<JournalExport, Fault> {
        journal::export(&self.db, robot, epoch)
    }

    /// The journal of an epoch, and where it begins when its older entries are forgotten: both of one moment.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn export_behind(&self, robot: &RobotId, epoch: Epoch) -> Result<(JournalExport, Option<Anchor>), Fault> {
        let sql = |source| Fault::Sql { what: "read the journal", path: path_of(&self.db), source };
        let _one_moment = self.db.unchecked_transaction().map_err(sql)?;
        Ok((self.export_epoch(robot, epoch)?, load::anchor(&self.db, epoch)?))
    }

    /// The current epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The epochs before the current one, in the order in which they were begun.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn earlier_epochs(&self) -> Result<Vec<Epoch>, Fault> {
        journal::earlier_epochs(&self.db, self.epoch)
    }

    /// Everything that a start needs, of a database that has no telemetry beside it.
    ///
    /// # Errors
    /// [`Fault`] when a row cannot be read or the chain does not hold.
    pub fn load(&self, robot: &RobotId) -> Result<Loaded, Fault> {
        self.load_beside(robot, None)
    }

    /// The same beside a file of telemetry that remembers this head.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_beside(&self, robot: &RobotId, by_telemetry: Option<RememberedHead>) -> Result<Loaded, Fault> {
        let mut loaded = edits::load(&self.db, load::load(&self.db, robot, self.epoch)?)?;
        let evidence = load::evidence(&self.db, &loaded.chain, self.machine, [self.remembered(), by_telemetry])?;
        loaded.discontinuity = judge_start(&evidence, self.fresh_epoch);
        Ok(loaded)
    }

    /// The entries of a stretch of a lane of the current epoch, as far as they are kept.
    ///
    /// # Errors
    /// [`Fault`] when one cannot be read.
    pub fn recall(&self, lane: Lane, range: RangeInclusive<u64>) -> Result<Vec<Record>, Fault> {
        journal::recall(&self.db, self.epoch, lane, range)
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
        let machine = self.machine_to_note(changes);
        self.epoch = write::commit(&mut self.db, self.epoch, changes, machine).map_err(|source| Fault::Sql {
            what: "commit",
            path: path_of(&self.db),
            source,
        })?;
        self.machine_is_noted |= machine.is_some();
        self.remember(changes)
    }

    /// Lets the database grow to so many bytes and no further; one that is larger grows no more.
    ///
    /// # Errors
    /// [`Fault`] when the engine refuses.
    pub fn limit(&self, bytes: u64) -> Result<(), Fault> {
        let limited = self.db.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0)).and_then(|page_len| {
            let pages = (bytes / page_len.cast_unsigned().max(1)).clamp(1, PAGES_MAX);
            self.db.pragma_update_and_check(None, "max_page_count", pages.cast_signed(), |_| Ok(()))
        });
        limited.map_err(|source| Fault::Sql { what: "limit the size", path: path_of(&self.db), source })
    }

    /// Bytes that it uses, without its free pages.
    ///
    /// # Errors
    /// [`Fault`] when the engine cannot be asked.
    pub fn used(&self) -> Result<u64, Fault> {
        used(&self.db).map_err(|source| Fault::Sql { what: "measure", path: path_of(&self.db), source })
    }

    /// Brings what is remembered beside the database to the disk.
    ///
    /// # Errors
    /// [`Fault::Head`] when the disk refuses.
    pub fn sync_head(&self) -> Result<(), Fault> {
        let Some(head) = &self.head else { return Ok(()) };
        head.sync().map_err(|source| self.head_fault(source))
    }

    /// The database names its computer only once a head is remembered beside it: a crash between the two leaves a database
    /// that asks for nothing it was never given. A new epoch names it anew.
    fn machine_to_note(&self, changes: &[Change]) -> Option<Hash> {
        let is_remembered = self.head.as_ref().is_some_and(|head| head.newest().is_some());
        let begins_epoch = changes.iter().any(|change| matches!(change, Change::Epoch(_)));
        let is_due = (is_remembered && !self.machine_is_noted) || begins_epoch;
        is_due.then_some(self.machine)
    }

    /// The head that is remembered beside it.
    fn remembered(&self) -> Option<RememberedHead> {
        self.head.as_ref().and_then(HeadFile::newest)
    }

    fn remember(&mut self, changes: &[Change]) -> Result<(), Fault> {
        let Some(file) = &mut self.head else { return Ok(()) };
        let written =
            changes.iter().rev().find_map(|c| if let Change::Journal(record) = c { Some(record) } else { None });
        let Some(record) = written else { return Ok(()) };
        let head = RememberedHead { epoch: self.epoch, cseq: record.entry.cseq, head: record.hash };
        file.remember(head).map_err(|source| self.head_fault(source))
    }

    fn head_fault(&self, source: std::io::Error) -> Fault {
        Fault::Head { path: path_of(&self.db).with_extension("head"), source }
    }

    /// Makes every task row differ from what the server sent, so that a test can show that it is found.
    #[cfg(debug_assertions)]
    pub const fn spoil_tasks(&mut self) {
        self.spoil_tasks = true;
    }
}

/// As many pages as the engine counts.
const PAGES_MAX: u64 = 4_294_967_294;

fn used(db: &Connection) -> rusqlite::Result<u64> {
    let ask = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let pages = ask("page_count")?.saturating_sub(ask("freelist_count")?);
    Ok(pages.saturating_mul(ask("page_size")?).cast_unsigned())
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
