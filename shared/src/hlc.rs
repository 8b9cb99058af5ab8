//! The hybrid logical clock: an order of intents that follows the wall clock and never runs backwards.
//!
//! 48 bits of milliseconds and a 16-bit counter in one `u64`; the origin breaks ties between writers.
//! Leaves to others: keeping the last stamp on disk with the write it stamps (`replica`), and correcting a robot whose
//! wall clock is wrong (the server's clamp).

use crate::time::WallTime;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A stamp: milliseconds since 1970 in the high 48 bits, a counter in the low 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct Hlc(#[n(0)] pub u64);

impl Hlc {
    /// The stamp of a write made now: after every stamp seen, at the wall clock where that is ahead.
    #[must_use]
    pub fn next(self, wall: WallTime) -> Self {
        let physical = wall.0.min((1 << 48) - 1) << 16;
        Self(physical.max(self.0.saturating_add(1)))
    }

    /// Advances to a stamp seen in a message, so that what was seen and then edited comes later.
    #[must_use]
    pub fn seen(self, other: Self) -> Self {
        self.max(other)
    }

    /// The milliseconds part.
    #[must_use]
    pub const fn wall(self) -> WallTime {
        WallTime(self.0 >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_rises_although_the_wall_clock_falls() {
        let first = Hlc::default().next(WallTime(1000));
        let second = first.next(WallTime(10));
        assert!(second > first);
        assert_eq!(second.wall(), WallTime(1000));
    }
}
