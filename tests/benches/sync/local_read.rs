//! Reading from what is at hand: 500 tasks of one zone that have not ended, by priority, out of 5,000.
//!
//! Readers hold a picture in memory, which the writer publishes behind each commit, and ask no database. That is what is
//! measured, with rows of one's own to keep as the floor returns them. The path is that of `GET /v1/tasks?zone=&open=&sort=`.

mod floor;

use crate::clock::micros;
use crate::effort::Effort;
use crate::made;
use crate::row::{Figure, Goal, Row, median, ratios};
use anyhow::{Result, ensure};
use fleet_core::change::TaskRecord;
use fleet_core::{Fleet, Loaded, Site};
use fleet_server::view::{Selection, Sort, View};
use floor::Floor;
use shared::id::{RobotId, SiteId};
use shared::task::{TaskRow, TaskState};
use shared::zone::{Hall, Point};
use std::path::Path;
use tests::process::{SITE, key_of};

const TASKS: u32 = 5000;
const WANTED: usize = 500;
const READS: usize = 200;

/// Measures, row and floor in turns.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let dir = tempfile::tempdir_in(disk)?;
    let rows = rows()?;
    let (view, floor) = (picture(&rows)?, Floor::open(&dir.path().join("floor.db"), &rows)?);
    let wanted = Selection { zone: Some(made::zone(0)?), open: Some(true), sort: Sort::Priority, robot: None };
    let (mut ours, mut floors) = (vec![], vec![]);
    for _ in 0..effort.runs() {
        let (our, floor) = run(&view, &floor, &wanted, effort.size(READS, 1))?;
        ours.push(our);
        floors.push(floor);
    }
    Ok(Row {
        name: "local-read",
        work: "local read of 500 tasks out of 5,000, filtered by zone and state, sorted by priority and number",
        floor: "raw rusqlite, one prepared query over an index in the wanted order, rows with their titles",
        runs: effort.runs(),
        figures: vec![
            Figure::of("p50", "us", &ours).with(Goal::AtMost(800.0)),
            Figure::of("floor p50", "us", &floors),
            Figure::of("ratio", "", &ratios(&ours, &floors)).with(Goal::AtMost(1.2)),
        ],
    })
}

fn run(view: &View, floor: &Floor, wanted: &Selection, reads: usize) -> Result<(f64, f64)> {
    let (mut ours, mut floors) = (vec![], vec![]);
    let (mut ours_read, mut floors_read) = (vec![], vec![]);
    for _ in 0..reads {
        ours.push(micros(|| {
            ours_read = view.select(wanted).into_iter().cloned().collect::<Vec<TaskRow>>();
            Ok(())
        })?);
        floors.push(micros(|| {
            floors_read = floor.read("cell-00")?;
            Ok(())
        })?);
        let numbers: Vec<u32> = ours_read.iter().map(|row| row.number).collect();
        ensure!(
            numbers.len() == WANTED && floors_read.iter().map(|row| row.number).eq(numbers),
            "they read different rows"
        );
    }
    Ok((median(&ours), median(&floors)))
}

/// 5,000 tasks of which every tenth is wanted: the others are in other zones, and half of them have ended.
fn rows() -> Result<Vec<TaskRow>> {
    let robot = RobotId::parse("r-1")?;
    let row = |number: u32| {
        let row = made::task(number, TASKS, &robot)?;
        let is_wanted = number.is_multiple_of(10);
        let zone = made::zone(if is_wanted { 0 } else { u8::try_from(number % 40)? })?;
        let state = if is_wanted || number.is_multiple_of(2) { TaskState::Accepted } else { TaskState::Done };
        Ok(TaskRow { zone, state, ..row })
    };
    (1..=TASKS).map(row).collect()
}

fn picture(rows: &[TaskRow]) -> Result<View> {
    let hall = Hall { title: "Hall".into(), size: Point { x_cm: 6000, y_cm: 500 }, zones: vec![] };
    let robots = [(RobotId::parse("r-1")?, key_of("r-1").public())].into();
    let site = Site { id: SiteId::parse(SITE)?, key: key_of(SITE), hall, robots, endorser: None };
    let tasks = rows.iter().map(|row| TaskRecord { row: row.clone(), given_to: row.robot.clone() }).collect();
    Ok(View::of(&Fleet::new(site, Loaded { server_epoch: 1, tasks, ..Loaded::default() }), 1))
}
