//! What the databases have in the end, and what the world has seen itself.

use crate::history::table::{Database, epoch, lane, number, seq};
use crate::history::{replica, store};
use crate::verdict::history::{History, Kept, Replica, Robot, Server};
use crate::world::robot::{Node, Written};
use crate::world::sampled::Sampled;
use crate::world::{World, telemetry};
use anyhow::{Context, Result};
use fleet_server::store::StoredTelemetry;
use shared::id::RobotId;
use shared::journal::{Boot, Entry, Epoch, Lane};
use shared::seal::Hash;
use shared::wire::from_bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One machine: what its disk has, and what the world saw it do.
pub struct Machine {
    /// Its name; two machines may have one.
    pub id: RobotId,
    /// What its replica has.
    pub replica: Replica,
    /// Edits of its own that are not settled.
    pub open_edits: usize,
    /// What it wrote.
    pub written: Vec<Written>,
}

/// A flag of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its rule's word.
    pub rule: String,
    /// Of whom.
    pub robot: RobotId,
    /// The entry it is about, if it is about one.
    pub at: (Epoch, Lane, u64),
    /// When it was raised, by the server's calendar.
    pub raised_ms: u64,
}

/// Everything that is judged.
pub struct Evidence {
    /// The machines.
    pub machines: Vec<Machine>,
    /// The server's tables.
    pub server: Server,
    /// Entries that came under a number that was taken.
    pub forks: Vec<(RobotId, Kept)>,
    /// The flags.
    pub flags: Vec<Flag>,
    /// The boots of which the server knows when they began.
    pub dated: BTreeSet<Boot>,
    /// What the server has of each name's telemetry, and what all machines of that name kept.
    pub telemetry: BTreeMap<RobotId, (Vec<StoredTelemetry>, Sampled)>,
    /// Samples that were kept before this moment have to be there.
    pub before_ms: u64,
}

impl Evidence {
    /// Reads everything.
    pub fn read(world: &World) -> Result<Self> {
        let path = world.server.path();
        let db = Database::open(&path)?;
        let fork = "SELECT epoch, cseq, lane, lane_seq, hash, entry, body, robot FROM fork";
        let flag = "SELECT rule, robot, epoch, lane, lane_seq, raised_ms FROM flag";
        let dated = "SELECT boot FROM skew WHERE began_ms IS NOT NULL";
        let machines: Result<_> = world.robots.iter().map(machine).collect();
        let mut telemetry: BTreeMap<RobotId, (Vec<StoredTelemetry>, Sampled)> = BTreeMap::new();
        for node in &world.robots {
            let stored = telemetry::stored(&world.server_folder()?, &node.id)?;
            telemetry.entry(node.id.clone()).or_insert((stored, Sampled::default())).1.add(&node.sampled);
        }
        Ok(Self {
            machines: machines?,
            server: store::read(&path).context("the server's database")?,
            forks: db.rows(fork, |row| Ok((RobotId::parse(&row.get::<_, String>(7)?)?, replica::kept(row)?)))?,
            flags: db.rows(flag, |row| {
                let robot = RobotId::parse(&row.get::<_, String>(1)?)?;
                let at = (epoch(row, 2)?, lane(row, 3)?, seq(row, 4)?);
                Ok(Flag { rule: row.get(0)?, robot, at, raised_ms: seq(row, 5)? })
            })?,
            dated: db.rows(dated, |row| Ok(Boot(number(row, 0)?)))?.into_iter().collect(),
            telemetry,
            before_ms: world.now_ms.saturating_sub(telemetry::ON_THE_WAY_MS),
        })
    }

    /// Everything that the server took, and what it kept beside.
    pub fn arrived(&self) -> impl Iterator<Item = (&RobotId, &Kept)> {
        let taken = self.server.facts.iter().flat_map(|(robot, facts)| facts.iter().map(move |kept| (robot, kept)));
        taken.chain(self.forks.iter().map(|(robot, kept)| (robot, kept)))
    }

    /// One history for each machine, with one of each other name.
    pub fn histories(&self) -> Vec<History> {
        let robot = |machine: &Machine| Robot { truth: vec![], events: vec![], replica: machine.replica.clone() };
        let first: BTreeMap<RobotId, Robot> =
            self.machines.iter().rev().map(|machine| (machine.id.clone(), robot(machine))).collect();
        let of = |machine: &Machine| {
            let mut robots = first.clone();
            robots.insert(machine.id.clone(), robot(machine));
            History { acts: vec![], robots, server: self.server.clone() }
        };
        self.machines.iter().map(of).collect()
    }
}

fn machine(node: &Node) -> Result<Machine> {
    let edits = Database::open(node.path())?.rows("SELECT number FROM edit", |row| Ok(row.get::<_, i64>(0)?))?;
    let (replica, written) = (replica_of(node)?, node.written.clone());
    Ok(Machine { id: node.id.clone(), replica, open_edits: edits.len(), written })
}

/// The hash of the entry that was offered again with this one.
pub fn origin_of(kept: &Kept) -> Option<Hash> {
    Some(from_bytes::<Entry>(&kept.entry).ok()?.origin?.hash)
}

/// What a robot's replica has.
pub fn replica_of(node: &Node) -> Result<Replica> {
    replica::read(node.path(), &node.id)
}

/// The entries of a replica.
pub fn hashes_of(replica: &Replica) -> BTreeSet<Hash> {
    replica.journal.iter().map(|kept| kept.hash).collect()
}

/// What a database of the server has of a robot's record.
pub fn facts_of(server: &Path, robot: &RobotId) -> Result<Vec<Kept>> {
    Ok(store::read(server)?.facts.remove(robot).unwrap_or_default())
}

/// How far each lane of an epoch was taken.
pub fn acked_of(facts: &[Kept], epoch: Epoch) -> [u64; 3] {
    let mut marks = [0; 3];
    for kept in facts.iter().filter(|kept| kept.epoch == epoch) {
        let mark: &mut u64 = &mut marks[kept.lane.index()];
        *mark = (*mark).max(kept.lane_seq);
    }
    marks
}

/// The lives of the server's database, its own and the one that a robot knew, between which a flag of this robot stands already.
pub fn lives_told(server: &Path, robot: &RobotId) -> Result<BTreeSet<u64>> {
    let flag = "SELECT robot, epoch FROM flag WHERE rule = 'restored'";
    let told = Database::open(server)?.rows(flag, |row| Ok((row.get::<_, String>(0)?, epoch(row, 1)?.0)))?;
    Ok(told.into_iter().filter(|(of, _)| of == robot.as_str()).map(|(_, lives)| lives).collect())
}

/// The life of the server's database, and the newest row of a robot's feed.
pub fn head_of_feed(server: &Path, robot: &RobotId) -> Result<(u64, u64)> {
    let server = store::read(server)?;
    let head = server.feed.get(robot).and_then(|feed| feed.last_key_value()).map_or(0, |(seq, _)| *seq);
    Ok((server.epoch, head))
}
