//! A line of packs for each id, and one place for all of them to be served from.
//!
//! The lines are served in turn, one pack of each, so that who sends much waits for itself and for nobody else. When there is
//! no room left, the longest line loses its last.

use crate::beacon::DisclosureId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

/// The lines.
#[derive(Debug)]
pub(super) struct Fair<T> {
    lines: BTreeMap<DisclosureId, VecDeque<T>>,
    lengths: BTreeSet<(usize, DisclosureId)>,
    count: usize,
    count_max: usize,
    served: Option<DisclosureId>,
}

impl<T> Fair<T> {
    pub(super) const fn with_room(count_max: usize) -> Self {
        Self { lines: BTreeMap::new(), lengths: BTreeSet::new(), count: 0, count_max, served: None }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Puts one at the end of its line. `false` when something was lost for it: this one, where no other line is longer, or
    /// else the last of the longest.
    pub(super) fn push(&mut self, id: DisclosureId, item: T) -> bool {
        let is_full = self.count >= self.count_max;
        if is_full && !self.make_room(id) {
            return false;
        }
        self.change(id, |line| line.push_back(item));
        !is_full
    }

    /// Takes the first of the line whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        let behind = (self.served.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let next = self.lines.range(behind).next().or_else(|| self.lines.first_key_value());
        let id = *next?.0;
        self.served = Some(id);
        self.change(id, VecDeque::pop_front)
    }

    /// Sends a whole line away.
    pub(super) fn clear(&mut self, id: DisclosureId) {
        if self.lines.contains_key(&id) {
            self.change(id, VecDeque::clear);
        }
    }

    /// Whether the longest line is longer than this one would be, and has lost its last.
    fn make_room(&mut self, id: DisclosureId) -> bool {
        let own = self.lines.get(&id).map_or(0, VecDeque::len);
        match self.lengths.last().copied() {
            Some((longest, of)) if longest > own + 1 => self.change(of, VecDeque::pop_back).is_some(),
            _ => false,
        }
    }

    /// Changes a line, and counts it anew. Who has nothing waiting has no line.
    fn change<R>(&mut self, id: DisclosureId, how: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        let line = self.lines.entry(id).or_default();
        let before = line.len();
        let result = how(line);
        let after = line.len();
        if after == 0 {
            self.lines.remove(&id);
        } else {
            self.lengths.insert((after, id));
        }
        if before != after {
            self.lengths.remove(&(before, id));
        }
        self.count = self.count + after - before;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(byte: u8) -> DisclosureId {
        DisclosureId([byte; 16])
    }

    fn served(fair: &mut Fair<u32>) -> Vec<u32> {
        std::iter::from_fn(|| fair.pop()).collect()
    }

    #[test]
    fn who_sends_much_waits_for_itself() {
        let mut fair = Fair::with_room(100);
        (0..50).for_each(|n| assert!(fair.push(id(1), n)));
        assert!(fair.push(id(2), 1000) && fair.push(id(0), 2000));
        let order = served(&mut fair);
        assert!(order[..3].contains(&1000) && order[..3].contains(&2000), "{order:?}");
        let of_one: Vec<u32> = order.into_iter().filter(|n| *n < 1000).collect();
        assert_eq!(of_one, (0..50).collect::<Vec<_>>(), "a line keeps its order");
        assert!(fair.is_empty());
    }

    #[test]
    fn without_room_the_longest_line_loses_its_last() {
        let mut fair = Fair::with_room(10);
        (0..10).for_each(|n| assert!(fair.push(id(1), n)));
        assert!(!fair.push(id(1), 10), "nothing is longer than its own line");
        assert!(!fair.push(id(2), 100), "it is in, and another has made room");
        let order = served(&mut fair);
        assert_eq!(order.len(), 10);
        assert!(order.contains(&100) && order.contains(&8) && !order.contains(&9) && !order.contains(&10), "{order:?}");
    }

    #[test]
    fn where_all_lines_are_as_short_as_can_be_the_newcomer_waits_outside() {
        let mut fair = Fair::with_room(3);
        (1..=3).for_each(|n| assert!(fair.push(id(n), n.into())));
        assert!(!fair.push(id(0), 9));
        assert_eq!(served(&mut fair), [1, 2, 3]);
        assert!(fair.push(id(0), 9), "and comes in as soon as one is served");
    }

    #[test]
    fn what_is_counted_is_what_waits_whatever_happens() {
        let mut fair = Fair::with_room(40);
        let mut number = 1_u64;
        for step in 0..5_000_u32 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if number >> 62 == 0 {
                fair.pop();
            } else if number >> 56 == 255 {
                fair.clear(id((number >> 40) as u8 & 15));
            } else {
                fair.push(id((number >> 40) as u8 & 15), step);
            }
            let lengths: BTreeSet<_> = fair.lines.iter().map(|(id, line)| (line.len(), *id)).collect();
            assert_eq!((fair.count, &fair.lengths), (lengths.iter().map(|(n, _)| n).sum(), &lengths));
            assert!(fair.count <= 40 && !lengths.iter().any(|(n, _)| *n == 0));
        }
    }
}
