//! What is done to disks: copies are made, and come back where something newer was.

use super::evidence::{acked_of, facts_of, hashes_of, head_of_feed, lives_told, replica_of};
use crate::world::robot::{At, Node, Part};
use crate::world::server::Server;
use crate::world::{World, telemetry};
use anyhow::{Context, Result};
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::seal::Hash;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A copy of a robot's whole disk was put back.
    PutBack,
    /// A copy of its replica was put back, and the rest of the disk stayed.
    ReplicaPutBack,
    /// A copy of its file of telemetry was put back, and the rest of the disk stayed.
    TelemetryPutBack,
    /// The disk was made anew.
    MadeAnew,
    /// A second machine runs from a copy of the disk.
    Cloned,
    /// A copy of the server's database was put back.
    ServerPutBack,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What.
    pub kind: Kind,
    /// To whom; for the server, to a robot that knows more than its database.
    pub robot: RobotId,
    /// When, on the world's clock.
    pub at_ms: u64,
    /// Somebody knows what the disk no longer does, so that it has to be named.
    pub must_be_named: bool,
}

impl Exchange {
    /// Whether the disk of which another one tells is gone behind this.
    pub fn ends(&self, other: &Self) -> bool {
        let of_server = |kind| kind == Kind::ServerPutBack;
        match self.kind {
            Kind::TelemetryPutBack | Kind::Cloned => false,
            Kind::ServerPutBack => of_server(other.kind),
            Kind::PutBack | Kind::ReplicaPutBack | Kind::MadeAnew => {
                self.robot == other.robot && !of_server(other.kind) && other.kind != Kind::Cloned
            }
        }
    }
}

/// The copies that were made, and what this world does with them.
pub struct Copies {
    dir: PathBuf,
    of_server: bool,
    made: Vec<u64>,
    is_cloned: bool,
}

/// Between two things that happen to disks, in steps of the clock.
const EVERY: u64 = 100;

impl Copies {
    /// Every third world is one in which the server's database is put back; in the others it is robots' disks.
    pub fn new(dir: &Path, seed: u64) -> Result<Self> {
        let dir = dir.join("copies");
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, of_server: seed.is_multiple_of(3), made: vec![], is_cloned: false })
    }

    /// Does something now and then.
    pub fn exchange(&mut self, world: &mut World) -> Result<Option<Exchange>> {
        if !world.random.once_in(EVERY) {
            return Ok(None);
        }
        if self.of_server { self.server(world) } else { self.robot(world) }
    }

    fn server(&mut self, world: &mut World) -> Result<Option<Exchange>> {
        let there = self.dir.join("server");
        let World { now_ms, random, network, server, robots, .. } = world;
        let (puts_back, with_witness) = (there.exists() && random.once_in(2), random.once_in(2));
        server.stop(&mut At { now_ms: *now_ms, random, network, crash_once_in: 0 });
        if !puts_back {
            return server.copy_disk(&there).map(|()| None);
        }
        let had = stored_of(robots, server)?;
        server.put_back(&there, with_witness)?;
        let has = stored_of(robots, server)?;
        let mut ahead = None;
        for ((robot, had), has) in robots.iter_mut().zip(had).zip(has) {
            robot.sampled.forget(&had, &has);
            if is_ahead(robot, &server.path())? {
                ahead = Some(robot.id.clone());
            }
        }
        let (robot, must_be_named) = (ahead.clone().unwrap_or_else(|| robots[0].id.clone()), ahead.is_some());
        Ok(Some(Exchange { kind: Kind::ServerPutBack, robot, at_ms: *now_ms, must_be_named }))
    }

    fn robot(&mut self, world: &mut World) -> Result<Option<Exchange>> {
        // The second machine keeps its disk: it is a copy itself.
        let which = usize::try_from(world.random.below(2))?;
        let in_order = world.random.once_in(2);
        let choice = world.random.below(8);
        let World { now_ms, random, network, robots, .. } = world;
        robots[which].stop(in_order, &mut At { now_ms: *now_ms, random, network, crash_once_in: 0 })?;
        let copies = self.copies_of(&robots[which].id);
        let copy = copies.get(usize::try_from(random.below(copies.len().max(1) as u64))?).cloned();
        match (choice, copy) {
            (0, _) => made_anew(world, which).map(Some),
            (1 | 2, _) if !self.is_cloned => self.cloned(world, which).map(Some),
            (3, Some(copy)) => put_back(world, which, &copy, Kind::ReplicaPutBack).map(Some),
            (4, Some(copy)) => put_back(world, which, &copy, Kind::TelemetryPutBack).map(Some),
            (5 | 6, Some(copy)) => put_back(world, which, &copy, Kind::PutBack).map(Some),
            _ => self.copy(&world.robots[which], world.now_ms).map(|()| None),
        }
    }

    /// With the moment at which each was made.
    fn copies_of(&self, robot: &RobotId) -> Vec<(u64, PathBuf)> {
        let there = |made_ms: &u64| (*made_ms, self.dir.join(format!("{robot}.{made_ms}")));
        self.made.iter().map(there).filter(|(_, dir)| dir.exists()).collect()
    }

    fn copy(&mut self, robot: &Node, now_ms: u64) -> Result<()> {
        self.made.push(now_ms);
        // An agent that has never started has no disk to copy.
        let there = self.dir.join(format!("{}.{now_ms}", robot.id));
        if robot.path().exists() { robot.copy_disk(&there) } else { Ok(()) }
    }

    /// A copy that keeps the computer's name, as an image of a whole disk does, or one of the database alone.
    fn cloned(&mut self, world: &mut World, which: usize) -> Result<Exchange> {
        self.is_cloned = true;
        let World { now_ms, random, network, robots, .. } = world;
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in: 0 };
        let machine = if at.random.once_in(2) { Hash::default() } else { Hash([7; 32]) };
        let copy = robots[which].copied_to(&self.dir.join("second machine"), machine, &mut at)?;
        let robot = copy.id.clone();
        robots.push(copy);
        Ok(Exchange { kind: Kind::Cloned, robot, at_ms: *now_ms, must_be_named: true })
    }
}

