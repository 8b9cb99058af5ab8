//! The safety controller's own record, in its real form: numbered, chained and signed lines.

use interlock_link::Cause;
use shared::firmware_record::{Event, Happening};
use shared::seal::{Hash, SigningKey};

/// The lines so far.
pub struct ControllerRecord {
    key: SigningKey,
    head: Hash,
    lines: Vec<String>,
}

impl ControllerRecord {
    /// An empty record.
    pub fn new(key: SigningKey) -> Self {
        Self { key, head: Hash::default(), lines: Vec::new() }
    }

    /// Adds what happened at `now_ms`.
    pub fn add(&mut self, ev: &str, cause: Cause, trip_epoch: u32, now_ms: u64) {
        let what = Happening { t_ms: now_ms, boot: 1, trip_epoch, ev: ev.to_owned(), cause: word(cause).to_owned() };
        let event = Event::seal(what, self.lines.len() as u64 + 1, self.head, &self.key);
        self.head = event.hash();
        self.lines.push(event.line());
    }

    /// The lines behind the first `told`.
    pub fn behind(&self, told: usize) -> &[String] {
        &self.lines[told.min(self.lines.len())..]
    }
}

const fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Heartbeat => "heartbeat",
        Cause::Beacon => "beacon",
        Cause::Session => "session",
        Cause::Button => "button",
        _ => "power_up",
    }
}
