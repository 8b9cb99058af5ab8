//! Judges the printed report of disclosure by the world's own record: what it says of energy, motion, coverage and gaps has to
//! be so, to the second, on every day, and no robot may have moved uncovered.
//!
//! The report is made as `fleet audit disclosure --json` makes it, off the entries and signatures that the server has on its
//! disk, and read back from what is printed. Where it says that it does not know, there must have been nothing to know it from:
//! the power of a whole machine went, and nothing had been written since.

use super::diary::Diary;
use super::gaps;
use super::key_of;
use super::plant::Plant;
use super::printed::{self, Robot};
use super::robot::Node;
use super::sums;
use anyhow::{Context, Result, bail, ensure};
use fleet_audit::Verdict;
use fleet_audit::disclosure::Args;
use fleet_audit::disclosure::journal::Source;
use fleet_server::store::Archive;
use std::path::Path;

/// To the second.
const OFF_MS_MAX: u64 = 1_000;
/// The longest that a robot's end can stay unknown: ten seconds between two signs of life on its disk, two for a slow disk, 0.6
/// until the energy is gone without an agent. Written here once more: a judge does not take the law from the judged.
const UNKNOWN_MS_MAX: u64 = 10_000 + 2_000 + 600;
/// The longest that an idle robot with energy writes nothing.
const MARKED_MS: u64 = 30_000;

/// What was compared, and what was found wrong.
#[derive(Debug, Default)]
pub struct Compared {
    /// What is wrong.
    pub found: Vec<String>,
    /// Milliseconds of motion in the world.
    pub moving_ms: u64,
    /// How often a receiver was muted.
    pub mutes: u64,
    /// Gaps in the reports that say that the robot was not heard.
    pub gaps: u64,
    /// Robots whose report was judged.
    pub robots: u64,
    /// Of these, robots of which the report knows every moment and places every boot by the server's calendar.
    pub known: u64,
    /// Robots with every boot by the server's calendar: of these every gap was compared.
    pub placed: u64,
    /// The gaps that were compared.
    pub compared_gaps: u64,
    /// Of these, gaps that are told with a doubt about their beginning.
    pub doubtful_gaps: u64,
    /// Milliseconds that are told as unknown.
    pub unknown_ms: u64,
    /// Boots of machines.
    pub boots: u64,
    /// Days in the reports.
    pub days: u64,
}

/// Compares the printed reports of all robots with what was. `plant` falsifies what is printed, to see whether that is found.
///
/// # Errors
/// When the server's database cannot be read, or no report is printed.
pub fn compare(server: &Path, robots: &[Node], now_ms: u64, plant: Option<Plant>) -> Result<Compared> {
    let (mut text, exit) = print(server, robots)?;
    if let Some(plant) = plant {
        text = plant.into_text(&text)?;
    }
    let printed = printed::read(&text)?;
    ensure!(printed.robots.len() == robots.len(), "{} robots in the report", printed.robots.len());
    let mut compared = Compared::default();
    for (told, node) in printed.robots.iter().zip(robots) {
        ensure!(told.robot == node.id.as_str(), "the report of {} stands where that of {} should", told.robot, node.id);
        let found = untrue(told, &node.body.diary, now_ms);
        compared.found.extend(found.into_iter().map(|words| format!("{}: {words}", node.id)));
        let gaps = gaps::untrue(told, &node.body.diary, told.until_ms.unwrap_or(0));
        compared.found.extend(gaps.into_iter().map(|words| format!("{}: {words}", node.id)));
        compared.count(told, &node.body.diary);
    }
    let wanted = if compared.unknown_ms > 0 { 6 } else { 0 };
    if exit != wanted {
        compared.found.push(format!("the audit ends with {exit}, and {} ms are unknown", compared.unknown_ms));
    }
    Ok(compared)
}

impl Compared {
    fn count(&mut self, told: &Robot, diary: &Diary) {
        let unknown_ms: u64 = told.days.iter().map(|day| day.unknown_ms).sum();
        self.moving_ms += diary.moving().length_ms(0, u64::MAX);
        self.mutes += diary.mutes;
        self.robots += 1;
        self.known += u64::from(unknown_ms == 0 && told.is_placed());
        self.placed += u64::from(told.is_placed());
        if told.is_placed() {
            self.compared_gaps += told.gaps().len() as u64;
            self.doubtful_gaps += told.gaps().iter().filter(|gap| !gap.is_exact()).count() as u64;
        }
        self.unknown_ms += unknown_ms;
        self.boots += told.boots.len() as u64;
        self.days += told.days.len() as u64;
        self.gaps += told.gaps().iter().filter(|gap| gap.cause == "not_heard").count() as u64;
    }
}

