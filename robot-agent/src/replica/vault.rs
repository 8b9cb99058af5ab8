//! Both databases of a robot under one quota, each with its reserve.
//!
//! The replica may not grow beyond the quota: SQLite itself refuses the page. The first refusal, by the quota or by the disk,
//! frees both reserves, and what was to be written is written into their room. The second one is a fault.

use super::reserve::Reserve;
use super::telemetry::TelemetryFile;
use super::{Fault, Replica};
use robot_core::{Change, Keep, KeptItem, Loaded, StorageReading, Wanted};
use shared::id::RobotId;
use std::path::Path;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that both databases may use together.
    pub quota: u64,
    /// Bytes that are kept free beside each.
    pub reserve: u64,
}

/// Room that is kept free beside each database: 8 MiB, enough for some ten thousand entries of evidence.
pub const RESERVE_LEN: u64 = 8 * 1024 * 1024;

/// Whether there was room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a full disk is a state that the robot has to know of"]
pub enum Room {
    /// There was.
    Enough,
    /// There was none; the reserves are freed, and everything is written.
    Reserve,
}

/// Both databases.
#[derive(Debug)]
pub struct Vault {
    replica: Replica,
    telemetry: TelemetryFile,
    reserves: [Reserve; 2],
    limits: Limits,
    is_full: bool,
}

impl Vault {
    /// Puts the telemetry's file, `telemetry.db` of the same folder, beside the replica in `path`, and makes the reserves. A
    /// disk without room for them is full: the first commit may still find room, and is not helped by a reserve.
    ///
    /// # Errors
    /// [`Fault`] when the file cannot be used.
    pub fn new(replica: Replica, path: &Path, robot: &RobotId, limits: Limits) -> Result<Self, Fault> {
        let beside = telemetry_of(path);
        let telemetry = TelemetryFile::open(&beside, robot)?;
        let reserves = [Reserve::beside(path, limits.reserve), Reserve::beside(&beside, limits.reserve)];
        let mut vault = Self { replica, telemetry, reserves, limits, is_full: false };
        vault.is_full = !vault.make_reserves();
        vault.limit(vault.limits.quota)?;
        Ok(vault)
    }

    /// The replica, to read it.
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Everything that a start needs.
    ///
    /// # Errors
    /// [`Fault`] when a row cannot be read or the chain does not hold.
    pub fn load(&self, robot: &RobotId) -> Result<Loaded, Fault> {
        let mut loaded = self.replica.load_beside(robot, self.telemetry.head()?)?;
        loaded.telemetry.file = self.telemetry.end(loaded.telemetry.reservation.map(|reserved| reserved.epoch))?;
        Ok(loaded)
    }

    /// Commits to the replica, into the reserve's room when there is no other.
    ///
    /// # Errors
    /// [`Fault`]; nothing of it was written then, and the process has to end.
    pub fn commit(&mut self, changes: &[Change]) -> Result<Room, Fault> {
        match self.replica.commit(changes) {
            Ok(()) => Ok(Room::Enough),
            Err(fault) => {
                self.free_reserves(fault)?;
                self.replica.commit(changes).map(|()| Room::Reserve)
            }
        }
    }

    /// Changes the telemetry's file, in the reserve's room when there is no other.
    ///
    /// # Errors
    /// [`Fault`]; nothing of it was written then, and the process has to end.
    pub fn keep(&mut self, keeps: &[Keep]) -> Result<Room, Fault> {
        let committed = self.replica.remembered();
        match self.telemetry.keep(keeps, committed) {
            Ok(()) => Ok(Room::Enough),
            Err(fault) => {
                self.free_reserves(fault)?;
                self.telemetry.keep(keeps, committed).map(|()| Room::Reserve)
            }
        }
    }

    /// Items of the telemetry's file.
    ///
    /// # Errors
    /// [`Fault`] when one cannot be read.
    pub fn read(&self, wanted: Wanted) -> Result<Vec<KeptItem>, Fault> {
        self.telemetry.read(wanted)
    }

    /// Measures, and sets the reserves aside again where there is room for them and the quota is kept.
    ///
    /// # Errors
    /// [`Fault`] when a database cannot be asked.
    pub fn measure(&mut self) -> Result<StorageReading, Fault> {
        let used = self.replica.used()? + self.telemetry.used()?;
        if self.is_full && used < self.limits.quota && self.make_reserves() {
            self.limit(self.limits.quota)?;
            self.is_full = false;
        }
        Ok(StorageReading { used, quota: self.limits.quota, has_reserve: !self.is_full })
    }

    fn make_reserves(&self) -> bool {
        self.reserves.iter().all(|reserve| reserve.make().is_ok())
    }

    /// The first full disk: frees the reserves and lets the replica grow into them. Any other fault, and the second full disk,
    /// stays what it is.
    fn free_reserves(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.is_full || !fault.is_full() {
            return Err(fault);
        }
        self.is_full = true;
        tracing::error!("the storage is full: the reserves are freed, and the robot takes no work");
        for reserve in &self.reserves {
            // One that is gone already leaves the other one's room.
            if let Err(why) = reserve.free() {
                tracing::warn!("a reserve cannot be freed: {why}");
            }
        }
        self.limit(self.limits.quota.saturating_add(self.limits.reserve))
    }

    fn limit(&self, bytes: u64) -> Result<(), Fault> {
        self.replica.limit(bytes)
    }
}

/// Where the telemetry lies that belongs to a replica: `replica.db` has `telemetry.db` beside it, any other its own name in
/// front.
fn telemetry_of(replica: &Path) -> std::path::PathBuf {
    match replica.file_stem().and_then(|stem| stem.to_str()) {
        Some("replica") | None => replica.with_file_name("telemetry.db"),
        Some(stem) => replica.with_file_name(format!("{stem}-telemetry.db")),
    }
}

#[cfg(test)]
mod tests;
