//! Robots' journals as exact bytes, for whoever checks them without believing this server, and what is read off them.
//!
//! Everything here is read from the disk by a thread that may wait for it.

use super::App;
use super::problem::Problem;
use super::robots::{missing, parse};
use crate::store::{Archive, Fault, SealRow, StoredEntry};
use crate::view::RobotView;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use fleet_audit::disclosure::calendar::Day;
use fleet_audit::disclosure::{print, report};
use serde::{Deserialize, Serialize};
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::refusal::Code;
use shared::seal::to_hex;
use std::sync::Arc;

/// Most entries of a page: some 300 KB as JSON.
const PAGE_MAX: usize = 500;

/// Which part of a journal is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Which life of the robot's database, as 16 hexadecimal digits; the newest if it is not named.
    epoch: Option<String>,
    /// The first number in the chain.
    from: Option<u64>,
    /// The last one.
    to: Option<u64>,
}

/// Which signatures are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    epoch: Option<String>,
    /// The number of the last one that is known.
    after: Option<u64>,
}

/// Which day is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfDay {
    day: Option<String>,
}

/// A page of a journal. The bytes are hexadecimal digits.
#[derive(Debug, Serialize)]
pub struct Page {
    robot: RobotId,
    /// The key that the roster names for the robot.
    key: String,
    epochs: Vec<EpochShape>,
    epoch: Option<String>,
    entries: Vec<EntryShape>,
    /// Where the next page begins.
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
struct EpochShape {
    epoch: String,
    entries: u64,
}

#[derive(Debug, Serialize)]
struct EntryShape {
    cseq: u64,
    entry: String,
    body: String,
    received_ms: u64,
}

/// A page of signatures. Each covers `first` to `last` of its lane, as the batch that the robot sent.
#[derive(Debug, Serialize)]
pub struct Seals {
    robot: RobotId,
    epoch: Option<String>,
    seals: Vec<SealShape>,
    /// What to ask for next, behind this number.
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
struct SealShape {
    lane: &'static str,
    first: u64,
    last: u64,
    boot: String,
    sent_mono_ms: u64,
    received_ms: u64,
    signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// `GET /v1/robots/{id}/journal?epoch=&from=&to=`
pub async fn entries(
    State(app): State<App>,
    Path(id): Path<String>,
    window: Result<Query<Window>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let robot = find(&app, &id)?;
    let Window { epoch, from, to } = read_query(window)?;
    let wanted = epoch.as_deref().map(epoch_of).transpose()?;
    let window = (from.unwrap_or(1), to.unwrap_or(u64::MAX));
    off_disk(&app, move |archive| page(archive, &robot, wanted, window)).await.map(Json)
}

/// `GET /v1/robots/{id}/journal/signatures?epoch=&after=`
pub async fn signatures(
    State(app): State<App>,
    Path(id): Path<String>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Json<Seals>, Problem> {
    let robot = find(&app, &id)?;
    let After { epoch, after } = read_query(after)?;
    let wanted = epoch.as_deref().map(epoch_of).transpose()?;
    off_disk(&app, move |archive| seals(archive, &robot.id, wanted, after.unwrap_or(0))).await.map(Json)
}

/// `GET /v1/robots/{id}/disclosure?day=`: for the page; an auditor computes it from the journal.
pub async fn disclosure(
    State(app): State<App>,
    Path(id): Path<String>,
    of_day: Result<Query<OfDay>, QueryRejection>,
) -> Result<Response, Problem> {
    let robot = find(&app, &id)?;
    let day = read_query(of_day)?.day.map(|day| Day::parse(&day)).transpose();
    let day = day.map_err(|e| Problem::new(Code::BadQuery, e.to_string()).field("day"))?;
    let failed = || Problem::new(Code::Unreadable, "The journal could not be checked.");
    let journals = app.verified.journals(robot.id.clone(), robot.key).await.ok_or_else(failed)?;
    let json = off_disk(&app, move |_| {
        let running = robot.state.as_ref().map(|state| (state.boot, state.mono_ms));
        Ok(print::robot_json(&report::report(&robot.id, &journals?, running).of_day(day)))
    });
    Ok(([(CONTENT_TYPE, "application/json")], json.await?).into_response())
}

fn find(app: &App, id: &str) -> Result<Arc<RobotView>, Problem> {
    let id = parse(id)?;
    app.desk.picture().robots.get(&id).cloned().ok_or_else(|| missing(&id))
}

/// A query of this shape, or what is wrong with it.
pub(super) fn read_query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(found)| found).map_err(|e| Problem::new(Code::BadQuery, e.body_text()))
}

fn epoch_of(text: &str) -> Result<Epoch, Problem> {
    let is_shaped = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let found = u64::from_str_radix(text, 16).ok().filter(|_| is_shaped);
    let refused = || Problem::new(Code::BadQuery, "An epoch has 16 hexadecimal digits.").field("epoch");
    found.map(Epoch).ok_or_else(refused)
}

/// Reads where waiting for the disk keeps nobody else.
async fn off_disk<T: Send + 'static>(
    app: &App,
    read: impl FnOnce(&Archive) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Problem> {
    let archive = app.desk.archive.clone();
    match tokio::task::spawn_blocking(move || read(&archive)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(fault)) => {
            tracing::error!("a journal cannot be read: {fault}");
            Err(Problem::new(Code::Unreadable, fault.to_string()))
        }
        Err(bug) => Err(Problem::new(Code::Unreadable, bug.to_string())),
    }
}

fn page(archive: &Archive, robot: &RobotView, wanted: Option<Epoch>, (from, to): (u64, u64)) -> Result<Page, Fault> {
    let epochs = archive.epochs(&robot.id)?;
    let epoch = wanted.or_else(|| epochs.last().map(|(epoch, _)| *epoch));
    let found = epoch.map_or(Ok(vec![]), |epoch| archive.entries(&robot.id, epoch, (from, to), PAGE_MAX))?;
    let next = found.last().filter(|last| found.len() == PAGE_MAX && last.cseq < to).map(|last| last.cseq + 1);
    Ok(Page {
        robot: robot.id.clone(),
        key: robot.key.to_text(),
        epochs: epochs.iter().map(|(epoch, entries)| EpochShape { epoch: text(*epoch), entries: *entries }).collect(),
        epoch: epoch.map(text),
        entries: found.iter().map(EntryShape::from).collect(),
        next,
    })
}

fn seals(archive: &Archive, robot: &RobotId, wanted: Option<Epoch>, after: u64) -> Result<Seals, Fault> {
    let newest = || Ok(archive.epochs(robot)?.last().map(|(epoch, _)| *epoch));
    let epoch = wanted.map_or_else(newest, |epoch| Ok(Some(epoch)))?;
    let found = epoch.map_or(Ok(vec![]), |epoch| archive.seals(robot, epoch, after, PAGE_MAX))?;
    let next = found.last().filter(|_| found.len() == PAGE_MAX).map(|last| last.n);
    let seals = found.iter().map(SealShape::from).collect();
    Ok(Seals { robot: robot.clone(), epoch: epoch.map(text), seals, next })
}

fn text(epoch: Epoch) -> String {
    format!("{:016x}", epoch.0)
}

impl From<&StoredEntry> for EntryShape {
    fn from(found: &StoredEntry) -> Self {
        let StoredEntry { cseq, entry, body, received_ms } = found;
        Self { cseq: *cseq, entry: to_hex(entry), body: to_hex(body), received_ms: *received_ms }
    }
}

impl From<&SealRow> for SealShape {
    fn from(row: &SealRow) -> Self {
        let seal = &row.seal;
        Self {
            lane: seal.lane.as_str(),
            first: seal.first,
            last: seal.last,
            boot: format!("{:016x}", seal.boot.0),
            sent_mono_ms: seal.sent_mono_ms,
            received_ms: row.received_ms,
            signature: to_hex(&seal.signature.0),
            body: seal.body.as_deref().map(to_hex),
        }
    }
}
