//! The non-volatile file: what has to outlive the power.

use crate::lines;
use interlock::Stored;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// The content of `nv.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nv {
    /// No trip epoch above this one was ever in use.
    pub epoch_mark: u32,
    /// A fault was found and no proof test has passed since.
    pub fault_pending: bool,
    /// How often the firmware was started.
    pub boots: u64,
    /// For how long the relays were on since ever, in milliseconds.
    pub energised_ms: u64,
    /// Presses of the button that were not its proof test.
    #[serde(default)]
    pub presses: u32,
}

/// What reading the file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole file.
    Whole(Nv),
    /// No file.
    Missing,
    /// Something else, with the reason.
    Corrupt(String),
}

impl Nv {
    /// Reads the file.
    #[must_use]
    pub fn read(path: &Path) -> Found {
        match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).map_or_else(|e| Found::Corrupt(e.to_string()), Found::Whole),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Missing,
            Err(error) => Found::Corrupt(error.to_string()),
        }
    }

    /// Puts this in place of the file, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        lines::replace(path, &serde_json::to_string(self)?)
    }

    /// What the interlock is given at power-up.
    #[must_use]
    pub const fn stored(&self) -> Stored {
        Stored { epoch_mark: self.epoch_mark, fault_pending: self.fault_pending }
    }

    /// The same with what the interlock wants stored.
    #[must_use]
    pub const fn with(self, stored: Stored) -> Self {
        Self { epoch_mark: stored.epoch_mark, fault_pending: stored.fault_pending, ..self }
    }
}
