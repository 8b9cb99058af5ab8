//! A local write of the robot: an order's progress and its journal entry, stamped, chained and checksummed, in one commit.

mod floor;
mod strace;

use crate::clock::micros;
use crate::effort::Effort;
use crate::row::{Figure, Goal, Row, median, ratios};
use anyhow::Result;
use floor::Floor;
use robot_agent::replica::Replica;
use robot_core::{Change, WorkRow};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::task::OrderRef;
use shared::time::{Instant, WallTime};
use std::path::Path;
use strace::fsyncs;

/// Asks this program for nothing but writes; followed by a folder and their number.
pub const ONLY_WRITES: &str = "only-writes";

/// Measures, row and floor in turns.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let (mut ours, mut floors) = (vec![], vec![]);
    for _ in 0..effort.runs() {
        let (our, floor) = run(disk, effort.size(400, 5))?;
        ours.push(our);
        floors.push(floor);
    }
    Ok(Row {
        name: "local-write",
        work: "local write: progress of an order, durable, with clock, journal and checksum",
        floor: "raw rusqlite, one row, FULL",
        runs: effort.runs(),
        figures: vec![
            Figure::of("p50", "us", &ours),
            Figure::of("floor p50", "us", &floors),
            Figure::of("ratio", "", &ratios(&ours, &floors)).with(Goal::AtMost(1.6)),
            Figure::of("fsyncs a write", "", &[fsyncs_per_write(disk)?]).with(Goal::AtMost(1.0)),
        ],
    })
}

fn run(disk: &Path, writes: usize) -> Result<(f64, f64)> {
    let dir = tempfile::tempdir_in(disk)?;
    let (mut robot, mut floor) = (Writer::open(dir.path())?, Floor::open(&dir.path().join("floor.db"))?);
    let (mut ours, mut floors) = (vec![], vec![]);
    for _ in 0..writes {
        ours.push(micros(|| robot.write())?);
        // As many bytes as an entry's head, body and hash.
        floors.push(micros(|| floor.write(&[7; 200]))?);
    }
    Ok((median(&ours), median(&floors)))
}

/// The difference of two runs: what opening and closing need cancels out, and so do checkpoints, which neither reaches.
fn fsyncs_per_write(disk: &Path) -> Result<f64> {
    let (few, many) = (20, 120);
    let count = |writes: u64| -> Result<usize> {
        let dir = tempfile::tempdir_in(disk)?;
        let path = dir.path().display().to_string();
        fsyncs(&[ONLY_WRITES, &path, &writes.to_string()], &dir.path().join("calls"))
    };
    let calls = f64::from(u32::try_from(count(many)?)?) - f64::from(u32::try_from(count(few)?)?);
    Ok(calls / f64::from(u32::try_from(many - few)?))
}

/// What strace looks at.
pub fn only_writes(dir: &Path, count: u64) -> Result<()> {
    let mut writer = Writer::open(dir)?;
    (0..count).try_for_each(|_| writer.write())
}

/// The robot's pen: the same chain and the same replica as the driver's.
struct Writer {
    replica: Replica,
    chain: Chain,
    hlc: Hlc,
    written: u64,
}

impl Writer {
    fn open(dir: &Path) -> Result<Self> {
        let robot = RobotId::parse("r-1")?;
        let replica = Replica::open(&dir.join("replica.db"), &robot, Epoch(1))?;
        Ok(Self { replica, chain: Chain::begin(&robot, Epoch(1)), hlc: Hlc::default(), written: 0 })
    }

    fn write(&mut self) -> Result<()> {
        self.written += 1;
        let task = TaskId::from_bytes([1; 16]);
        let (fence, step) = (2, u8::try_from(self.written % 64)?);
        self.hlc = self.hlc.next(WallTime(1_795_000_000_000 + self.written));
        let stamp = Stamp { boot: Boot(1), mono: Instant(self.written), hlc: self.hlc };
        let order = OrderRef { task, fence };
        let record = self.chain.append(&Fact::StepEnded { order, step }, stamp);
        let work = WorkRow { task, fence, steps_done: step, begun: false, ended: false, blocked: None };
        self.replica.commit(&[Change::Journal(record), Change::Work(work)])?;
        Ok(())
    }
}
