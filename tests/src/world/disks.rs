//! Disks that go back in time, are copied, or made anew, and calendars that are wrong, while everything else goes wrong too.
//!
//! The real cores of robots and server run over their real databases. For a minute of the world's time messages are lost, doubled
//! and reordered, processes die, machines lose their power, calendars are set wrong by a day or to 1970 and jump. Meanwhile a
//! robot's disk is exchanged for a copy of it from earlier, in whole or in part, is made anew, or is copied to a second machine
//! that runs at the same time; in other worlds the server's database is put back. Then the world is calm, both machines of one
//! name included, and within two minutes every copy has to be equal. What has to be so is judged from the databases and from the
//! world's own record.
//!
//! Leaves to others: what is done to disks (`exchange`), what is read (`evidence`), what is wrong with it (`judged`), and the
//! falsehoods that show that a judge finds them (`tamper`).

mod evidence;
mod exchange;
mod judged;
mod tamper;

pub use exchange::Kind;
pub use tamper::Tamper;

use super::robot::At;
use super::{Fault, TICK_MS, World, wall};
use anyhow::{Result, ensure};
use evidence::Evidence;
use exchange::{Copies, Exchange};
use fleet_core::{Command, NewTask};
use robot_core::{Input, LocalAsk, LocalEdit, LocalToken};
use shared::field::FieldValue;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::task::TaskKind;
use shared::time::WallTime;
use std::path::Path;

/// How long the world is at its worst.
const STORM_MS: u64 = 60_000;
/// How long it may take in calm until every copy is equal.
const HEALED_WITHIN_MS: u64 = 120_000;
/// Once in so many outputs a process dies.
const CRASH_ONCE_IN: u64 = 400;
/// How wrong somebody sets a calendar, besides to 1970.
const WRONG_MS: [i64; 4] = [-86_400_000, 0, 86_400_000, 7_200_000];

/// What a run has shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What was done to disks.
    pub exchanges: Vec<Kind>,
    /// Of these, those that had to be named, and were.
    pub named: usize,
    /// Entries at the server.
    pub entries: usize,
    /// Entries that were offered again with their origin.
    pub offered_again: usize,
    /// Numbers under which two entries came; each is flagged.
    pub forks: usize,
    /// Boots that wrote by a wrong calendar; each is flagged.
    pub wrong_boots: usize,
    /// Titles that were written at robots, the last of each task standing in the end.
    pub titles: usize,
    /// Samples of telemetry at the server.
    pub samples: usize,
}

/// Runs a world to its end.
///
/// # Errors
/// With what was found wrong, or what could not be done.
pub fn run(seed: u64, tamper: Option<Tamper>) -> Result<Shown> {
    let shm = Path::new("/dev/shm");
    let folder =
        tempfile::Builder::new().prefix("disks-").tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") })?;
    let mut world = World::with(seed, folder.path(), Fault::None, &["r-1", "r-2"])?;
    let mut copies = Copies::new(folder.path(), seed)?;
    let mut done = vec![];
    while world.now_ms < STORM_MS {
        world.storm(&mut copies, &mut done)?;
    }
    world.network.calm();
    world.reconnect_all()?;
    world.heal(&done, tamper)
}

impl World {
    fn storm(&mut self, copies: &mut Copies, done: &mut Vec<Exchange>) -> Result<()> {
        self.step(CRASH_ONCE_IN)?;
        self.people_act()?;
        self.disturb_machines()?;
        let exchange = copies.exchange(self)?;
        done.extend(exchange);
        Ok(())
    }

