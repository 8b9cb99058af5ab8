//! For programs: one document.

use super::super::boot::COVERS_MS;
use super::super::contradiction::Contradiction;
use super::super::day::{DayReport, GapReport};
use super::super::journal::{ChainState, SignatureState};
use super::super::keys::Whose;
use super::super::placing::Place;
use super::super::report::{Proof, Report};
use super::super::spans::Spans;
use super::{columns, disclosure_ids};

/// For programs: one object for each robot.
#[must_use]
pub fn json(reports: &[Report], whose: Whose) -> String {
    let robots = list(reports.iter().map(robot_json));
    format!("{{\"covers_ms\":{COVERS_MS},\"keys\":\"{}\",\"robots\":{robots}}}", whose.word())
}

/// One robot as JSON.
#[must_use]
pub fn robot_json(report: &Report) -> String {
    let epochs = list(report.epochs.iter().map(proof_json));
    let days = list(report.days.iter().map(day_json));
    let until = report.until_ms.map_or("null".to_owned(), |ms| ms.to_string());
    let (robot, unbelievable) = (&report.robot, report.unbelievable);
    let (boots, ids) =
        (list(report.boots.iter().map(boot_json)), list(disclosure_ids(report).map(|id| format!("\"{id}\""))));
    let left_out = list(report.contradictions.iter().map(left_out_json));
    format!(
        "{{\"robot\":\"{robot}\",\"until_ms\":{until},\"unbelievable\":{unbelievable},\"firmware\":\"{}\",\
         \"firmware_missing\":{},\"disclosure_ids\":{ids},\"boots\":{boots},\"journal\":{epochs},\
         \"contradictions\":{left_out},\"days\":{days}}}",
        report.controller.word(),
        report.controller.missing
    )
}

fn left_out_json(found: &Contradiction) -> String {
    format!("{{\"left_out\":\"{}\",\"at_ms\":{}}}", found.omitted.word(), found.at_ms)
}

fn boot_json(place: &Place) -> String {
    let Place { boot, ahead_ms: _, begin_ms, end_ms, calendar } = place;
    let calendar = calendar.word();
    format!("{{\"boot\":\"{:016x}\",\"begin_ms\":{begin_ms},\"end_ms\":{end_ms},\"calendar\":\"{calendar}\"}}", boot.0)
}

fn proof_json(proof: &Proof) -> String {
    let chain = match &proof.chain {
        ChainState::Whole { cseq } => format!("\"chain\":\"whole\",\"entries\":{cseq},\"missing\":0"),
        ChainState::Missing { proved, missing, .. } => {
            format!("\"chain\":\"missing\",\"entries\":{proved},\"missing\":{missing}")
        }
        ChainState::Broken { .. } => "\"chain\":\"broken\",\"entries\":0,\"missing\":0".to_owned(),
    };
    let signed = match &proof.signatures {
        SignatureState::Signed { up_to } => {
            let word = if proof.unsigned() > 0 { "partial" } else { "hold" };
            format!("\"signatures\":\"{word}\",\"signed_up_to\":{up_to}")
        }
        SignatureState::NotChecked => "\"signatures\":\"not_checked\",\"signed_up_to\":0".to_owned(),
        SignatureState::Wrong { .. } => "\"signatures\":\"wrong\",\"signed_up_to\":0".to_owned(),
    };
    format!("{{\"epoch\":\"{:?}\",{chain},{signed},\"unsigned\":{}}}", proof.epoch, proof.unsigned())
}

fn day_json(day: &DayReport) -> String {
    let totals = columns(&day.totals).map(|(name, ms)| format!("\"{name}\":{ms}")).join(",");
    let spans = |spans: &Spans| list(spans.as_slice().iter().map(|(from, to)| format!("[{from},{to}]")));
    let (energised, moving, covered) = (spans(&day.energised), spans(&day.moving), spans(&day.covered));
    let (unknown, gaps) = (spans(&day.unknown), list(day.gaps.iter().map(gap_json)));
    format!(
        "{{\"day\":\"{}\",\"begin_ms\":{},{totals},\"energised\":{energised},\"moving\":{moving},\"covered\":{covered},\
         \"unknown\":{unknown},\"gaps\":{gaps}}}",
        day.day,
        day.day.begin_ms()
    )
}

fn gap_json(gap: &GapReport) -> String {
    let GapReport { from_ms, earliest_ms, latest_ms, to_ms, is_open, cause, energised_ms, moving_ms } = gap;
    let latest = latest_ms.map_or("null".to_owned(), |ms| ms.to_string());
    format!(
        "{{\"from_ms\":{from_ms},\"to_ms\":{to_ms},\"open\":{is_open},\"cause\":\"{}\",\"energised_ms\":{energised_ms},\
         \"moving_ms\":{moving_ms},\"earliest_ms\":{earliest_ms},\"latest_ms\":{latest}}}",
        cause.word()
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
