//! The only clock of `xtask`: how long a step took. Nothing else here depends on time.

use std::fmt;
use std::time::{Duration, Instant};

/// Runs from its start until it is read.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "xtask's one clock; nothing it measures is recorded as evidence")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn read(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Reads as `12.3 s`.
impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.read().as_secs_f64())
    }
}
