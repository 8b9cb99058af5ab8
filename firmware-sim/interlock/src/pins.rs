//! What the interlock sees of the world, and what it does to it.

/// The inputs of one tick. Nothing turns bytes into pins: there is no parser here, and no word of the link is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pins {
    /// Channel A of the button, normally closed: true = closed, false = demand.
    pub ch_a: bool,
    /// Channel B of the button, normally closed: true = closed, false = demand.
    pub ch_b: bool,
    /// The reset: true = pressed.
    pub reset: bool,
    /// Mirror contact of relay 1: true = closed, which proves the relay off.
    pub mirror_1: bool,
    /// Mirror contact of relay 2: true = closed, which proves the relay off.
    pub mirror_2: bool,
    /// The robot's own verified beacon was heard since the last tick.
    pub beacon_heard: bool,
}

impl Pins {
    /// Every input in the position a broken wire gives. What the interlock takes to be the case before its first tick.
    pub const DEAD: Self =
        Self { ch_a: false, ch_b: false, reset: false, mirror_1: false, mirror_2: false, beacon_heard: false };

    /// Whether the button asks for a stop: one open channel is enough (SR-08).
    #[must_use]
    pub const fn demand(&self) -> bool {
        !self.ch_a || !self.ch_b
    }

    /// Whether both relays are proven off (SR-09).
    #[must_use]
    pub const fn mirrors_closed(&self) -> bool {
        self.mirror_1 && self.mirror_2
    }
}

/// What the motors may do while they have power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    /// Nothing.
    None,
    /// Only come to rest: a crouch.
    RampDown,
    /// Follow setpoints.
    Full,
}

/// The outputs of one tick: a function of the phase alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outputs {
    /// Relay 1: true = on.
    pub relay_1: bool,
    /// Relay 2, in series with relay 1: true = on. Always the same command.
    pub relay_2: bool,
    /// What the motors may do.
    pub motion: Motion,
}

impl Outputs {
    /// Both relays off.
    pub const OFF: Self = Self { relay_1: false, relay_2: false, motion: Motion::None };

    /// Both relays on.
    #[must_use]
    pub const fn on(motion: Motion) -> Self {
        Self { relay_1: true, relay_2: true, motion }
    }
}
