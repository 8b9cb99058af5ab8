//! How long the control thread waits for a recorder that keeps nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Five seconds of ticks in which something waited and nothing was kept. Ticks and not time: a process that was stopped
/// for a minute has waited for nothing.
const TICKS_MAX: u32 = 1000;

/// Counts the ticks without an answer.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Entries that are kept; written by the recorder. A count that is a moment old is soon new.
    done: Arc<AtomicU64>,
    done_last: u64,
    ticks: u32,
}

impl Patience {
    /// Where the recorder counts what it has kept.
    pub(super) fn done(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.done)
    }

    /// One tick, after so many entries were handed over; `true` when it has been too long.
    pub(super) fn ends(&mut self, handed: u64) -> bool {
        let done = self.done.load(Ordering::Relaxed);
        let is_stuck = done == self.done_last && done < handed;
        self.ticks = if is_stuck { self.ticks + 1 } else { 0 };
        self.done_last = done;
        self.ticks >= TICKS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_without_an_answer_is_given_five_seconds_and_one_that_is_slow_or_idle_for_ever() {
        let mut patience = Patience::default();
        assert!((0..10 * TICKS_MAX).all(|_| !patience.ends(0)), "nothing to do");
        assert!((1..TICKS_MAX).all(|_| !patience.ends(2)));
        patience.done().fetch_add(1, Ordering::Relaxed);
        assert!(!patience.ends(2), "one of two");
        assert!((1..TICKS_MAX).all(|_| !patience.ends(2)));
        assert!(patience.ends(2));
    }
}
