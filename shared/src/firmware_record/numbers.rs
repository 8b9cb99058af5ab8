//! Which events an agent has: the numbers it took, as ranges. Nearly always one.

use std::collections::BTreeMap;

/// A set of event numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// First to last number of each range; ranges neither overlap nor touch.
    ranges: BTreeMap<u64, u64>,
}

impl Numbers {
    /// Whether the number is in it.
    #[must_use]
    pub fn contains(&self, n: u64) -> bool {
        self.ranges.range(..=n).next_back().is_some_and(|(_, last)| n <= *last)
    }

    /// Adds a number; `false` when it was there.
    pub fn insert(&mut self, n: u64) -> bool {
        if self.contains(n) {
            return false;
        }
        let before = self.ranges.range(..n).next_back().filter(|(_, last)| last.checked_add(1) == Some(n));
        let first = before.map_or(n, |(first, _)| *first);
        let behind = n.checked_add(1).and_then(|next| self.ranges.remove(&next));
        self.ranges.insert(first, behind.unwrap_or(n));
        true
    }

    /// The ranges, first and last number of each, in order.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        self.ranges.iter().map(|(first, last)| (*first, *last))
    }
}

impl FromIterator<u64> for Numbers {
    fn from_iter<T: IntoIterator<Item = u64>>(numbers: T) -> Self {
        let mut set = Self::default();
        for n in numbers {
            set.insert(n);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_once_and_neighbours_become_one_range_in_any_order() {
        let mut numbers = Numbers::default();
        assert!([7, 5, 9, 6, u64::MAX, 0].into_iter().all(|n| numbers.insert(n)));
        assert!([7, 5, 9, 6, u64::MAX, 0].into_iter().all(|n| !numbers.insert(n)));
        assert_eq!(numbers.ranges().collect::<Vec<_>>(), [(0, 0), (5, 7), (9, 9), (u64::MAX, u64::MAX)]);
        assert!(numbers.contains(6) && !numbers.contains(8) && !numbers.contains(4));
        assert!(numbers.insert(8));
        assert_eq!(numbers, [9, 8, 7, 6, 5, 0, u64::MAX].into_iter().collect());
    }
}
