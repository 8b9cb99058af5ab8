//! The only file of the server that reads a clock.
//!
//! Decisions use the monotonic clock that goes on counting through suspend; the wall clock only labels records for
//! people and auditors.

use rustix::time::{ClockId, Timespec, clock_gettime};
use shared::time::{Instant, WallTime};

/// Milliseconds since this machine's boot, suspend included (`CLOCK_BOOTTIME`).
#[must_use]
pub fn now() -> Instant {
    Instant(read_ms(ClockId::Boottime))
}

/// Milliseconds since 1970 as this machine's calendar claims.
#[must_use]
pub fn wall() -> WallTime {
    WallTime(read_ms(ClockId::Realtime))
}

#[expect(clippy::disallowed_methods, reason = "the server's one reader of clocks")]
fn read_ms(clock: ClockId) -> u64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    // Both parts are negative only before 1970, where the label 0 does no harm.
    u64::try_from(tv_sec).unwrap_or(0) * 1000 + u64::try_from(tv_nsec).unwrap_or(0) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_does_not_run_backwards() {
        let first = now();
        assert!(now() >= first);
        assert!(wall() > WallTime(1_700_000_000_000));
    }
}
