//! What is wrong with the evidence. One function for each promise, each to sentences, one for each thing found.

use super::Shown;
use super::evidence::{Evidence, Flag, origin_of};
use super::exchange::{Exchange, Kind};
use crate::verdict::history::Kept;
use crate::verdict::{equality, loss};
use crate::world::{telemetry, wall};
use shared::fact::Fact;
use shared::field::FieldValue;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Epoch, Lane};
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::wire::from_bytes;
use std::collections::{BTreeMap, BTreeSet};

/// By so much a calendar may be off before anybody has to notice: what the server bears, and a message under way.
const OFF_MS: u64 = 2_000 + 1_500;

/// What has to come once the world is calm.
pub fn missing(evidence: &Evidence) -> Vec<String> {
    let histories = evidence.histories();
    let mut missing: Vec<String> = histories.iter().flat_map(equality::differences).collect();
    let waiting: usize = histories.iter().map(loss::unacked).sum();
    missing.extend((waiting > 0).then(|| format!("{waiting} entries wait for their acknowledgement")));
    for machine in evidence.machines.iter().filter(|machine| machine.open_edits > 0) {
        missing.push(format!("{} edits of {} are not settled", machine.open_edits, machine.id));
    }
    for (robot, (stored, sampled)) in &evidence.telemetry {
        let late = telemetry::missing(sampled, stored, evidence.before_ms);
        missing.extend((late > 0).then(|| format!("{robot}: {late} samples have not arrived")));
    }
    missing
}

/// What may not be.
pub fn wrong(evidence: &Evidence, done: &[Exchange]) -> Vec<String> {
    [
        lost(evidence),
        unflagged_numbers(evidence),
        twice(evidence),
        overruled(evidence, done),
        unnamed(evidence, done),
        unsuspected(evidence),
        unequal(evidence),
        untrue_samples(evidence),
    ]
    .concat()
}

/// What stands on a disk is at the server: under its number, beside it as a fork, or offered again.
pub fn lost(evidence: &Evidence) -> Vec<String> {
    let arrived: BTreeSet<Hash> =
        evidence.arrived().flat_map(|(_, kept)| [Some(kept.hash), origin_of(kept)]).flatten().collect();
    // What was offered a third time names the entry that was first written.
    let is_there =
        |kept: &Kept| arrived.contains(&origin_of(kept).unwrap_or(kept.hash)) || arrived.contains(&kept.hash);
    let mut lost = vec![];
    for machine in &evidence.machines {
        let gone = machine.replica.journal.iter().filter(|kept| !is_there(kept));
        lost.extend(
            gone.map(|kept| format!("{}: {} of {:?} stands on a disk only", machine.id, kept.name(), kept.epoch)),
        );
    }
    lost
}

/// A number that stands for two entries has a flag that names it.
pub fn unflagged_numbers(evidence: &Evidence) -> Vec<String> {
    let mut numbers: BTreeMap<(&RobotId, Epoch, Lane, u64), BTreeSet<Hash>> = BTreeMap::new();
    for (robot, kept) in evidence.arrived() {
        numbers.entry((robot, kept.epoch, kept.lane, kept.lane_seq)).or_default().insert(kept.hash);
    }
    let is_flagged = |(robot, epoch, lane, seq): &(&RobotId, Epoch, Lane, u64)| {
        let names = |flag: &&Flag| flag.rule == "fork" && flag.robot == **robot && flag.at == (*epoch, *lane, *seq);
        evidence.flags.iter().any(|flag| names(&flag))
    };
    let forks = numbers.iter().filter(|(_, hashes)| hashes.len() > 1);
    forks
        .filter(|(at, _)| !is_flagged(at))
        .map(|(at, _)| format!("{at:?} stands for two entries, and no flag names it"))
        .collect()
}

