//! The hardware around the safety controller, simulated: the button with its two channels, the reset, the two relays
//! with their mirror contacts, and one defect that a person may put into any of them.
//!
//! Time passes in ticks, so that a late tick is late for the hardware and for the core alike.
//!
//! Leaves to others: what the pins mean (`interlock`), who may touch the actuators (`panel`), what the torque does
//! (`body`).

mod actuator;
mod contacts;
mod defect;
mod relay;

pub use actuator::{Button, Reset};
pub use defect::Defect;
pub use relay::Relay;

use contacts::Contacts;

/// All of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plant {
    /// The emergency stop.
    pub button: Button,
    /// The reset actuator.
    pub reset: Reset,
    contacts: Contacts,
    relays: [Relay; 2],
    defect: Defect,
}

impl Plant {
    /// Hardware at rest: relays open, the reset up, button and parts as they were left.
    #[must_use]
    pub fn new(button: Button, defect: Defect) -> Self {
        let mut plant = Self { button, ..Self::default() };
        plant.break_by(defect);
        plant
    }

    /// Moves the button to a position.
    pub fn move_button(&mut self, is_pressed: bool) {
        if self.button.is_pressed != is_pressed {
            self.button.is_pressed = is_pressed;
            self.contacts.moved();
        }
    }

    /// Puts a defect in, in place of the one before.
    pub fn break_by(&mut self, defect: Defect) {
        self.defect = defect;
        let [relay_1, relay_2] = &mut self.relays;
        relay_1.break_by(defect == Defect::Weld1, defect == Defect::StuckMirror1);
        relay_2.break_by(defect == Defect::Weld2, defect == Defect::StuckMirror2);
    }

    /// What is broken.
    #[must_use]
    pub const fn defect(&self) -> Defect {
        self.defect
    }

    /// Whether each channel of the button is closed.
    #[must_use]
    pub fn channels(&self) -> [bool; 2] {
        let [ch_a, ch_b] = self.button.channels();
        match self.defect {
            Defect::StuckA => [true, ch_b],
            Defect::StuckB => [ch_a, true],
            Defect::Bounce => self.contacts.bouncing().unwrap_or([ch_a, ch_b]),
            Defect::None
            | Defect::Weld1
            | Defect::Weld2
            | Defect::StuckMirror1
            | Defect::StuckMirror2
            | Defect::Mute
            | Defect::Jam
            | Defect::Delay => [ch_a, ch_b],
        }
    }

    /// Lets a tick pass.
    pub fn advance(&mut self, ms: u32) {
        self.contacts.advance(ms);
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

    /// Channels, mirrors and power of hardware that is on, or was pressed.
    fn seen(defect: Defect, is_on: bool) -> ([bool; 2], [bool; 2], bool) {
        let mut plant = Plant::new(Button::default(), Defect::None);
        plant.command([true; 2]);
        plant.advance(10);
        plant.break_by(defect);
        plant.move_button(!is_on);
        plant.command([is_on; 2]);
        plant.advance(200);
        (plant.channels(), plant.mirrors(), plant.has_power())
    }

    #[test]
    fn each_defect_shows_in_its_own_place_and_alone_gives_no_power() {
        let open = [false; 2];
        assert_eq!(seen(Defect::StuckA, false), ([true, false], [true; 2], false));
        assert_eq!(seen(Defect::StuckB, false), ([false, true], [true; 2], false));
        assert_eq!(seen(Defect::Weld1, false), (open, [false, true], false));
        assert_eq!(seen(Defect::Weld2, false), (open, [true, false], false));
        assert_eq!(seen(Defect::StuckMirror1, true), ([true; 2], [true, false], true));
        assert_eq!(seen(Defect::StuckMirror2, true), ([true; 2], [false, true], true));
        assert_eq!(seen(Defect::Bounce, false), (open, [true; 2], false), "it lies still in the end");
    }

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
