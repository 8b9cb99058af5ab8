//! `fleet robot`.

use super::client::{Client, Failure, Place, document, name};
use super::table::{age, cell, table};
use super::{clearance, endorse, revoke, telemetry};
use clap::Subcommand;
use serde_json::Value;
use std::path::PathBuf;

/// Older than this, a robot's last word says nothing about now, in milliseconds.
const NOW_MS: u64 = 5000;

/// The watchdog's time: below it a disclosure counts as heard, in milliseconds.
const DISCLOSED_MS: u64 = 1500;

/// Arguments of `fleet robot`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Every robot.
    List,
    /// One robot.
    Show { robot: String },
    /// Let a robot that waits for a person go on. It gives no energy to anything.
    Resume { robot: String },
    /// Endorse a robot's disclosure by hand, where there is no network: writes a file to carry to it. Asks no server.
    Endorse(endorse::Args),
    /// Put a robot's key on the site's signed list of keys that count no more. Asks no server.
    Revoke(revoke::Args),
    /// A robot's history of measurements, once a second.
    Telemetry(telemetry::Args),
    /// Clear a robot after its button was pressed, as a safety officer. It gives no energy to anything.
    Clear {
        robot: String,
        /// The officer's file.
        #[arg(long)]
        key: PathBuf,
    },
}

/// Runs one verb and returns what is printed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let client = Client::new(&args.place);
    let (answer, text): (Value, fn(&Value) -> String) = match &args.verb {
        Verb::List => (client.get("/v1/robots")?, |answer| robots(&answer["robots"])),
        Verb::Show { robot } => {
            (client.get(&format!("/v1/robots/{}", name(robot)?))?, |robot| robots(&Value::Array(vec![robot.clone()])))
        }
        Verb::Endorse(wanted) => return endorse::endorse(wanted, args.place.json),
        Verb::Revoke(wanted) => return revoke::revoke(wanted, args.place.json),
        Verb::Telemetry(wanted) => return telemetry::telemetry(&client, wanted, args.place.json),
        Verb::Clear { robot, key } => return clearance::clear(&client, name(robot)?, key),
        Verb::Resume { robot } => (client.post(&format!("/v1/robots/{}/resume-requests", name(robot)?))?, |answer| {
            format!("Requested (number {}). Look at the robot to see whether it goes on.", cell(&answer["number"]))
        }),
    };
    Ok(if args.place.json { document(&answer) } else { text(&answer) })
}

/// A table of robots.
pub fn robots(robots: &Value) -> String {
    match robots.as_array() {
        Some(robots) if !robots.is_empty() => {
            let header =
                ["ROBOT", "HEARD", "INTERLOCK", "DISCLOSED", "BATTERY", "TASK", "STEP", "WAITS", "BEHIND", "UNSENT"];
            let rows = table(header, &robots.iter().map(row).collect::<Vec<_>>());
            std::iter::once(rows).chain(robots.iter().flat_map(clock_words)).collect::<Vec<_>>().join("\n")
        }
        Some(_) | None => "No robots. Name them in fleet.toml.".into(),
    }
}

/// What people have to know about the time that a robot discloses, and about its calendar.
fn clock_words(robot: &Value) -> Vec<String> {
    let id = cell(&robot["id"]);
    let says = robot["disbelieved_says"].as_str().map(|says| format!("{id}: {says}"));
    let skew_ms = robot["clock_skew_ms"].as_i64().filter(|_| robot["clock_suspect"].as_bool() == Some(true));
    let calendar = skew_ms.map(|ms| {
        let side = if ms > 0 { "ahead of" } else { "behind" };
        format!("{id}: its calendar is {} s {side} the server's: set it.", ms.unsigned_abs() / 1_000)
    });
    says.into_iter().chain(calendar).collect()
}

