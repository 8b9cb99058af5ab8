//! Robots' history of measurements: what the samples say, and which numbers will never come.

use super::App;
use super::journal::{find, off_disk, read_query};
use super::problem::Problem;
use crate::store::{Archive, Fault, StoredTelemetry, TelemetryPage};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use shared::fact::InterlockPhase;
use shared::id::{RobotId, TaskId};
use shared::wire::telemetry::{Item, Sample, Span};

/// Samples after which a page ends, with the stretch that they stand in.
const SAMPLES_MAX: usize = 5000;
/// Most stretches that are read for a page.
const STRETCHES_MAX: usize = 500;

/// Which part is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Samples at or after this moment, milliseconds since 1970.
    from: Option<u64>,
    /// Samples at or before this moment.
    to: Option<u64>,
    /// What the page before named as `next`.
    after: Option<u64>,
}

/// A page, in the order in which it was measured.
#[derive(Debug, Default, Serialize)]
pub struct Page {
    robot: String,
    samples: Vec<SampleShape>,
    lost: Vec<LossShape>,
    /// What to ask for next, behind this; nothing at the end.
    next: Option<u64>,
}

/// A sample, with its time by the server's calendar.
#[derive(Debug, Serialize)]
struct SampleShape {
    epoch: String,
    /// The newest number of the lane that it stands for.
    number: u64,
    /// How many numbers it stands for: more than one when others were thinned out.
    covers: u64,
    at_ms: u64,
    boot: String,
    mono_ms: u64,
    x_cm: Option<i16>,
    y_cm: Option<i16>,
    battery_permille: Option<u16>,
    phase: Option<InterlockPhase>,
    doing: Option<&'static str>,
    moving: Option<bool>,
    holds: Option<bool>,
    task: Option<TaskId>,
    fence: Option<u64>,
    step: Option<u8>,
    awaits_person: bool,
    heard: Option<bool>,
}

/// Numbers that will never come.
#[derive(Debug, Serialize)]
struct LossShape {
    epoch: String,
    first: u64,
    last: u64,
    /// When it was told.
    received_ms: u64,
}

/// `GET /v1/robots/{id}/telemetry?from=&to=&after=`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    window: Result<Query<Window>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let robot = find(&app, &id)?.id.clone();
    let Window { from, to, after } = read_query(window)?;
    let (from_ms, to_ms) = (from.unwrap_or(0), to.unwrap_or(u64::MAX));
    let wanted = TelemetryPage { from_ms, to_ms, after: after.unwrap_or(0), most: STRETCHES_MAX };
    off_disk(&app, move |archive| page(archive, &robot, wanted)).await.map(Json)
}

fn page(archive: &Archive, robot: &RobotId, wanted: TelemetryPage) -> Result<Page, Fault> {
    let found = archive.telemetry(robot, wanted)?;
    let (mut page, count) = (Page { robot: robot.to_string(), ..Page::default() }, found.len());
    for (read, stored) in (1..).zip(&found) {
        page.add(stored, wanted);
        let is_full = page.samples.len() >= SAMPLES_MAX && read < count;
        if is_full || read == STRETCHES_MAX {
            page.next = Some(stored.n);
            break;
        }
    }
    Ok(page)
}

impl Page {
    fn add(&mut self, stored: &StoredTelemetry, TelemetryPage { from_ms, to_ms, .. }: TelemetryPage) {
        let epoch = format!("{:016x}", stored.epoch.0);
        for Item { span, sample } in &stored.items {
            let Some(sample) = sample else {
                let loss = LossShape {
                    epoch: epoch.clone(),
                    first: span.first,
                    last: span.last,
                    received_ms: stored.received_ms,
                };
                self.lost.push(loss);
                continue;
            };
            let at_ms = sample.at(stored.offset_ms).0;
            if (from_ms..=to_ms).contains(&at_ms) {
                self.samples.push(SampleShape::of(epoch.clone(), *span, sample, at_ms));
            }
        }
    }
}

impl SampleShape {
    fn of(epoch: String, span: Span, sample: &Sample, at_ms: u64) -> Self {
        let condition = sample.condition;
        Self {
            epoch,
            number: span.last,
            covers: span.count(),
            at_ms,
            boot: format!("{:016x}", sample.boot.0),
            mono_ms: sample.mono_ms,
            x_cm: sample.at.map(|at| at.x_cm),
            y_cm: sample.at.map(|at| at.y_cm),
            battery_permille: sample.battery_permille,
            phase: condition.phase,
            doing: condition.doing.map(doing),
            moving: condition.moving,
            holds: condition.holds,
            task: condition.order.map(|order| order.task),
            fence: condition.order.map(|order| order.fence),
            step: condition.step,
            awaits_person: condition.awaits_person,
            heard: condition.heard,
        }
    }
}

/// The word for what a body does; one of a newer version has none.
fn doing(act: u8) -> &'static str {
    const WORDS: [&str; 8] = ["rests", "walks", "picks", "places", "inspects", "tends", "charges", "crouches"];
    WORDS.get(usize::from(act)).copied().unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use fleet_core::Change;
    use fleet_core::change::TelemetryRow;
    use shared::journal::{Boot, Epoch};
    use shared::time::WallTime;
    use shared::wire::telemetry::{Block, Condition};
    use shared::wire::to_bytes;

    fn item(number: u64) -> Item {
        let condition = Condition { doing: Some(7), ..Condition::default() };
        let mono_ms = number * 1000;
        let sample = Sample { boot: Boot(1), mono_ms, wall_ms: 0, at: None, battery_permille: None, condition };
        Item { span: Span::one(number), sample: Some(sample) }
    }

    fn row(items: &[Item]) -> Change {
        let (first, last) = (items[0], items[items.len() - 1]);
        let time = |item: Item| item.sample.map_or(WallTime(9), |sample| sample.at(0));
        Change::Telemetry(TelemetryRow {
            robot: RobotId::parse("r-1").unwrap(),
            epoch: Epoch(5),
            span: Span { first: first.span.first, last: last.span.last },
            from: time(first),
            to: time(last),
            offset_ms: 0,
            block: Block::of(items).map(|block| to_bytes(&block)),
            received: WallTime(9),
        })
    }

    #[test]
    fn pages_follow_each_other_and_hold_what_the_window_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), 1).unwrap();
        let blocks: Vec<Vec<Item>> =
            (0..4).map(|block| (block * 2000 + 1..=block * 2000 + 2000).map(item).collect()).collect();
        let lost = Item { span: Span { first: 8001, last: 8192 }, sample: None };
        let rows: Vec<Change> = blocks.iter().map(|block| row(block)).chain([row(&[lost])]).collect();
        store.commit(&rows).unwrap();
        let (archive, robot) = (Archive::of(folder.path()), RobotId::parse("r-1").unwrap());
        let mut wanted = TelemetryPage { from_ms: 500_000, to_ms: u64::MAX, after: 0, most: STRETCHES_MAX };
        let first = page(&archive, &robot, wanted).unwrap();
        assert_eq!((first.samples.len(), first.samples[0].number, first.next), (5501, 500, Some(3)));
        assert_eq!((first.samples[0].at_ms, first.samples[0].doing), (500_000, Some("crouches")));
        wanted.after = 3;
        let second = page(&archive, &robot, wanted).unwrap();
        assert_eq!(
            (second.samples.len(), second.lost.len(), second.next),
            (2000, 0, None),
            "told long before the window"
        );
        let all = page(&archive, &robot, TelemetryPage { from_ms: 0, after: 4, ..wanted }).unwrap();
        assert_eq!((all.lost[0].first, all.lost[0].last), (8001, 8192));
    }
}
