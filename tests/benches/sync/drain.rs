//! A robot comes back with a backlog, and something about safety happens while it is handed over.
//!
//! The backlog is 200 facts of the work lane; the history of measurements beside them is not part of this row yet. Real server,
//! real decisions and replica of the agent. The safety fact happens at the moment at which the backlog has left the agent and
//! nothing of it is acknowledged, so that it has to pass what is under way.

use crate::agent::{Agent, Sight, Wish};
use crate::clock::Stopwatch;
use crate::effort::Effort;
use crate::link::{Line, Link};
use crate::row::{Figure, Goal, Row};
use crate::server::Server;
use anyhow::{Context as _, Result};
use interlock_link::{Cause, Phase, Status};
use robot_agent::replica::Replica;
use robot_core::{Change, Input, Seen};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Chain, Epoch, Lane, Stamp};
use shared::task::OrderRef;
use shared::time::Millis;
use shared::wire::topic::Up;
use std::path::Path;
use tests::clock::{now, wall};

const ROBOT: &str = "r-1";
const FACTS: u64 = 200;
const PATIENCE: Millis = Millis::secs(60);

/// One return.
struct Return {
    /// From the subscription until the whole backlog is acknowledged, in milliseconds.
    drained_ms: f64,
    /// From the safety fact until its acknowledgement, in milliseconds.
    safety_ms: f64,
}

/// Measures on loopback and over the bad link.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let (mut near, mut far) = (vec![], vec![]);
    for _ in 0..effort.runs() {
        near.push(come_back(disk, Line::FREE)?);
        far.push(come_back(disk, Line::BAD)?);
    }
    let drained = |runs: &[Return]| runs.iter().map(|run| run.drained_ms).collect::<Vec<f64>>();
    let safety = |runs: &[Return]| runs.iter().map(|run| run.safety_ms).collect::<Vec<f64>>();
    Ok(Row {
        name: "drain",
        work: "backlog of 200 task facts handed over, and a safety fact while it is under way",
        floor: "none: the goal is a time",
        runs: effort.runs(),
        figures: vec![
            Figure::of("backlog, loopback", "ms", &drained(&near)),
            Figure::of("safety fact, loopback", "ms", &safety(&near)).with(Goal::AtMost(250.0)),
            Figure::of("backlog, bad link", "ms", &drained(&far)),
            Figure::of("safety fact, bad link", "ms", &safety(&far)).with(Goal::AtMost(1000.0)),
        ],
    })
}

fn come_back(disk: &Path, line: Line) -> Result<Return> {
    let server = Server::start(disk, &[ROBOT.to_owned()], |_| Ok(()))?;
    let link = Link::open(server.broker(), line)?;
    let dir = tempfile::tempdir_in(disk)?;
    let mut watch = Watch { backlog: write_backlog(dir.path())?, ..Watch::default() };
    let mut agent = Agent::start(dir.path(), ROBOT, link.address())?;
    agent.work_until(PATIENCE, |sight| watch.see(sight))?;
    let (drained_ms, safety_ms) = (watch.drained_ms.context("not drained")?, watch.safety_ms.context("no answer")?);
    Ok(Return { drained_ms, safety_ms })
}

/// Somebody who looks: presses the button when the backlog is under way, and waits for both answers.
#[derive(Default)]
struct Watch {
    /// The newest number of the work lane before the return.
    backlog: u64,
    connected: Option<Stopwatch>,
    pressed: Option<Stopwatch>,
    /// The number of the press in the safety lane.
    press: Option<u64>,
    drained_ms: Option<f64>,
    safety_ms: Option<f64>,
}

impl Watch {
    fn see(&mut self, sight: Sight<'_>) -> Wish {
        match sight {
            Sight::Connected => self.connected = Some(Stopwatch::start()),
            Sight::Said(Up::Work) if self.pressed.is_none() => {
                self.pressed = Some(Stopwatch::start());
                return Wish::Happens(Input::Seen(Seen { status: Some(tripped()), ..Seen::default() }));
            }
            Sight::Said(_) => {}
            Sight::Committed(changes) => changes.iter().for_each(|change| self.committed(change)),
        }
        if self.drained_ms.is_some() && self.safety_ms.is_some() { Wish::Enough } else { Wish::More }
    }

    fn committed(&mut self, change: &Change) {
        let ms = |since: Option<Stopwatch>| since.map(|since| since.micros() / 1e3);
        match change {
            Change::Journal(record) if self.pressed.is_some() && record.entry.lane == Lane::Safety => {
                self.press = self.press.or(Some(record.entry.lane_seq));
            }
            Change::Acked(mark) if mark.lane == Lane::Work && mark.seq >= self.backlog => {
                self.drained_ms = self.drained_ms.or(ms(self.connected));
            }
            Change::Acked(mark) if mark.lane == Lane::Safety && self.press.is_some_and(|press| mark.seq >= press) => {
                self.safety_ms = self.safety_ms.or(ms(self.pressed));
            }
            _ => {}
        }
    }
}

/// Writes facts about orders, as the driver does; returns the newest number of the work lane.
fn write_backlog(dir: &Path) -> Result<u64> {
    let robot = RobotId::parse(ROBOT)?;
    let mut replica = Replica::open(&dir.join("replica.db"), &robot, Epoch(1))?;
    let mut chain = Chain::begin(&robot, Epoch(1));
    let mut hlc = Hlc::default();
    for number in 0..FACTS {
        hlc = hlc.next(wall());
        let order = OrderRef { task: TaskId::from_bytes([u8::try_from(number / 8)?; 16]), fence: 1 };
        let step = u8::try_from(number % 8 / 2)?;
        let fact = if number % 2 == 0 { Fact::StepStarted { order, step } } else { Fact::StepEnded { order, step } };
        let record = chain.append(&fact, Stamp { boot: Boot(1), mono: now(), hlc });
        replica.commit(&[Change::Journal(record)])?;
    }
    Ok(chain.lane_seq[Lane::Work.index()])
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
