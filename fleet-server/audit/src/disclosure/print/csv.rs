//! For spreadsheets: a row for each day and a row for each gap. Rows end as RFC 4180 has it.

use super::super::calendar::moment;
use super::super::day::{GapReport, Totals};
use super::super::journal::{ChainState, SignatureState};
use super::super::report::{Proof, Report};
use super::{columns, disclosure_ids};

/// The whole report.
#[must_use]
pub fn csv(reports: &[Report]) -> String {
    let names = columns(&Totals::default()).map(|(name, _)| name).join(",");
    let mut rows = vec![format!("robot,day,row,begin,end,cause,{names},journal,disclosure_ids")];
    for report in reports {
        for day in &report.days {
            let head = format!("{},{}", report.robot, day.day);
            let totals = columns(&day.totals).map(|(_, ms)| ms.to_string()).join(",");
            let (begin, end) = (moment(day.day.begin_ms()), moment(day.day.end_ms()));
            let ids = disclosure_ids(report).collect::<Vec<_>>().join(" ");
            rows.push(format!("{head},day,{begin},{end},,{totals},{},{ids}", state(report)));
            rows.extend(day.gaps.iter().map(|gap| format!("{head},{}", gap_csv(gap))));
        }
    }
    rows.join("\r\n")
}

fn gap_csv(gap: &GapReport) -> String {
    let end = if gap.is_open { String::new() } else { moment(gap.to_ms) };
    let (begin, cause) = (moment(gap.from_ms), gap.cause.word());
    format!("gap,{begin},{end},{cause},{},,{},,,,,", gap.energised_ms, gap.moving_ms)
}

/// What the journal proves, in a word.
fn state(report: &Report) -> &'static str {
    let is_signed = |proof: &Proof| matches!(proof.signatures, SignatureState::Signed { .. });
    if report.tampering().is_some() {
        "tampered"
    } else if report.is_contradicted() {
        "contradicted"
    } else if report.unbelievable > 0
        || report.epochs.iter().any(|proof| matches!(proof.chain, ChainState::Missing { .. }))
    {
        "incomplete"
    } else if report.unsigned() > 0 {
        "unsigned"
    } else if report.epochs.iter().all(is_signed) {
        "chain_and_signatures_hold"
    } else {
        "chain_holds"
    }
}
