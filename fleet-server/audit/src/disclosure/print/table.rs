//! For people: a line for each day, then the gaps and what is proved.

use super::super::boot::COVERS_MS;
use super::super::calendar::moment;
use super::super::contradiction::Contradiction;
use super::super::day::{DayReport, GapReport, Totals};
use super::super::journal::{ChainState, SignatureState};
use super::super::keys::Whose;
use super::super::placing::{Place, Whose as Calendar};
use super::super::report::{Proof, Report};
use super::super::sign::Cause;
use super::disclosure_ids;
use std::fmt::Write as _;

/// The whole report.
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
        lines.extend(report.contradictions.iter().map(|found| left_out_line(report, found)));
        lines.extend(report.epochs.iter().map(|proof| proof_line(report, proof)));
        let placed = report.boots.iter().filter(|place| place.calendar == Calendar::Robot);
        lines.extend(placed.map(|place| boot_line(report, place)));
        lines
            .extend(disclosure_ids(report).map(|id| format!("{}: it disclosed with the key of id {id}", report.robot)));
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
    let (length, end) = if gap.is_open {
        (format!("{length} s until the newest entry, nobody has told of its end"), String::new())
    } else {
        (format!("{length} s"), format!(" to {}", moment(gap.to_ms)))
    };
    let within = match (gap.energised_ms, gap.moving_ms) {
        (0, 0) => "without energy".to_owned(),
        (energised, moving) => {
            format!("energised for {} s of it, moving for {} s", seconds(energised), seconds(moving))
        }
    };
    let doubt = doubt(gap);
    format!(
        "{}: gap {} {}{doubt}{end}, {length}, {within}: {}",
        report.robot,
        if gap.is_open { "open since" } else { "from" },
        moment(gap.from_ms),
        words(gap.cause)
    )
}

/// How far the beginning may be off, if it may.
fn doubt(gap: &GapReport) -> String {
    let early = seconds(gap.from_ms - gap.earliest_ms);
    match gap.latest_ms {
        Some(latest) if latest == gap.from_ms && gap.earliest_ms == gap.from_ms => String::new(),
        Some(latest) => format!(" (or up to {early} s before, {} s after)", seconds(latest - gap.from_ms)),
        None => format!(" (or up to {early} s before; nobody knows how long after)"),
    }
}

fn left_out_line(report: &Report, found: &Contradiction) -> String {
    let word = if found.omitted.may_be_old() { "INCOMPLETE" } else { "CONTRADICTED" };
    let (robot, at, words) = (&report.robot, moment(found.at_ms), found.omitted.words());
    format!("{robot}: {word} at {at}: the agent's record leaves out {words}")
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

fn boot_line(report: &Report, place: &Place) -> String {
    let why = if report.is_received {
        "the server received nothing of it while it ran"
    } else {
        "an export does not say when a server received it"
    };
    format!(
        "{}: the boot from {} to {} is placed by the robot's own calendar: {why}",
        report.robot,
        moment(place.begin_ms),
        moment(place.end_ms)
    )
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}
