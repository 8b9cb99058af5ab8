//! A safety controller's receiver: what it heard last, and whether its antenna is off.

/// How long a heard disclosure counts as heard.
const BEACON_MS: u64 = 1_500;

/// The receiver.
#[derive(Debug, Default)]
pub struct Ears {
    /// When it heard its robot last.
    pub last_ms: Option<u64>,
    /// The antenna is off.
    pub is_muted: bool,
}

impl Ears {
    /// A disclosure is on the air; whether it was heard.
    pub const fn hear(&mut self, now_ms: u64) -> bool {
        if !self.is_muted {
            self.last_ms = Some(now_ms);
        }
        !self.is_muted
    }

    /// Whether one was heard in time.
    pub fn is_heard(&self, now_ms: u64) -> bool {
        self.last_ms.is_some_and(|at| now_ms <= at + BEACON_MS)
    }
}
