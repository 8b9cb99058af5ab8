//! A disk that takes its time: every `fsync` of a program, in whatever thread, is held back by the kernel.
//!
//! `strace` does it from outside, so the program is the one that ships. With `-D` the program itself is the child, and
//! whoever kills or stops it means it and not its tracer.

use anyhow::{Context, Result, ensure};
use shared::time::Millis;
use std::path::{Path, PathBuf};

/// A delay for every write that has to reach the disk.
#[derive(Clone, Debug)]
pub struct SlowDisk {
    delay: Millis,
    log: PathBuf,
}

impl SlowDisk {
    /// Holds every `fsync` back for so long; what was held back is told in `log`.
    #[must_use]
    pub const fn new(delay: Millis, log: PathBuf) -> Self {
        Self { delay, log }
    }

    /// What stands before a program and its arguments.
    #[must_use]
    pub fn command(&self, program: &Path) -> Vec<String> {
        let inject = format!("inject=fsync,fdatasync:delay_enter={}ms", self.delay.0);
        let (log, program) = (self.log.display().to_string(), program.display().to_string());
        let words = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", &log, "-e", "trace=fsync,fdatasync", "-e"];
        words.into_iter().chain([inject.as_str(), "--", program.as_str()]).map(str::to_owned).collect()
    }

    /// How many writes were held back so far.
    ///
    /// # Errors
    /// When nothing says so: then the disk was not slow at all.
    pub fn held_back(&self) -> Result<usize> {
        let text = std::fs::read_to_string(&self.log).with_context(|| format!("no {}", self.log.display()))?;
        let count = text.matches("(DELAYED)").count();
        ensure!(count > 0, "no write was held back: {text}");
        Ok(count)
    }
}
