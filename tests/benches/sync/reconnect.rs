//! A robot and the server come together again: while they were apart, somebody at the robot wrote 10,000 fields of its 5,000
//! tasks, and people wrote 10,000 at the server.
//!
//! A title and a priority of each task were written at the robot, a priority and a due time by people, half of them before and
//! half of them after the robot's. Real server with its broker, real decisions and databases of the agent. It is over when the
//! robot has every row and each of its edits is settled; then both databases have to hold the same tasks.
//!
//! *merge* is the server's decision alone: the robot's batches opened, verified, stamped, judged and merged by `Fleet`, in this
//! process and without a database. *whole* is the processor time of both sides, broker and databases included.

mod apart;
mod merge;
mod processor;

use crate::agent::{Agent, Sight, Wish};
use crate::clock::Stopwatch;
use crate::effort::Effort;
use crate::link::{Line, Link};
use crate::row::{Figure, Goal, Row};
use crate::server::Server;
use crate::site::Site;
use anyhow::{Context as _, Result};
use apart::Apart;
use robot_core::Change;
use shared::time::Millis;
use std::path::Path;

const TASKS: usize = 5000;
const PATIENCE: Millis = Millis::secs(120);

/// One reconnection.
struct Reconnection {
    /// The server's decision, in milliseconds.
    merge_ms: f64,
    /// Processor time of both sides, in milliseconds.
    whole_ms: f64,
    /// From the subscription until everything is settled, in milliseconds.
    settled_ms: f64,
    /// Bytes that passed, both ways.
    wire: u64,
}

/// Measures.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let tasks = effort.size(TASKS, 100);
    let runs = (0..effort.runs()).map(|_| reconnect(disk, tasks)).collect::<Result<Vec<_>>>()?;
    let of = |what: fn(&Reconnection) -> f64| runs.iter().map(what).collect::<Vec<f64>>();
    Ok(Row {
        name: "reconnect",
        work: "a robot and a server with 10,000 offline field edits each over 5,000 tasks become equal",
        floor: "none: the goal is a time",
        runs: effort.runs(),
        figures: vec![
            Figure::of("merge", "ms", &of(|run| run.merge_ms)).with(Goal::AtMost(100.0)),
            Figure::of("whole, processor time", "ms", &of(|run| run.whole_ms)).with(Goal::AtMost(900.0)),
            Figure::of("until settled, loopback", "ms", &of(|run| run.settled_ms)),
            Figure::of("both ways", "KB", &of(|run| run.wire as f64 / 1e3)).with(Goal::AtMost(800.0)),
        ],
    })
}

fn reconnect(disk: &Path, tasks: usize) -> Result<Reconnection> {
    let site = Site::of(tasks, 0)?;
    let dir = tempfile::tempdir_in(disk)?;
    let apart = Apart::write_robot(dir.path(), &site)?;
    let mut merge_ms = 0.0;
    let server = Server::start(disk, &[site.robot().to_owned()], |store| {
        site.fill(store)?;
        apart.write_server(store)?;
        merge_ms = merge::measure(dir.path(), &site, store)?;
        Ok(())
    })?;
    let link = Link::open(server.broker(), Line::FREE)?;
    let before = processor::used_ms(server.process())?;
    let mut watch = Watch { edits: apart.edits(), settled: 0, since: None, settled_ms: None };
    let mut agent = Agent::start(dir.path(), site.robot(), link.address())?;
    agent.work_until(PATIENCE, |sight| watch.see(sight))?;
    let whole_ms = processor::used_ms(server.process())? - before;
    drop(agent);
    apart.expect_equal(&dir.path().join("replica.db"), &server.database())?;
    let (down, up) = link.passed();
    let settled_ms = watch.settled_ms.context("not settled")?;
    Ok(Reconnection { merge_ms, whole_ms, settled_ms, wire: down + up })
}

/// Somebody who looks when the last edit is settled.
struct Watch {
    edits: usize,
    settled: usize,
    since: Option<Stopwatch>,
    settled_ms: Option<f64>,
}

impl Watch {
    fn see(&mut self, sight: Sight<'_>) -> Wish {
        match sight {
            Sight::Connected => self.since = Some(Stopwatch::start()),
            Sight::Committed(changes) => {
                self.settled += changes.iter().filter(|change| matches!(change, Change::EditSettled(_))).count();
            }
            Sight::Kept(_) | Sight::Said(_) => {}
        }
        if self.settled < self.edits {
            return Wish::More;
        }
        self.settled_ms = self.since.map(|since| since.micros() / 1e3);
        Wish::Enough
    }
}
