//! An endorsement that nobody renews: half an hour before its end a walking robot ends its step, walks to its safe point,
//! sits and is disarmed; one that knows no safe point sits where it stands.

use super::{Random, Rig};
use anyhow::{Context, Result, ensure};
use interlock_link::Phase;
use robot_core::Seat;
use shared::zone::Point;

/// How long the endorsement holds when the robot is switched on: the half hour begins while it walks.
const ENDORSED_S: u32 = 30 * 60 + 6;
/// How long its walk goes on after it was seen walking.
const WALKS_MS: u64 = 8_000;
/// How long it may take from then on until it sits, and how long it is watched after that.
const SEATED_WITHIN_MS: u64 = 60_000;
const WATCHED_MS: u64 = 20_000;

/// How a robot has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    /// What it said of it.
    pub seat: Seat,
    /// Where its body truly is.
    pub place: Point,
    /// Where its task had led it before.
    pub worked_at: Point,
    /// What its interlock says.
    pub phase: Phase,
}

/// Lets one robot walk into the last half hour of its endorsement.
///
/// # Errors
/// When it never sits, or moves again.
pub fn ending(seed: u64, safe_point: Option<Point>) -> Result<Ending> {
    let mut rig = Rig::new(Random::from_seed(seed), ENDORSED_S, safe_point)?;
    rig.walk(0, WALKS_MS)?;
    let mut worked_at = rig.firmware.place();
    let until_ms = rig.now_ms + SEATED_WITHIN_MS;
    while rig.agent.seat.is_none() {
        ensure!(rig.now_ms < until_ms, "it never sits: {:?} at {:?}", rig.firmware.status(), rig.firmware.place());
        rig.tick();
        worked_at = worked_at.max(rig.firmware.place());
    }
    rig.pass(1_000);
    let place = rig.firmware.place();
    rig.pass(WATCHED_MS);
    ensure!(rig.firmware.place() == place, "it sat at {place:?} and is at {:?}", rig.firmware.place());
    let seat = rig.agent.seat.context("it sits")?;
    Ok(Ending { seat, place, worked_at, phase: rig.firmware.status().phase })
}
