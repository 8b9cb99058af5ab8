//! The conversation with the server: connected or not, greeted or not.

use shared::time::{Instant, Millis};

/// How long a hello may stay unanswered before it is said again.
const HELLO_AGAIN: Millis = Millis::secs(2);

/// Connected, greeted, or neither. Anything but a welcome with our nonce leaves it as it is.
#[derive(Debug)]
pub struct Session {
    stage: Stage,
    nonce: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Away,
    Greeting { said: Option<Instant> },
    Welcome,
}

impl Session {
    /// Not connected. `seed` makes the nonces of this process differ from those of the one before.
    pub const fn new(seed: u64) -> Self {
        Self { stage: Stage::Away, nonce: seed }
    }

    /// A connection stands and its subscription is confirmed.
    pub const fn connected(&mut self) {
        self.stage = Stage::Greeting { said: None };
    }

    /// The connection is gone.
    pub const fn disconnected(&mut self) {
        self.stage = Stage::Away;
    }

    /// Whether messages can be sent at all.
    pub fn is_connected(&self) -> bool {
        self.stage != Stage::Away
    }

    /// Whether the server has answered this connection's hello.
    pub fn is_welcome(&self) -> bool {
        self.stage == Stage::Welcome
    }

    /// Greets anew over a connection that was welcomed: something does not fit together. A hello that is under way is left
    /// alone: a new nonce at each message that overtakes the welcome would refuse every welcome for ever.
    pub fn greet_again(&mut self) {
        if self.is_welcome() {
            self.stage = Stage::Greeting { said: None };
        }
    }

    /// Greets anew with another epoch: a hello that is under way names the epoch before, and its answer would speak of that.
    pub fn greet_in_another_epoch(&mut self) {
        if self.is_connected() {
            self.stage = Stage::Greeting { said: None };
        }
    }

    /// The nonce of a hello that should be said now.
    pub fn hello_due(&mut self, now: Instant) -> Option<u64> {
        let due = self.poll_timeout().is_some_and(|at| at <= now);
        if !due {
            return None;
        }
        self.stage = Stage::Greeting { said: Some(now) };
        self.nonce = self.nonce.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(self.nonce)
    }

    /// Takes a welcome; true when it answers the newest hello.
    pub fn welcomed(&mut self, nonce: u64) -> bool {
        let ours = self.is_connected() && nonce == self.nonce;
        if ours {
            self.stage = Stage::Welcome;
        }
        ours
    }

    /// When a hello is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::Away | Stage::Welcome => None,
            Stage::Greeting { said: None } => Some(Instant(0)),
            Stage::Greeting { said: Some(said) } => Some(said + HELLO_AGAIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_overtake_the_welcome_do_not_make_it_void() {
        let mut session = Session::new(1);
        session.connected();
        let nonce = session.hello_due(Instant(5)).unwrap();
        session.greet_again();
        assert_eq!(session.hello_due(Instant(6)), None);
        assert!(session.welcomed(nonce));
        session.greet_again();
        assert!(session.hello_due(Instant(7)).is_some());
    }

    #[test]
    fn the_welcome_to_another_epoch_is_not_taken() {
        let mut session = Session::new(1);
        session.greet_in_another_epoch();
        assert!(!session.is_connected());
        session.connected();
        let old = session.hello_due(Instant(5)).unwrap();
        session.greet_in_another_epoch();
        let new = session.hello_due(Instant(6)).unwrap();
        assert!(!session.welcomed(old));
        assert!(session.welcomed(new));
    }

    #[test]
    fn a_hello_is_repeated_until_its_own_nonce_comes_back() {
        let mut session = Session::new(1);
        assert_eq!(session.hello_due(Instant(5)), None);
        session.connected();
        let first = session.hello_due(Instant(5)).unwrap();
        assert_eq!(session.hello_due(Instant(6)), None);
        let second = session.hello_due(Instant(2005)).unwrap();
        assert!(!session.welcomed(first));
        assert!(session.welcomed(second));
        assert!(session.is_welcome());
        session.disconnected();
        assert!(!session.welcomed(second));
    }
}
