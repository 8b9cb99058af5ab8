//! The only place in this program that reads a clock.

use rustix::time::{ClockId, Timespec};
use shared::time::{Instant, WallTime};

/// Milliseconds since the machine's boot, suspend included.
#[must_use]
pub fn now() -> Instant {
    Instant(read(ClockId::Boottime))
}

/// What the calendar claims.
#[must_use]
pub fn wall() -> WallTime {
    WallTime(read(ClockId::Realtime))
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock of this program")]
fn read(clock: ClockId) -> u64 {
    let Timespec { tv_sec, tv_nsec } = rustix::time::clock_gettime(clock);
    let (seconds, nanos) = (u64::try_from(tv_sec).unwrap_or(0), u64::try_from(tv_nsec).unwrap_or(0));
    seconds * 1000 + nanos / 1_000_000
}
