//! The clock that all processes of one machine share, for deadlines and for the record of acts.

use shared::time::{Instant, Millis, WallTime};
use std::time::Duration;

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Now, on the clock that every log of a run is written with.
#[must_use]
pub fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "the one clock of the tests; processes cannot be run on a false one")]
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Instant(time.tv_sec.unsigned_abs() * 1000 + time.tv_nsec.unsigned_abs() / 1_000_000)
}

/// What the calendar says, for what outlives a boot: endorsements.
#[must_use]
pub fn wall() -> WallTime {
    #[expect(clippy::disallowed_methods, reason = "the one clock of the tests; processes cannot be run on a false one")]
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    WallTime(time.tv_sec.unsigned_abs() * 1000 + time.tv_nsec.unsigned_abs() / 1_000_000)
}

/// Waits until `look` finds something.
///
/// # Errors
/// When it has found nothing within the time; the sentence says what was waited for.
pub fn until<T>(what: &str, within: Millis, mut look: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let deadline = now() + within;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        anyhow::ensure!(now() < deadline, "waited {} ms in vain: {what}", within.0);
        std::thread::sleep(LOOK_EVERY);
    }
}
