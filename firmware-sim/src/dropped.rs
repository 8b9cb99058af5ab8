//! What the faces threw away, counted by face and reason.
//!
//! Counters only rise. The faces count, the control thread reads them for the panel; a count that is a moment old
//! harms nobody, so they are plain atomics.

use shared::beacon::Reject;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of the faces. The link's frames are counted by its inbox and are added by the control thread.
#[derive(Debug)]
pub struct Dropped {
    counters: [AtomicU64; REASONS.len()],
    air: [AtomicU64; Reject::ALL.len()],
}

/// Why something was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
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

const REASONS: [(Reason, &str); 6] = [
    (Reason::PanelGarbage, "panel_garbage"),
    (Reason::PanelTooLong, "panel_too_long"),
    (Reason::PanelStranger, "panel_stranger"),
    (Reason::PanelBusy, "panel_busy"),
    (Reason::LinkUnread, "link_unread"),
    (Reason::LogFull, "log_full"),
];

impl Default for Dropped {
    fn default() -> Self {
        Self { counters: std::array::from_fn(|_| AtomicU64::new(0)), air: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl Dropped {
    /// Counts one.
    pub fn count(&self, reason: Reason) {
        self.counters[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one from the air, by the verifier's reason.
    pub fn count_air(&self, reject: Reject) {
        self.air[reject as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All counts by their words; of the air's many reasons those that occurred.
    #[must_use]
    pub fn by_word(&self) -> BTreeMap<String, u64> {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counts = REASONS.iter().zip(&self.counters).map(|((_, word), count)| ((*word).to_owned(), load(count)));
        let air =
            Reject::ALL.iter().zip(&self.air).map(|(reject, count)| (format!("air_{}", reject.word()), load(count)));
        counts.chain(air.filter(|(_, count)| *count > 0)).collect()
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
            assert_eq!(dropped.by_word()[*word], 1);
        }
        assert_eq!(dropped.by_word().len(), REASONS.len());
        for (place, reject) in Reject::ALL.iter().enumerate() {
            assert_eq!(*reject as usize, place);
            dropped.count_air(*reject);
            assert_eq!(dropped.by_word()[&format!("air_{}", reject.word())], 1);
        }
        assert_eq!(dropped.by_word().len(), REASONS.len() + Reject::ALL.len());
    }
}
