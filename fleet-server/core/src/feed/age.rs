//! How old the rows of a feed are, as well as thirty days need it: every 64th row is remembered.

use shared::time::WallTime;
use std::collections::VecDeque;

/// How long a row is kept for a robot that does not come, in milliseconds: thirty days.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;
/// Of how many rows one is remembered.
pub const EVERY: u64 = 64;

/// When some of the rows were made, oldest first.
#[derive(Debug, Default)]
pub struct Ages {
    made: VecDeque<(u64, WallTime)>,
}

impl Ages {
    /// Notes when a row was made.
    pub fn note(&mut self, seq: u64, wall: WallTime) {
        if seq.is_multiple_of(EVERY) {
            self.made.push_back((seq, wall));
        }
    }

    /// The newest row that is known to be older than thirty days; 0 for none. Forgets what it told.
    pub fn take_old(&mut self, now: WallTime) -> u64 {
        let mut oldest = 0;
        while let Some((seq, _)) = self.made.front().filter(|(_, made)| made.0.saturating_add(KEPT_MS) < now.0) {
            oldest = *seq;
            self.made.pop_front();
        }
        oldest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_old_after_thirty_days() {
        let mut ages = Ages::default();
        (1..=300).for_each(|seq| ages.note(seq, WallTime(seq * 1000)));
        assert_eq!(ages.take_old(WallTime(KEPT_MS + 64_000)), 0);
        assert_eq!(ages.take_old(WallTime(KEPT_MS + 200_000)), 192);
        assert_eq!(ages.take_old(WallTime(KEPT_MS + 200_000)), 0);
    }
}
