//! The world's own record of a robot, kept by nobody in it: when it had energy, moved, and what its receiver heard.
//!
//! It is what the report of disclosure has to say, without having seen it.

use super::stretches::Stretches;

/// How long a heard disclosure covers, in milliseconds, as the promise has it: 1.5 s of the beacon's watchdog, 0.3 s of the
/// controlled stop, 0.05 s of a control period. Written here once more: a judge does not take the law from the judged.
const COVERS_MS: u64 = 1_500 + 300 + 50;

/// Stretches in milliseconds of the world's clock, and the moments of heard packets.
#[derive(Debug, Default)]
pub struct Diary {
    energised: Vec<(u64, u64)>,
    moving: Vec<(u64, u64)>,
    heard: Vec<u64>,
    /// How often a receiver was muted.
    pub mutes: u64,
    /// Edges of motion that died with an agent before they were written: each may cost the record a stop's time.
    pub lost_edges: u64,
}

impl Diary {
    /// What is so from `now_ms` on, for `ms`.
    pub fn note(&mut self, is_energised: bool, is_moving: bool, now_ms: u64, ms: u64) {
        if is_energised {
            self.energised.push((now_ms, now_ms + ms));
        }
        if is_moving {
            self.moving.push((now_ms, now_ms + ms));
        }
    }

    /// The receiver took a disclosure.
    pub fn heard(&mut self, now_ms: u64) {
        self.heard.push(now_ms);
    }

    /// When it had energy.
    pub fn energised(&self) -> Stretches {
        self.energised.iter().copied().collect()
    }

    /// When it moved.
    pub fn moving(&self) -> Stretches {
        self.moving.iter().copied().collect()
    }

    /// What the heard packets cover.
    pub fn covered(&self) -> Stretches {
        self.heard.iter().map(|at| (*at, at + COVERS_MS)).collect()
    }
}
