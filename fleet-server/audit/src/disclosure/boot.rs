//! One boot of a robot's computer: when it had energy, moved, and was heard, on that boot's monotonic clock.
//!
//! Durations come from this clock alone, which no one sets. Where an agent died, the safety controller's own record tells
//! when the energy went; where that is missing too, the rule of the interlock does (heartbeat and window, 0.6 s after the
//! last sign of life), and the time until the next sign is counted as unknown, never as harmless.

mod energy;

use super::sign::{Cause, Sign, Stop, What};
use super::spans::Spans;
use energy::{Energy, energy};

/// The longest that energy stays on after an agent's last beat: 0.3 s until the silence is noticed, 0.3 s of the
/// controlled stop.
const ENERGY_AFTER_BEAT_MS: u64 = 600;
/// The longest silence of the agent's beat, and of the robot's own disclosure, that a controller bears with the energy on.
const BEAT_MS: u64 = 300;
const BEACON_MS: u64 = 1_500;
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
}

/// How a boot's record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The robot is known to have been as its last sign says until then, or until that sign where it is later.
    Until(u64),
    /// Another boot has followed: what was going on at the last sign ended with it, or soon after.
    Over,
}

/// Reads the tracks off the signs of one boot, in the order in which they were written.
#[must_use]
pub fn tracks(signs: &[Sign], end: End) -> Tracks {
    let until_ms = match end {
        End::Until(ms) => ms,
        End::Over => 0,
    };
    let end_ms = signs.iter().map(|sign| sign.stamp_ms.max(sign.at_ms)).max().unwrap_or(0).max(until_ms);
    let lives = lives(signs, end_ms, end == End::Over);
    let Energy { on, unknown, stops } = energy(signs, &lives, end_ms);
    let (heard, gaps) = Ears { stops: &stops, end_ms }.listen(&lives);
    let covered = heard.into_iter().map(|(from, to)| (from, to.saturating_add(COVERS_MS))).collect();
    Tracks { moving: motion(&lives, &on), energised: on, covered, unknown, gaps }
}

/// What one process of the agent told, from its start to its last sign.
struct Life<'a> {
    signs: &'a [Sign],
    /// The last sign of life.
    last_ms: u64,
    /// When the next one started, or the boot's record ended; `None` for the one that may be running.
    next_ms: Option<u64>,
}

fn lives(signs: &[Sign], end_ms: u64, is_over: bool) -> Vec<Life<'_>> {
    let starts = signs.iter().enumerate().filter(|(place, sign)| *place > 0 && sign.what == What::Started);
    let cuts: Vec<usize> = starts.map(|(place, _)| place).chain([signs.len()]).collect();
    let mut from = 0;
    let mut lives = Vec::new();
    for cut in cuts {
        let next_ms = signs.get(cut).map(|next| next.stamp_ms).or(is_over.then_some(end_ms));
        let told = &signs[from..cut];
        let last_ms = next_ms.map_or(end_ms, |_| told.iter().map(|sign| sign.stamp_ms).max().unwrap_or(0));
        lives.push(Life { signs: told, last_ms, next_ms });
        from = cut;
    }
    lives
}

/// A body whose end of motion nobody told moved, at the longest, until its energy went; if it had gone already when the motion
/// was seen, the motion was over.
fn motion(lives: &[Life<'_>], on: &Spans) -> Spans {
    let mut moving = Vec::new();
    for life in lives {
        let mut began = None;
        for sign in life.signs {
            match sign.what {
                What::Moves => began = began.or(Some(sign.at_ms)),
                What::Rests => moving.extend(began.take().map(|from| (from, sign.at_ms))),
                _ => {}
            }
        }
        moving.extend(began.map(|from| (from, on.end_around(from).unwrap_or(from))));
    }
    moving.into_iter().collect()
}

/// What the robot's own receiver heard, and what the controller's stops say about the moments that nobody told.
struct Ears<'a> {
    stops: &'a [(u64, Stop)],
    end_ms: u64,
}

impl Ears<'_> {
    /// When it was heard, from and to, and the gaps between.
    fn listen(&self, lives: &[Life<'_>]) -> (Vec<(u64, u64)>, Vec<Gap>) {
        let mut heard = Vec::new();
        let mut gaps: Vec<Gap> = Vec::new();
        let begun = lives.first().and_then(|life| life.signs.first()).map(|sign| sign.at_ms);
        let mut silent = begun.map(|from| (from, Cause::Starting));
        for life in lives {
            let mut since = None;
            for sign in life.signs {
                match sign.what {
                    What::Heard => {
                        since = since.or(Some(sign.at_ms));
                        gaps.extend(silent.take().map(|(from, cause)| closed(from, sign.at_ms, cause)));
                    }
                    What::Unheard(cause) => {
                        heard.extend(since.take().map(|from| (from, sign.at_ms)));
                        silent = Some(silent.map_or((sign.at_ms, cause), |(from, _)| (from, cause)));
                    }
                    _ => {}
                }
            }
            if let Some(from) = since {
                let last = self.last_heard(life).max(from);
                heard.push((from, last));
                silent = life.next_ms.map(|_| (last, Cause::Died));
            }
        }
        gaps.extend(silent.map(|(from_ms, cause)| Gap { from_ms, to_ms: self.end_ms, is_open: true, cause }));
        (heard, gaps)
    }

    /// The last moment at which a process that told no end of it was heard. Its controller gave energy only while it heard
    /// both, so it was heard no longer ago than the controller bears, before the stop that its death led to.
    fn last_heard(&self, life: &Life<'_>) -> u64 {
        let Some(next_ms) = life.next_ms else { return life.last_ms };
        let range = life.last_ms..=next_ms.saturating_add(ENERGY_AFTER_BEAT_MS);
        match self.stops.iter().find(|(at, _)| range.contains(at)) {
            Some((at, Stop::Beacon)) => at.saturating_sub(BEACON_MS),
            Some((at, Stop::Agent)) => at.saturating_sub(BEAT_MS).max(life.last_ms),
            Some((at, Stop::Other)) => at.saturating_sub(BEACON_MS).max(life.last_ms),
            None => life.last_ms,
        }
    }
}

const fn closed(from_ms: u64, to_ms: u64, cause: Cause) -> Gap {
    Gap { from_ms, to_ms, is_open: false, cause }
}

#[cfg(test)]
mod tests;
