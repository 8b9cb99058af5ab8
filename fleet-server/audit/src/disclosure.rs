//! `disclosure`: when a robot had energy, moved, and was heard to say that it is a machine.
//!
//! Everything is computed from the robot's own journal: from a file that `robot-agent store export` wrote, or from the
//! records that a server hands out. Nobody's summary is believed.

pub mod believable;
pub mod boot;
pub mod calendar;
pub mod contradiction;
pub mod controller;
pub mod day;
pub mod journal;
pub mod keys;
mod lines;
mod origins;
pub mod placing;
pub mod print;
pub mod report;
pub mod sign;
pub mod signs;
pub mod spans;
mod starts;

use crate::disclosure::calendar::Day;
use crate::disclosure::controller::Controller;
use crate::disclosure::journal::{Journal, SignatureState, Source};
use crate::disclosure::keys::{Keys, RobotKey, Whose};
use crate::disclosure::report::{Report, report};
use crate::{Verdict, exit};
use shared::audit::JournalExport;
use shared::id::RobotId;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Journals, as `robot-agent store export` wrote them; several epochs of one robot may be given together.
    pub exports: Vec<PathBuf>,
    /// Only this robot.
    #[arg(long)]
    pub robot: Option<RobotId>,
    /// Only this day, in UTC, as 2026-11-22.
    #[arg(long)]
    pub day: Option<Day>,
    /// The public key that a robot signs with, as ROBOT=HEX; may be given for several robots. Without any, the server's word
    /// is taken.
    #[arg(long, value_name = "ROBOT=HEX")]
    pub key: Vec<RobotKey>,
    /// A file of such keys, one in each line.
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// The public key of a robot's safety controller, as ROBOT=HEX; may be given for several robots.
    #[arg(long, value_name = "ROBOT=HEX")]
    pub firmware_key: Vec<RobotKey>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Print comma-separated values (RFC 4180).
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

impl Args {
    /// Makes the report from the files.
    #[must_use]
    pub fn run(&self) -> Verdict {
        if self.exports.is_empty() {
            let words = "name at least one export; a server is asked by `fleet audit disclosure`";
            return Verdict::Unreadable(words.into()).printed(self.json);
        }
        let read =
            self.exports.iter().map(|file| crate::journal::read(file).map(Source::from)).collect::<Result<Vec<_>, _>>();
        match read {
            Ok(sources) => self.judge(&sources),
            Err(words) => Verdict::Unreadable(words).printed(self.json),
        }
    }

    /// The keys that were given.
    ///
    /// # Errors
    /// What is wrong with them, for people.
    pub fn keys(&self) -> Result<Keys, String> {
        keys::collect(&self.key, self.keys.as_deref())
    }

    /// Makes the report from journals that somebody handed over.
    #[must_use]
    pub fn judge(&self, sources: &[Source]) -> Verdict {
        let judged = self.keys().map_or_else(Verdict::Unreadable, |keys| self.judge_with(&keys, sources));
        judged.printed(self.json)
    }

    fn judge_with(&self, keys: &Keys, sources: &[Source]) -> Verdict {
        let is_wanted = |robot: &RobotId| self.robot.as_ref().is_none_or(|wanted| wanted == robot);
        let whose = Whose::of(keys, sources);
        // Whoever has a key of a robot wants to know of it: no journal of it is no success.
        let named = keys.keys().chain(self.firmware_key.iter().map(|known| &known.robot));
        let mut robots: BTreeMap<RobotId, Vec<Journal>> =
            named.filter(|robot| is_wanted(robot)).map(|robot| (robot.clone(), vec![])).collect();
        for source in by_epoch(sources.iter().filter(|source| is_wanted(&source.robot))) {
            let key = if whose == Whose::Given { keys.get(&source.robot).copied() } else { source.key };
            robots.entry(source.robot.clone()).or_default().push(Journal::read(&Source { key, ..source }));
        }
        let reports: Vec<Report> = robots.into_iter().map(|(robot, journals)| self.one(&robot, journals)).collect();
        let text = match (self.json, self.csv) {
            (true, _) => print::json(&reports, whose),
            (false, true) => print::csv(&reports),
            (false, false) => print::table(&reports, whose),
        };
        Verdict::Report { text, exit: exit_code(&reports, whose) }
    }

    /// Epochs in the order in which the robot's calendar began them.
    fn one(&self, robot: &RobotId, mut journals: Vec<Journal>) -> Report {
        journals.sort_by_key(|journal| journal.records.first().map(|record| record.entry.hlc));
        let key = self.firmware_key.iter().find(|known| known.robot == *robot).map(|known| known.key);
        let controller = Controller::of(&journals, key.as_ref());
        Report { controller, ..report(robot, &journals, None).of_day(self.day) }
    }
}

/// Copies of one epoch as one: two exports of it, a shorter and a longer one, are no two stretches of time.
fn by_epoch<'a>(sources: impl Iterator<Item = &'a Source>) -> impl Iterator<Item = Source> {
    let mut epochs: BTreeMap<(&RobotId, u64), Source> = BTreeMap::new();
    for source in sources {
        let known = epochs.entry((&source.robot, source.epoch.0));
        known.and_modify(|known| known.merge(source)).or_insert_with(|| source.clone());
    }
    epochs.into_values()
}

/// 1 when something was changed, 4 when a robot moved uncovered, 8 when its agent's record leaves out what it must have seen, 6 when something is missing (a journal of a robot whose key
/// was given, a key where others were given, or everything), 5 when the robot has not signed all of it, else 0.
fn exit_code(reports: &[Report], whose: Whose) -> u8 {
    let is_unchecked = |proof: &report::Proof| proof.signatures == SignatureState::NotChecked;
    let lacks =
        |report: &Report| report.epochs.is_empty() || whose == Whose::Given && report.epochs.iter().any(is_unchecked);
    if reports.iter().any(|report| report.tampering().is_some()) {
        1
    } else if reports.iter().any(|report| report.moving_uncovered_ms() > 0) {
        4
    } else if reports.iter().any(Report::is_contradicted) {
        exit::CONTRADICTED
    } else if reports.is_empty() || reports.iter().any(|report| report.is_incomplete() || lacks(report)) {
        exit::INCOMPLETE
    } else {
        u8::from(reports.iter().any(|report| report.unsigned() > 0)) * 5
    }
}

impl From<JournalExport> for Source {
    fn from(export: JournalExport) -> Self {
        let JournalExport { v: _, robot, epoch, entries } = export;
        Self { robot, epoch, entries, seals: vec![], key: None }
    }
}

#[cfg(test)]
mod tests;
