//! Stretches of time, counted by their edges: the world's own sums, without the judged program's.

/// Stretches `[from, to)` in milliseconds, in any order, overlapping or not.
#[derive(Clone, Debug, Default)]
pub struct Stretches(Vec<(u64, u64)>);

impl Stretches {
    /// How long they are together between two moments; what overlaps counts once.
    pub fn length_ms(&self, from: u64, to: u64) -> u64 {
        sum(&[self], from, to, |inside| inside[0])
    }

    /// For how long they and others are at once, between two moments.
    pub fn length_with_ms(&self, other: &Self, from: u64, to: u64) -> u64 {
        sum(&[self, other], from, to, |inside| inside[0] && inside[1])
    }

    /// For how long they are while others are not, in all.
    pub fn length_without_ms(&self, other: &Self) -> u64 {
        sum(&[self, other], 0, u64::MAX, |inside| inside[0] && !inside[1])
    }
}

impl FromIterator<(u64, u64)> for Stretches {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(stretches: T) -> Self {
        Self(stretches.into_iter().collect())
    }
}

/// Walks along all edges and counts how many stretches of each kind are open.
fn sum(kinds: &[&Stretches], from: u64, to: u64, counts: impl Fn(&[bool]) -> bool) -> u64 {
    if to <= from {
        return 0;
    }
    let cut = |at: u64| at.clamp(from, to);
    let edges_of = |(kind, stretches): (usize, &&Stretches)| {
        let edges = stretches.0.iter().flat_map(move |(begin, end)| [(cut(*begin), kind, 1), (cut(*end), kind, -1)]);
        edges.collect::<Vec<(u64, usize, i64)>>()
    };
    let mut edges: Vec<(u64, usize, i64)> = kinds.iter().enumerate().flat_map(edges_of).collect();
    edges.sort_unstable();
    let mut open = vec![0; kinds.len()];
    let (mut total, mut last) = (0, from);
    for (at, kind, step) in edges {
        let inside: Vec<bool> = open.iter().map(|count| *count > 0).collect();
        total += if counts(&inside) { at - last } else { 0 };
        open[kind] += step;
        last = at;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_counting_by_hand() {
        let some: Stretches = [(5, 9), (1, 3), (2, 4)].into_iter().collect();
        let other: Stretches = [(3, 6), (6, 7)].into_iter().collect();
        assert_eq!((some.length_ms(0, 100), some.length_ms(2, 6)), (7, 3));
        assert_eq!((some.length_with_ms(&other, 0, 100), some.length_without_ms(&other)), (3, 4));
    }
}
