//! Reads back what a start needs, and checks that the journal's chain holds.

use super::write::set;
use super::{Fault, aside, intake, journal, path_of};
use robot_core::{
    BeaconMark, Evidence, LineMark, Loaded, Memory, RememberedHead, Reservation, TelemetryLoaded, WorkRow,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::audit::Anchor;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Chain, Epoch, Lane};
use shared::refusal::Code;
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::time::Instant;
use shared::wire::fleet_to_robot;
use shared::wire::robot_to_fleet::Mark;
use std::path::Path;

/// Whose database this is and which life of it; a new one is given both.
pub fn identity(db: &mut Connection, path: &Path, robot: &RobotId, fresh: Epoch) -> Result<Epoch, Fault> {
    let sql = |source| Fault::Sql { what: "read the identity", path: path.into(), source };
    let found = get(db, "robot").map_err(sql)?;
    let Some(found) = found else {
        return begin(db, robot, fresh).map_err(sql);
    };
    if found != robot.as_str().as_bytes() {
        let found = String::from_utf8_lossy(&found).into_owned();
        return Err(Fault::AnotherRobot { path: path.into(), found, wanted: robot.clone() });
    }
    number(db, "epoch").map_err(sql).map(Epoch)
}

fn begin(db: &mut Connection, robot: &RobotId, epoch: Epoch) -> rusqlite::Result<Epoch> {
    let transaction = db.transaction()?;
    set(&transaction, "robot", robot.as_str().as_bytes())?;
    set(&transaction, "epoch", &epoch.0.to_be_bytes())?;
    transaction.commit()?;
    Ok(epoch)
}

/// Everything that a start needs.
pub fn load(db: &Connection, robot: &RobotId, epoch: Epoch) -> Result<Loaded, Fault> {
    let sql = |source| Fault::Sql { what: "load", path: path_of(db), source };
    let acked = acked(db).map_err(sql)?;
    let journal = journal::read(db, robot, epoch, &acked)?;
    let flag = |key| number(db, key).map(|value| value != 0).map_err(sql);
    Ok(Loaded {
        discontinuity: None,
        chain: journal.chain,
        hlc: journal.hlc.seen(Hlc(number(db, "hlc").map_err(sql)?)),
        unacked: journal.unacked,
        acked,
        server_epoch: number(db, "server_epoch").map_err(sql)?,
        cursor: number(db, "cursor").map_err(sql)?,
        is_mixed: flag("mixed")?,
        snapshot: intake::load(db).map_err(sql)?,
        aside: aside::load(db).map_err(sql)?,
        tasks: tasks(db)?,
        work: work(db).map_err(sql)?,
        awaits_person: flag("awaits_person")?,
        clearance_due: flag("clearance_due")?,
        presses: presses(db).map_err(sql)?,
        firmware_lines: firmware_lines(db).map_err(sql)?,
        now_number: number(db, "now_number").map_err(sql)?,
        trip_epoch: u32::try_from(number(db, "trip_epoch").map_err(sql)?).unwrap_or(u32::MAX),
        beacon: beacon(db).map_err(sql)?,
        endorsements: endorsements(db).map_err(sql)?,
        milestones: journal.milestones,
        telemetry: TelemetryLoaded { reservation: reservation(db).map_err(sql)?, ..TelemetryLoaded::default() },
        edits: vec![],
        notes: vec![],
        seen_stamp: Hlc(number(db, "seen_stamp").map_err(sql)?),
        clean: flag("clean")?,
    })
}

/// What a start has to be judged by: the heads are those of the file of its own, and of the telemetry's file.
pub fn evidence(
    db: &Connection,
    chain: &Chain,
    here: Hash,
    heads: [Option<RememberedHead>; 2],
) -> Result<Evidence, Fault> {
    let sql = |source| Fault::Sql { what: "look for the remembered head", path: path_of(db), source };
    let written_on = get(db, "machine").map_err(sql)?;
    // A name that is no hash is no computer's: it differs from every one.
    let written_on = written_on.map(|bytes| bytes.try_into().map_or(Hash([0xff; 32]), Hash));
    let [by_file, by_telemetry] = heads.map(|head| head.map(|head| memory(db, head)).transpose());
    let (epoch, cseq) = (chain.epoch, chain.cseq);
    Ok(Evidence { epoch, cseq, written_on, here, by_file: by_file?, by_telemetry: by_telemetry? })
}

/// What stands in a remembered head's place. An entry that was forgotten since, because the server has it, did stand there.
fn memory(db: &Connection, head: RememberedHead) -> Result<Memory, Fault> {
    let sql = |source| Fault::Sql { what: "look for the remembered head", path: path_of(db), source };
    let is_forgotten = anchor(db, head.epoch)?.is_some_and(|anchor| head.cseq <= anchor.cseq);
    let found = if is_forgotten { Some(head.head) } else { hash_at(db, head).map_err(sql)? };
    Ok(Memory { head, found })
}

fn hash_at(db: &Connection, head: RememberedHead) -> rusqlite::Result<Option<Hash>> {
    let mut rows = db.prepare("SELECT hash FROM journal WHERE epoch = ?1 AND cseq = ?2")?;
    let key = params![head.epoch.0.to_be_bytes(), head.cseq.cast_signed()];
    rows.query_row(key, |row| Ok(Hash(row.get(0)?))).optional()
}

