//! What a bystander is shown: one row for each robot near, and it always says machine.

use serde::Serialize;
use shared::beacon::{BeaconTime, Observer, Presence, Sighting, Status};
use shared::seal::to_hex;

/// A robot that was heard longer ago than this is silent, in tenths of a second: it discloses itself every second at
/// least, so three in a row were missed.
const SILENT_AFTER_DS: u64 = 35;

/// Somebody who was never believed is near for as long, and is then forgotten: with them goes the reason, and a flood of ids
/// would be shown long after it is over.
const STRANGER_AFTER_DS: u64 = SILENT_AFTER_DS;

/// One robot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The name it gives itself.
    pub robot: String,
    /// What it says it is.
    pub text: String,
    /// Whether its newest disclosure holds: `verified`, `not_verified` or `silent`.
    pub standing: &'static str,
    /// Why it is not verified, as one word.
    pub reason: Option<&'static str>,
    /// The same as a sentence.
    pub why: Option<String>,
    /// Tenths of a second since it was heard, divided by ten.
    pub age_s: f64,
    /// Its state.
    pub status: &'static str,
    /// Its disclosure id.
    pub disclosure_id: String,
    /// Number of its journal's newest entry.
    pub journal: u32,
    /// First half of that entry's hash.
    pub head: String,
    /// What was found about it.
    pub found: Vec<&'static str>,
}

/// Everyone near, those heard last first.
pub fn rows(observer: &Observer, now: BeaconTime) -> Vec<Row> {
    let mut rows: Vec<Row> = observer.robots().values().filter_map(|robot| row(robot, now)).collect();
    rows.sort_by(|a, b| (&a.robot, &a.disclosure_id).cmp(&(&b.robot, &b.disclosure_id)));
    rows
}

fn row(robot: &Sighting, now: BeaconTime) -> Option<Row> {
    let age = |heard: BeaconTime| now.ds().saturating_sub(heard.ds());
    let newest = robot.newest.as_ref().map(|newest| (&newest.presence, age(newest.heard)));
    let claim = robot.claim.as_ref().map(|claim| (&claim.presence, age(claim.heard), claim.reason));
    let found = robot.found().keys().map(|kind| kind.word()).collect();
    let row = |presence: &Presence, age_ds: u64, standing| Row {
        robot: presence.name.robot().to_string(),
        text: presence.name.text(),
        standing,
        reason: None,
        why: None,
        age_s: age_ds as f64 / 10.0,
        status: presence.status.word(),
        disclosure_id: presence.id.to_string(),
        journal: presence.cseq,
        head: to_hex(&presence.head),
        found,
    };
    match (newest, claim) {
        (Some((presence, age_ds)), _) if age_ds <= SILENT_AFTER_DS => Some(row(presence, age_ds, "verified")),
        (None, Some((_, age_ds, _))) if age_ds > STRANGER_AFTER_DS => None,
        (newest, Some((presence, age_ds, reason))) if newest.is_none_or(|(_, newest_ds)| age_ds < newest_ds) => {
            let why = Some(reason.to_string());
            Some(Row { reason: Some(reason.word()), why, ..row(presence, age_ds, "not_verified") })
        }
        (Some((presence, age_ds)), _) => Some(row(presence, age_ds, "silent")),
        (None, _) => None,
    }
}

/// The rows as a table for a terminal.
pub fn table(rows: &[Row]) -> String {
    const HEAD: [&str; 7] = ["SAYS", "STATE IT SENDS", "VERIFIED", "HEARD", "DISCLOSURE ID", "JOURNAL", "FOUND"];
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0))
        .collect();
    let line = |cells: &[String; 7]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn cells(row: &Row) -> [String; 7] {
    let verified = match (row.standing, &row.why) {
        ("verified", _) => "yes".to_owned(),
        (_, Some(why)) => format!("NO: {why}"),
        _ => "was, and is SILENT".to_owned(),
    };
    [
        // Its alphabet is known; whatever it says is shown as it is and moves no cursor.
        row.text.escape_debug().to_string(),
        state(row.status).to_owned(),
        verified,
        format!("{:.1} s ago", row.age_s),
        row.disclosure_id[..12].to_owned(),
        format!("{} {}", row.journal, &row.head[..12]),
        row.found.join(" ").to_uppercase(),
    ]
}

fn state(word: &str) -> &'static str {
    const WORDS: [(Status, &str); 3] = [
        (Status::Ground, "in order"),
        (Status::StoppedByButton, "STOPPED by its button"),
        (Status::Fault, "its disclosure is not in order"),
    ];
    WORDS.iter().find(|(status, _)| status.word() == word).map_or("unknown", |(_, words)| words)
}
