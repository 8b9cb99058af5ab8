//! Robots that walk are muted on their panels at random moments, ten times. Each moves last within 1.85 s after the last
//! disclosure that can have been heard, stays down until it is heard again, and has written into its own record when that was
//! and why.
//!
//! Both times of a trial are told by the simulated hardware: the antenna writes what came through before it was muted, the
//! body writes what it did. Neither is asked whether the interlock did its work.

use super::{bystander, give};
use anyhow::{Context, Result, ensure};
use shared::fact::{Fact, GapCause};
use shared::id::RobotId;
use shared::time::{Instant, Millis};
use tests::clock::{now, until};
use tests::mute::{Distribution, Failure, STANDS_WITHIN_MS, Trial};
use tests::process::Site;
use tests::verdict::history::{Deed, Kept};
use tests::world::random::Random;

const ROBOTS: [&str; 5] = ["r-1", "r-2", "r-3", "r-4", "r-5"];
const TRIALS: u64 = 10;
/// A walk may end just as the hand reaches the panel: then there is one trial less in the round.
const ROUNDS_MAX: usize = 6;
/// Between two mutes, at most: they come at any moment of a period of disclosures.
const PAUSE_MS_MAX: u64 = 700;

/// Longer than a muted robot may go on, and than its agent takes to see and commit it.
const WATCHED: Millis = Millis(3_000);
/// A robot counts as walking if it moved so shortly before.
const JUST_BEFORE: Millis = Millis(500);
/// How far the record may lie before and after the last that came through: what a busy machine adds.
const RECORD_OFF_MS: u64 = 1_000;

/// A robot and when a hand reached for its panel.
struct Muted {
    robot: &'static str,
    touched: Instant,
    muted: Instant,
}

#[test]
fn ten_muted_robots_stand_in_time_and_record_when_they_were_heard_last() -> Result<()> {
    let mut site = Site::start(&ROBOTS)?;
    bystander::identifies_all_without_a_server(&mut site, &ROBOTS)?;
    for robot in ROBOTS {
        site.begin_shift(robot)?;
    }
    let mut random = Random::from_seed(now().0);
    let (mut trials, mut tasks) = (Distribution::default(), 0);
    for round in 0..ROUNDS_MAX {
        for robot in ROBOTS {
            give(&site.rest(), robot, "inspection", if round % 2 == 0 { "far" } else { "near" })?;
        }
        tasks += ROBOTS.len();
        for trial in round_of(&mut site, &mut random)? {
            trials.add(trial);
        }
        if trials.count() >= TRIALS {
            break;
        }
    }
    println!("{trials}");
    ensure!(trials.count() >= TRIALS, "only {} robots walked when they were muted", trials.count());
    site.wait_until_done_and_equal(tasks, Millis::secs(120))?;
    site.finish().map(drop)
}

/// Mutes them one after the other while they walk, watches all, and lets all be heard again.
fn round_of(site: &mut Site, random: &mut Random) -> Result<Vec<Trial>> {
    let mut muted = vec![];
    for robot in ROBOTS {
        muted.push(mute(site, robot, Millis(random.below(PAUSE_MS_MAX)))?);
    }
    let trials: Result<Vec<Option<Trial>>> = muted.iter().map(|muted| judge(site, muted)).collect();
    let trials = trials?;
    ROBOTS.iter().try_for_each(|robot| site.unmute(robot))?;
    ROBOTS.iter().try_for_each(|robot| site.help_up(robot))?;
    Ok(trials.into_iter().flatten().collect())
}

fn mute(site: &mut Site, robot: &'static str, pause: Millis) -> Result<Muted> {
    let panel = site.panel(robot);
    let walks = || (panel.status().ok()?["moving"] == true).then_some(());
    until(&format!("{robot} walks"), Millis::secs(60), walks)?;
    wait_for_its_clock(site, robot, now() + pause)?;
    let touched = now();
    let muted = site.mute(robot)?;
    Ok(Muted { robot, touched, muted })
}

/// The time from the last disclosure that came through to the last movement; `None` if it did not walk.
fn judge(site: &Site, Muted { robot, touched, muted }: &Muted) -> Result<Option<Trial>> {
    wait_for_its_clock(site, robot, *muted + WATCHED)?;
    let phase = site.panel(robot).status()?["phase"].clone();
    ensure!(phase != "energised" && phase != "stopping", "{robot} was muted at {muted:?} and is {phase}");
    let heard = site.antenna(robot).last_before_the_mute()?.context("a robot that walks was heard")?;
    until("the gap is recorded", Millis::secs(10), || is_recorded(site, robot, heard).ok()?.then_some(()))?;
    let moved = last_movement(site, robot)?.context("it was walking")?;
    if moved + JUST_BEFORE < *touched {
        return Ok(None);
    }
    let stood_after_ms = moved.since(heard).0;
    println!("{robot}: heard last {} ms before the mute, moved last {stood_after_ms} ms after", muted.since(heard).0);
    ensure!(stood_after_ms <= STANDS_WITHIN_MS, "{robot} was heard last at {heard:?} and moved until {moved:?}");
    Ok(Some(Trial { failure: Failure::Muted, stood_after_ms }))
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

/// Whether the robot's own journal dates the gap as the antenna does.
fn is_recorded(site: &Site, robot: &str, heard: Instant) -> Result<bool> {
    let history = site.history()?;
    let journal = &history.robots.get(&RobotId::parse(robot)?).context("the history has every robot")?.replica.journal;
    let near = |mono_ms: u64| mono_ms.abs_diff(heard.0) <= RECORD_OFF_MS;
    let is_gap = |(_, fact): (u64, Fact)| matches!(fact, Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms } if near(mono_ms));
    Ok(journal.iter().filter_map(Kept::fact).any(is_gap))
}