/// What was written once takes effect once: no task has more steps done than were ended.
pub fn twice(evidence: &Evidence) -> Vec<String> {
    let mut ended: BTreeMap<TaskId, BTreeSet<(u64, u8)>> = BTreeMap::new();
    for (_, fact) in evidence.server.facts.values().flatten().filter_map(Kept::fact) {
        if let Fact::StepEnded { order, step } = fact {
            ended.entry(order.task).or_default().insert((order.fence, step));
        }
    }
    let count = |row: &TaskRow| {
        ended.get(&row.id).map_or(0, |steps| steps.iter().filter(|(fence, _)| *fence == row.fence).count())
    };
    let more = rows(evidence).into_iter().filter(|row| usize::from(row.steps_done) > count(row));
    more.map(|row| format!("{} has {} steps done, and {} were ended", row.code(), row.steps_done, count(&row)))
        .collect()
}

fn rows(evidence: &Evidence) -> Vec<TaskRow> {
    evidence.server.tasks.values().filter_map(|bytes| from_bytes(bytes).ok()).collect()
}

/// Of two titles that one machine wrote, the later one by the world's clock stands, whatever calendars said and however often a
/// write was offered: one that took effect twice would overrule what was written since.
pub fn overruled(evidence: &Evidence, done: &[Exchange]) -> Vec<String> {
    let cloned = |robot: &RobotId| done.iter().any(|one| one.kind == Kind::Cloned && one.robot == *robot);
    let titles = titles(evidence);
    let last = rows(evidence).into_iter().filter_map(|row| {
        let written = titles.get(&row.id).filter(|_| !row.robot.as_ref().is_some_and(cloned))?;
        let (at_ms, title) = written.last()?;
        let is_clear = written.iter().rev().nth(1).is_none_or(|(before_ms, _)| at_ms - before_ms > OFF_MS);
        (is_clear && row.title != *title).then(|| format!("{} is {:?}, and was {title:?} last", row.code(), row.title))
    });
    last.collect()
}

/// The titles that took effect, in the order of the world's clock. A task of which somebody wrote in a boot that never sent
/// anything itself is left out: nobody can tell when that was.
fn titles(evidence: &Evidence) -> BTreeMap<TaskId, Vec<(u64, String)>> {
    let written: BTreeMap<Hash, u64> = evidence
        .machines
        .iter()
        .flat_map(|machine| machine.written.iter().map(|entry| (entry.hash, entry.at_ms)))
        .collect();
    let (mut titles, mut unknown) = (BTreeMap::<TaskId, BTreeMap<u64, String>>::new(), BTreeSet::new());
    for (robot, kept) in evidence.server.facts.iter().flat_map(|(robot, facts)| facts.iter().map(move |k| (robot, k))) {
        let Some((_, Fact::FieldWritten { write })) = kept.fact() else { continue };
        let FieldValue::Title(title) = write.value else { continue };
        let is_refused = evidence.flags.iter().any(|flag| {
            flag.rule == "field_refused" && flag.robot == *robot && flag.at == (kept.epoch, kept.lane, kept.lane_seq)
        });
        let at_ms = written.get(&origin_of(kept).unwrap_or(kept.hash));
        match at_ms.filter(|_| kept.boot().is_some_and(|boot| evidence.dated.contains(&boot)) && !is_refused) {
            Some(at_ms) => drop(titles.entry(write.task).or_default().insert(*at_ms, title)),
            None => drop(unknown.insert(write.task)),
        }
    }
    titles.retain(|task, _| !unknown.contains(task));
    titles.into_iter().map(|(task, titles)| (task, titles.into_iter().collect())).collect()
}

