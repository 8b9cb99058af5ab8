//! Room that is kept free: a file whose only use is to be deleted when the disk is full.

use rustix::fs::{FallocateFlags, fallocate};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    len: u64,
}

impl Reserve {
    /// The reserve of this many bytes beside a database. Nothing is made yet.
    pub fn beside(database: &Path, len: u64) -> Self {
        Self { path: database.with_extension("reserve"), len }
    }

    /// Whether it stands.
    pub fn stands(&self) -> bool {
        self.path.metadata().is_ok_and(|found| found.len() == self.len)
    }

    /// Makes it where it is missing. A disk without the room leaves none behind.
    ///
    /// # Errors
    /// When the disk has no room for it.
    pub fn make(&self) -> std::io::Result<()> {
        if self.stands() {
            return Ok(());
        }
        let made = self.fill();
        if made.is_err() {
            // Half a reserve takes room and is none.
            let _gone = std::fs::remove_file(&self.path);
        }
        made
    }

    fn fill(&self) -> std::io::Result<()> {
        let mut file = File::create(&self.path)?;
        // A file system that cannot set room aside has to write it.
        if fallocate(&file, FallocateFlags::empty(), 0, self.len).is_err() {
            let zeros = [0; 64 * 1024];
            let mut left = self.len;
            while left > 0 {
                let part = left.min(zeros.len() as u64);
                file.write_all(&zeros[..usize::try_from(part).expect("at most 64 KiB")])?;
                left -= part;
            }
        }
        file.sync_all()
    }

    /// Frees it.
    ///
    /// # Errors
    /// When there is none, or it cannot be deleted.
    pub fn free(&self) -> std::io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}
