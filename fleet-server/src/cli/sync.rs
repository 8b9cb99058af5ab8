//! `fleet sync`: how synchronisation goes with each robot, and why one is behind.

use super::client::{Client, Failure, Place, document, name};
use super::table::{age, cell, table};
use clap::Subcommand;
use serde_json::Value;

/// Arguments of `fleet sync`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// One line for each robot, the age of its oldest unacknowledged entry first.
    Status,
    /// Why a robot is behind, and what happened last with it.
    Explain { robot: String },
}

/// Runs one verb and returns what is printed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let client = Client::new(&args.place);
    let (answer, text): (Value, fn(&Value) -> String) = match &args.verb {
        Verb::Status => (client.get("/v1/sync")?, status),
        Verb::Explain { robot } => (client.get(&format!("/v1/sync/{}", name(robot)?))?, explanation),
    };
    Ok(if args.place.json { document(&answer) } else { text(&answer) })
}

fn status(answer: &Value) -> String {
    let header = ["ROBOT", "OLDEST UNACKED", "UNACKED", "HEARD", "BEHIND", "CHAIN", "CLOCK", "BREAKS"];
    let rows: Vec<[String; 8]> = answer["robots"].as_array().into_iter().flatten().map(row).collect();
    table(header, &rows)
}

fn row(report: &Value) -> [String; 8] {
    let behind =
        report["cursor"].as_u64().map(|cursor| report["feed_head"].as_u64().unwrap_or(0).saturating_sub(cursor));
    let chain = match (&report["chain"]["verified_to"], report["chain"]["is_broken"].as_bool()) {
        (to, Some(true)) => format!("broken after {to}"),
        (to, Some(false)) => format!("verified to {to}"),
        (_, None) => "-".into(),
    };
    let clock = match report["clock_skew_ms"].as_i64() {
        Some(ms) if report["clock_suspect"].as_bool() == Some(true) => format!("{} s off", ms / 1000),
        Some(_) => "ok".into(),
        None => "-".into(),
    };
    [
        cell(&report["robot"]),
        oldest(report),
        cell(&report["unacked"]),
        age(&report["heard_age_ms"]),
        behind.map_or("unknown".into(), |behind| behind.to_string()),
        chain,
        clock,
        breaks(report),
    ]
}

/// Where the record did not go on, of late; `fleet sync explain` says what it means.
fn breaks(report: &Value) -> String {
    let words: Vec<&str> = report["breaks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if words.is_empty() { "-".into() } else { words.join(", ") }
}

/// An age that nobody told is not taken for none.
fn oldest(report: &Value) -> String {
    match (report["unacked"].as_u64(), report["oldest_unacked_ms"].as_u64()) {
        (Some(0), _) => "none".into(),
        (Some(_), Some(ms)) => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        (Some(_), None) | (None, _) => "unknown".into(),
    }
}

fn explanation(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let why: Vec<String> = report["why"].as_array().into_iter().flatten().map(text).collect();
    let line = |line: &Value| format!("  {}  {}", cell(&line["at_ms"]), text(&line["sentence"]));
    let log: Vec<String> = report["log"].as_array().into_iter().flatten().map(line).collect();
    let shown = log[log.len().saturating_sub(20)..].join("\n");
    format!("{}: {}\n\nWhat happened last (milliseconds since 1970):\n{shown}", cell(&report["robot"]), why.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_told_is_unknown_and_not_well() {
        let silent = json!({"robot": "r-1", "unacked": null, "heard_age_ms": null, "cursor": null, "feed_head": 3});
        assert_eq!(row(&silent)[1..5], ["unknown", "-", "never", "unknown"].map(str::to_owned));
        let old = json!({"robot": "r-2", "unacked": 4, "oldest_unacked_ms": 61_250, "feed_head": 3, "cursor": 1});
        assert_eq!((row(&old)[1].as_str(), row(&old)[4].as_str()), ("61.2 s", "2"));
        let first_version = json!({"robot": "r-3", "unacked": 4, "oldest_unacked_ms": null});
        assert_eq!(row(&first_version)[1], "unknown");
    }

    #[test]
    fn an_explanation_names_the_reasons_first() {
        let report = json!({"robot": "r-1", "why": ["A.", "B."], "log": [{"at_ms": 5, "sentence": "It greeted."}]});
        assert!(explanation(&report).starts_with("r-1: A. B.\n"));
        assert!(explanation(&report).ends_with("  5  It greeted."));
    }
}
