//! The report as a table for people, as JSON and as comma-separated values for programs.
//!
//! Every word that is printed is one of ours or a name in `[a-z0-9-]`, so nothing has to be quoted. Lengths are whole
//! milliseconds in documents, seconds in the table.

use super::boot::COVERS_MS;
use super::calendar::moment;
use super::journal::{ChainState, SignatureState};
use super::keys::Whose;
use super::report::{DayReport, GapReport, Proof, Report, Totals};
use super::sign::Cause;
use super::spans::Spans;
use std::fmt::Write as _;

/// For people.
#[must_use]
pub fn table(reports: &[Report], whose: Whose) -> String {
    if reports.is_empty() {
        return "No journal to report on.".into();
    }
    let mut lines = vec![header()];
    lines.extend(reports.iter().flat_map(|report| report.days.iter().map(|day| row(report, day))));
    for report in reports {
        lines.push(String::new());
        lines.extend(report.days.iter().flat_map(|day| &day.gaps).map(|gap| gap_line(report, gap)));
        lines.extend(report.epochs.iter().map(|proof| proof_line(report, proof)));
        lines.extend(report.controller.sentence().map(|words| format!("{}: {words}", report.robot)));
        if report.epochs.is_empty() {
            lines.push(format!("{}: INCOMPLETE: there is no journal of it", report.robot));
        }
        if report.unbelievable > 0 {
            let (robot, count) = (&report.robot, report.unbelievable);
            lines.push(format!(
                "{robot}: INCOMPLETE: {count} entries name a time that cannot be, nothing is read off them"
            ));
        }
        lines.extend(report.until_ms.map(|until| format!("{}: the record ends at {}", report.robot, moment(until))));
    }
    lines.push(String::new());
    lines.push(format!("Lengths in seconds. A heard disclosure covers the {} s after it.", seconds(COVERS_MS)));
    lines.push(whose.sentence().to_owned());
    lines.join("\n")
}

fn header() -> String {
    let [robot, day, energised, covered, moving] = ["ROBOT", "DAY", "ENERGISED", "COVERED", "MOVING"];
    format!(
        "{robot:<12} {day:<10} {energised:>12} {covered:>12} {moving:>12} {covered:>12} {:>12} {:>5}",
        "UNKNOWN", "GAPS"
    )
}

fn row(report: &Report, day: &DayReport) -> String {
    let Totals { energised_ms, energised_covered_ms, moving_ms, moving_covered_ms, covered_ms: _, unknown_ms } =
        day.totals;
    let mut line = format!("{:<12} {:<10}", report.robot.as_str(), day.day.to_string());
    for ms in [energised_ms, energised_covered_ms, moving_ms, moving_covered_ms, unknown_ms] {
        let _ = write!(line, " {:>12}", seconds(ms));
    }
    format!("{line} {:>5}", day.gaps.len())
}

fn gap_line(report: &Report, gap: &GapReport) -> String {
    let length = seconds(gap.to_ms - gap.from_ms);
    let end = if gap.is_open { "until the record ends".to_owned() } else { format!("to {}", moment(gap.to_ms)) };
    let within = match (gap.energised_ms, gap.moving_ms) {
        (0, 0) => "without energy".to_owned(),
        (energised, moving) => {
            format!("energised for {} s of it, moving for {} s", seconds(energised), seconds(moving))
        }
    };
    format!("{}: gap from {} {end}, {length} s, {within}: {}", report.robot, moment(gap.from_ms), words(gap.cause))
}