/// What the auditor's program prints, and how it ends.
fn print(server: &Path, robots: &[Node]) -> Result<(String, u8)> {
    let archive = Archive::of(server);
    let mut sources: Vec<Source> = Vec::new();
    for node in robots {
        let key = key_of(node.id.as_str()).public();
        for (epoch, _) in archive.epochs(&node.id).context("the epochs of a journal")? {
            sources.push(archive.source(&node.id, epoch, key).context("a journal")?);
        }
    }
    let args = Args {
        exports: vec![],
        robot: None,
        day: None,
        key: vec![],
        keys: None,
        firmware_key: vec![],
        json: true,
        csv: false,
    };
    match args.judge(&sources) {
        Verdict::Report { text, exit } => Ok((text, exit)),
        other => bail!("no report: {other:?}"),
    }
}

/// What the report of one robot says other than it was.
fn untrue(told: &Robot, diary: &Diary, now_ms: u64) -> Vec<String> {
    let Some(until_ms) = told.until_ms else { return vec!["it has no report".into()] };
    let mut untrue = unproved(told);
    let since_ms = now_ms - until_ms.min(now_ms);
    if diary.energised().length_ms(until_ms, now_ms) > MARKED_MS + OFF_MS_MAX {
        untrue.push(format!("its report ends {since_ms} ms ago, and it had energy since"));
    }
    untrue.extend(misplaced(told, diary));
    untrue.extend(sums::untrue(told, diary, until_ms));
    untrue.extend(told.unknown().into_iter().filter_map(|stretch| knowable(told, diary, stretch)));
    let uncovered = diary.moving().length_without_ms(&diary.covered());
    if uncovered > 0 {
        untrue.push(format!("it moved uncovered for {uncovered} ms"));
    }
    untrue
}

/// What the journal does not prove.
fn unproved(told: &Robot) -> Vec<String> {
    let doubtful = told
        .journal
        .iter()
        .filter(|proof| (proof.chain.as_str(), proof.signatures.as_str(), proof.unsigned) != ("whole", "hold", 0));
    let mut found: Vec<String> = doubtful.map(|proof| format!("its journal does not verify: {proof:?}")).collect();
    if told.unbelievable + told.firmware_missing > 0 || told.disclosure_ids.len() != 1 {
        found.push("entries, lines or keys are not what they should be".into());
    }
    found.extend(told.contradictions.iter().map(|false_one| format!("an honest record is accused: {false_one}")));
    found
}

/// Boots that stand elsewhere on the calendar than they were: by the server's to the second, by the robot's own at least not
/// before the one before nor behind the next that the server knows.
fn misplaced(told: &Robot, diary: &Diary) -> Vec<String> {
    let mut found = Vec::new();
    let is_known =
        |id: u64| told.boots.iter().any(|boot| boot.boot == format!("{id:016x}") && boot.calendar == "server");
    for boot in &told.boots {
        let Some(place) = diary.boots().iter().position(|was| format!("{:016x}", was.boot) == boot.boot) else {
            found.push(format!("there was no boot {}", boot.boot));
            continue;
        };
        let was = diary.boots()[place];
        let (from_ms, to_ms) = if boot.calendar == "server" {
            (was.from_ms, diary.first_evidence(&was).unwrap_or(was.to_ms))
        } else {
            let before = diary.boots()[..place].iter().rev().find(|was| is_known(was.boot)).map_or(0, |was| was.to_ms);
            let next =
                diary.boots()[place + 1..].iter().find(|was| is_known(was.boot)).map_or(u64::MAX, |was| was.from_ms);
            (before.saturating_sub(UNKNOWN_MS_MAX), next)
        };
        let allowed = from_ms.saturating_sub(OFF_MS_MAX)..=to_ms.saturating_add(OFF_MS_MAX);
        if !allowed.contains(&boot.begin_ms) {
            found.push(format!("{boot:?} is placed wrongly, it began at {} ms", was.from_ms));
        }
    }
    found
}

/// Why a stretch could have been known, if it could: there was no cut of the power in it, the robot has left a sign in it, or
/// it is too long.
fn knowable(told: &Robot, diary: &Diary, (from_ms, to_ms): (u64, u64)) -> Option<String> {
    let cut_ms = diary
        .boots()
        .iter()
        .map(|boot| boot.to_ms)
        .find(|cut| (from_ms.saturating_sub(OFF_MS_MAX)..=to_ms + OFF_MS_MAX).contains(cut));
    let why = match cut_ms {
        None if told.is_placed() => "the power was not cut",
        Some(cut_ms) if diary.has_evidence(from_ms + OFF_MS_MAX, cut_ms) && told.is_placed() => "the robot left a sign",
        // Boots that stand by a wrong calendar may lie one over the other.
        _ if to_ms - from_ms > UNKNOWN_MS_MAX * if told.is_placed() { 1 } else { told.boots.len() as u64 } => {
            "that is too long"
        }
        _ => return None,
    };
    Some(format!("from {from_ms} to {to_ms} is told as unknown, and {why}"))
}
