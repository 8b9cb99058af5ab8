//! Time, as a parameter.
//!
//! Terms: an [`Instant`] is monotonic and goes on counting while the machine is suspended (`CLOCK_BOOTTIME`); a
//! [`WallTime`] is what the calendar claims, and may be wrong or jump. Leases and deadlines use only the first.
//!
//! Leaves to others: reading the clocks (`clock.rs` of each binary).

use std::fmt;
use std::ops::{Add, Sub};

/// A length of time in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// `n` seconds.
    #[must_use]
    pub const fn secs(n: u64) -> Self {
        Self(n * 1000)
    }
}

/// A moment on a machine's own monotonic clock: milliseconds since its boot, suspend included (`CLOCK_BOOTTIME`).
///
/// Not comparable between machines, nor between two boots of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

impl Instant {
    /// How long it has been since `earlier`; zero when `earlier` lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Millis> for Instant {
    type Output = Self;
    fn add(self, length: Millis) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Millis> for Instant {
    type Output = Self;
    fn sub(self, length: Millis) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

/// Milliseconds since 1970-01-01 UTC as a wall clock claims. Never decides a lease or an order of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(pub u64);

/// As people read it: date and time of day in UTC, to the second.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000;
        let (year, month, day) = date_of(seconds / 86_400);
        let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
        write!(f, "{year}-{month:02}-{day:02} {hours:02}:{minutes:02}:{:02} UTC", seconds % 60)
    }
}

/// Year, month and day of a number of days since 1970. Years are counted from March, so that the leap day is a year's last.
const fn date_of(days: u64) -> (u64, u64, u64) {
    const CENTURIES4: u64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days / CENTURIES4, days % CENTURIES4);
    let year = (day - day / 1_460 + day / 36_524 - day / (CENTURIES4 - 1)) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year + if month < 3 { 1 } else { 0 };
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_a_date_in_utc() {
        let said = |seconds: u64| WallTime(seconds * 1_000).to_string();
        assert_eq!(said(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(said(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(
            (said(951_782_400), said(951_868_800)),
            ("2000-02-29 00:00:00 UTC".into(), "2000-03-01 00:00:00 UTC".into())
        );
        assert_eq!(said(1_546_300_800 + 249_693_477), "2026-11-29 23:17:57 UTC");
        assert_eq!(said(4_107_542_400), "2100-03-01 00:00:00 UTC");
        assert!(WallTime(u64::MAX).to_string().ends_with(" UTC"));
    }

    #[test]
    fn an_instant_never_runs_below_zero() {
        assert_eq!(Instant(5) - Millis(9), Instant(0));
        assert_eq!(Instant(5).since(Instant(9)), Millis(0));
    }
}
