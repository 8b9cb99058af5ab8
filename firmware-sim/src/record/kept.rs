//! The counters as they are on disk. The agent is told these and no newer ones, so that no kill can make a number fall
//! that it has heard before.

use super::nv::Nv;
use interlock_link::Counters;
use std::sync::atomic::{AtomicU32, Ordering};

/// Written by the recorder after each write of the non-volatile file, read by the control thread. Each number stands for
/// itself, so they are plain atomics.
#[derive(Debug)]
pub struct Kept {
    presses: AtomicU32,
    boots: AtomicU32,
    energised_s: AtomicU32,
}

impl Kept {
    /// What is in the file now.
    #[must_use]
    pub fn new(nv: &Nv) -> Self {
        let kept = Self { presses: AtomicU32::new(0), boots: AtomicU32::new(0), energised_s: AtomicU32::new(0) };
        kept.set(nv);
        kept
    }

    /// This is in the file now.
    pub fn set(&self, nv: &Nv) {
        self.presses.store(nv.presses, Ordering::Relaxed);
        self.boots.store(nv.boots.try_into().unwrap_or(u32::MAX), Ordering::Relaxed);
        self.energised_s.store((nv.energised_ms / 1000).try_into().unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// What the agent may be told.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters {
            presses: self.presses.load(Ordering::Relaxed),
            boots: self.boots.load(Ordering::Relaxed),
            energised_s: self.energised_s.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_told_in_whole_seconds() {
        let nv = Nv { epoch_mark: 1, fault_pending: false, boots: u64::MAX, energised_ms: 2999, presses: 7 };
        assert_eq!(Kept::new(&nv).counters(), Counters { presses: 7, boots: u32::MAX, energised_s: 2 });
    }
}
