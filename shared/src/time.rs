//! Time, as a parameter.
//!
//! Terms: an [`Instant`] is monotonic and goes on counting while the machine is suspended (`CLOCK_BOOTTIME`); a
//! [`WallTime`] is what the calendar claims, and may be wrong or jump. Leases and deadlines use only the first.
//!
//! Leaves to others: reading the clocks (`clock.rs` of each binary).

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_never_runs_below_zero() {
        assert_eq!(Instant(5) - Millis(9), Instant(0));
        assert_eq!(Instant(5).since(Instant(9)), Millis(0));
    }
}
