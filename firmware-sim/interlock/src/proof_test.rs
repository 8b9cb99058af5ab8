//! The proof test of the button (SR-11): after power-up both contacts must be seen to open and to close again, once,
//! before the first energise. A contact that is stuck shows here, while nothing moves.

use crate::pins::Pins;

/// How far the proof test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ProofTest {
    /// Nothing was seen yet.
    Due,
    /// Both channels were seen closed: the button was not held from before.
    Closed,
    /// Both were then seen open together.
    Opened,
    /// Both were then seen closed again, with both relays proven off.
    Passed,
}

impl ProofTest {
    /// What one more look at the pins shows.
    pub(crate) const fn after(self, pins: &Pins) -> Self {
        let closed = pins.ch_a && pins.ch_b;
        let opened = !pins.ch_a && !pins.ch_b;
        match self {
            Self::Due if closed => Self::Closed,
            Self::Closed if opened => Self::Opened,
            Self::Opened if closed && pins.mirrors_closed() => Self::Passed,
            Self::Due | Self::Closed | Self::Opened | Self::Passed => self,
        }
    }
}