    /// People give work that may be done twice, let what waits go on, and robots are told titles at the robot.
    fn people_act(&mut self) -> Result<()> {
        let Self { now_ms, random, network, robots, server } = self;
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in: CRASH_ONCE_IN };
        for robot in robots.iter().filter(|_| now_ms.is_multiple_of(1_000)) {
            server.command(Command::Resume { robot: robot.id.clone() }, &mut at)?;
        }
        if at.random.once_in(60) {
            let robot = &robots[usize::try_from(at.random.below(robots.len() as u64))?];
            server.command(Command::Create(task(robot.id.clone(), &mut at)?), &mut at)?;
        }
        if !server.told.is_empty() && at.random.once_in(30) {
            let known = server.told[usize::try_from(at.random.below(server.told.len() as u64))?].clone();
            let title = LocalEdit::Set(FieldValue::Title(format!("title {}", at.now_ms)));
            let robot = usize::try_from(at.random.below(robots.len() as u64))?;
            robots[robot].handle(Input::Local(LocalToken(1), LocalAsk::Task(known, title)), &mut at)?;
        }
        Ok(())
    }

    /// Networks are cut, calendars set, plugs pulled.
    fn disturb_machines(&mut self) -> Result<()> {
        let Self { now_ms, random, network, robots, .. } = self;
        let at = At { now_ms: *now_ms, random, network, crash_once_in: CRASH_ONCE_IN };
        for robot in robots {
            let is_cut = at.network.is_cut(robot.id.as_str());
            if at.random.once_in(if is_cut { 60 } else { 200 }) {
                at.network.set_cut(robot.id.as_str(), !is_cut);
            }
            if at.random.once_in(150) {
                let choice = usize::try_from(at.random.below(WRONG_MS.len() as u64 + 1))?;
                let to_1970 = -i64::try_from(wall(at.now_ms).0)?;
                robot.set_calendar(WRONG_MS.get(choice).copied().unwrap_or(to_1970));
            }
            if at.random.once_in(800) {
                robot.cut_power(at.now_ms, 700 + at.random.below(4_000));
            }
        }
        Ok(())
    }

    /// In calm nothing may be wrong at any time, and in the end nothing may be missing.
    fn heal(&mut self, done: &[Exchange], tamper: Option<Tamper>) -> Result<Shown> {
        let deadline_ms = self.now_ms + HEALED_WITHIN_MS;
        // Two machines have to speak for a while before anybody can tell.
        for _ in 0..30_000 / TICK_MS {
            self.calm()?;
        }
        loop {
            for _ in 0..5_000 / TICK_MS {
                self.calm()?;
            }
            let mut evidence = Evidence::read(self)?;
            let missing = judged::missing(&evidence);
            if missing.is_empty() {
                tamper.into_iter().try_for_each(|tamper| tamper.spoil(&mut evidence))?;
                let found = judged::wrong(&evidence, done);
                ensure!(found.is_empty(), "at {} ms, after {done:#?}:\n{}", self.now_ms, found.join("\n"));
                self.ask_for_reasons(done)?;
                return Ok(judged::shown(&evidence, done));
            }
            ensure!(self.now_ms < deadline_ms, "not healed, after {done:#?}:\n{}", missing.join("\n"));
        }
    }

    fn calm(&mut self) -> Result<()> {
        self.step(0)?;
        let Self { now_ms, random, network, robots, server } = self;
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in: 0 };
        for robot in robots.iter().filter(|_| now_ms.is_multiple_of(1_000)) {
            server.command(Command::Resume { robot: robot.id.clone() }, &mut at)?;
        }
        Ok(())
    }

    /// Who asks about a robot of which two machines run is told so, whatever the server has forgotten since.
    fn ask_for_reasons(&mut self, done: &[Exchange]) -> Result<()> {
        for exchange in done.iter().filter(|exchange| exchange.kind == Kind::Cloned) {
            let Self { now_ms, random, network, server, .. } = self;
            let mut at = At { now_ms: *now_ms, random, network, crash_once_in: 0 };
            let reports = server.sync_report(&exchange.robot, &mut at)?;
            let is_told = reports.iter().any(|report| report.break_words().contains(&"two_machines"));
            ensure!(is_told, "nobody is told that two machines are {}: {reports:?}", exchange.robot);
        }
        Ok(())
    }
}

fn task(robot: RobotId, at: &mut At<'_>) -> Result<NewTask> {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&at.random.draw().to_be_bytes());
    Ok(NewTask {
        id: TaskId::v7(WallTime(at.now_ms), random),
        title: "Look".to_owned(),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("there")?,
        from: None,
        priority: 3,
        due_ms: None,
        robot: Some(robot),
    })
}
