//! The trip epoch, and what has to outlive the power.

/// How many epochs are reserved at once. A mark is moved when half of them are left, so that the shell has hundreds of
/// trips' time to store it and the tick never waits for a disk.
const RESERVED: u32 = 1_000;

/// What non-volatile storage keeps for the interlock. The shell stores it before the first tick and, outside the tick,
/// whenever [`crate::Interlock::to_store`] gives another value; it gives it back at the next power-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// No epoch above this one was ever in use.
    pub epoch_mark: u32,
    /// A fault was found and no proof test has passed since.
    pub fault_pending: bool,
}

impl Stored {
    /// What an empty or unreadable storage stands for: the worst that it could have held.
    pub const LOST: Self = Self { epoch_mark: 0, fault_pending: true };
}

/// The number of the newest trip. It wraps after four billion trips, and is only ever compared for equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) now: u32,
    pub(crate) mark: u32,
}

impl Epoch {
    /// Continues above everything that was ever in use: power-up is a trip.
    pub(crate) const fn above(mark: u32) -> Self {
        Self { now: mark.wrapping_add(1), mark: mark.wrapping_add(RESERVED) }
    }

    pub(crate) const fn advance(self) -> Self {
        let now = self.now.wrapping_add(1);
        let left = self.mark.wrapping_sub(now);
        Self { now, mark: if left < RESERVED / 2 { self.mark.wrapping_add(RESERVED) } else { self.mark } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_epoch_is_used_twice_across_power_cycles() {
        let mut epoch = Epoch::above(u32::MAX - 5_000);
        let mut last = epoch.now.wrapping_sub(1);
        for trip in 0..20_000 {
            assert_ne!(epoch.now, last);
            assert!((499..=1_500).contains(&epoch.mark.wrapping_sub(epoch.now)), "{epoch:?}");
            last = epoch.now;
            // A power cut at any moment continues above the mark, so above every epoch used before it.
            epoch = if trip % 7_000 == 6_999 { Epoch::above(epoch.mark) } else { epoch.advance() };
        }
    }
}
