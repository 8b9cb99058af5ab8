//! When the body moved in one boot.
//!
//! The agent tells what its control loop saw, some cycles late; what it saw last died with it. The controller has told the
//! edges before each of its stops. Both see one motion at slightly different moments, so what is nearly the same counts once.

use super::super::sign::{Sign, What};
use super::super::spans::Spans;
use super::Life;

/// How far the two may be apart about one edge: some cycles of the control loop and of the body's reports.
const SAME_MS: u64 = 300;

/// A body whose end of motion nobody told moved, at the longest, until its energy went; if it had gone already when the motion
/// was seen, the motion was over.
pub(super) fn motion(signs: &[Sign], lives: &[Life<'_>], on: &Spans) -> Spans {
    let edges = controller_edges(signs);
    let recorded = recorded(&edges, on);
    let told = lives.iter().flat_map(|life| told_by(life, &edges, on));
    let is_recorded = |told: &(u64, u64)| {
        recorded.iter().any(|pair| pair.0.abs_diff(told.0) <= SAME_MS && pair.1.abs_diff(told.1) <= SAME_MS)
    };
    told.filter(|told| !is_recorded(told)).chain(recorded.iter().copied()).collect()
}

/// What the agents alone told of it.
pub(super) fn told(signs: &[Sign], lives: &[Life<'_>], on: &Spans) -> Spans {
    let edges = controller_edges(signs);
    lives.iter().flat_map(|life| told_by(life, &edges, on)).collect()
}

/// The controller's edges in its order: when, and whether the body moved from then on.
fn controller_edges(signs: &[Sign]) -> Vec<(u64, bool)> {
    let edge = |sign: &Sign| match sign.what {
        What::Body { n, moves } => Some((n, sign.at_ms, moves)),
        _ => None,
    };
    let mut edges: Vec<(u64, u64, bool)> = signs.iter().filter_map(edge).collect();
    edges.sort_unstable();
    edges.into_iter().map(|(_, at_ms, moves)| (at_ms, moves)).collect()
}

/// Motions that the controller saw begin.
fn recorded(edges: &[(u64, bool)], on: &Spans) -> Vec<(u64, u64)> {
    let begun = edges.iter().enumerate().filter(|(_, (_, moves))| *moves);
    begun.map(|(place, (from, _))| (*from, end_of(*from, edges.get(place + 1), on))).collect()
}

/// Motions that an agent saw begin.
fn told_by(life: &Life<'_>, edges: &[(u64, bool)], on: &Spans) -> Vec<(u64, u64)> {
    let mut moving = Vec::new();
    let mut began = None;
    for sign in life.signs {
        match sign.what {
            What::Moves => began = began.or(Some(sign.at_ms)),
            What::Rests => moving.extend(began.take().map(|from| (from, sign.at_ms))),
            _ => {}
        }
    }
    let open = began.map(|from| (from, end_of(from, edges.iter().find(|(at, _)| *at >= from), on)));
    moving.into_iter().chain(open).collect()
}

/// Until the controller saw it rest, but never beyond the energy that it had.
fn end_of(from_ms: u64, next: Option<&(u64, bool)>, on: &Spans) -> u64 {
    let powerless_ms = on.end_around(from_ms).unwrap_or(from_ms);
    match next {
        Some((at, false)) => powerless_ms.min(*at),
        Some((_, true)) | None => powerless_ms,
    }
}