/// Where the journal of an epoch begins when its older entries are forgotten; `None` when it is whole.
pub fn anchor(db: &Connection, epoch: Epoch) -> Result<Option<Anchor>, Fault> {
    let sql = |source| Fault::Sql { what: "read the anchor", path: path_of(db), source };
    let Some(bytes) = get(db, &anchor_key(epoch)).map_err(sql)? else { return Ok(None) };
    let read = shared::wire::from_bytes(&bytes);
    read.map(Some).map_err(|e| Fault::Damaged { path: path_of(db), what: format!("the anchor: {e}") })
}

/// The key of an epoch's anchor among the single values.
pub fn anchor_key(epoch: Epoch) -> String {
    format!("anchor {epoch:?}")
}

/// The value under a key of the table of single values.
pub fn get(db: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row(params![key], |row| row.get(0)).optional()
}

/// A big-endian number of at most eight bytes; 0 when there is none.
pub fn number(db: &Connection, key: &str) -> rusqlite::Result<u64> {
    let bytes = get(db, key)?.unwrap_or_default();
    Ok(bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_shl(8) | u64::from(*byte)))
}

/// Which numbers of the telemetry lane may have been used; `None` on a database that knew no telemetry.
fn reservation(db: &Connection) -> rusqlite::Result<Option<Reservation>> {
    if get(db, "telemetry_epoch")?.is_none() {
        return Ok(None);
    }
    let ended = number(db, "telemetry_ended")?.checked_sub(1);
    Ok(Some(Reservation { epoch: Epoch(number(db, "telemetry_epoch")?), to: number(db, "telemetry_to")?, ended }))
}

fn presses(db: &Connection) -> rusqlite::Result<Option<u32>> {
    db.query_row("SELECT presses FROM firmware", [], |row| row.get(0)).optional()
}

fn firmware_lines(db: &Connection) -> rusqlite::Result<Vec<LineMark>> {
    let mut rows = db.prepare("SELECT n, hash FROM firmware_line")?;
    rows.query_map([], read_line)?.collect()
}

/// A row of `firmware_line`.
pub fn read_line(row: &Row<'_>) -> rusqlite::Result<LineMark> {
    Ok(LineMark { n: row.get::<_, i64>(0)?.cast_unsigned(), hash: Hash(row.get(1)?) })
}

fn acked(db: &Connection) -> rusqlite::Result<Vec<Mark>> {
    let mut rows = db.prepare("SELECT lane, seq, hash FROM acked ORDER BY lane")?;
    rows.query_map([], read_mark)?.collect()
}

/// A row of `acked`.
pub fn read_mark(row: &Row<'_>) -> rusqlite::Result<Mark> {
    let number: u8 = row.get(0)?;
    let lane = Lane::from_number(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, number.into()))?;
    Ok(Mark { lane, seq: row.get::<_, i64>(1)?.cast_unsigned(), hash: Hash(row.get(2)?) })
}

/// The tasks that this version understands; a row of a newer version stays as bytes and is not acted on.
fn tasks(db: &Connection) -> Result<Vec<TaskRow>, Fault> {
    let sql = |source| Fault::Sql { what: "read the tasks", path: path_of(db), source };
    let mut rows = db.prepare("SELECT row FROM task ORDER BY id").map_err(sql)?;
    let bytes = rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).map_err(sql)?;
    let mut tasks = vec![];
    for bytes in bytes {
        if let Ok(fleet_to_robot::Row::Task { row }) = shared::wire::from_bytes(&bytes.map_err(sql)?) {
            tasks.push(row);
        }
    }
    Ok(tasks)
}

/// The furthest that the clock was used under any key: a new key begins no earlier. A database of the first schema has the
/// time alone.
fn beacon(db: &Connection) -> rusqlite::Result<Option<BeaconMark>> {
    let mut rows =
        db.prepare("SELECT id, boot, mono_ms, time_ds, heard_ds FROM beacon ORDER BY time_ds DESC LIMIT 1")?;
    let (newest, before) = (rows.query_row([], read_beacon).optional()?, number(db, "beacon_time_ds")?);
    let unbound = BeaconMark { boot: Boot(0), mono: Instant(0), time_ds: before, heard_ds: None };
    Ok(newest.or((before > 0).then_some(unbound)))
}

/// A row of `beacon`, behind its id.
pub fn read_beacon(row: &Row<'_>) -> rusqlite::Result<BeaconMark> {
    let number = |place| row.get::<_, i64>(place).map(i64::cast_unsigned);
    let heard_ds = row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned);
    Ok(BeaconMark { boot: Boot(number(1)?), mono: Instant(number(2)?), time_ds: number(3)?, heard_ds })
}

fn endorsements(db: &Connection) -> rusqlite::Result<Vec<Vec<u8>>> {
    db.prepare("SELECT pack FROM endorsement ORDER BY until_s")?.query_map([], |row| row.get(0))?.collect()
}

fn work(db: &Connection) -> rusqlite::Result<Vec<WorkRow>> {
    let mut rows = db.prepare("SELECT task, fence, steps_done, begun, ended, blocked FROM work ORDER BY task")?;
    rows.query_map([], read_work)?.collect()
}

/// A row of `work`.
pub fn read_work(row: &Row<'_>) -> rusqlite::Result<WorkRow> {
    let blocked: Option<u16> = row.get(5)?;
    Ok(WorkRow {
        task: TaskId::from_bytes(row.get(0)?),
        fence: row.get::<_, i64>(1)?.cast_unsigned(),
        steps_done: row.get(2)?,
        begun: row.get(3)?,
        ended: row.get(4)?,
        blocked: blocked.and_then(|number| Code::ALL.iter().copied().find(|code| code.number() == number)),
    })
}
