//! When the motors had power in one boot, and when nobody knows.

use super::super::sign::{Cause, Sign, Stop, What};
use super::super::spans::Spans;
use super::{ENERGY_AFTER_BEAT_MS, End, Life};

pub(super) struct Energy {
    pub(super) on: Spans,
    pub(super) unknown: Spans,
    /// When the controller began to take it away, and why.
    pub(super) stops: Vec<(u64, Stop)>,
}

/// The controller's own record counts where there is one; before and behind it what the agent saw.
pub(super) fn energy(signs: &[Sign], lives: &[Life<'_>], end_ms: u64, end: End) -> Energy {
    let lines = lines(signs);
    let recorded: Vec<(u64, u64)> = lines
        .windows(2)
        .filter(|pair| pair[0].n.checked_add(1) == Some(pair[1].n))
        .map(|pair| (pair[0].at_ms, pair[1].at_ms))
        .collect();
    let is_recorded = |at: u64| {
        let begun = recorded.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).is_some_and(|place| at <= recorded[place].1)
    };
    let seen = signs.iter().filter_map(|sign| match sign.what {
        What::Phase { on } if !is_recorded(sign.at_ms) => Some((sign.at_ms, on)),
        _ => None,
    });
    let told = lines.iter().filter_map(|line| line.on.map(|on| (line.at_ms, on)));
    let mut changes: Vec<(u64, bool)> = told.chain(seen).collect();
    changes.sort_by_key(|change| change.0);
    let silences: Vec<Silence> = lives.iter().filter_map(|life| silence(&changes, life)).collect();
    let wakes = lines.iter().filter(|line| line.wakes);
    let darknesses: Vec<(u64, u64)> = wakes
        .filter_map(|line| darkness(signs, &lines, &changes, line.at_ms))
        .map(|dark| bounded(dark, lives))
        .collect();
    let cut = cut(&changes, lives, end_ms, end);
    changes.extend(silences.iter().map(|silence| (silence.off_ms, false)));
    changes.extend(darknesses.iter().map(|(off_ms, _)| (*off_ms, false)));
    changes.sort_by_key(|change| change.0);
    let unknown = silences.iter().filter(|silence| !silence.is_in_order).map(|s| (s.off_ms, s.next_ms.min(s.dark_ms)));
    let unknown = unknown.chain(darknesses).chain(cut).collect();
    let stops = lines.iter().filter_map(|line| line.stops.map(|why| (line.at_ms, why))).collect();
    Energy { on: on_between(&changes, end_ms), unknown, stops }
}

/// An event of the controller's own record.
struct Line {
    n: u64,
    at_ms: u64,
    on: Option<bool>,
    stops: Option<Stop>,
    /// The controller had no power before it.
    wakes: bool,
}

/// In their own order; between two neighbours nothing happened that the controller did not write.
fn lines(signs: &[Sign]) -> Vec<Line> {
    let line = |sign: &Sign| match sign.what {
        What::Line { n, on, stops } => Some(Line { n, at_ms: sign.at_ms, on, stops, wakes: false }),
        What::Body { n, .. } | What::Took { n } => {
            Some(Line { n, at_ms: sign.at_ms, on: None, stops: None, wakes: false })
        }
        What::Woke { n } => Some(Line { n, at_ms: sign.at_ms, on: Some(false), stops: None, wakes: true }),
        _ => None,
    };
    let mut lines: Vec<Line> = signs.iter().filter_map(line).collect();
    lines.sort_by_key(|line| line.n);
    lines
}

/// A controller that wakes up cannot tell when its energy went: by the rule it had gone soon after the last sign of it, and
/// nobody knows how it was until then. `None` when it was off already.
fn darkness(signs: &[Sign], lines: &[Line], changes: &[(u64, bool)], woke_ms: u64) -> Option<(u64, u64)> {
    let was_on = changes.iter().rev().find(|(at, _)| *at < woke_ms).is_some_and(|(_, on)| *on);
    let told = lines.iter().map(|line| line.at_ms).filter(|at| *at < woke_ms).max();
    let seen = last_seen(signs, woke_ms);
    let off_ms = told.max(seen).unwrap_or(0).saturating_add(ENERGY_AFTER_BEAT_MS).min(woke_ms);
    was_on.then_some((off_ms, woke_ms))
}

/// No longer than the agent before it can have lived unseen.
fn bounded((off_ms, woke_ms): (u64, u64), lives: &[Life<'_>]) -> (u64, u64) {
    let before = lives.iter().rev().find(|life| life.last_ms < woke_ms);
    (off_ms, before.map_or(woke_ms, |life| woke_ms.min(life.dark_ms())).max(off_ms))
}

/// A boot that ended with the energy on: the power of the whole machine went at some moment after the last sign, which nobody
/// could write. `None` where nothing bounds it.
fn cut(changes: &[(u64, bool)], lives: &[Life<'_>], end_ms: u64, end: End) -> Option<(u64, u64)> {
    let End::Over { next_ms } = end else { return None };
    let last = lives.last().filter(|life| life.within_ms.is_some())?;
    let was_on = changes.last().is_some_and(|(_, on)| *on);
    // A controller that goes on writing after the agent's last sign takes the energy away by itself.
    let dark_ms = if end_ms > last.last_ms { end_ms.saturating_add(ENERGY_AFTER_BEAT_MS) } else { last.dark_ms() };
    was_on.then_some((end_ms, next_ms.unwrap_or(u64::MAX).min(dark_ms)))
}

/// When an agent last knew of its controller before that moment. An agent that is alive knows of it until it says that it
/// does not; one that has just started knows nothing yet.
fn last_seen(signs: &[Sign], before_ms: u64) -> Option<u64> {
    let mut last = None;
    let mut knows = true;
    for sign in signs.iter().filter(|sign| sign.stamp_ms < before_ms) {
        match sign.what {
            What::Started => knows = false,
            What::Unheard(_) => (knows, last) = (false, last.max(Some(sign.at_ms))),
            What::Heard | What::Phase { .. } => (knows, last) = (true, last.max(Some(sign.stamp_ms))),
            _ if knows => last = last.max(Some(sign.stamp_ms)),
            _ => {}
        }
    }
    last
}

/// An agent fell silent with the energy on, and nothing tells when it went.
struct Silence {
    /// When it had gone by the rule, counted from the last sign.
    off_ms: u64,
    next_ms: u64,
    /// When it had gone at the latest.
    dark_ms: u64,
    /// The last sign was the agent's end: it gave no beat after it, so the rule is the truth.
    is_in_order: bool,
}

fn silence(changes: &[(u64, bool)], life: &Life<'_>) -> Option<Silence> {
    let next_ms = life.next_ms?;
    let was_on = changes.iter().rev().find(|(at, _)| *at <= life.last_ms).is_some_and(|(_, on)| *on);
    let is_told = changes.iter().any(|(at, _)| *at > life.last_ms && *at <= next_ms);
    let is_in_order = life.signs.last().is_some_and(|sign| sign.what == What::Unheard(Cause::Ended));
    let off_ms = life.last_ms.saturating_add(ENERGY_AFTER_BEAT_MS).min(next_ms);
    (was_on && !is_told).then_some(Silence { off_ms, next_ms, dark_ms: life.dark_ms(), is_in_order })
}

fn on_between(changes: &[(u64, bool)], end_ms: u64) -> Spans {
    let ends = changes.iter().skip(1).map(|(at, _)| *at).chain([end_ms]);
    changes.iter().zip(ends).filter(|((_, on), _)| *on).map(|((from, _), to)| (*from, to)).collect()
}