fn row(robot: &Value) -> [String; 10] {
    let known = |text: String| if text == "-" { text } else { if_known(robot, text) };
    let battery = robot["battery_permille"].as_u64().map_or("-".into(), |permille| format!("{}%", permille / 10));
    let step = match (robot["step"].as_u64(), robot["steps"].as_u64()) {
        (Some(step), Some(steps)) => format!("{}/{steps}", step + 1),
        _ => "-".into(),
    };
    let waits = if robot["awaits_person"].as_bool().unwrap_or(false) { "for a person" } else { "-" };
    let behind = robot["feed_head"].as_u64().unwrap_or(0).saturating_sub(robot["cursor"].as_u64().unwrap_or(0));
    [
        cell(&robot["id"]),
        heard(robot),
        if_known(robot, interlock(robot)),
        if_known(robot, disclosed(robot)),
        known(battery),
        known(cell(&robot["task"])),
        known(step),
        known(waits.into()),
        behind.to_string(),
        known(cell(&robot["unacked"])),
    ]
}

/// A server that has just started knows nobody's last word from before.
fn heard(robot: &Value) -> String {
    if robot["heard_age_ms"].is_null() { "not since the server started".into() } else { age(&robot["heard_age_ms"]) }
}

/// Whether its own receiver hears that it says that it is a machine.
fn disclosed(robot: &Value) -> String {
    match robot["disbelieved"].as_str() {
        Some("clock_off") => return "CLOCK OFF, not believed".into(),
        Some("receiver_ahead") => return "NOT: cycle its controller's power".into(),
        Some(_) | None => {}
    }
    match robot["disclosure_heard_ms_ago"].as_u64() {
        Some(ms) if ms < DISCLOSED_MS => "heard".into(),
        Some(ms) => format!("NOT for {} s", (ms + robot["heard_age_ms"].as_u64().unwrap_or(0)) / 1_000),
        None => "NOT yet".into(),
    }
}

fn interlock(robot: &Value) -> String {
    robot["interlock"]["phase"].as_str().unwrap_or("unknown").to_owned()
}

/// A value that is too old to say anything about now is unknown, and its age says since when.
fn if_known(robot: &Value, text: String) -> String {
    match robot["heard_age_ms"].as_u64() {
        Some(ms) if ms <= NOW_MS => text,
        Some(_) => format!("unknown (was {text})"),
        None => "unknown".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn silence_never_looks_normal() {
        let robot =
            json!({"id": "r-1", "heard_age_ms": 60_000, "interlock": {"phase": "energised"}, "battery_permille": 500});
        let [_, heard, interlock, _, battery, ..] = row(&robot);
        assert_eq!((heard.as_str(), interlock.as_str()), ("60s ago", "unknown (was energised)"));
        assert_eq!(battery, "unknown (was 50%)");
        assert_eq!(row(&json!({"id": "r-2", "heard_age_ms": null}))[2], "unknown");
        assert_eq!(row(&json!({"id": "r-2", "heard_age_ms": null}))[1], "not since the server started");
        assert_eq!(row(&json!({"id": "r-3", "heard_age_ms": 10}))[2], "unknown");
    }

    #[test]
    fn who_is_not_heard_is_said_to_be_so_and_for_how_long() {
        let said = |heard_age_ms: u64, ago_ms: Value| {
            row(&json!({"id": "r-1", "heard_age_ms": heard_age_ms, "disclosure_heard_ms_ago": ago_ms}))[3].clone()
        };
        assert_eq!((said(10, json!(0)), said(10, json!(null))), ("heard".into(), "NOT yet".into()));
        let disbelieved = |why| disclosed(&json!({"disclosure_heard_ms_ago": 0, "disbelieved": why}));
        assert_eq!(
            disbelieved("clock_off"),
            "CLOCK OFF, not believed",
            "though its own receiver has no calendar and hears it"
        );
        assert_eq!(disbelieved("receiver_ahead"), "NOT: cycle its controller's power");
        let off = json!([{"id": "r-1", "disbelieved_says": "Its clock is off.", "clock_skew_ms": 86_400_000, "clock_suspect": true}]);
        let printed = robots(&off);
        assert!(
            printed.contains("r-1: Its clock is off.") && printed.contains("86400 s ahead of the server's"),
            "{printed}"
        );
        assert_eq!(
            (said(1_000, json!(6_500)), said(60_000, json!(0))),
            ("NOT for 7 s".into(), "unknown (was heard)".into())
        );
    }
}
