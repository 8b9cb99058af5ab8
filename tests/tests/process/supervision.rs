//! An agent that is slow, hangs, dies or is stopped. A slow disk trips nothing; whoever does not beat stops the robot within
//! the bound of its safety controller, and the robot returns by the rule of Standby: two seconds of health, three of
//! notice, three times in ten minutes. The fourth time a person has to come.
//!
//! The witness is the controller's own record. Every part of the story takes one of the three returns.

use super::give;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shared::time::{Instant, Millis};
use tests::clock::{now, until};
use tests::process::{Event, Part, Rest, Site, SlowDisk, tool};

const R1: &str = "r-1";
/// How long the controller waits for a beat, and how long it lets the robot crouch.
const HEARTBEAT: Millis = Millis(300);
const CROUCH: Millis = Millis(300);
/// How long the control loop waits for the driver.
const DRIVER_STUCK: Millis = Millis::secs(2);
/// How long a planted hang lasts.
const HANG: Millis = Millis::secs(3);
/// A planted hang begins when its thread looks: at the next of its cycles, on a disk that is slow by 50 ms.
const HANG_BEGINS: Millis = Millis(250);
/// Health and notice.
const BEFORE_A_RETURN: Millis = Millis::secs(5);
/// Writes that have to be held back for a disk to have been slow while the robot worked.
const WRITES: usize = 5;

#[test]
fn a_slow_disk_trips_nothing_and_an_agent_that_falls_silent_stops_its_robot_and_returns_three_times() -> Result<()> {
    let mut site = Site::start(&[R1])?;
    let mut walks = Walks::default();
    site.plant(R1, "hangs")?;
    site.kill(Part::Agent(R1))?;
    let disk = site.spawn_agent_on(R1, Millis(50))?;
    site.begin_shift(R1)?;
    works_on(&site, &disk, &mut walks)?;

    walks.go(&site)?;
    a_second_agent_is_refused(&site)?;
    let stop = stops(&mut site, Millis(DRIVER_STUCK.0 + HANG_BEGINS.0), |site| site.hang(R1, "driver"))?;
    returns(&site, &stop, stop.acted + HANG)?;

    walks.go(&site)?;
    let stop = stops(&mut site, Millis(0), |site| site.kill(Part::Agent(R1)))?;
    let disk = site.spawn_agent_on(R1, Millis(500))?;
    returns(&site, &stop, stop.acted)?;
    works_on(&site, &disk, &mut walks)?;

    walks.go(&site)?;
    let stop = stops(&mut site, Millis(0), |site| site.stop(Part::Agent(R1)))?;
    site.go_on(Part::Agent(R1))?;
    returns(&site, &stop, now())?;

    walks.go(&site)?;
    let stop = stops(&mut site, HANG_BEGINS, |site| site.hang(R1, "control"))?;
    needs_a_person(&mut site, &stop)?;

    site.wait_until_done_and_equal(walks.given, Millis::secs(60))?;
    site.finish().map(drop)
}

/// Walks of twelve metres, there and back, one at a time.
#[derive(Default)]
struct Walks {
    given: usize,
    code: Option<String>,
}

impl Walks {
    /// Waits until the robot walks, and gives it a new walk when the last one is over.
    fn go(&mut self, site: &Site) -> Result<()> {
        let rest = site.rest();
        if self.code.as_ref().is_none_or(|code| rest.task_state(code) == "done") {
            let zone = if self.given.is_multiple_of(2) { "far" } else { "near" };
            self.code = Some(give(&rest, R1, "inspection", zone)?);
            self.given += 1;
        }
        site.wait_until_moving(R1, now())
    }
}

/// The robot walks and takes new work while every write is slow, and the controller has no reason to stop it.
fn works_on(site: &Site, disk: &SlowDisk, walks: &mut Walks) -> Result<()> {
    walks.go(site)?;
    let (before, held_back) = (site.controller(R1).newest()?, disk.held_back()?);
    let begun = now();
    while disk.held_back()? < held_back + WRITES {
        take_and_give_back(&site.rest())?;
    }
    ensure!(site.has_moved_since(R1, begun)?, "nothing moved while the disk was slow");
    let events = site.controller(R1).changes_after(before.n)?;
    ensure!(events.is_empty(), "a slow disk is no reason to stop: {events:?}");
    Ok(())
}

/// A second life of the agent beside the first ends at once, and the robot walks on; `stops` looks whether it did.
fn a_second_agent_is_refused(site: &Site) -> Result<()> {
    let config = site.dir_of(Part::Agent(R1)).join("agent.toml").display().to_string();
    let (code, said) = tool::run("robot-agent", &["run", "--config", &config])?;
    ensure!(code == 1 && said.contains("another agent runs in"), "{code}: {said}");
    Ok(())
}

