//! A robot with an empty replica gets everything: 5,000 tasks, of which 100 are open, 200 zones and projects, 50 people.
//!
//! A real server with its broker; the agent's decisions, replica and network are the real ones. The clock runs from the
//! confirmed subscription until the commit behind which the replica has everything, with every signature, hash and checksum.
//! On the bad link the floor is arithmetic: the bytes that came, at the line's rate, and two round trips.

mod floor;

use crate::agent::{Agent, Sight, Wish};
use crate::clock::Stopwatch;
use crate::effort::Effort;
use crate::link::{Line, Link};
use crate::row::{Figure, Goal, Row, ratios};
use crate::server::Server;
use crate::site::Site;
use anyhow::{Context as _, Result, ensure};
use robot_core::Change;
use rusqlite::Connection;
use shared::time::Millis;
use std::path::Path;

const PATIENCE: Millis = Millis::secs(60);

/// One robot's beginning.
struct Beginning {
    /// From the subscription until all open orders of this robot are accepted, in milliseconds.
    own_ms: f64,
    /// Until everything is there, in milliseconds.
    whole_ms: f64,
    /// Bytes that came by then, whatever they were.
    wire: u64,
}

/// Measures on loopback, row and floor in turns.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let site = Site::of(effort.size(5000, 100), effort.size(250, 5))?;
    let rows = site.rows();
    let (mut ours, mut owns, mut floors, mut wire) = (vec![], vec![], vec![], vec![]);
    for _ in 0..effort.runs() {
        let begun = begin(disk, &site, None)?;
        ours.push(begun.whole_ms);
        owns.push(begun.own_ms);
        let dir = tempfile::tempdir_in(disk)?;
        floors.push(floor::sync(&rows, &dir.path().join("floor.db"))?);
        wire.push(begin(disk, &site, Some(Line::FREE))?.wire as f64 / 1000.0);
    }
    Ok(Row {
        name: "initial-sync",
        work: "initial sync of 5,000 tasks, 200 projects and zones, 50 users into a durable replica, on loopback",
        floor: "raw TCP, one zstd frame, one SQLite transaction",
        runs: effort.runs(),
        figures: vec![
            Figure::of("whole", "ms", &ours),
            Figure::of("the robot's own open tasks", "ms", &owns),
            Figure::of("floor", "ms", &floors),
            Figure::of("ratio", "", &ratios(&ours, &floors)).with(Goal::AtMost(1.3)),
            Figure::of("on the wire", "KB", &wire).with(Goal::AtMost(400.0)),
        ],
    })
}

/// Measures over the bad link.
pub fn measure_on_bad_link(disk: &Path, effort: Effort) -> Result<Row> {
    let site = Site::of(effort.size(5000, 100), effort.size(250, 5))?;
    let (mut ours, mut owns, mut floors) = (vec![], vec![], vec![]);
    for _ in 0..effort.runs() {
        let begun = begin(disk, &site, Some(Line::BAD))?;
        ours.push(begun.whole_ms);
        owns.push(begun.own_ms);
        let line = begun.wire as f64 * 8.0 / Line::BAD.down_bps + 2.0 * Line::BAD.round_trip.as_secs_f64();
        floors.push(line * 1e3);
    }
    Ok(Row {
        name: "initial-sync-bad-link",
        work: "the same over 1.6 / 0.75 Mbit/s and 300 ms, from the confirmed subscription",
        floor: "the bytes that came at the line's rate, and two round trips",
        runs: effort.runs(),
        figures: vec![
            Figure::of("whole", "ms", &ours).with(Goal::AtMost(3200.0)),
            Figure::of("the robot's own open tasks", "ms", &owns).with(Goal::AtMost(900.0)),
            Figure::of("floor", "ms", &floors),
            Figure::of("ratio", "", &ratios(&ours, &floors)),
        ],
    })
}

fn begin(disk: &Path, site: &Site, line: Option<Line>) -> Result<Beginning> {
    let server = Server::start(disk, &[site.robot().to_owned()], |store| site.fill(store))?;
    let link = line.map(|line| Link::open(server.broker(), line)).transpose()?;
    let broker = link.as_ref().map_or(server.broker(), Link::address);
    let dir = tempfile::tempdir_in(disk)?;
    let mut agent = Agent::start(dir.path(), site.robot(), broker)?;
    let mut watch = Watch { site, since: None, accepted: 0, own_ms: None, whole_ms: None };
    agent.work_until(PATIENCE, |sight| watch.see(sight))?;
    let (own_ms, whole_ms) = (watch.own_ms.context("no own task")?, watch.whole_ms.context("not everything")?);
    expect_everything(&dir.path().join("replica.db"), site)?;
    let wire = link.map_or(0, |link| link.passed().0);
    Ok(Beginning { own_ms, whole_ms, wire })
}

/// Somebody who looks when what is there.
struct Watch<'a> {
    site: &'a Site,
    since: Option<Stopwatch>,
    accepted: usize,
    own_ms: Option<f64>,
    whole_ms: Option<f64>,
}

impl Watch<'_> {
    fn see(&mut self, sight: Sight<'_>) -> Wish {
        match sight {
            Sight::Connected => self.since = Some(Stopwatch::start()),
            Sight::Committed(changes) => self.committed(changes),
            Sight::Kept(_) | Sight::Said(_) => {}
        }
        if self.own_ms.is_some() && self.whole_ms.is_some() { Wish::Enough } else { Wish::More }
    }

    fn committed(&mut self, changes: &[Change]) {
        let ms = self.since.map_or(0.0, Stopwatch::micros) / 1e3;
        self.accepted += changes.iter().filter(|change| matches!(change, Change::Work(_))).count();
        if self.accepted >= self.site.open() {
            self.own_ms = self.own_ms.or(Some(ms));
        }
        if changes.iter().any(|change| self.site.is_whole(change)) {
            self.whole_ms = self.whole_ms.or(Some(ms));
        }
    }
}

/// What is in the replica is counted by somebody else.
fn expect_everything(replica: &Path, site: &Site) -> Result<()> {
    let db = Connection::open(replica)?;
    for (table, wanted) in [("task", site.tasks.len()), ("aside", site.others.len()), ("work", site.open())] {
        let found: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        ensure!(usize::try_from(found)? == wanted, "{found} rows of {table}, {wanted} were sent");
    }
    Ok(())
}
