//! How long one piece of work takes, in microseconds.

use std::time::Instant;

/// Microseconds that `work` took.
pub fn micros(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time, finer than the clock of the tests")]
    let begin = Instant::now();
    work()?;
    Ok(begin.elapsed().as_secs_f64() * 1e6)
}
