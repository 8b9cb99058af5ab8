//! A robot comes back after 72 hours, and something about safety happens while it hands over what it has written.
//!
//! The backlog is 200 facts of the work lane and a measurement each second. Real server, real decisions and databases of the
//! agent. The safety fact happens at the moment at which both the facts and the first batch of telemetry have left the agent and
//! nothing of them is acknowledged, so that it has to pass everything that is ever under way.
//!
//! Telemetry may use three tenths of a link, and that is its floor: its bytes, as they stand in the row, at that rate. Over
//! the bad link one return takes minutes, so all of them run at once, each with a server and a link of its own: what they
//! wait for is the link.

mod backlog;

use crate::agent::{Agent, Sight, Wish};
use crate::clock::Stopwatch;
use crate::effort::Effort;
use crate::link::{Line, Link};
use crate::row::{Figure, Goal, Row, ratios};
use crate::server::Server;
use anyhow::{Context as _, Result, ensure};
use backlog::Backlog;
use interlock_link::{Cause, Phase, Status};
use robot_core::{Change, Input, Keep, Seen};
use rusqlite::Connection;
use shared::id::RobotId;
use shared::journal::Lane;
use shared::time::Millis;
use shared::wire::topic::Up;
use std::path::Path;

const ROBOT: &str = "r-1";
/// Seconds of 72 hours.
const SAMPLES: usize = 72 * 3600;
const PATIENCE: Millis = Millis::secs(600);
/// The share of a link that telemetry may use.
const SHARE: f64 = 0.3;

/// One return; times in milliseconds.
#[derive(Clone, Copy)]
struct Return {
    /// From the subscription until all facts are acknowledged.
    facts_ms: f64,
    /// Until all telemetry is.
    telemetry_ms: f64,
    /// From the safety fact until its acknowledgement.
    safety_ms: f64,
    /// Bytes that went up.
    up: u64,
}

/// Measures on loopback and over the bad link.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let samples = effort.size(SAMPLES, 300) as u64;
    let near: Vec<Return> = (0..effort.runs()).map(|_| come_back(disk, Line::FREE, samples)).collect::<Result<_>>()?;
    let far = all_at_once(disk, effort.runs(), samples)?;
    let of = |runs: &[Return], what: fn(&Return) -> f64| runs.iter().map(what).collect::<Vec<f64>>();
    let floor = of(&far, |run| run.up as f64 * 8.0 / (SHARE * Line::BAD.up_bps));
    let drained = of(&far, |run| run.telemetry_ms / 1e3);
    Ok(Row {
        name: "drain",
        work: "backlog of 200 task facts and 72 h of telemetry at 1 Hz, and a safety fact while it is under way",
        floor: "over the bad link: the bytes that went up, at three tenths of the line's rate",
        runs: effort.runs(),
        figures: vec![
            Figure::of("facts, loopback", "ms", &of(&near, |run| run.facts_ms)),
            Figure::of("telemetry, loopback", "s", &of(&near, |run| run.telemetry_ms / 1e3)),
            Figure::of("safety fact, loopback", "ms", &of(&near, |run| run.safety_ms)).with(Goal::AtMost(250.0)),
            Figure::of("facts, bad link", "ms", &of(&far, |run| run.facts_ms)),
            Figure::of("went up, bad link", "KB", &of(&far, |run| run.up as f64 / 1e3)),
            Figure::of("telemetry, bad link", "s", &drained),
            Figure::of("floor", "s", &floor),
            Figure::of("ratio", "", &ratios(&drained, &floor)),
            Figure::of("safety fact, bad link", "ms", &of(&far, |run| run.safety_ms)).with(Goal::AtMost(1000.0)),
        ],
    })
}

fn all_at_once(disk: &Path, runs: usize, samples: u64) -> Result<Vec<Return>> {
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..runs).map(|_| scope.spawn(|| come_back(disk, Line::BAD, samples))).collect();
        runs.into_iter().map(|run| run.join().ok().context("a return's thread failed")?).collect()
    })
}

