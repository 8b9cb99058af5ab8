//! Presses of the button that this agent has not seen.
//!
//! A status tells of the newest trip alone. A press while the agent was away, and a power cycle after it, show only in the
//! firmware's own count of presses, which is kept without power. Every number but the one that was acted on last stands for
//! a press that nobody here has seen; a lower one is another firmware's, and nobody knows what it was stopped for.

use interlock_link::Counters;

/// The count that was acted on last, and whether the firmware has told its own lately.
#[derive(Debug)]
pub struct PressCount {
    acted_on: Option<u32>,
    is_known: bool,
}

/// A count that has to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCount {
    /// What the firmware tells.
    pub presses: u32,
    /// It stands for a press. Only the first count that is ever heard can stand for none: zero, of a new firmware.
    pub is_press: bool,
}

impl PressCount {
    /// Takes up what the replica knew; `None` when it has never met a firmware that counts.
    pub const fn new(acted_on: Option<u32>) -> Self {
        Self { acted_on, is_known: false }
    }

    /// Takes what the control loop saw; `None` when the firmware has not told lately.
    pub fn see(&mut self, counters: Option<Counters>) -> Option<NewCount> {
        self.is_known = counters.is_some();
        let presses = counters?.presses;
        let before = self.acted_on.replace(presses);
        let is_press = before.is_some() || presses > 0;
        (before != Some(presses)).then_some(NewCount { presses, is_press })
    }

    /// Whether the count is known now. While it is not, nobody can say that no clearance is due.
    pub const fn is_known(&self) -> bool {
        self.is_known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(presses: u32) -> Option<Counters> {
        Some(Counters { presses, boots: 3, energised_s: 60 })
    }

    #[test]
    fn any_other_count_is_a_press_and_the_same_one_is_none() {
        for (before, now) in [(4, 5), (4, 9), (4, 3), (4, 0), (0, 1), (u32::MAX, 0)] {
            let mut count = PressCount::new(Some(before));
            assert_eq!(count.see(told(before)), None);
            assert_eq!(count.see(told(now)), Some(NewCount { presses: now, is_press: true }), "{before} to {now}");
            assert_eq!(count.see(told(now)), None);
        }
    }

    #[test]
    fn a_new_replica_takes_nothing_but_a_count_of_zero_for_no_press() {
        assert_eq!(PressCount::new(None).see(told(0)), Some(NewCount { presses: 0, is_press: false }));
        assert_eq!(PressCount::new(None).see(told(1)), Some(NewCount { presses: 1, is_press: true }));
    }

    #[test]
    fn a_count_that_was_not_told_is_not_known() {
        let mut count = PressCount::new(Some(4));
        assert!(!count.is_known());
        count.see(told(4));
        assert!(count.is_known());
        assert_eq!((count.see(None), count.is_known()), (None, false));
    }
}
