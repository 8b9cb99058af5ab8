//! What the faces threw away, counted by face and reason.
//!
//! Counters only rise. The faces count, the control thread reads them for the panel; a count that is a moment old
//! harms nobody, so they are plain atomics.

use shared::beacon;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of the faces. The link's frames are counted by its inbox and are added by the control thread.
#[derive(Debug, Default)]
pub struct Dropped {
    counters: [AtomicU64; REASONS.len()],
}

/// Why something was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// On the air: another number of bytes.
    AirLength,
    /// On the air: another protocol.
    AirMagic,
    /// On the air: another robot. No fault, only not ours.
    AirForeign,
    /// On the air: a wrong signature.
    AirSignature,
    /// On the air: heard before.
    AirNotRising,
    /// On the panel: no request, or one this panel does not have.
    PanelGarbage,
    /// On the panel: a line without an end.
    PanelTooLong,
    /// On the panel: a process of another user.
    PanelStranger,
    /// On the panel: more connections than it serves.
    PanelBusy,
    /// To the agent: it did not read.
    LinkUnread,
    /// To the log: nobody reads it, or an agent causes too much of it.
    LogFull,
}

const REASONS: [(Reason, &str); 11] = [
    (Reason::AirLength, "air_length"),
    (Reason::AirMagic, "air_magic"),
    (Reason::AirForeign, "air_foreign"),
    (Reason::AirSignature, "air_signature"),
    (Reason::AirNotRising, "air_not_rising"),
    (Reason::PanelGarbage, "panel_garbage"),
    (Reason::PanelTooLong, "panel_too_long"),
    (Reason::PanelStranger, "panel_stranger"),
    (Reason::PanelBusy, "panel_busy"),
    (Reason::LinkUnread, "link_unread"),
    (Reason::LogFull, "log_full"),
];

impl Dropped {
    /// Counts one.
    pub fn count(&self, reason: Reason) {
        self.counters[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All counts by their words.
    #[must_use]
    pub fn by_word(&self) -> BTreeMap<&'static str, u64> {
        let count = |reason: Reason| self.counters[reason as usize].load(Ordering::Relaxed);
        REASONS.iter().map(|(reason, word)| (*word, count(*reason))).collect()
    }
}

impl From<beacon::Reject> for Reason {
    fn from(reject: beacon::Reject) -> Self {
        match reject {
            beacon::Reject::Length => Self::AirLength,
            beacon::Reject::Magic => Self::AirMagic,
            beacon::Reject::Foreign => Self::AirForeign,
            beacon::Reject::Signature => Self::AirSignature,
            beacon::Reject::NotRising => Self::AirNotRising,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_counter_under_its_own_word() {
        let dropped = Dropped::default();
        for (place, (reason, word)) in REASONS.iter().enumerate() {
            assert_eq!(*reason as usize, place);
            dropped.count(*reason);
            assert_eq!(dropped.by_word()[word], 1);
        }
        assert_eq!(dropped.by_word().len(), REASONS.len());
    }
}
