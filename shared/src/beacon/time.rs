//! The beacon's clock: tenths of a second since 2019-01-01 UTC.

use crate::time::WallTime;

/// 2019-01-01 UTC in milliseconds since 1970: where F3411's seconds begin.
const BEGIN_MS: u64 = 1_546_300_800_000;

/// The last second that still leaves room for a validity after it (the year 2155).
const SECS_MAX: u64 = u32::MAX as u64 - 3600;

/// A moment in tenths of a second since 2019-01-01 UTC.
///
/// On the air it is two numbers: whole seconds, and tenths since the full hour. Both must tell the same second, so the
/// pair orders as this one number does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BeaconTime(u64);

impl BeaconTime {
    /// From tenths of a second since 2019. What lies beyond the year 2155 stays there.
    #[must_use]
    pub const fn from_ds(ds: u64) -> Self {
        let max = SECS_MAX * 10 + 9;
        Self(if ds < max { ds } else { max })
    }

    /// From whole seconds since 2019.
    #[must_use]
    pub const fn from_secs(secs: u32) -> Self {
        Self::from_ds(secs as u64 * 10)
    }

    /// What the wall clock says; a clock before 2019 gives 0.
    #[must_use]
    pub const fn from_wall(wall: WallTime) -> Self {
        Self::from_ds(wall.0.saturating_sub(BEGIN_MS) / 100)
    }

    /// The moment on the wall clock.
    #[must_use]
    pub const fn to_wall(self) -> WallTime {
        WallTime(self.0 * 100 + BEGIN_MS)
    }

    /// Tenths of a second since 2019.
    #[must_use]
    pub const fn ds(self) -> u64 {
        self.0
    }

    /// Whole seconds since 2019.
    #[must_use]
    pub fn secs(self) -> u32 {
        u32::try_from(self.0 / 10).expect("no beacon time lies beyond the year 2155")
    }

    /// Tenths of a second since the full hour.
    #[must_use]
    pub fn ds_in_hour(self) -> u16 {
        u16::try_from(self.0 % 36_000).expect("an hour has 36,000 tenths of a second")
    }

    /// From the two numbers on the air; `None` when they do not tell the same second.
    #[must_use]
    pub fn from_air(secs: u32, ds_in_hour: u16) -> Option<Self> {
        let agree = u32::from(ds_in_hour / 10) == secs % 3600 && u64::from(secs) <= SECS_MAX;
        agree.then(|| Self(u64::from(secs) * 10 + u64::from(ds_in_hour % 10)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_numbers_on_the_air_come_back_and_must_agree() {
        for ds in [0, 9, 10, 35_999, 36_000, 2_487_654_321] {
            let time = BeaconTime::from_ds(ds);
            assert_eq!(BeaconTime::from_air(time.secs(), time.ds_in_hour()), Some(time));
            assert_eq!(BeaconTime::from_air(time.secs() + 1, time.ds_in_hour()), None);
            assert_eq!(BeaconTime::from_wall(time.to_wall()), time);
        }
        assert_eq!(BeaconTime::from_air(u32::MAX, 2_3959), None);
    }

    #[test]
    fn a_clock_out_of_range_stays_at_its_end() {
        assert_eq!(BeaconTime::from_wall(WallTime(0)).ds(), 0);
        assert!(BeaconTime::from_ds(u64::MAX).secs() < u32::MAX - 30);
    }
}
