//! Every pairing of a replica, a file of telemetry and a remembered head, each of another moment of one robot's life, or gone.
//!
//! A robot lives through three moments, in each of which its disk is copied and its agent starts anew. Then its disk is put
//! together from these copies. Its agent has to start, what happened has to be named, no number may stand for two samples or
//! two entries, and what the disk still had has to arrive.

use super::robot::Part;
use super::telemetry::{ON_THE_WAY_MS, found_wrong, lost, missing, stored};
use super::{Fault, World};
use crate::history::{store, table::Database};
use anyhow::{Context, Result, ensure};
use shared::fact::{EpochCause, Fact};
use shared::journal::Epoch;
use std::collections::BTreeMap;
use std::path::Path;

/// How long each part of the robot's life lasts, and then how long everything may take.
const PHASE_MS: u64 = 13_000;
const SETTLES_MS: u64 = 40_000;

/// Of which moment a part of the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The first copy.
    First,
    /// A later one.
    Second,
    /// The newest.
    Third,
    /// There is none.
    Gone,
}

impl Moment {
    const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Gone];

    fn copied(self) -> Option<usize> {
        [Self::First, Self::Second, Self::Third].iter().position(|moment| *moment == self)
    }
}

/// A disk put together.
#[derive(Clone, Copy, Debug)]
pub struct Pairing {
    /// The replica.
    pub replica: Moment,
    /// The file of telemetry.
    pub telemetry: Moment,
    /// The head.
    pub head: Moment,
}

impl Pairing {
    /// All that there are.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let heads = |(replica, telemetry)| Moment::ALL.map(|head| Self { replica, telemetry, head });
        let files = Moment::ALL.into_iter().flat_map(|replica| Moment::ALL.map(|telemetry| (replica, telemetry)));
        files.flat_map(heads).collect()
    }

    fn of(self, part: Part) -> Moment {
        match part {
            Part::Replica => self.replica,
            Part::Telemetry => self.telemetry,
            Part::Head => self.head,
        }
    }

    /// The newest moment that something beside the replica remembers.
    fn remembered(self) -> Option<usize> {
        self.telemetry.copied().max(self.head.copied())
    }

    /// How a break may be named; none where the record goes on, or nobody can know that it does not.
    fn causes(self, life: Life) -> &'static [EpochCause] {
        let Some(replica) = self.replica.copied() else { return &[EpochCause::Made] };
        match self.remembered() {
            Some(remembered) if remembered > replica => &[EpochCause::DatabaseOlder],
            Some(_) | None if self.head == Moment::Gone => &[EpochCause::HeadForgotten],
            Some(_) | None if life.is_connected && replica < 2 => &[EpochCause::ServerAhead, EpochCause::ServerDiffers],
            Some(_) | None => &[],
        }
    }
}

/// How the robot lives until its disk is exchanged.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// Whether it has a network then.
    pub is_connected: bool,
    /// Whether its agent ends in order.
    pub ends_in_order: bool,
}

/// Runs one to its end and judges it.
///
/// # Errors
/// With what was found wrong, or what could not be done.
pub fn run(seed: u64, pairing: Pairing, life: Life) -> Result<()> {
    let shm = Path::new("/dev/shm");
    let folder =
        tempfile::Builder::new().prefix("pairing-").tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") })?;
    let mut world = World::with(seed, folder.path(), Fault::None, &["r-1"])?;
    world.network.calm();
    let copies = tempfile::tempdir_in(folder.path())?;
    let told_ms = world.live_thrice(copies.path(), life)?;
    for part in Part::ALL {
        let from = pairing.of(part).copied().map(|moment| copies.path().join(moment.to_string()));
        world.robots[0].exchange(part, from.as_deref())?;
    }
    let exchanged_ms = world.now_ms;
    world.robots[0].sampled.vanish(exchanged_ms, pairing.telemetry.copied().map_or(0, |moment| told_ms[moment]));
    let before = world.causes()?;
    world.network.set_cut("r-1", false);
    world.pass(SETTLES_MS)?;
    world.judge(pairing, life, &before)?;
    // What was settled once is settled: another start finds nothing to name.
    world.with_robot(|robot, at| robot.stop(true, at))?;
    let before = world.causes()?;
    world.pass(SETTLES_MS)?;
    ensure!(world.causes()? == before, "a break is named again at the next start: {:?}", world.causes()?);
    world.numbers_stand_for_one_thing()
}

