//! Reads the journal back: checked for a start, unchecked for an auditor, in stretches for a server that was put back.

use super::{Fault, path_of};
use rusqlite::{Connection, Row, params};
use shared::audit::JournalExport;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Chain, Epoch, Lane, Record};
use shared::wire::robot_to_fleet::{Carried, Mark};
use std::ops::RangeInclusive;

/// The record of one epoch, as far as a start needs it.
pub struct Journal {
    /// How far it goes.
    pub chain: Chain,
    /// The newest stamp in it.
    pub hlc: Hlc,
    /// What waits for an acknowledgement, oldest first.
    pub unacked: Vec<Record>,
}

/// Reads an epoch's entries and checks that each follows the one before.
pub fn read(db: &Connection, robot: &RobotId, epoch: Epoch, acked: &[Mark]) -> Result<Journal, Fault> {
    let sql = |source| Fault::Sql { what: "read the journal", path: path_of(db), source };
    let damaged = |what: String| Fault::Damaged { path: path_of(db), what };
    let mut read = Journal { chain: Chain::begin(robot, epoch), hlc: Hlc::default(), unacked: vec![] };
    let whole = "SELECT cseq, entry, body, lane, lane_seq, hash FROM journal WHERE epoch = ?1 ORDER BY cseq";
    let mut rows = db.prepare(whole).map_err(sql)?;
    let mut rows = rows.query(params![epoch.0.to_be_bytes()]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let record = entry_of(row)
            .map_err(|why| damaged(format!("entry {} of the journal: {why}", row.get::<_, i64>(0).unwrap_or(0))))?;
        if !read.chain.is_next(&record) {
            return Err(damaged(format!("entry {} does not follow entry {}", record.entry.cseq, read.chain.cseq)));
        }
        read.chain.advance(&record);
        read.hlc = read.hlc.seen(record.entry.hlc);
        let is_acked = acked.iter().any(|mark| mark.lane == record.entry.lane && mark.seq >= record.entry.lane_seq);
        if !is_acked {
            read.unacked.push(record);
        }
    }
    Ok(read)
}

/// The record of a row, whose own columns repeat what its bytes say.
fn entry_of(row: &Row<'_>) -> Result<Record, String> {
    let column = |e: rusqlite::Error| e.to_string();
    let record =
        Record::read(row.get(1).map_err(column)?, row.get(2).map_err(column)?).map_err(|bad| bad.to_string())?;
    let entry = &record.entry;
    let said = (entry.cseq.cast_signed(), entry.lane.number(), entry.lane_seq.cast_signed(), record.hash.0);
    let stands: (i64, u8, i64, [u8; 32]) = (
        row.get(0).map_err(column)?,
        row.get(3).map_err(column)?,
        row.get(4).map_err(column)?,
        row.get(5).map_err(column)?,
    );
    if stands == said { Ok(record) } else { Err("its columns say other than its bytes".into()) }
}

/// Every entry of an epoch, unchecked: the auditor checks.
pub fn export(db: &Connection, robot: &RobotId, epoch: Epoch) -> Result<JournalExport, Fault> {
    let sql = |source| Fault::Sql { what: "export the journal", path: path_of(db), source };
    let mut rows = db.prepare("SELECT entry, body FROM journal WHERE epoch = ?1 ORDER BY cseq").map_err(sql)?;
    let entries = rows
        .query_map(params![epoch.0.to_be_bytes()], |row| Ok(Carried { entry: row.get(0)?, body: row.get(1)? }))
        .map_err(sql)?;
    let entries = entries.collect::<Result<_, _>>().map_err(sql)?;
    Ok(JournalExport { v: 1, robot: robot.clone(), epoch, entries })
}

/// The epochs in the order of their first entries, without the current one.
pub fn earlier_epochs(db: &Connection, current: Epoch) -> Result<Vec<Epoch>, Fault> {
    let sql = |source| Fault::Sql { what: "list the epochs", path: path_of(db), source };
    let by_first = "SELECT epoch FROM journal WHERE epoch <> ?1 GROUP BY epoch ORDER BY min(rowid)";
    let mut rows = db.prepare(by_first).map_err(sql)?;
    let epochs = rows.query_map(params![current.0.to_be_bytes()], |row| Ok(Epoch(u64::from_be_bytes(row.get(0)?))));
    epochs.map_err(sql)?.collect::<Result<_, _>>().map_err(sql)
}

/// A stretch of a lane, as far as it is kept.
pub fn recall(db: &Connection, epoch: Epoch, lane: Lane, range: RangeInclusive<u64>) -> Result<Vec<Record>, Fault> {
    let sql = |source| Fault::Sql { what: "recall entries", path: path_of(db), source };
    let stretch = "SELECT entry, body FROM journal \
                   WHERE epoch = ?1 AND lane = ?2 AND lane_seq BETWEEN ?3 AND ?4 ORDER BY lane_seq";
    let mut rows = db.prepare(stretch).map_err(sql)?;
    let key = params![epoch.0.to_be_bytes(), lane.number(), range.start().cast_signed(), range.end().cast_signed()];
    let entries = rows.query_map(key, |row| Ok((row.get(0)?, row.get(1)?))).map_err(sql)?;
    let read = |bytes: rusqlite::Result<(Vec<u8>, Vec<u8>)>| {
        let (entry, body) = bytes.map_err(sql)?;
        Record::read(entry, body).map_err(|e| Fault::Damaged { path: path_of(db), what: e.to_string() })
    };
    entries.map(read).collect()
}
