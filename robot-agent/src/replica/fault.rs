//! Why the replica cannot be used.

use shared::id::RobotId;
use std::path::PathBuf;

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
    /// The head that is remembered beside the database cannot be kept.
    #[error("cannot keep the newest head in {path}")]
    Head {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
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
