//! Judges the disclosure report by the world's own record: what it says of energy, motion and coverage has to be so, to the
//! second, on every day, and no robot may have moved uncovered.
//!
//! The report is made as an auditor makes it: off the entries and signatures that the server has on its disk.

use super::robot::Node;
use super::{key_of, wall};
use anyhow::{Context, Result};
use fleet_audit::disclosure::calendar::Day;
use fleet_audit::disclosure::journal::{ChainState, Journal, SignatureState, Source};
use fleet_audit::disclosure::report::{Report, report};
use fleet_server::store::Archive;
use shared::journal::Boot;
use std::path::Path;

/// To the second.
const OFF_MS_MAX: u64 = 1_000;
/// What an edge of motion that an agent took with it may cost besides: until the silence is noticed, the controlled stop, and
/// a step of the world's clock.
const LOST_EDGE_MS: u64 = 300 + 300 + 50;

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
    /// Robots whose report is right to the second although an agent may have taken an edge of motion with it.
    pub exact: u64,
    /// Days in the reports.
    pub days: u64,
}

/// Compares the reports of all robots with what was.
///
/// # Errors
/// When the server's database cannot be read.
pub fn compare(server: &Path, robots: &[Node], now_ms: u64) -> Result<Compared> {
    let mut compared = Compared::default();
    for node in robots {
        let report = report_of(&Archive::of(server), node, now_ms)?;
        compared.found.extend(unproved(&report));
        let allowed_ms = OFF_MS_MAX + LOST_EDGE_MS * node.body.diary.lost_edges;
        let found = untrue(&report, node, allowed_ms, now_ms);
        compared.exact += u64::from(untrue(&report, node, OFF_MS_MAX, now_ms).is_empty());
        compared.found.extend(found.into_iter().map(|words| format!("{}: {words}", node.id)));
        let diary = &node.body.diary;
        compared.moving_ms += diary.moving().length_ms(0, u64::MAX);
        compared.mutes += diary.mutes;
        compared.days += report.days.len() as u64;
        let gaps = report.days.iter().flat_map(|day| &day.gaps);
        compared.gaps += gaps.filter(|gap| gap.cause.word() == "not_heard").count() as u64;
    }
    Ok(compared)
}

fn report_of(archive: &Archive, node: &Node, now_ms: u64) -> Result<Report> {
    let key = key_of(node.id.as_str()).public();
    let mut journals = Vec::new();
    for (epoch, _) in archive.epochs(&node.id).context("the epochs of a journal")? {
        let source: Source = archive.source(&node.id, epoch, key).context("a journal")?;
        journals.push(Journal::read(&source));
    }
    Ok(report(&node.id, &journals, Some((Boot(1), now_ms))))
}

/// What the journal does not prove.
fn unproved(report: &Report) -> Vec<String> {
    let is_proved = |proof: &fleet_audit::disclosure::report::Proof| match (&proof.chain, &proof.signatures) {
        (ChainState::Whole { cseq }, SignatureState::Signed { up_to }) => cseq == up_to,
        _ => false,
    };
    let doubtful = report.epochs.iter().filter(|proof| !is_proved(proof));
    doubtful.map(|proof| format!("{}: its journal does not verify: {proof:?}", report.robot)).collect()
}

/// What the report says other than it was.
fn untrue(report: &Report, node: &Node, off_ms_max: u64, now_ms: u64) -> Vec<String> {
    let diary = &node.body.diary;
    let (first, last) = (Day::of(wall(0).0), Day::of(wall(now_ms).0));
    let mut untrue = Vec::new();
    for day in (first.0..=last.0).map(Day) {
        let told = report.days.iter().find(|found| found.day == day).map(|found| found.totals).unwrap_or_default();
        let (from, to) = on_day(day, now_ms);
        let (energised, moving, covered) = (diary.energised(), diary.moving(), diary.covered());
        let pairs = [
            ("energised", told.energised_ms, energised.length_ms(from, to)),
            ("energised and covered", told.energised_covered_ms, energised.length_with_ms(&covered, from, to)),
            ("moving", told.moving_ms, moving.length_ms(from, to)),
            ("moving and covered", told.moving_covered_ms, moving.length_with_ms(&covered, from, to)),
        ];
        let off = pairs.into_iter().filter(|(_, told, was)| told.abs_diff(*was) > off_ms_max);
        untrue.extend(
            off.map(|(what, told, was)| format!("{day}: {what} for {told} ms in the report, for {was} ms in fact")),
        );
        if told.unknown_ms > 0 {
            untrue.push(format!("{day}: {} ms are unknown", told.unknown_ms));
        }
        if told.moving_uncovered_ms() > 0 {
            untrue.push(format!("{day}: the report has {} ms of uncovered motion", told.moving_uncovered_ms()));
        }
    }
    let uncovered = diary.moving().length_without_ms(&diary.covered());
    if uncovered > 0 {
        untrue.push(format!("it moved uncovered for {uncovered} ms"));
    }
    untrue
}

/// From when to when a day is on the world's clock.
fn on_day(day: Day, now_ms: u64) -> (u64, u64) {
    let at = |wall_ms: u64| wall_ms.saturating_sub(wall(0).0).min(now_ms);
    (at(day.begin_ms()), at(day.end_ms()))
}
