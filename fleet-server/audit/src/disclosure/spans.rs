//! Stretches of time: sorted, apart from each other, in milliseconds of one clock.

/// Stretches `[from, to)` in ascending order that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<(u64, u64)>);

impl Spans {
    /// The stretches, oldest first.
    #[must_use]
    pub fn as_slice(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// How long they are together, in milliseconds.
    #[must_use]
    pub fn total_ms(&self) -> u64 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            both.push((a.0.max(b.0), a.1.min(b.1)));
            if a.1 < b.1 {
                ours.next()
            } else {
                theirs.next()
            };
        }
        both.into_iter().collect()
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let edges = other.0.iter().flat_map(|(from, to)| [*from, *to]);
        let edges: Vec<u64> = std::iter::once(0).chain(edges).chain([u64::MAX]).collect();
        let outside: Self = edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        self.and(&outside)
    }

    /// What lies between two moments.
    #[must_use]
    pub fn between(&self, from: u64, to: u64) -> Self {
        self.and(&std::iter::once((from, to)).collect())
    }

    /// The same on a clock that is `ahead_ms` ahead; what would lie before that clock's beginning is cut.
    #[must_use]
    pub fn shifted(&self, ahead_ms: i64) -> Self {
        self.0
            .iter()
            .map(|(from, to)| (from.saturating_add_signed(ahead_ms), to.saturating_add_signed(ahead_ms)))
            .collect()
    }

    /// Where the stretch ends that a moment lies in.
    #[must_use]
    pub fn end_around(&self, moment: u64) -> Option<u64> {
        self.0.iter().find(|(from, to)| (*from..*to).contains(&moment)).map(|(_, to)| *to)
    }
}

/// In any order, overlapping or not; what is empty or ends before it begins is left out.
impl FromIterator<(u64, u64)> for Spans {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(stretches: T) -> Self {
        let mut found: Vec<(u64, u64)> = stretches.into_iter().filter(|(from, to)| from < to).collect();
        found.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (from, to) in found {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                Some(_) | None => merged.push((from, to)),
            }
        }
        Self(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(stretches: &[(u64, u64)]) -> Spans {
        stretches.iter().copied().collect()
    }

    #[test]
    fn stretches_in_any_order_are_merged_and_empty_ones_left_out() {
        assert_eq!(spans(&[(5, 7), (1, 3), (3, 4), (9, 9), (8, 2), (6, 8)]).as_slice(), [(1, 4), (5, 8)]);
        assert_eq!(spans(&[(1, 4), (5, 8)]).total_ms(), 6);
    }

    /// Every pair of subsets of eight moments, against counting by hand.
    #[test]
    fn and_and_without_agree_with_counting_every_moment() {
        let of_bits = |bits: u64| (0..8).filter(|i| bits >> i & 1 == 1).map(|i| (i, i + 1)).collect::<Spans>();
        for a in 0..256 {
            for b in 0..256 {
                assert_eq!(of_bits(a).and(&of_bits(b)), of_bits(a & b));
                assert_eq!(of_bits(a).without(&of_bits(b)), of_bits(a & !b));
            }
        }
    }

    #[test]
    fn a_shift_keeps_the_length_and_ends_are_found() {
        assert_eq!(spans(&[(10, 20)]).shifted(-5).as_slice(), [(5, 15)]);
        assert_eq!([19, 20, 30].map(|at| spans(&[(10, 20), (30, 40)]).end_around(at)), [Some(20), None, Some(40)]);
    }
}
