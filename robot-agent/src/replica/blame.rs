//! What a fault of the replica is to be blamed on, as far as it decides what helps.

use super::Fault;
use rusqlite::ErrorCode;

/// What has to be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What is written: damaged, another robot's, or a newer program's.
    Data,
    /// The disk: full, or refusing to work.
    Disk,
    /// Anything else: another attempt may succeed.
    Moment,
}

impl Fault {
    /// What this fault is to be blamed on.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Damaged { .. } | Self::AnotherRobot { .. } | Self::FromTheFuture { .. } => Blame::Data,
            Self::Head { .. } => Blame::Disk,
            Self::Sql { source, .. } => match source.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Blame::Data,
                Some(
                    ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen,
                ) => Blame::Disk,
                Some(_) | None => Blame::Moment,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_file_that_is_no_database_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let db = rusqlite::Connection::open(dir.path().join("full.db")).unwrap();
        db.execute_batch("PRAGMA max_page_count = 2; CREATE TABLE row (bytes BLOB)").unwrap();
        let source = db.execute("INSERT INTO row VALUES (zeroblob(100000))", []).unwrap_err();
        assert_eq!(Fault::Sql { what: "commit", path: "full.db".into(), source }.blame(), Blame::Disk);
        let path = dir.path().join("text.db");
        std::fs::write(&path, [b'x'; 5000]).unwrap();
        let robot = shared::id::RobotId::parse("r-1").unwrap();
        let fault = super::super::Replica::open(&path, &robot, shared::journal::Epoch(1)).unwrap_err();
        assert_eq!(fault.blame(), Blame::Data, "{fault:?}");
    }
}
