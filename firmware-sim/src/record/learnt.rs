//! What the event list tells a starting firmware about the past.

use shared::firmware_record::Event;

/// What the list tells about the past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learnt {
    /// The highest trip epoch in it.
    pub epoch_max: u32,
    /// The highest number of a start.
    pub boot_max: u64,
    /// How many entries it has.
    pub events: u64,
    /// Presses of the button that were not its proof test.
    pub presses: u32,
    /// Whether the next press would be one of them.
    pub counts_presses: bool,
    /// A lock-out stands in it without a proof test after it.
    pub has_open_fault: bool,
    /// It did not hold and was put aside.
    pub is_damaged: bool,
    /// Bytes of a torn last line; kept in a file beside.
    pub torn: usize,
}

impl Learnt {
    /// Whether nothing was ever written.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.events == 0 && !self.is_damaged && self.torn == 0
    }

    pub(super) fn take(&mut self, event: &Event) {
        let what = event.what();
        self.epoch_max = self.epoch_max.max(what.trip_epoch);
        self.boot_max = self.boot_max.max(what.boot);
        self.events += 1;
        self.take_press(&what.ev);
        self.has_open_fault = match what.ev.as_str() {
            "locked" => true,
            "proof_tested" => false,
            _ => self.has_open_fault,
        };
    }

    /// The same rule by which [`crate::control`] counts: the first press after power-up is the test of the button.
    fn take_press(&mut self, ev: &str) {
        match ev {
            "power_up" => self.counts_presses = false,
            "proof_tested" | "locked" => self.counts_presses = true,
            "button_pressed" if self.counts_presses => self.presses = self.presses.saturating_add(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_are_counted_but_for_the_proof_test_of_each_power_up() {
        let mut learnt = Learnt::default();
        for ev in ["power_up", "button_pressed", "proof_tested", "button_pressed", "locked", "button_pressed"] {
            learnt.take_press(ev);
        }
        assert_eq!(learnt.presses, 2);
        ["power_up", "button_pressed"].into_iter().for_each(|ev| learnt.take_press(ev));
        assert_eq!(learnt.presses, 2);
    }
}
