//! Real programs that are killed, cut off and exchanged while they work, again and again, at moments drawn from a seed.
//!
//! Two robots get work and have it withdrawn; server, agents, networks and an external broker fail in the midst of it. At the
//! end everything is healed, and the databases and the bodies' logs are judged: nothing that was acknowledged to a robot or
//! to the operator is gone, nothing took effect twice, all copies are equal.

mod blow;
mod operator;

use crate::clock::{now, until};
use crate::process::{Broker, Site};
use crate::told::{self, Judged, Watch};
use crate::verdict::history::History;
use crate::verdict::{equality, loss};
use crate::world::random::Random;
use anyhow::{Context, Result, ensure};
use blow::Blow;
use operator::Operator;
use shared::time::Millis;
use std::collections::BTreeMap;
use std::fmt;

const ROBOTS: [&str; 2] = ["r-1", "r-2"];
/// A blow falls so long after something was asked for, at most: within it everything that follows has happened.
const MOMENT_MS_MAX: u64 = 400;
/// Every so many cycles one order is left to its robot: robots have to have something to do twice.
const LASTING_EVERY: u32 = 3;
/// How long a busy machine may take to acknowledge something after a blow.
const FLOWS_WITHIN: Millis = Millis::secs(60);
/// How long the work that is left may take after the last blow.
const SETTLES_WITHIN: Millis = Millis::secs(240);

/// A run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many blows.
    pub cycles: u32,
    /// What they and their moments are drawn from.
    pub seed: u64,
    /// Over which broker the site speaks first.
    pub broker: Broker,
}

/// What a run did; it found nothing wrong.
#[derive(Clone, Debug)]
pub struct Report {
    /// How often each blow fell.
    pub blows: BTreeMap<&'static str, u32>,
    /// Tasks that the server had acknowledged to the operator.
    pub tasks: usize,
    /// Journal entries that were acknowledged to the robots.
    pub acked: u64,
    /// What the programs printed meanwhile and was held against what was so.
    pub told: Judged,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blows: Vec<String> = self.blows.iter().map(|(what, count)| format!("{count} {what}")).collect();
        write!(
            f,
            "{}: {} entries and {} tasks acknowledged, nothing lost, nothing doubled, all copies equal; \
             {} rows of fleet sync status, {} explanations and {} tapped entries held against the databases, nothing untrue",
            blows.join(", "),
            self.acked,
            self.tasks,
            self.told.rows,
            self.told.explanations,
            self.told.tapped
        )
    }
}

/// Runs a plan and judges what it left.
///
/// # Errors
/// With everything that was found wrong, or what did not settle.
pub fn run(plan: Plan) -> Result<Report> {
    let mut site = Site::start_over(&ROBOTS, plan.broker)?;
    for robot in ROBOTS {
        site.begin_shift(robot)?;
    }
    let (mut random, mut operator, mut blows) = (Random::from_seed(plan.seed), Operator::default(), BTreeMap::new());
    let mut broker = plan.broker;
    let watch = Watch::beside(&site, &ROBOTS)?;
    for cycle in 0..plan.cycles {
        let acked = loss::acked(&site.history()?);
        let given = operator.gives_each(&site.rest(), &mut random)?;
        if cycle % 2 == 1 {
            acknowledgements_flow(&site, acked)?;
        }
        Operator::withdraws(&site.rest(), &given[usize::from(cycle.is_multiple_of(LASTING_EVERY))..]);
        pass(Millis(random.below(MOMENT_MS_MAX)))?;
        let blow = Blow::draw(&mut random);
        blow.falls(&mut site, &mut broker, &mut random).with_context(|| format!("cycle {cycle}, {}", blow.name()))?;
        *blows.entry(blow.name()).or_default() += 1;
    }
    heal(&mut site)?;
    settle(&site)?;
    let (printed, evidence) = watch.end()?;
    let told = told::judge(&printed, &evidence);
    let untrue = &told.untrue;
    ensure!(untrue.is_empty(), "{} untrue words were printed:\n{}", untrue.len(), untrue.join("\n"));
    let history = site.finish()?;
    let gone = operator.gone(&history);
    ensure!(gone.is_empty(), "acknowledged to the operator and gone: {gone:?}");
    Ok(Report { blows, tasks: operator.tasks(), acked: loss::acked(&history), told })
}

/// Not a wait for something: the moment at which the next blow falls.
fn pass(delay: Millis) -> Result<()> {
    let then = now() + delay;
    until("a moment passes", Millis::secs(60), || (now() >= then).then_some(()))
}

/// At most one robot is cut off; the other one takes what it is given.
fn acknowledgements_flow(site: &Site, before: u64) -> Result<()> {
    let more = || site.history().ok().filter(|history| loss::acked(history) > before);
    until("acknowledgements flow", FLOWS_WITHIN, more).map(drop)
}

/// Every network stands, and a person lets robots up that had fallen too often to get up by themselves.
fn heal(site: &mut Site) -> Result<()> {
    for robot in ROBOTS {
        site.restore(robot)?;
        site.wait_until_heard(robot)?;
        site.help_up(robot)?;
    }
    Ok(())
}

/// Waits until no task is open, nothing waits for an acknowledgement, and all copies are equal.
fn settle(site: &Site) -> Result<()> {
    let open = |history: &History| history.server_rows().filter(|row| !row.state.has_ended()).count();
    let rest = |history: &History| (open(history), loss::unacked(history), equality::differences(history));
    let settled = |history: &History| rest(history) == (0, 0, Vec::new());
    until("all is done and equal", SETTLES_WITHIN, || site.history().ok().filter(settled))
        .map(drop)
        .with_context(|| site.history().map_or_else(|e| format!("{e:#}"), |history| format!("{:?}", rest(&history))))
}
