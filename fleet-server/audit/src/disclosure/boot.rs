//! One boot of a robot's computer: when it had energy, moved, and was heard, on that boot's monotonic clock.
//!
//! Durations come from this clock alone, which no one sets. Where an agent died, the safety controller's own record tells
//! when the energy went; where that is missing too, the rule of the interlock does (heartbeat and window, 0.6 s after the
//! last sign of life), and the time until the next sign is counted as unknown, never as harmless.

mod confronted;
mod ears;
mod energy;
mod motion;
mod tale;
mod testimony;

use super::contradiction::Contradiction;
use super::sign::{Cause, Sign, What};
use super::spans::Spans;
use confronted::Confronted;
use ears::Ears;
use energy::{Energy, energy};
use motion::{motion, told};
use testimony::Testimony;

/// The longest that energy stays on after an agent's last beat: 0.3 s until the silence is noticed, 0.3 s of the
/// controlled stop.
const ENERGY_AFTER_BEAT_MS: u64 = 600;
/// How long a heard disclosure covers what comes after it: the beacon's watchdog of 1.5 s, the controlled stop of 0.3 s,
/// and one period of the control loop. It is the bound of the promise itself: no motion later than this after the last
/// heard disclosure.
pub const COVERS_MS: u64 = 1_850;

/// What was in one boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracks {
    /// The motors had power.
    pub energised: Spans,
    /// The body moved.
    pub moving: Spans,
    /// A heard disclosure covers it. One that was heard only once covers as long as the last of many.
    pub covered: Spans,
    /// Nobody knows whether the motors had power.
    pub unknown: Spans,
    /// Every time it was not heard, oldest first.
    pub gaps: Vec<Gap>,
    /// What the agent's record leaves out, on the boot's clock, oldest first.
    pub contradictions: Vec<Contradiction>,
}

/// A time in which the robot was not heard to disclose itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last heard disclosure before it, in milliseconds.
    pub from_ms: u64,
    /// The first heard one after it; the end of the record where none came.
    pub to_ms: u64,
    /// Whether none came until the record ends.
    pub is_open: bool,
    /// Why.
    pub cause: Cause,
    /// How far its beginning may be from what was.
    pub doubt: Doubt,
}

/// How much earlier or later something may have been, where nobody recorded it. Nothing of both is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// At most so much earlier, in milliseconds.
    pub early_ms: u64,
    /// At most so much later, in milliseconds; `None` where nothing bounds it.
    pub late_ms: Option<u64>,
}

impl Doubt {
    /// None.
    pub const EXACT: Self = Self { early_ms: 0, late_ms: Some(0) };
}

/// How a boot's record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The robot is known to have been as its last sign says until then, or until that sign where it is later.
    Until(u64),
    /// Another boot has followed: what was going on at the last sign ended with it, or soon after.
    Over {
        /// When the other one began, on this one's clock, where the calendar can tell.
        next_ms: Option<u64>,
    },
}

/// Reads the tracks off the signs of one boot, in the order in which they were written.
#[must_use]
pub fn tracks(signs: &[Sign], end: End) -> Tracks {
    let until_ms = match end {
        End::Until(ms) => ms,
        End::Over { .. } => 0,
    };
    let end_ms = signs.iter().map(|sign| sign.stamp_ms.max(sign.at_ms)).max().unwrap_or(0).max(until_ms);
    let lives = lives(signs, end_ms, matches!(end, End::Over { .. }));
    let Energy { on, unknown, stops } = energy(signs, &lives, end_ms, end);
    let mut both = Confronted { signs, lives: &lives, testimony: Testimony::of(signs), found: tale::left_out(&lives) };
    both.see(&told(signs, &lives, &on), &on);
    let (heard, gaps) = both.hear(Ears { stops: &stops, took: &took(signs), end_ms }.listen(&lives), end_ms);
    let covered = heard.into_iter().map(|(from, to)| (from, to.saturating_add(COVERS_MS))).collect();
    let mut contradictions = both.found;
    contradictions.sort_unstable();
    Tracks { moving: motion(signs, &lives, &on), energised: on, covered, unknown, gaps, contradictions }
}

/// What one process of the agent told, from its start to its last sign.
struct Life<'a> {
    signs: &'a [Sign],
    /// The last sign of life.
    last_ms: u64,
    /// When the next one started, or the boot's record ended; `None` for the one that may be running.
    next_ms: Option<u64>,
    /// When the next one started in this boot; `None` for the last one.
    until_ms: Option<u64>,
    /// The longest that it can have lived beyond that last sign, where its successor has told, in milliseconds.
    within_ms: Option<u64>,
}

impl Life<'_> {
    /// When the energy had gone by the rule if it died silently, as late as possible.
    fn dark_ms(&self) -> u64 {
        let latest = |within_ms| self.last_ms.saturating_add(within_ms).saturating_add(ENERGY_AFTER_BEAT_MS);
        self.within_ms.map_or(u64::MAX, latest)
    }
}

fn lives(signs: &[Sign], end_ms: u64, is_over: bool) -> Vec<Life<'_>> {
    let starts = signs.iter().enumerate().filter(|(place, sign)| *place > 0 && sign.what == What::Started);
    let cuts: Vec<usize> = starts.map(|(place, _)| place).chain([signs.len()]).collect();
    let mut from = 0;
    let mut lives = Vec::new();
    for cut in cuts {
        let until_ms = signs.get(cut).map(|next| next.stamp_ms);
        let next_ms = until_ms.or(is_over.then_some(end_ms));
        let told = &signs[from..cut];
        let last_ms = next_ms.map_or(end_ms, |_| told.iter().map(|sign| sign.stamp_ms).max().unwrap_or(0));
        let within_ms = told.iter().rev().find_map(|sign| match sign.what {
            What::LivedUntil { within_ms } => Some(within_ms),
            _ => None,
        });
        lives.push(Life { signs: told, last_ms, next_ms, until_ms, within_ms });
        from = cut;
    }
    lives
}

/// A disclosure that the controller wrote down: the last one that it took before its next event.
struct Took {
    at_ms: u64,
    /// When that event was: until then it took no other.
    last_until_ms: u64,
}

fn took(signs: &[Sign]) -> Vec<Took> {
    let event = |behind: u64| {
        let events = signs.iter().filter_map(|sign| match sign.what {
            What::Line { n, .. } if n > behind => Some((n, sign.at_ms)),
            _ => None,
        });
        events.min().map(|(_, at_ms)| at_ms)
    };
    let took = |sign: &Sign| match sign.what {
        What::Took { n } => Some(Took { at_ms: sign.at_ms, last_until_ms: event(n).unwrap_or(sign.at_ms) }),
        _ => None,
    };
    signs.iter().filter_map(took).collect()
}

const fn closed(from_ms: u64, to_ms: u64, cause: Cause) -> Gap {
    Gap { from_ms, to_ms, is_open: false, cause, doubt: Doubt::EXACT }
}

#[cfg(test)]
mod tests;
