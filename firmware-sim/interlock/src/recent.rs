//! Counts what happened within a sliding window, without a clock and in constant memory.

/// How many events are remembered.
const ROOM: usize = 3;

/// For each remembered event, newest first, the ticks until it is forgotten; 0 = none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Recent([u32; ROOM]);

impl Recent {
    pub(crate) const NONE: Self = Self([0; ROOM]);

    /// One tick later.
    pub(crate) fn aged(self) -> Self {
        Self(self.0.map(|left| left.saturating_sub(1)))
    }

    /// With one more event, to be remembered for `window` ticks. The oldest gives way.
    pub(crate) const fn with(self, window: u32) -> Self {
        let [newest, second, _] = self.0;
        Self([window, newest, second])
    }

    /// How many are remembered.
    pub(crate) fn count(self) -> u8 {
        self.0.iter().map(|left| u8::from(*left > 0)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_counts_for_its_window() {
        let recent = Recent::NONE.with(2);
        assert_eq!((recent.count(), recent.aged().count(), recent.aged().aged().count()), (1, 1, 0));
        assert_eq!(recent.with(2).with(2).with(2).count(), 3);
        assert_eq!(Recent::NONE.aged(), Recent::NONE);
    }
}