/// Every break that somebody can know of is flagged behind the exchange that made it. A disk that was exchanged again may never
/// have told of the exchange before.
pub fn unnamed(evidence: &Evidence, done: &[Exchange]) -> Vec<String> {
    let is_named = |exchange: &&Exchange| {
        let rules: &[&str] = match exchange.kind {
            Kind::PutBack | Kind::ReplicaPutBack | Kind::TelemetryPutBack | Kind::MadeAnew => &["new_epoch"],
            Kind::Cloned => &["two_machines"],
            Kind::ServerPutBack => &["restored"],
        };
        let names = |flag: &Flag| {
            let is_after = flag.raised_ms >= wall(exchange.at_ms).0;
            rules.contains(&flag.rule.as_str()) && flag.robot == exchange.robot && is_after
        };
        evidence.flags.iter().any(names)
    };
    let is_last = |place: usize, one: &Exchange| !done[place + 1..].iter().any(|later| later.ends(one));
    let must = (0..).zip(done).filter(|(place, one)| one.must_be_named && is_last(*place, one)).map(|(_, one)| one);
    must.filter(|exchange| !is_named(exchange)).map(|exchange| format!("no flag names {exchange:?}")).collect()
}

/// Every boot that wrote by a wrong calendar is suspected. What was written is told by the world's clock.
pub fn unsuspected(evidence: &Evidence) -> Vec<String> {
    let suspected: BTreeSet<Boot> = suspected(evidence);
    let wrong = wrong_boots(evidence);
    let unseen = wrong.iter().filter(|(boot, _)| !suspected.contains(boot));
    unseen.map(|(boot, why)| format!("nobody suspects the calendar of {boot:?}: {why}")).collect()
}

fn suspected(evidence: &Evidence) -> BTreeSet<Boot> {
    let entries: BTreeMap<(&RobotId, Epoch, Lane, u64), &Kept> =
        evidence.arrived().map(|(robot, kept)| ((robot, kept.epoch, kept.lane, kept.lane_seq), kept)).collect();
    let flags = evidence.flags.iter().filter(|flag| flag.rule == "clock_suspect");
    let boot = |flag: &Flag| entries.get(&(&flag.robot, flag.at.0, flag.at.1, flag.at.2))?.boot();
    flags.filter_map(boot).collect()
}

/// The boots that wrote, by a wrong calendar, an entry that arrived.
fn wrong_boots(evidence: &Evidence) -> BTreeMap<Boot, String> {
    let arrived: BTreeSet<Hash> = evidence.server.facts.values().flatten().map(|kept| kept.hash).collect();
    let written = evidence.machines.iter().flat_map(|machine| &machine.written);
    let off = written.filter(|entry| arrived.contains(&entry.hash)).filter_map(|entry| {
        let (told, was) = (entry.hlc.wall().0, wall(entry.at_ms).0);
        let why = format!("{told} ms was told at {was} ms");
        (told.abs_diff(was) > OFF_MS).then_some((entry.boot, why))
    });
    off.collect()
}

/// Two copies that differ.
pub fn unequal(evidence: &Evidence) -> Vec<String> {
    evidence.histories().iter().flat_map(equality::differences).collect()
}

/// A sample under another's number, a hole, a loss that was none.
pub fn untrue_samples(evidence: &Evidence) -> Vec<String> {
    let mut found = vec![];
    for (robot, (stored, sampled)) in &evidence.telemetry {
        found.extend(telemetry::found_wrong(robot, sampled, stored));
        found.extend(sampled.twice.iter().map(|at| format!("{robot}: telemetry {at:?} stands for two samples")));
    }
    found
}

/// The figures of a world that is sound.
pub fn shown(evidence: &Evidence, done: &[Exchange]) -> Shown {
    let origins = evidence.server.facts.values().flatten().filter(|kept| origin_of(kept).is_some());
    let samples = evidence.telemetry.values().flat_map(|(stored, _)| stored).flat_map(|row| &row.items);
    Shown {
        exchanges: done.iter().map(|exchange| exchange.kind).collect(),
        named: done.iter().filter(|exchange| exchange.must_be_named).count(),
        entries: evidence.server.facts.values().map(Vec::len).sum(),
        offered_again: origins.count(),
        forks: evidence.forks.len(),
        wrong_boots: wrong_boots(evidence).len(),
        titles: titles(evidence).values().map(Vec::len).sum(),
        samples: samples.filter(|item| item.sample.is_some()).count(),
    }
}
