//! Robots' telemetry: written in blocks, read in pages, deleted when it is too old or too much.

use super::archive::{Archive, number, read};
use super::rows::{integer, put};
use super::{Fault, attempt};
use fleet_core::change::TelemetryRow;
use rusqlite::{Connection, Row, params};
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::time::WallTime;
use shared::wire::from_bytes;
use shared::wire::telemetry::{Block, Item, Span};

/// Writes a stretch.
pub fn write(connection: &Connection, row: &TelemetryRow) -> Result<(), Fault> {
    let sql = "INSERT INTO telemetry
               (robot, epoch, first, last, from_ms, to_ms, offset_ms, block, received_ms)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let TelemetryRow { robot, epoch, span, from, to, offset_ms, block, received } = row;
    put(
        connection,
        sql,
        &[
            &robot.as_str(),
            &epoch.0.to_be_bytes(),
            &integer(span.first),
            &integer(span.last),
            &integer(from.0),
            &integer(to.0),
            offset_ms,
            block,
            &integer(received.0),
        ],
    )
}

/// Notes how far a lane has been taken.
pub fn mark(connection: &Connection, robot: &RobotId, epoch: Epoch, seq: u64) -> Result<(), Fault> {
    let sql = "INSERT INTO telemetry_mark VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq";
    put(connection, sql, &[&robot.as_str(), &epoch.0.to_be_bytes(), &integer(seq)])
}

/// Deletes what came before.
pub fn forget(connection: &Connection, before: WallTime) -> Result<(), Fault> {
    put(connection, "DELETE FROM telemetry WHERE received_ms < ?1", &[&integer(before.0)])
}

/// A stretch of a robot's telemetry, with its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTelemetry {
    /// Rises with each; where to go on reading.
    pub n: u64,
    /// In which life of the robot's database.
    pub epoch: Epoch,
    /// What has to be added to the boot's monotonic clock for the server's calendar, in milliseconds.
    pub offset_ms: i64,
    /// When it came, milliseconds since 1970.
    pub received_ms: u64,
    /// The items: samples, or one loss.
    pub items: Vec<Item>,
}

/// Which part of a robot's telemetry is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelemetryPage {
    /// Samples at or after this moment, milliseconds since 1970.
    pub from_ms: u64,
    /// Samples at or before this moment.
    pub to_ms: u64,
    /// Stretches behind this one.
    pub after: u64,
    /// At most so many stretches.
    pub most: usize,
}

impl Archive {
    /// A page of a robot's telemetry, in the order of its lane.
    ///
    /// # Errors
    /// [`Fault`] when the database cannot be read.
    pub fn telemetry(&self, robot: &RobotId, page: TelemetryPage) -> Result<Vec<StoredTelemetry>, Fault> {
        let sql = "SELECT n, epoch, first, last, offset_ms, block, received_ms FROM telemetry
                   WHERE robot = ?1 AND n > ?2 AND to_ms >= ?3 AND from_ms <= ?4 ORDER BY n LIMIT ?5";
        let TelemetryPage { from_ms, to_ms, after, most } = page;
        let most = integer(most as u64);
        let values = params![robot.as_str(), integer(after), integer(from_ms), integer(to_ms), most];
        read(&self.open()?, sql, values, stored).map_err(|fault| match fault {
            Fault::Engine { source, .. } => attempt("read telemetry")(source),
            other => other,
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredTelemetry> {
    let span = Span { first: number(row, 2)?, last: number(row, 3)? };
    let block: Option<Vec<u8>> = row.get(5)?;
    Ok(StoredTelemetry {
        n: number(row, 0)?,
        epoch: Epoch(u64::from_be_bytes(row.get(1)?)),
        offset_ms: row.get(4)?,
        received_ms: number(row, 6)?,
        items: block.map_or_else(|| Ok(vec![Item { span, sample: None }]), |block| items(&block))?,
    })
}

fn items(block: &[u8]) -> rusqlite::Result<Vec<Item>> {
    let spoiled = |why: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Blob, why)
    };
    let block: Block = from_bytes(block).map_err(|e| spoiled(e.into()))?;
    block.items().map_err(|bad| spoiled(bad.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use fleet_core::Change;
    use shared::journal::Boot;
    use shared::wire::telemetry::{Condition, Sample};
    use shared::wire::to_bytes;

    fn robot() -> RobotId {
        RobotId::parse("r-1").unwrap()
    }

    fn item(number: u64) -> Item {
        let condition = Condition { step: Some(1), ..Condition::default() };
        let mono_ms = number * 1000;
        let sample =
            Sample { boot: Boot(u64::MAX), mono_ms, wall_ms: 7, at: None, battery_permille: Some(9), condition };
        Item { span: Span::one(number), sample: Some(sample) }
    }

    fn row(items: &[Item], received: u64) -> Change {
        let (first, last) = (items[0], items[items.len() - 1]);
        let at = |item: Item| item.sample.map_or(WallTime(received), |sample| sample.at(500));
        Change::Telemetry(TelemetryRow {
            robot: robot(),
            epoch: Epoch(u64::MAX),
            span: Span { first: first.span.first, last: last.span.last },
            from: at(first),
            to: at(last),
            offset_ms: 500,
            block: Block::of(items).map(|block| to_bytes(&block)),
            received: WallTime(received),
        })
    }

    #[test]
    fn telemetry_comes_back_by_page_and_time_and_is_forgotten_by_its_arrival() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), 1).unwrap();
        let lost = Item { span: Span { first: 21, last: 4096 }, sample: None };
        let (early, late): (Vec<Item>, Vec<Item>) = ((1..=10).map(item).collect(), (11..=20).map(item).collect());
        let mark = Change::TelemetryMark { robot: robot(), epoch: Epoch(u64::MAX), seq: 4096 };
        store.commit(&[row(&early, 50_000), row(&late, 4_000_000), row(&[lost], 4_000_000), mark]).unwrap();
        let archive = Archive::of(folder.path());
        let page = |from_ms, to_ms, after, most| {
            let page = TelemetryPage { from_ms, to_ms, after, most };
            archive.telemetry(&robot(), page).unwrap().into_iter().map(|stored| stored.items).collect::<Vec<_>>()
        };
        assert_eq!(page(0, u64::MAX, 0, 9), [early.clone(), late.clone(), vec![lost]]);
        assert_eq!(page(0, u64::MAX, 1, 1), [late.as_slice()]);
        assert_eq!(page(0, 10_500, 0, 9), [early]);
        assert_eq!(page(10_501, 12_000, 0, 9), [late.as_slice()]);
        let loaded = store.load().unwrap();
        assert_eq!(loaded.telemetry_marks, [(robot(), Epoch(u64::MAX), 4096)]);
        assert_eq!(loaded.telemetry_hours.iter().map(|(hour, _)| *hour).collect::<Vec<_>>(), [0, 1]);
        store.commit(&[Change::TelemetryForgotten { before: WallTime(3_600_000) }]).unwrap();
        assert_eq!(page(0, u64::MAX, 0, 9), [late, vec![lost]]);
        assert_eq!(store.load().unwrap().telemetry_marks.len(), 1, "how far the lane was taken stays known");
    }
}
