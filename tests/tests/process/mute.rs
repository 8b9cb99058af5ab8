//! Robots that walk are muted on their panels, ten times. Each stands within 1.85 s after its firmware can have heard it
//! last, stays down until it is heard again, and has written into its own record when that was and why.

use super::{bystander, give};
use anyhow::{Context, Result, ensure};
use shared::fact::{Fact, GapCause};
use shared::id::RobotId;
use shared::time::{Instant, Millis};
use tests::clock::{now, until};
use tests::mute::STANDS_WITHIN_MS;
use tests::process::Site;
use tests::verdict::history::{Deed, Kept};

const ROBOTS: [&str; 2] = ["r-1", "r-2"];
const ROUNDS: usize = 5;

/// Longer than a muted robot may go on, and than its agent takes to see and commit it.
const WATCHED: Millis = Millis(3_000);
/// The body's log is behind its motion by less than this.
const LOGGED_WITHIN: Millis = Millis(200);
/// A robot counts as walking if it moved so shortly before.
const JUST_BEFORE: Millis = Millis(500);
/// How far the record may lie before and after the moment of the act: a period of disclosures, and what a busy machine adds.
const RECORD_OFF: Millis = Millis(1_000);

#[test]
fn ten_muted_robots_stand_in_time_and_record_when_they_were_heard_last() -> Result<()> {
    let mut site = Site::start(&ROBOTS)?;
    bystander::identifies_all_without_a_server(&mut site, &ROBOTS)?;
    for robot in ROBOTS {
        site.begin_shift(robot)?;
    }
    let mut slowest_ms = 0;
    for round in 0..ROUNDS {
        for robot in ROBOTS {
            give(&site.rest(), robot, "inspection", if round % 2 == 0 { "far" } else { "near" })?;
        }
        for (place, robot) in ROBOTS.into_iter().enumerate() {
            slowest_ms = slowest_ms.max(trial(&mut site, robot, 97 * (round * ROBOTS.len() + place))?);
        }
    }
    println!("the slowest of {} moved last {slowest_ms} ms after it was muted", ROUNDS * ROBOTS.len());
    site.wait_until_done_and_equal(ROUNDS * ROBOTS.len(), Millis::secs(120))?;
    site.finish().map(drop)
}

/// Mutes a walking robot and watches it; returns how long after that it moved last.
fn trial(site: &mut Site, robot: &str, delay_ms: usize) -> Result<u64> {
    let muted = mute_while_walking(site, robot, delay_ms)?;
    wait_for_its_clock(site, robot, muted + WATCHED)?;
    let phase = site.panel(robot).status()?["phase"].clone();
    ensure!(phase != "energised" && phase != "stopping", "{robot} was muted at {muted:?} and is {phase}");
    let moved = last_movement(site, robot)?.context("it was walking")?;
    let after_ms = moved.since(muted).0;
    ensure!(after_ms <= STANDS_WITHIN_MS, "{robot} was muted at {muted:?} and moved {after_ms} ms later");
    until("the gap is recorded", Millis::secs(10), || is_recorded(site, robot, muted).ok()?.then_some(()))?;
    site.unmute(robot)?;
    Ok(after_ms)
}

/// A walk may end just as the hand reaches the panel: then the robot is unmuted, and caught in its next one.
fn mute_while_walking(site: &mut Site, robot: &str, delay_ms: usize) -> Result<Instant> {
    for _ in 0..5 {
        let panel = site.panel(robot);
        let walks = || (panel.status().ok()?["moving"] == true).then_some(());
        until(&format!("{robot} walks"), Millis::secs(60), walks)?;
        wait_for_its_clock(site, robot, now() + Millis(delay_ms as u64 % 1_000))?;
        let touched = now();
        let muted = site.mute(robot)?;
        wait_for_its_clock(site, robot, muted + LOGGED_WITHIN)?;
        let moved = last_movement(site, robot)?;
        if moved.is_some_and(|moved| moved + JUST_BEFORE >= touched) {
            return Ok(muted);
        }
        site.unmute(robot)?;
    }
    anyhow::bail!("{robot} never walked when it was muted")
}

/// Until the firmware itself has come to this moment: on a busy machine it may be behind.
fn wait_for_its_clock(site: &Site, robot: &str, at: Instant) -> Result<()> {
    let panel = site.panel(robot);
    let is_there = || panel.status().ok().filter(|status| status["t_ms"].as_u64() >= Some(at.0)).map(drop);
    until("the firmware's clock comes to the moment", Millis::secs(60), is_there)
}

fn last_movement(site: &Site, robot: &str) -> Result<Option<Instant>> {
    let moved = |(at, what): &(Instant, Deed)| matches!(what, Deed::Moved { d_mm } if *d_mm > 0).then_some(*at);
    Ok(site.deeds(robot)?.iter().filter_map(moved).next_back())
}

fn is_recorded(site: &Site, robot: &str, muted: Instant) -> Result<bool> {
    let history = site.history()?;
    let journal = &history.robots.get(&RobotId::parse(robot)?).context("the history has every robot")?.replica.journal;
    let near = |mono_ms: u64| mono_ms + RECORD_OFF.0 >= muted.0 && mono_ms <= muted.0 + RECORD_OFF.0;
    let is_gap = |(_, fact): (u64, Fact)| matches!(fact, Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms } if near(mono_ms));
    Ok(journal.iter().filter_map(Kept::fact).any(is_gap))
}
