//! The hardware around the safety controller, simulated: the button with its two channels, the reset, the two relays
//! with their mirror contacts.
//!
//! Time passes in ticks, so that a late tick is late for the hardware and for the core alike.
//!
//! Leaves to others: what the pins mean (`interlock`), who may touch the actuators (`panel`), what the torque does
//! (`body`).

mod actuator;
mod relay;

pub use actuator::{Button, Reset};
pub use relay::Relay;

/// All of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plant {
    /// The emergency stop.
    pub button: Button,
    /// The reset actuator.
    pub reset: Reset,
    relays: [Relay; 2],
}

impl Plant {
    /// Hardware at rest: relays open, the reset up, the button as a person left it.
    #[must_use]
    pub fn new(button: Button) -> Self {
        Self { button, ..Self::default() }
    }

    /// Lets a tick pass.
    pub fn advance(&mut self, ms: u32) {
        self.relays.iter_mut().for_each(|relay| relay.advance(ms));
    }

    /// Gives the relays their commands.
    pub fn command(&mut self, relays: [bool; 2]) {
        for (relay, on) in self.relays.iter_mut().zip(relays) {
            relay.command(on);
        }
    }

    /// Whether the mirror contact of each relay is closed.
    #[must_use]
    pub fn mirrors(&self) -> [bool; 2] {
        self.relays.map(|relay| relay.mirror_is_closed())
    }

    /// Whether power reaches the motors: two contacts in series.
    #[must_use]
    pub fn has_power(&self) -> bool {
        self.relays.iter().all(Relay::is_closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_relay_alone_gives_no_power() {
        let mut plant = Plant::default();
        plant.command([true, false]);
        plant.advance(50);
        assert!(!plant.has_power());
        assert_eq!(plant.mirrors(), [false, true]);
        plant.command([true, true]);
        plant.advance(50);
        assert!(plant.has_power());
    }
}
