//! `disclosure`: when a robot had energy, moved, and was heard to say that it is a machine.
//!
//! Everything is computed from the robot's own journal: from a file that `robot-agent store export` wrote, or from the
//! records that a server hands out. Nobody's summary is believed.

pub mod believable;
pub mod boot;
pub mod calendar;
pub mod journal;
pub mod print;
pub mod report;
pub mod sign;
pub mod spans;

use crate::Verdict;
use crate::disclosure::calendar::Day;
use crate::disclosure::journal::{Journal, Source};
use crate::disclosure::report::{Report, report};
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
            return Verdict::Unreadable(
                "name at least one export; a server is asked by `fleet audit disclosure`".into(),
            );
        }
        let read = self.exports.iter().map(|file| crate::read(file).map(Source::from)).collect::<Result<Vec<_>, _>>();
        match read {
            Ok(sources) => self.judge(&sources),
            Err(words) => Verdict::Unreadable(words),
        }
    }

    /// Makes the report from journals that somebody handed over.
    #[must_use]
    pub fn judge(&self, sources: &[Source]) -> Verdict {
        let mut robots: BTreeMap<&RobotId, Vec<Journal>> = BTreeMap::new();
        for source in sources.iter().filter(|source| self.robot.as_ref().is_none_or(|robot| *robot == source.robot)) {
            robots.entry(&source.robot).or_default().push(Journal::read(source));
        }
        let reports: Vec<Report> = robots.into_iter().map(|(robot, journals)| self.one(robot, journals)).collect();
        let text = match (self.json, self.csv) {
            (true, _) => print::json(&reports),
            (false, true) => print::csv(&reports),
            (false, false) => print::table(&reports),
        };
        Verdict::Report { text, exit: exit_code(&reports) }
    }

    /// Epochs in the order in which the robot's calendar began them.
    fn one(&self, robot: &RobotId, mut journals: Vec<Journal>) -> Report {
        journals.sort_by_key(|journal| journal.records.first().map(|record| record.entry.hlc));
        report(robot, &journals, None).of_day(self.day)
    }
}

/// 1 when something was changed, 4 when a robot moved uncovered, 2 when something is missing, 5 when the robot has not
/// signed all of it, else 0.
fn exit_code(reports: &[Report]) -> u8 {
    if reports.iter().any(|report| report.tampering().is_some()) {
        1
    } else if reports.iter().any(|report| report.moving_uncovered_ms() > 0) {
        4
    } else if reports.iter().any(Report::is_incomplete) {
        2
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