/// An order that is taken and withdrawn: some writes, and no step.
fn take_and_give_back(rest: &Rest) -> Result<()> {
    let code = give(rest, R1, "inspection", "cell")?;
    let (status, answer) = rest.post(&format!("/v1/tasks/{code}/cancel-requests"), &Value::Null)?;
    ensure!(status < 300, "the withdrawal was answered {status}: {answer}");
    until("the order is given back", Millis::secs(20), || (rest.task_state(&code) == "cancelled").then_some(()))
}

/// A stop of the robot.
struct Stop {
    /// When whatever silenced the agent was done.
    acted: Instant,
    stopping: Event,
}

/// Does something to the agent of a robot that walks; the robot has to stop for want of a beat within the bound after the
/// last one, which may come as long as `beats` after the act.
fn stops(site: &mut Site, beats: Millis, act: impl FnOnce(&mut Site) -> Result<()>) -> Result<Stop> {
    let (controller, before) = (site.controller(R1), site.controller(R1).newest()?);
    ensure!(before.ev == "energised", "{before:?} came before its time");
    act(site)?;
    let acted = now();
    let stopping = until("the robot stops", Millis::secs(10), || controller.first_after(before.n, "stopping"))?;
    let bound = acted + beats + HEARTBEAT + lateness(site)?;
    ensure!(stopping.cause == "heartbeat" && stopping.at() <= bound, "{stopping:?}, not by {bound:?}");
    let off = until("its energy is away", Millis::secs(10), || {
        controller
            .events_after(stopping.n)
            .ok()?
            .into_iter()
            .find(|event| matches!(event.ev.as_str(), "standby" | "trip"))
    })?;
    ensure!(off.at() <= stopping.at() + CROUCH + lateness(site)?, "{off:?} after {stopping:?}");
    Ok(Stop { acted, stopping })
}

/// How late the controller's ticks were, and one tick.
fn lateness(site: &Site) -> Result<Millis> {
    let late_ms = site.panel(R1).status()?["late_ms_max"].as_u64().context("a panel tells its lateness")?;
    Ok(Millis(late_ms + 5))
}

/// The robot gets up by itself, by the rule: not before the agent that is back since `back` was well and gave notice.
fn returns(site: &Site, stop: &Stop, back: Instant) -> Result<()> {
    let controller = site.controller(R1);
    let up = until("the robot returns", Millis::secs(20), || controller.first_after(stop.stopping.n, "energised"))?;
    let earliest = back.max(stop.stopping.at()) + BEFORE_A_RETURN;
    ensure!(up.at() >= earliest, "up at {:?}, and not before {earliest:?} by the rule", up.at());
    ensure!(up.trip_epoch == stop.stopping.trip_epoch, "armed for another trip: {up:?}");
    let between = controller.changes_after(stop.stopping.n)?;
    let words: Vec<&str> = between.iter().map(|event| event.ev.as_str()).collect();
    ensure!(words == ["standby", "energised"], "{words:?}");
    Ok(())
}

/// The agent is well again, and still the robot waits for the reset and for somebody who lets its work go on.
fn needs_a_person(site: &mut Site, stop: &Stop) -> Result<()> {
    let well = stop.acted + HANG + BEFORE_A_RETURN + Millis::secs(1);
    until("an agent may have returned by now", Millis::secs(20), || (now() >= well).then_some(()))?;
    let events = site.controller(R1).changes_after(stop.stopping.n)?;
    let words: Vec<(&str, &str)> = events.iter().map(|event| (event.ev.as_str(), event.cause.as_str())).collect();
    ensure!(words == [("trip", "too_many_returns")], "{words:?}");
    let status = site.panel(R1).status()?;
    ensure!(status["agent_heard"] == true, "the agent is not back: {status}");
    // What remains needs no slow disk.
    site.kill(Part::Agent(R1))?;
    site.spawn(Part::Agent(R1))?;
    site.reset(R1)?;
    site.panel(R1).wait_for_phase("energised", Millis::secs(10))?;
    let up = now();
    let waits = || (site.rest().robot(R1)["awaits_person"] == true).then_some(());
    until("the robot says that it waits for a person", Millis::secs(10), waits)?;
    ensure!(!site.has_moved_since(R1, up)?, "moved although nobody let it go on");
    site.resume_if_it_waits(R1)?;
    site.wait_until_moving(R1, now())
}
