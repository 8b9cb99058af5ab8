//! A world in which everything but the decisions and the disks is false: the network, the bodies, the clock.
//!
//! The real cores of robot and server run over their real databases in a folder. For half a minute of the world's time
//! messages are lost, doubled and reordered, robots are cut off, processes die between any two outputs, buttons are
//! pressed, people make, move and cancel tasks. Then the world is calm, and within two minutes every copy has to be
//! equal. The verdict's checkers judge it: nothing that was acknowledged is lost, no step was done twice, no record
//! tells other than the body.
//!
//! Robots' receivers are muted, their calendars set wrong by days or to 1970, and whole machines lose their power, as well. The
//! report of disclosure, made and printed as an auditor makes it, has to say what the world's own record says, to the second.
//!
//! A seed decides everything, so a run that fails can be repeated: `run(seed, Fault::None)`.

pub mod apart;
mod body;
mod controller_record;
mod coverage;
mod diary;
pub mod disks;
mod ears;
mod gaps;
mod network;
pub mod outage;
pub mod pairing;
mod people;
mod plant;
mod printed;
pub mod random;
mod robot;
mod sampled;
mod server;
mod shown;
mod stretches;
mod sums;
mod telemetry;
mod withheld;

pub use plant::Plant;
pub use server::Fault;
pub use shown::Shown;
pub use withheld::{Outcomes, Withheld};

use crate::history::{replica, store};
use crate::verdict::history::{Act, History, Phase, Robot};
use crate::verdict::{doubling, equality, loss, work};
use anyhow::{Context, Result, ensure};
use coverage::Compared;
use fleet_core::Event;
use network::Network;
use random::Random;
use robot::{At, Node};
use robot_core::Input;
use server::Server;
use shared::id::{RobotId, SiteId, ZoneId};
use shared::seal::{Hash, SigningKey};
use shared::task::TaskState;
use shared::time::WallTime;
use shared::wire::topic::{Channel, Topic};
use shared::zone::{Hall, Point, Zone};
use std::path::Path;

const SITE: &str = "hall-1";
const ROBOTS: [&str; 2] = ["r-1", "r-2"];
/// The world's clock moves in these steps.
const TICK_MS: u64 = 50;
/// How long the world is at its worst.
const STORM_MS: u64 = 30_000;
/// How long it may take in calm until every copy is equal.
const HEALED_WITHIN_MS: u64 = 120_000;

/// Runs a world to its end.
///
/// # Errors
/// With what was found wrong, or what could not be done.
pub fn run(seed: u64, fault: Fault) -> Result<Shown> {
    lived(seed, fault, World::shown)
}

/// Runs a world to its end, and then withholds each kind of entry from its robots' journals.
///
/// # Errors
/// As [`run`].
pub fn withhold(seed: u64) -> Result<Withheld> {
    lived(seed, Fault::None, |world, _| withheld::withhold(&world.server_folder()?, &world.robots))
}

/// A world at its end, once everything has healed.
fn lived<T>(seed: u64, fault: Fault, end: impl Fn(&World, &History) -> Result<T>) -> Result<T> {
    let shm = Path::new("/dev/shm");
    let folder =
        tempfile::Builder::new().prefix("world-").tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") })?;
    let mut world = World::new(seed, folder.path(), fault)?;
    while world.now_ms < STORM_MS {
        world.tick(60)?;
    }
    world.network.calm();
    world.robots.iter_mut().for_each(|robot| robot.body.set_muted(false));
    world.reconnect_all()?;
    let deadline_ms = world.now_ms + HEALED_WITHIN_MS;
    loop {
        for _ in 0..2_000 / TICK_MS {
            world.tick(0)?;
        }
        let history = world.history()?;
        let mut found = found_wrong(&history);
        found.extend(world.telemetry_wrong()?);
        ensure!(found.is_empty(), "at {} ms:\n{}", world.now_ms, found.join("\n"));
        let mut missing = missing(&history);
        missing.extend(world.telemetry_missing()?);
        if missing.is_empty() {
            return end(&world, &history);
        }
        ensure!(world.now_ms < deadline_ms, "not healed at {} ms:\n{}", world.now_ms, missing.join("\n"));
    }
}

/// What may not be at any time.
fn found_wrong(history: &History) -> Vec<String> {
    [loss::lost(history), doubling::doubled(history), work::untrue(history)].concat()
}

/// What has to come once the world is calm.
fn missing(history: &History) -> Vec<String> {
    let mut missing = equality::differences(history);
    let open = history.server_rows().filter(|row| row.robot.is_some() && !row.state.has_ended());
    missing.extend(open.map(|row| format!("{} is {:?}, why: {:?}", row.code(), row.state, row.why)));
    let waiting = loss::unacked(history);
    if waiting > 0 {
        missing.push(format!("{waiting} entries wait for their acknowledgement"));
    }
    let failed = history.server_rows().filter(|row| row.state == TaskState::Failed);
    missing.extend(failed.map(|row| format!("{} failed: {:?}", row.code(), row.why)));
    missing
}

struct World {
    now_ms: u64,
    random: Random,
    network: Network,
    robots: Vec<Node>,
    server: Server,
}

impl World {
    fn new(seed: u64, dir: &Path, fault: Fault) -> Result<Self> {
        Self::with(seed, dir, fault, &ROBOTS)
    }

    fn with(seed: u64, dir: &Path, fault: Fault, robots: &[&str]) -> Result<Self> {
        let mut random = Random::from_seed(seed);
        let names: Vec<RobotId> = robots.iter().copied().map(RobotId::parse).collect::<Result<_, _>>()?;
        let (now_ms, moves_unheard) = (1_000, fault == Fault::MovesUnheard);
        let robots = names.iter().map(|name| Node::new(name.clone(), dir, moves_unheard, now_ms)).collect();
        let network = Network::new(Random::from_seed(random.draw()));
        Ok(Self { now_ms, network, robots, server: Server::new(dir, names, fault), random })
    }