fn come_back(disk: &Path, line: Line, samples: u64) -> Result<Return> {
    let server = Server::start(disk, &[ROBOT.to_owned()], |_| Ok(()))?;
    let link = Link::open(server.broker(), line)?;
    let dir = tempfile::tempdir_in(disk)?;
    let backlog = backlog::write(dir.path(), &RobotId::parse(ROBOT)?, samples)?;
    let mut watch = Watch::for_backlog(backlog);
    Agent::start(dir.path(), ROBOT, link.address())?.work_until(PATIENCE, |sight| watch.see(sight))?;
    expect_telemetry(&server.database(), samples)?;
    Ok(Return {
        facts_ms: watch.facts_ms.context("no facts")?,
        telemetry_ms: watch.telemetry_ms.context("no telemetry")?,
        safety_ms: watch.safety_ms.context("no answer")?,
        up: link.passed().1,
    })
}

/// What was acknowledged is looked for in the database, by somebody else: every number, and no loss.
fn expect_telemetry(database: &Path, samples: u64) -> Result<()> {
    let spans = "SELECT first, last FROM telemetry WHERE block IS NOT NULL ORDER BY first";
    let db = Connection::open(database)?;
    let mut next = 1;
    for span in db.prepare(spans)?.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
        let (first, last) = span?;
        ensure!(first == next, "telemetry goes on with {first} behind {}", next - 1);
        next = last + 1;
    }
    ensure!(next > samples.cast_signed(), "the server has {} of {samples} samples", next - 1);
    Ok(())
}

/// Somebody who looks: presses the button when everything is under way, and waits for the answers.
struct Watch {
    backlog: Backlog,
    connected: Option<Stopwatch>,
    pressed: Option<Stopwatch>,
    /// The number of the press in the safety lane.
    press: Option<u64>,
    facts_ms: Option<f64>,
    telemetry_ms: Option<f64>,
    safety_ms: Option<f64>,
}

impl Watch {
    const fn for_backlog(backlog: Backlog) -> Self {
        let (connected, pressed, press) = (None, None, None);
        Self { backlog, connected, pressed, press, facts_ms: None, telemetry_ms: None, safety_ms: None }
    }

    fn see(&mut self, sight: Sight<'_>) -> Wish {
        match sight {
            Sight::Connected => self.connected = Some(Stopwatch::start()),
            Sight::Said(Up::Telemetry) if self.pressed.is_none() => {
                self.pressed = Some(Stopwatch::start());
                return Wish::Happens(Input::Seen(Seen { status: Some(tripped()), ..Seen::default() }));
            }
            Sight::Said(_) => {}
            Sight::Committed(changes) => changes.iter().for_each(|change| self.committed(change)),
            Sight::Kept(keeps) => keeps.iter().for_each(|keep| self.kept(keep)),
        }
        let is_over = self.facts_ms.is_some() && self.telemetry_ms.is_some() && self.safety_ms.is_some();
        if is_over { Wish::Enough } else { Wish::More }
    }

    fn committed(&mut self, change: &Change) {
        match change {
            Change::Journal(record) if self.pressed.is_some() && record.entry.lane == Lane::Safety => {
                self.press = self.press.or(Some(record.entry.lane_seq));
            }
            Change::Acked(mark) if mark.lane == Lane::Work && mark.seq >= self.backlog.work => {
                self.facts_ms = self.facts_ms.or(ms(self.connected));
            }
            Change::Acked(mark) if mark.lane == Lane::Safety && self.press.is_some_and(|press| mark.seq >= press) => {
                self.safety_ms = self.safety_ms.or(ms(self.pressed));
            }
            _ => {}
        }
    }

    fn kept(&mut self, keep: &Keep) {
        if matches!(keep, Keep::Forget { seq, .. } if *seq >= self.backlog.telemetry) {
            self.telemetry_ms = self.telemetry_ms.or(ms(self.connected));
        }
    }
}

fn ms(since: Option<Stopwatch>) -> Option<f64> {
    since.map(|since| since.micros() / 1e3)
}

fn tripped() -> Status {
    Status {
        phase: Phase::Tripped,
        cause: Cause::Button,
        trip_epoch: 8,
        standby_ok: false,
        beacon_heard: true,
        button_open: true,
        reset_pressed: false,
        proof_tested: true,
        energised: false,
        returns_left: 3,
    }
}