fn proof_line(report: &Report, proof: &Proof) -> String {
    let signed = match &proof.signatures {
        SignatureState::Signed { up_to: 0 } if proof.unsigned() > 0 => format!(
            "UNSIGNED: nothing shows who wrote these {} entries. An export from the robot carries no signatures; the server's copy has \
             them (fleet audit disclosure --key), and a head that somebody captured on the air is signed (fleet-audit journal --head)",
            proof.unsigned()
        ),
        SignatureState::Signed { up_to } if proof.unsigned() > 0 => format!(
            "UNSIGNED: the robot has signed up to entry {up_to}, {} entries behind it are not proved",
            proof.unsigned()
        ),
        SignatureState::Signed { up_to } => format!("signed by the robot up to entry {up_to}"),
        SignatureState::NotChecked => "signatures not checked: there is no key of the robot".to_owned(),
        SignatureState::Wrong { why } => format!("TAMPERED: {why}"),
    };
    let chain = match &proof.chain {
        ChainState::Whole { cseq } => format!("{cseq} entries form one chain"),
        ChainState::Missing { proved, missing, .. } => {
            format!("INCOMPLETE: one chain up to entry {proved}, {missing} entries behind it have not arrived")
        }
        ChainState::Broken { why } => format!("TAMPERED: {why}"),
    };
    format!("{}, epoch {:?}: {chain}; {signed}", report.robot, proof.epoch)
}

const fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::NotHeard => "sent, and not heard: muted, jammed or not endorsed",
        Cause::NotSent => "not sent: the radio refused it, or the control loop stood still",
        Cause::LinkLost => "the safety controller was not heard, so nobody knows what it heard",
        Cause::Ended => "the agent ended in order",
        Cause::Died => "the agent died",
        Cause::Starting => "the agent had started and was not heard yet",
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

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
    format!(
        "{{\"robot\":\"{robot}\",\"until_ms\":{until},\"unbelievable\":{unbelievable},\"firmware\":\"{}\",\
         \"firmware_missing\":{},\"journal\":{epochs},\"days\":{days}}}",
        report.controller.word(),
        report.controller.missing
    )
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
    let GapReport { from_ms, to_ms, is_open, cause, energised_ms, moving_ms } = gap;
    format!(
        "{{\"from_ms\":{from_ms},\"to_ms\":{to_ms},\"open\":{is_open},\"cause\":\"{}\",\"energised_ms\":{energised_ms},\
         \"moving_ms\":{moving_ms}}}",
        cause.word()
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

const fn columns(totals: &Totals) -> [(&'static str, u64); 6] {
    [
        ("energised_ms", totals.energised_ms),
        ("energised_covered_ms", totals.energised_covered_ms),
        ("moving_ms", totals.moving_ms),
        ("moving_covered_ms", totals.moving_covered_ms),
        ("covered_ms", totals.covered_ms),
        ("unknown_ms", totals.unknown_ms),
    ]
}

/// For spreadsheets: a row for each day and a row for each gap. Rows end as RFC 4180 has it.
#[must_use]
pub fn csv(reports: &[Report]) -> String {
    let names = columns(&Totals::default()).map(|(name, _)| name).join(",");
    let mut rows = vec![format!("robot,day,row,begin,end,cause,{names},journal")];
    for report in reports {
        for day in &report.days {
            let head = format!("{},{}", report.robot, day.day);
            let totals = columns(&day.totals).map(|(_, ms)| ms.to_string()).join(",");
            let (begin, end) = (moment(day.day.begin_ms()), moment(day.day.end_ms()));
            rows.push(format!("{head},day,{begin},{end},,{totals},{}", state(report)));
            rows.extend(day.gaps.iter().map(|gap| format!("{head},{}", gap_csv(gap))));
        }
    }
    rows.join("\r\n")
}

fn gap_csv(gap: &GapReport) -> String {
    let end = if gap.is_open { String::new() } else { moment(gap.to_ms) };
    let (begin, cause) = (moment(gap.from_ms), gap.cause.word());
    format!("gap,{begin},{end},{cause},{},,{},,,,", gap.energised_ms, gap.moving_ms)
}

/// What the journal proves, in a word.
fn state(report: &Report) -> &'static str {
    let is_signed = |proof: &Proof| matches!(proof.signatures, SignatureState::Signed { .. });
    if report.tampering().is_some() {
        "tampered"
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