fn made_anew(world: &mut World, which: usize) -> Result<Exchange> {
    let keeps_head = world.random.once_in(2);
    let server = world.server.path();
    let robot = &mut world.robots[which];
    let must_be_named = server.exists() && !facts_of(&server, &robot.id)?.is_empty();
    for part in Part::ALL.into_iter().filter(|part| !(keeps_head && *part == Part::Head)) {
        robot.exchange(part, None)?;
    }
    robot.sampled.vanish(world.now_ms, 0);
    Ok(Exchange { kind: Kind::MadeAnew, robot: robot.id.clone(), at_ms: world.now_ms, must_be_named })
}

fn put_back(world: &mut World, which: usize, (made_ms, copy): &(u64, PathBuf), kind: Kind) -> Result<Exchange> {
    let server = world.server.path();
    let robot = &mut world.robots[which];
    let before = if robot.path().exists() { hashes_of(&replica_of(robot)?) } else { BTreeSet::new() };
    let parts: &[Part] = match kind {
        Kind::ReplicaPutBack => &[Part::Replica],
        Kind::TelemetryPutBack => &[Part::Telemetry],
        Kind::PutBack | Kind::MadeAnew | Kind::Cloned | Kind::ServerPutBack => &Part::ALL,
    };
    parts.iter().try_for_each(|part| robot.exchange(*part, Some(copy)))?;
    if kind != Kind::ReplicaPutBack {
        robot.sampled.vanish(world.now_ms, *made_ms);
    }
    if !robot.path().exists() {
        return Ok(Exchange { kind, robot: robot.id.clone(), at_ms: world.now_ms, must_be_named: false });
    }
    let now = replica_of(robot)?;
    let (epoch, has) = (now.epoch, hashes_of(&now));
    let at_server = if server.exists() { facts_of(&server, &robot.id)? } else { vec![] };
    let must_be_named = match kind {
        // What is beside the replica remembers its newest entry.
        Kind::ReplicaPutBack => !before.is_subset(&has),
        Kind::TelemetryPutBack => false,
        _ => at_server.iter().any(|kept| kept.epoch == epoch && !has.contains(&kept.hash)),
    };
    Ok(Exchange { kind, robot: robot.id.clone(), at_ms: world.now_ms, must_be_named })
}

/// How far the server's database has the telemetry of each robot, by epoch.
fn stored_of(robots: &[Node], server: &Server) -> Result<Vec<BTreeMap<Epoch, u64>>> {
    let path = server.path();
    let folder = path.parent().context("the server's folder")?;
    let last = |robot: &Node| {
        let rows = telemetry::stored(folder, &robot.id)?;
        Ok(rows.iter().filter_map(|row| Some((row.epoch, row.items.last()?.span.last))).collect())
    };
    robots.iter().map(last).collect()
}

/// Whether a robot was told of more than this database of the server has.
fn is_ahead(robot: &Node, server: &Path) -> Result<bool> {
    if !robot.path().exists() {
        return Ok(false);
    }
    let replica = replica_of(robot)?;
    let taken = facts_of(server, &robot.id)?;
    let marks = acked_of(&taken, replica.epoch);
    let lacks = replica.acked.iter().any(|mark| marks[mark.lane.index()] < mark.seq);
    let (epoch, head) = head_of_feed(server, &robot.id)?;
    // A robot that was not welcomed since it was flagged has nothing new to tell, though the disk was put back again.
    let is_told = lives_told(server, &robot.id)?.contains(&(replica.server_epoch ^ epoch));
    Ok(!is_told && (lacks || (replica.server_epoch == epoch && replica.cursor > head)))
}
