//! How long one piece of work takes, finer than the clock of the tests.

use std::time::Instant;

/// Runs from its making on.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time, finer than the clock of the tests")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds since then.
    pub fn micros(self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e6
    }
}

/// Microseconds that `work` took.
pub fn micros(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let begin = Stopwatch::start();
    work()?;
    Ok(begin.micros())
}