impl World {
    /// Returns when each copy was made.
    fn live_thrice(&mut self, copies: &Path, life: Life) -> Result<[u64; 3]> {
        self.network.set_cut("r-1", !life.is_connected);
        let mut made_ms = [0; 3];
        for (moment, made) in made_ms.iter_mut().enumerate() {
            self.pass(PHASE_MS)?;
            self.with_robot(|robot, at| robot.stop(life.ends_in_order, at))?;
            self.robots[0].copy_disk(&copies.join(moment.to_string()))?;
            *made = self.now_ms;
        }
        Ok(made_ms)
    }

    fn judge(&self, pairing: Pairing, life: Life, before: &Causes) -> Result<()> {
        let causes: Vec<_> =
            self.causes()?.into_iter().filter(|(epoch, _)| !before.contains_key(epoch)).map(|(_, why)| why).collect();
        let expected = pairing.causes(life);
        // A robot that was never heard tells of its first life as well.
        let named: Vec<_> = causes.iter().filter(|(cause, had_one)| *cause != EpochCause::Made || *had_one).collect();
        let is_first_life = pairing.replica == Moment::Gone && pairing.remembered().is_none();
        let is_named = match expected {
            [EpochCause::Made] if is_first_life => named.is_empty() && !causes.is_empty(),
            [] => named.is_empty(),
            _ => named.len() == 1 && expected.contains(&named[0].0),
        };
        ensure!(is_named, "the break is named {causes:?}, and should be {expected:?}");
        let stored = stored(&self.server_folder()?, &self.robots[0].id)?;
        let is_older =
            pairing.telemetry.copied() < pairing.replica.copied().filter(|_| pairing.replica != Moment::Gone);
        ensure!(!is_older || lost(&stored) > 0, "samples are gone, and no number is told as lost");
        let goes_on = life.ends_in_order && pairing.telemetry == pairing.replica;
        ensure!(!goes_on || lost(&stored) == 0, "{} numbers are told as lost, and none is", lost(&stored));
        self.numbers_stand_for_one_thing()
    }

    fn numbers_stand_for_one_thing(&self) -> Result<()> {
        let (robot, folder) = (&self.robots[0], self.server_folder()?);
        let stored = stored(&folder, &robot.id)?;
        let mut found = found_wrong(&robot.id, &robot.sampled, &stored);
        found.extend(robot.sampled.twice.iter().map(|at| format!("telemetry {at:?} stands for two samples")));
        let late = missing(&robot.sampled, &stored, self.now_ms.saturating_sub(ON_THE_WAY_MS));
        found.extend((late > 0).then(|| format!("{late} samples have not arrived")));
        let forks =
            Database::open(&self.server.path())?.rows("SELECT lane_seq FROM fork", |row| Ok(row.get::<_, i64>(0)?))?;
        found.extend((!forks.is_empty()).then(|| format!("entries {forks:?} are forks")));
        found.extend((robot.unacked()? > 0).then(|| "entries wait".to_owned()));
        ensure!(found.is_empty(), "at {} ms:\n{}", self.now_ms, found.join("\n"));
        Ok(())
    }

    /// How each of the robot's epochs is told to have begun, and whether there was one before.
    fn causes(&self) -> Result<Causes> {
        let server = store::read(&self.server.path()).context("the server's database")?;
        // What is offered again tells of an epoch that is over.
        let own = server.facts.values().flatten().filter(|kept| kept.record().is_ok_and(|r| r.entry.origin.is_none()));
        let began = own.filter_map(|kept| {
            let Fact::EpochBegan { cause, before, .. } = kept.fact()?.1 else { return None };
            Some((kept.epoch, (cause, before.is_some())))
        });
        Ok(began.collect())
    }
}

type Causes = BTreeMap<Epoch, (EpochCause, bool)>;
