//! Notices a connection that stands and carries nothing.
//!
//! A client can go on answering its broker's pings and never deliver again what it was given. So what counts is the server's
//! own word: while something waits for it and nothing of it comes for long enough, the client is thrown away and another
//! is made. Where the server itself is away that costs a connection every half minute.

use shared::time::{Instant, Millis};

/// How long the server may say nothing while something waits for its word: many times the outbox's own repetition.
const PATIENCE: Millis = Millis::secs(30);

/// Since when the server's word is missing.
#[derive(Debug, Default)]
pub struct Watchdog {
    missing_since: Option<Instant>,
}

impl Watchdog {
    /// The server has said something, or a new connection stands.
    pub const fn heard(&mut self) {
        self.missing_since = None;
    }

    /// Whether the connection should be made anew. `waits` tells whether there is a connection and something that waits for
    /// the server's word. Asks for it once, then counts from the beginning.
    pub fn bites(&mut self, waits: bool, now: Instant) -> bool {
        if !waits {
            self.missing_since = None;
            return false;
        }
        let since = *self.missing_since.get_or_insert(now);
        let bites = now.since(since) >= PATIENCE;
        if bites {
            self.missing_since = None;
        }
        bites
    }

    /// When it would bite.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.missing_since.map(|since| since + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_bites_after_half_a_minute_of_silence_and_only_while_something_waits() {
        let mut watchdog = Watchdog::default();
        assert!(!watchdog.bites(true, Instant(5)));
        assert_eq!(watchdog.poll_timeout(), Some(Instant(30_005)));
        assert!(!watchdog.bites(true, Instant(30_004)));
        assert!(watchdog.bites(true, Instant(30_005)));
        assert!(!watchdog.bites(true, Instant(30_006)), "the new connection has its own half minute");
        watchdog.heard();
        assert!(!watchdog.bites(true, Instant(70_000)));
        assert!(!watchdog.bites(false, Instant(200_000)));
        assert_eq!(watchdog.poll_timeout(), None);
    }
}
