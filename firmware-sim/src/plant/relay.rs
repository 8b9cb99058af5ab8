//! A relay with forcibly guided contacts: the mirror contact is closed only while the main contact is surely open.

/// How long the armature travels, in milliseconds.
const TRAVEL_MS: u32 = 6;

/// One relay. At rest the main contact is open and the mirror closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relay {
    commanded_on: bool,
    travelled_ms: u32,
    is_welded: bool,
    is_mirror_stuck: bool,
}

impl Relay {
    /// Makes the main contact stay closed, the mirror contact stay closed, or both sound again.
    pub const fn break_by(&mut self, is_welded: bool, is_mirror_stuck: bool) {
        self.is_welded = is_welded;
        self.is_mirror_stuck = is_mirror_stuck;
    }

    /// Puts the coil on or off.
    pub const fn command(&mut self, on: bool) {
        self.commanded_on = on;
    }

    /// Lets the armature travel.
    pub fn advance(&mut self, ms: u32) {
        self.travelled_ms = if self.commanded_on {
            (self.travelled_ms + ms).min(TRAVEL_MS)
        } else {
            self.travelled_ms.saturating_sub(ms)
        };
    }

    /// Whether the main contact is closed: only at the very end of the travel.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.is_welded || self.travelled_ms == TRAVEL_MS
    }

    /// Whether the mirror contact is closed: only at the very beginning, and never over a welded main contact.
    #[must_use]
    pub const fn mirror_is_closed(&self) -> bool {
        self.is_mirror_stuck || (!self.is_welded && self.travelled_ms == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(relay: &mut Relay) -> (bool, bool) {
        relay.advance(5);
        (relay.is_closed(), relay.mirror_is_closed())
    }

    #[test]
    fn contacts_follow_the_coil_with_a_lag_and_are_never_closed_together() {
        let mut relay = Relay::default();
        assert_eq!((relay.is_closed(), relay.mirror_is_closed()), (false, true));
        relay.command(true);
        assert_eq!(seen(&mut relay), (false, false));
        assert_eq!(seen(&mut relay), (true, false));
        relay.command(false);
        assert_eq!(seen(&mut relay), (false, false), "the main contact opens in the first tick");
        assert_eq!(seen(&mut relay), (false, true));
    }

    #[test]
    fn a_short_command_never_closes_the_main_contact() {
        let mut relay = Relay::default();
        relay.command(true);
        assert_eq!(seen(&mut relay), (false, false));
        relay.command(false);
        assert_eq!(seen(&mut relay), (false, true));
    }
}
