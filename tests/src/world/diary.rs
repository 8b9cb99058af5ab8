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
    /// Whether the agent lived and its receiver heard it, and since when it does not.
    is_hearing: bool,
    gaps: Vec<Gap>,
    /// When the robot's disk took something: the moments at which there is evidence.
    kept: Vec<u64>,
    /// When agents died, also with the whole machine.
    deaths: Vec<u64>,
    /// The machine's boots, and when its power went.
    boots: Vec<BootTime>,
    /// How often a receiver was muted.
    pub mutes: u64,
}

/// A time without a heard disclosure of a living agent, from the last packet to the moment at which there was one again.
#[derive(Clone, Debug)]
pub struct Gap {
    /// The last packet.
    pub from_ms: u64,
    /// Until then; the end of the world where it went on.
    pub to_ms: u64,
    /// Every word for its cause that is true.
    pub causes: Vec<&'static str>,
}

/// One boot of the machine, on the world's clock.
#[derive(Clone, Copy, Debug)]
pub struct BootTime {
    /// Its id.
    pub boot: u64,
    /// When the power came on.
    pub from_ms: u64,
    /// When it went; the end of the world for the last one.
    pub to_ms: u64,
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

    /// Whether a living agent is heard now; if not, `last_ms` was the last packet and these are the words for why.
    pub fn listen(&mut self, is_hearing: bool, last_ms: Option<u64>, causes: &[&'static str], now_ms: u64) {
        if self.is_hearing && !is_hearing {
            let from_ms = last_ms.unwrap_or(now_ms);
            self.gaps.push(Gap { from_ms, to_ms: u64::MAX, causes: causes.to_vec() });
        }
        if is_hearing
            && !self.is_hearing
            && let Some(gap) = self.gaps.last_mut()
        {
            gap.to_ms = now_ms;
        }
        self.is_hearing = is_hearing;
    }

    /// The disk took something.
    pub fn keep(&mut self, now_ms: u64) {
        self.kept.push(now_ms);
    }

    /// An agent died.
    pub fn die(&mut self, now_ms: u64) {
        self.deaths.push(now_ms);
    }

    /// The power came on, in a boot with this id: nothing is heard until an agent is.
    pub fn power_up(&mut self, boot: u64, now_ms: u64) {
        self.boots.push(BootTime { boot, from_ms: now_ms, to_ms: u64::MAX });
        self.is_hearing = false;
        self.gaps.push(Gap { from_ms: now_ms, to_ms: u64::MAX, causes: vec!["starting"] });
    }

    /// The power went.
    pub fn lose_power(&mut self, now_ms: u64) {
        self.boots.iter_mut().rev().take(1).for_each(|boot| boot.to_ms = now_ms);
        self.gaps.iter_mut().rev().take(1).for_each(|gap| gap.to_ms = gap.to_ms.min(now_ms));
    }

    /// All gaps, oldest first.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// All boots, oldest first.
    pub fn boots(&self) -> &[BootTime] {
        &self.boots
    }

    /// Whether there is evidence of a moment between two others.
    pub fn has_evidence(&self, after_ms: u64, before_ms: u64) -> bool {
        self.kept.iter().any(|at| (after_ms + 1..before_ms).contains(at))
    }

    /// The first evidence in a boot.
    pub fn first_evidence(&self, boot: &BootTime) -> Option<u64> {
        self.kept.iter().copied().find(|at| (boot.from_ms..=boot.to_ms).contains(at))
    }

    /// The first death of an agent between two moments.
    pub fn first_death(&self, from_ms: u64, to_ms: u64) -> Option<u64> {
        self.deaths.iter().copied().find(|at| (from_ms..=to_ms).contains(at))
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
