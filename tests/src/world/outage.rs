//! A robot is without a network for a long time, and everything it measured arrives afterwards, in order.
//!
//! The same world as in the storm, calm and with one robot; its agent may be killed in the middle, and its storage may be small.

use super::telemetry::{ON_THE_WAY_MS, arrived, found_wrong, lost, missing, stored};
use super::{Fault, TICK_MS, World};
use anyhow::{Context as _, Result, ensure};
use fleet_core::{Command, NewTask};
use fleet_server::store::Archive;
use robot_agent::replica::Limits;
use robot_core::Input;
use shared::fact::Fact;
use shared::id::{TaskId, ZoneId};
use shared::journal::Record;
use shared::refusal::Code;
use shared::task::TaskKind;
use shared::time::WallTime;
use shared::wire::telemetry::Sample;
use std::path::Path;

/// How long the robot is connected before.
const BEFORE_MS: u64 = 20_000;
/// How long everything may take to arrive: an hour's samples at a tenth of the speed of the shaped link of the benches.
const ARRIVES_WITHIN_MS: u64 = 120_000;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How long the network is gone, in seconds.
    pub away_s: u64,
    /// After so many of them the agent is killed.
    pub killed_after_s: Option<u64>,
    /// A quota that its evidence fills, in bytes.
    pub quota: Option<u64>,
}

/// What was seen.
#[derive(Debug)]
pub struct Shown {
    /// Samples of the time without a network that arrived, in the order of their arrival.
    pub arrived: Vec<Sample>,
    /// From when to when the network was gone, on the robot's clock in milliseconds.
    pub away_ms: (u64, u64),
    /// Numbers that were told as lost.
    pub lost: u64,
    /// Samples that the robot thinned out.
    pub thinned: usize,
    /// What the server has of the robot's journal.
    pub facts: Vec<Fact>,
    /// How many entries the robot has written.
    pub written: u64,
}

/// Runs the plan to its end and judges it.
///
/// # Errors
/// With what was found wrong, or what could not be done.
pub fn outage(seed: u64, plan: Plan) -> Result<Shown> {
    let shm = Path::new("/dev/shm");
    let folder =
        tempfile::Builder::new().prefix("outage-").tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") })?;
    let mut world = World::with(seed, folder.path(), Fault::None, &["r-1"])?;
    if let Some(quota) = plan.quota {
        world.robots[0].set_limits(Limits { quota, reserve: 64 * 1024 });
    }
    world.network.calm();
    world.pass(BEFORE_MS)?;
    let begin_ms = world.now_ms;
    world.away(plan)?;
    let away_ms = (begin_ms, world.now_ms);
    world.back(plan)?;
    world.until_everything_arrived()?;
    world.outage_shown(plan, away_ms)
}

impl World {
    /// Time passes, and nobody does anything.
    pub(super) fn pass(&mut self, ms: u64) -> Result<()> {
        for _ in 0..ms / TICK_MS {
            self.step(0)?;
        }
        Ok(())
    }

    fn away(&mut self, plan: Plan) -> Result<()> {
        self.network.set_cut("r-1", true);
        self.with_robot(|robot, at| robot.handle(Input::Disconnected, at))?;
        for second in 0..plan.away_s {
            if plan.killed_after_s == Some(second) {
                self.with_robot(|robot, at| {
                    robot.crash(at);
                    Ok(())
                })?;
            }
            if let Some(quota) = plan.quota {
                self.with_robot(|robot, at| robot.write_evidence(quota, at))?;
            }
            self.pass(1_000)?;
        }
        Ok(())
    }

    /// The network is back; where room is short, somebody gives the robot work of low priority.
    fn back(&mut self, plan: Plan) -> Result<()> {
        self.network.set_cut("r-1", false);
        self.with_robot(|robot, at| robot.handle(Input::Connected, at))?;
        if plan.quota.is_none() {
            return Ok(());
        }
        let Self { now_ms, random, network, server, .. } = self;
        let mut at = super::robot::At { now_ms: *now_ms, random, network, crash_once_in: 0 };
        server.command(Command::Create(task()?), &mut at)
    }

    fn until_everything_arrived(&mut self) -> Result<()> {
        let deadline_ms = self.now_ms + ARRIVES_WITHIN_MS;
        loop {
            self.pass(2_000)?;
            let stored = stored(&self.server_folder()?, &self.robots[0].id)?;
            let missing = missing(&self.robots[0].sampled, &stored, self.now_ms.saturating_sub(ON_THE_WAY_MS));
            if missing == 0 && self.robots[0].unacked()? == 0 {
                return Ok(());
            }
            ensure!(self.now_ms < deadline_ms, "{missing} samples have not arrived at {} ms", self.now_ms);
        }
    }

    fn outage_shown(&self, plan: Plan, away_ms: (u64, u64)) -> Result<Shown> {
        let (folder, robot) = (self.server_folder()?, &self.robots[0]);
        let stored = stored(&folder, &robot.id)?;
        let found = found_wrong(&robot.id, &robot.sampled, &stored);
        ensure!(found.is_empty(), "{plan:?}:\n{}", found.join("\n"));
        let archive = Archive::of(&folder);
        let mut facts = Vec::new();
        for (epoch, _) in archive.epochs(&robot.id)? {
            for entry in archive.entries(&robot.id, epoch, (0, u64::MAX), usize::MAX)? {
                facts.extend(Record::read(entry.entry, entry.body)?.fact());
            }
        }
        let arrived = arrived(&stored, away_ms.0, away_ms.1);
        let (lost, thinned) = (lost(&stored), robot.sampled.thinned);
        Ok(Shown { arrived, away_ms, lost, thinned, facts, written: robot.written()? })
    }

    pub(super) fn server_folder(&self) -> Result<std::path::PathBuf> {
        let path = self.server.path();
        Ok(path.parent().context("the server's folder")?.to_owned())
    }

    pub(super) fn with_robot(
        &mut self,
        act: impl FnOnce(&mut super::robot::Node, &mut super::robot::At<'_>) -> Result<()>,
    ) -> Result<()> {
        let Self { now_ms, random, network, robots, .. } = self;
        let mut at = super::robot::At { now_ms: *now_ms, random, network, crash_once_in: 0 };
        act(&mut robots[0], &mut at)
    }
}

/// Work of low priority for the robot.
fn task() -> Result<NewTask> {
    Ok(NewTask {
        id: TaskId::v7(WallTime(1), [7; 10]),
        title: "Look".to_owned(),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("there")?,
        from: None,
        priority: 4,
        due_ms: None,
        robot: Some(shared::id::RobotId::parse("r-1")?),
    })
}

/// Whether an order was refused because there was too little room for its record.
#[must_use]
pub fn was_refused(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::Refused { why: Code::StorageFull, .. }))
}
