//! A local write: somebody at the robot writes one field of a task. The robot decides, and the edit, its journal entry and the
//! clock are on the disk in one commit, stamped, chained and checksummed.

mod floor;
mod strace;

use crate::alone::{Alone, Done, vault};
use crate::clock::micros;
use crate::effort::Effort;
use crate::made;
use crate::row::{Figure, Goal, Row, median, ratios};
use anyhow::{Result, ensure};
use floor::Floor;
use robot_agent::replica::Room;
use robot_core::{Change, Input, LocalAsk, LocalEdit, LocalToken};
use shared::field::FieldValue;
use shared::id::{RobotId, TaskId};
use shared::wire::fleet_to_robot::Row as FeedRow;
use shared::wire::to_bytes;
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
        work: "local write: one task field, decided and durable, with clock, journal and checksum",
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

/// Somebody at the robot, and the robot itself: every write is a field of its one task.
struct Writer {
    robot: Alone,
    task: TaskId,
    written: u64,
}

impl Writer {
    fn open(dir: &Path) -> Result<Self> {
        let name = RobotId::parse("r-1")?;
        let row = made::task(1, 1, &name)?;
        let change = Change::Task { id: row.id, row: to_bytes(&FeedRow::Task { row: row.clone() }) };
        ensure!(vault(dir, &name)?.commit(&[change])? == Room::Enough, "the disk is full");
        Ok(Self { robot: Alone::start(dir, "r-1")?, task: row.id, written: 0 })
    }

    fn write(&mut self) -> Result<()> {
        self.written += 1;
        let value = FieldValue::Priority(1 + u8::try_from(self.written % 5)?);
        let ask = LocalAsk::Task(self.task.to_string(), LocalEdit::Set(value));
        self.robot.take(Some(Input::Local(LocalToken(self.written), ask)));
        let mut entries = 0;
        self.robot.carry_out(&mut |done| {
            let Done::Committed(changes) = done else { return };
            entries += changes.iter().filter(|change| matches!(change, Change::Journal(_))).count();
        })?;
        ensure!(entries == 1, "the write is {entries} entries of the journal");
        Ok(())
    }
}
