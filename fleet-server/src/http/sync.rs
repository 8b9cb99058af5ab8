//! How synchronisation goes: for people, for programs, and for a Prometheus that comes by.

use super::App;
use super::problem::Problem;
use super::robots::{missing, parse};
use super::shape::connection_word;
use crate::clock;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use fleet_core::sync::SyncReport;
use fleet_core::{Answer, Command};
use serde::Serialize;
use shared::id::RobotId;
use std::fmt::Write;

/// How it goes with all robots.
#[derive(Debug, Serialize)]
pub struct Reports {
    as_of_ms: u64,
    robots: Vec<Report>,
}

/// How it goes with one robot. The age of the oldest unacknowledged entry stands first: it is what cannot look well while nothing moves.
#[derive(Debug, Serialize)]
pub struct Report {
    robot: RobotId,
    oldest_unacked_ms: Option<u64>,
    unacked: Option<u64>,
    telemetry_unacked: Option<u64>,
    storage_permille: Option<u32>,
    heard_age_ms: Option<u64>,
    connection: &'static str,
    feed_head: u64,
    cursor: Option<u64>,
    snapshot: Option<Chunks>,
    lanes: Vec<Lane>,
    chain: Option<Chain>,
    clock_skew_ms: Option<i64>,
    clock_suspect: bool,
    breaks: Vec<&'static str>,
    why: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    log: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Chunks {
    applied: u32,
    of: u32,
}

#[derive(Debug, Serialize)]
struct Lane {
    lane: &'static str,
    seq: u64,
}

#[derive(Debug, Serialize)]
struct Chain {
    epoch: String,
    verified_to: u64,
    is_broken: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    at_ms: u64,
    what: &'static str,
    sentence: String,
}

/// `GET /v1/sync`
pub async fn list(State(app): State<App>) -> Result<Json<Reports>, Problem> {
    let robots = ask(&app, None).await?.into_iter().map(|report| Report { log: vec![], ..shape(report) }).collect();
    Ok(Json(Reports { as_of_ms: clock::wall().0, robots }))
}

/// `GET /v1/sync/{robot}`
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Report>, Problem> {
    let id = parse(&id)?;
    let report = ask(&app, Some(id.clone())).await?.pop().ok_or_else(|| missing(&id))?;
    Ok(Json(shape(report)))
}

/// `GET /metrics`
pub async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let reports = ask(&app, None).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], rendered(&reports)))
}

async fn ask(app: &App, robot: Option<RobotId>) -> Result<Vec<SyncReport>, Problem> {
    match app.desk.ask(Command::ShowSync { robot }).await?? {
        Answer::Sync(reports) => Ok(reports),
        Answer::Task { .. } | Answer::Imported(_) | Answer::Requested { .. } | Answer::Ops(_) => {
            unreachable!("a question about synchronisation is answered with reports")
        }
    }
}

fn shape(report: SyncReport) -> Report {
    let line = |line: fleet_core::sync::Line| Line {
        at_ms: line.wall.0,
        what: line.what.word(),
        sentence: line.what.sentence(),
    };
    let chain = |row: fleet_core::change::ChainRow| Chain {
        epoch: format!("{:?}", row.epoch),
        verified_to: row.cseq,
        is_broken: row.is_broken,
    };
    let breaks = report.break_words();
    Report {
        robot: report.robot,
        oldest_unacked_ms: report.oldest_unacked_ms,
        unacked: report.unacked,
        telemetry_unacked: report.telemetry_unacked,
        storage_permille: report.storage_permille,
        heard_age_ms: report.heard_age_ms,
        connection: connection_word(report.connection),
        feed_head: report.feed_head,
        cursor: report.cursor,
        snapshot: report.snapshot.map(|(applied, of)| Chunks { applied, of }),
        lanes: report.lanes.iter().map(|mark| Lane { lane: mark.lane.as_str(), seq: mark.seq }).collect(),
        chain: report.chain.map(chain),
        clock_skew_ms: report.clock_skew.map(|(skew_ms, _)| skew_ms),
        clock_suspect: report.clock_skew.is_some_and(|(_, is_suspect)| is_suspect),
        breaks,
        why: report.why,
        log: report.lines.into_iter().map(line).collect(),
    }
}

/// A figure that is known of a robot, or not.
type Figure = fn(&SyncReport) -> Option<f64>;

/// Name, help, and where the figure comes from; the most telling first.
const GAUGES: [(&str, &str, Figure); 9] = [
    ("bellwether_oldest_unacked_seconds", "Age of the oldest entry that is not acknowledged.", |report| {
        if report.unacked == Some(0) { Some(0.0) } else { report.oldest_unacked_ms.map(seconds) }
    }),
    ("bellwether_heard_age_seconds", "Time since the robot's last word.", |report| report.heard_age_ms.map(seconds)),
    ("bellwether_unacked_entries", "Entries that are not acknowledged.", |report| report.unacked.map(float)),
    ("bellwether_feed_rows_behind", "Rows that the robot has not applied.", |report| {
        report.cursor.map(|cursor| float(report.feed_head.saturating_sub(cursor)))
    }),
    ("bellwether_chain_verified", "Entries whose chain is verified.", |report| {
        report.chain.as_ref().map(|chain| float(chain.cseq))
    }),
    ("bellwether_chain_broken", "1 when a link of the chain does not hold.", |report| {
        report.chain.as_ref().map(|chain| if chain.is_broken { 1.0 } else { 0.0 })
    }),
    ("bellwether_clock_skew_seconds", "How far the robot's calendar is ahead.", |report| {
        report.clock_skew.map(|(skew_ms, _)| skew_ms as f64 / 1000.0)
    }),
    ("bellwether_telemetry_unacked_samples", "Samples of telemetry that are not acknowledged.", |report| {
        report.telemetry_unacked.map(float)
    }),
    ("bellwether_storage_used_ratio", "How much of its storage quota the robot uses.", |report| {
        report.storage_permille.map(|permille| f64::from(permille) / 1000.0)
    }),
];

fn rendered(reports: &[SyncReport]) -> String {
    let mut page = String::new();
    for (name, help, figure) in GAUGES {
        // Writing to memory cannot fail.
        let _never = write!(page, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (report, value) in reports.iter().filter_map(|report| Some((report, figure(report)?))) {
            let _never = writeln!(page, "{name}{{robot=\"{}\"}} {value}", report.robot);
        }
    }
    page
}

fn seconds(ms: u64) -> f64 {
    float(ms) / 1000.0
}

/// Figures for people: beyond 53 bits the last digits do not matter.
fn float(number: u64) -> f64 {
    number as f64
}
