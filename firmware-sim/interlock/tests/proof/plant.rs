//! What the interlock is wired to: a latching button with two contacts, a reset, two relays in series, their mirrors.
//!
//! A contact may follow its button a tick late, a relay its command a tick late, each on its own. At most one part is
//! broken for good.

use interlock::{Outputs, Pins};

/// One part that no longer does what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Channel A stays closed, whatever the button does.
    StuckA,
    /// Channel B stays closed, whatever the button does.
    StuckB,
    /// Relay 1 stays on once it was on.
    Weld1,
    /// Relay 2 stays on once it was on.
    Weld2,
    /// Mirror 1 always says "off".
    MirrorClosed1,
    /// Mirror 2 always says "off".
    MirrorClosed2,
    /// Mirror 1 always says "on".
    MirrorOpen1,
    /// Mirror 2 always says "on".
    MirrorOpen2,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::StuckA,
        Self::StuckB,
        Self::Weld1,
        Self::Weld2,
        Self::MirrorClosed1,
        Self::MirrorClosed2,
        Self::MirrorOpen1,
        Self::MirrorOpen2,
    ];
}

/// What a person does in a tick, and how the contacts follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moves {
    /// The button is pressed if it was released, and the other way round.
    pub button: bool,
    /// The same for the reset.
    pub reset: bool,
    /// Contact A follows the button a tick late.
    pub lag_a: bool,
    /// Contact B follows the button a tick late.
    pub lag_b: bool,
}

/// The parts as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plant {
    pub latched: bool,
    pub reset: bool,
    closed_a: bool,
    closed_b: bool,
    on_1: bool,
    on_2: bool,
    pub fault: Option<Fault>,
}

impl Plant {
    /// Nobody has touched anything.
    pub const fn new() -> Self {
        Self { latched: false, reset: false, closed_a: true, closed_b: true, on_1: false, on_2: false, fault: None }
    }

    pub const fn broken_by(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// The motors have torque only through both relays.
    pub const fn has_torque(&self) -> bool {
        self.on_1 && self.on_2
    }

    /// Every way in which a person may act and contacts may follow.
    pub fn moves(&self) -> impl Iterator<Item = Moves> {
        let all = [false, true];
        all.into_iter().flat_map(move |button| {
            all.into_iter().flat_map(move |reset| {
                // Only a contact whose button just moved can be late.
                let lags: &[(bool, bool)] = if button {
                    &[(false, false), (true, false), (false, true), (true, true)]
                } else {
                    &[(false, false)]
                };
                lags.iter().map(move |&(lag_a, lag_b)| Moves { button, reset, lag_a, lag_b })
            })
        })
    }

    /// The person acts, the contacts follow.
    pub fn moved(mut self, moves: Moves) -> Self {
        self.latched ^= moves.button;
        self.reset ^= moves.reset;
        self.closed_a = if moves.lag_a { self.closed_a } else { !self.latched } || self.fault == Some(Fault::StuckA);
        self.closed_b = if moves.lag_b { self.closed_b } else { !self.latched } || self.fault == Some(Fault::StuckB);
        self
    }

    pub fn pins(&self, beacon_heard: bool) -> Pins {
        Pins {
            ch_a: self.closed_a,
            ch_b: self.closed_b,
            reset: self.reset,
            mirror_1: self.mirror(self.on_1, Fault::MirrorClosed1, Fault::MirrorOpen1),
            mirror_2: self.mirror(self.on_2, Fault::MirrorClosed2, Fault::MirrorOpen2),
            beacon_heard,
        }
    }

    /// The relays follow their commands, each either at once or with the next tick.
    pub fn driven(mut self, outputs: Outputs, late: (bool, bool)) -> Self {
        let weld_1 = self.fault == Some(Fault::Weld1) && self.on_1;
        let weld_2 = self.fault == Some(Fault::Weld2) && self.on_2;
        self.on_1 = if late.0 { self.on_1 } else { outputs.relay_1 } || weld_1;
        self.on_2 = if late.1 { self.on_2 } else { outputs.relay_2 } || weld_2;
        self
    }

    fn mirror(&self, on: bool, stuck_closed: Fault, stuck_open: Fault) -> bool {
        (!on || self.fault == Some(stuck_closed)) && self.fault != Some(stuck_open)
    }
}