    /// One step of the world's clock. `crash_once_in` of 0 is calm.
    fn tick(&mut self, crash_once_in: u64) -> Result<()> {
        self.step(crash_once_in)?;
        let Self { now_ms, random, network, robots, server } = self;
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in };
        people::act(server, robots, &mut at)
    }

    /// What happens without any people.
    fn step(&mut self, crash_once_in: u64) -> Result<()> {
        self.now_ms += TICK_MS;
        let Self { now_ms, random, network, robots, server } = self;
        let arrivals = network.arrivals(*now_ms);
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in };
        for (topic, payload) in arrivals {
            if matches!(topic.channel, Channel::Up(_)) {
                server.handle(Event::Message { topic: topic.to_string(), payload }, &mut at)?;
                continue;
            }
            // Two machines of one name hear the same.
            for robot in robots.iter_mut().filter(|robot| robot.id == topic.robot) {
                robot.receive((topic.clone(), payload.clone()), &mut at)?;
            }
        }
        server.live(&mut at)?;
        for robot in robots.iter_mut() {
            robot.live(&mut at, TICK_MS)?;
        }
        Ok(())
    }

    fn reconnect_all(&mut self) -> Result<()> {
        let Self { now_ms, random, network, robots, .. } = self;
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in: 0 };
        for robot in robots {
            robot.handle(Input::Disconnected, &mut at)?;
            robot.handle(Input::Connected, &mut at)?;
        }
        Ok(())
    }

    fn telemetry_wrong(&self) -> Result<Vec<String>> {
        let folder = self.server_folder()?;
        let wrong = |node: &Node| {
            let stored = telemetry::stored(&folder, &node.id)?;
            Ok(telemetry::found_wrong(&node.id, &node.sampled, &stored))
        };
        Ok(self.robots.iter().map(wrong).collect::<Result<Vec<_>>>()?.concat())
    }

    fn telemetry_missing(&self) -> Result<Vec<String>> {
        let (folder, before_ms) = (self.server_folder()?, self.now_ms.saturating_sub(telemetry::ON_THE_WAY_MS));
        let mut missing = Vec::new();
        for node in &self.robots {
            let count = telemetry::missing(&node.sampled, &telemetry::stored(&folder, &node.id)?, before_ms);
            if count > 0 {
                missing.push(format!("{}: {count} samples have not arrived", node.id));
            }
        }
        Ok(missing)
    }

    /// What a healed world has shown; the report of disclosure is judged once everything has arrived.
    fn shown(&self, history: &History) -> Result<Shown> {
        let folder = self.server.path();
        let folder = folder.parent().context("the server's folder")?;
        let plant = if let Fault::Tells(plant) = self.server.fault() { Some(plant) } else { None };
        let Compared {
            found,
            moving_ms,
            mutes,
            gaps,
            robots,
            known,
            placed,
            compared_gaps,
            doubtful_gaps,
            unknown_ms,
            boots,
            days,
        } = coverage::compare(folder, &self.robots, self.now_ms, plant)?;
        ensure!(found.is_empty(), "at {} ms:\n{}", self.now_ms, found.join("\n"));
        let (tasks_done, acked) = (work::tasks_done(history), loss::acked(history));
        Ok(Shown {
            tasks_done,
            acked,
            moving_ms,
            mutes,
            gaps,
            robots,
            known,
            placed,
            compared_gaps,
            doubtful_gaps,
            unknown_ms,
            boots,
            days,
        })
    }

    /// What is on disk now, and what the bodies did.
    fn history(&self) -> Result<History> {
        let told = self.server.told.clone();
        let made = Act { t_ms: 0, act: "import".to_owned(), robot: None, phase: Phase::After, tasks: told };
        let robot = |node: &Node| {
            let mut replica = replica::read(node.path(), &node.id)?;
            node.date(&mut replica.journal);
            Ok((node.id.clone(), Robot { truth: node.body.truth.clone(), events: Vec::new(), replica }))
        };
        let robots: Result<_> = self.robots.iter().map(robot).collect();
        let mut server = store::read(&self.server.path()).context("the server's database")?;
        for node in &self.robots {
            server.facts.get_mut(&node.id).into_iter().for_each(|facts| node.date(facts));
        }
        Ok(History { acts: vec![made], robots: robots?, server })
    }
}

fn key_of(owner: &str) -> SigningKey {
    SigningKey::from_seed(&Hash::of(&[b"a world's key", owner.as_bytes()]).0)
}

/// The world begins 20 seconds before midnight, so that every run has two days.
const fn wall(now_ms: u64) -> WallTime {
    WallTime(1_795_046_380_000 + now_ms)
}

fn topic(robot: &RobotId, channel: Channel) -> Topic {
    Topic { site: SiteId::parse(SITE).expect("a constant that is a name"), robot: robot.clone(), channel }
}

fn hall() -> Result<Hall> {
    let at = |x_cm, y_cm| Point { x_cm, y_cm };
    let zone = |name| {
        let id = ZoneId::parse(name)?;
        Ok(Zone { id, title: name.to_owned(), from: at(0, 0), to: at(200, 200), station: at(100, 100) })
    };
    let zones: Result<Vec<Zone>> = ["here", "there"].into_iter().map(zone).collect();
    Ok(Hall { title: "World".to_owned(), size: at(500, 500), zones: zones? })
}
