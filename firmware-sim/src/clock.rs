//! The clock: the only file of this program that reads one.
//!
//! `CLOCK_BOOTTIME` never jumps, goes on through suspend, and is the same for all processes of one machine, so that
//! the logs of firmware, body and supervisor can be laid side by side.

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec};
use shared::time::Instant;

const MS_PER_SECOND: u64 = 1000;
const NS_PER_MS: u64 = 1_000_000;

/// Now, in milliseconds since the machine's boot.
#[must_use]
pub fn now() -> Instant {
    Instant(now_ns() / NS_PER_MS)
}

/// Now, in nanoseconds since the machine's boot; for lengths below a millisecond.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this file is the one reader of the clock")]
pub fn now_ns() -> u64 {
    let time = rustix::time::clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds * MS_PER_SECOND * NS_PER_MS + nanoseconds
}

/// Sleeps until the moment, or until a signal: who calls looks at the clock again.
pub fn sleep_until(moment: Instant) {
    let seconds = i64::try_from(moment.0 / MS_PER_SECOND).unwrap_or(i64::MAX);
    let nanoseconds = (moment.0 % MS_PER_SECOND) * NS_PER_MS;
    let target = Timespec { tv_sec: seconds, tv_nsec: nanoseconds.try_into().unwrap_or(0) };
    let _interrupted = clock_nanosleep_absolute(ClockId::Boottime, &target);
}

/// A length of time for [`rustix::event::poll`].
#[must_use]
pub fn timeout_ms(ms: u64) -> Timespec {
    let seconds = i64::try_from(ms / MS_PER_SECOND).unwrap_or(i64::MAX);
    Timespec { tv_sec: seconds, tv_nsec: ((ms % MS_PER_SECOND) * NS_PER_MS).try_into().unwrap_or(0) }
}
