//! One statement for each kind of row.

use super::{Fault, attempt, edits, telemetry};
use fleet_core::Change;
use fleet_core::change::{
    BatchSealRow, ChainRow, FactRow, FeedRow, FlagRow, ForgottenRow, OriginRow, QuarantineRow, SkewRow, TaskRecord,
};
use rusqlite::{Connection, Statement, ToSql};
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane};
use shared::wire::fleet_to_robot::row_kind;
use shared::wire::robot_to_fleet::Mark;
use shared::wire::to_bytes;

/// How many malformed messages are kept: the newest. With their bounded length they fill 4 MB at most.
const QUARANTINE_ROWS_MAX: i64 = 1000;

/// Written once, not for each row: of all statements these two run most often.
const FACT: &str = "INSERT INTO fact (robot, epoch, lane, lane_seq, cseq, hash, entry, body, received_ms, stamp)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const FORK: &str = "INSERT INTO fork VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";

/// Names the life of a database that has none yet.
pub fn begin_life(connection: &Connection, server_epoch: u64) -> Result<(), Fault> {
    let sql = "INSERT INTO meta (key, value) VALUES ('server_epoch', ?1) ON CONFLICT DO NOTHING";
    put(connection, sql, &[&server_epoch.to_be_bytes()])
}

/// Writes rows, in their order. Entries of journals come in long stretches and share one statement.
pub fn write_all(connection: &Connection, changes: &[Change]) -> Result<(), Fault> {
    let is_fact = |change: &Change| matches!(change, Change::Fact(_));
    for stretch in changes.chunk_by(|a, b| is_fact(a) && is_fact(b)) {
        if is_fact(&stretch[0]) { facts(connection, stretch)? } else { write(connection, &stretch[0])? }
    }
    Ok(())
}

fn facts(connection: &Connection, stretch: &[Change]) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(FACT).map_err(attempt("prepare a statement"))?;
    for change in stretch {
        if let Change::Fact(row) = change {
            fact(&mut insert, row, &[&integer(row.stamp.0)])?;
        }
    }
    Ok(())
}

/// Writes one row.
fn write(connection: &Connection, change: &Change) -> Result<(), Fault> {
    match change {
        Change::ServerEpoch(epoch) => server_epoch(connection, *epoch),
        Change::Fact(_) => facts(connection, std::slice::from_ref(change)),
        Change::Fork(row) => {
            let mut insert = connection.prepare_cached(FORK).map_err(attempt("prepare a statement"))?;
            fact(&mut insert, row, &[])
        }
        Change::BatchSeal(row) => batch_seal(connection, row),
        Change::Chain(row) => chain(connection, row),
        Change::Origin(row) => origin(connection, row),
        Change::Skew(row) => skew(connection, row),
        Change::Watermark { robot, epoch, mark } => watermark(connection, robot, *epoch, mark),
        Change::Task(task) => self::task(connection, task),
        Change::FeedRow(row) => feed(connection, row),
        Change::Forgotten(row) => forgotten(connection, row),
        Change::NowNumber { robot, number } => now_number(connection, robot, *number),
        Change::Boot { robot, boot } => self::boot(connection, robot, *boot),
        Change::Flag(row) => flag(connection, row),
        Change::Telemetry(row) => telemetry::write(connection, row),
        Change::TelemetryMark { robot, epoch, seq } => telemetry::mark(connection, robot, *epoch, *seq),
        Change::TelemetryForgotten { before } => telemetry::forget(connection, *before),
        Change::Quarantine(row) => quarantine(connection, row),
        Change::Field { task, written } => edits::field(connection, *task, written),
        Change::Op(row) => edits::op(connection, row),
        Change::NoteJob { number, job } => edits::job(connection, *number, job),
        Change::NoteJobDone { number } => edits::job_done(connection, *number),
        Change::NoteRefused { number, why, job } => edits::refused(connection, *number, *why, job),
        Change::Note(row) => edits::note(connection, row),
        Change::NoteShown { robot, task, rev } => edits::shown(connection, robot, *task, *rev),
    }
}

/// Carries out a statement.
pub fn put(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(attempt("prepare a statement"))?;
    statement.execute(values).map(drop).map_err(attempt("write a row"))
}

/// Counters that never reach 63 bits in the life of a site; a robot that claims more is cut to the largest.
pub fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A lane's number in tables.
const fn number(lane: Lane) -> i64 {
    lane.index() as i64
}

fn server_epoch(connection: &Connection, epoch: u64) -> Result<(), Fault> {
    put(connection, "UPDATE meta SET value = ?1 WHERE key = 'server_epoch'", &[&epoch.to_be_bytes()])
}

fn fact(insert: &mut Statement<'_>, row: &FactRow, more: &[&dyn ToSql]) -> Result<(), Fault> {
    let FactRow { robot, epoch, record, received, stamp: _ } = row;
    let entry = &record.entry;
    let values: [&dyn ToSql; 9] = [
        &robot.as_str(),
        &epoch.0.to_be_bytes(),
        &number(entry.lane),
        &integer(entry.lane_seq),
        &integer(entry.cseq),
        &record.hash.0,
        &record.entry_bytes,
        &record.body,
        &integer(received.0),
    ];
    insert.execute([&values, more].concat().as_slice()).map(drop).map_err(attempt("write an entry"))
}

fn chain(connection: &Connection, row: &ChainRow) -> Result<(), Fault> {
    let sql = "INSERT INTO chain VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET cseq = excluded.cseq, head = excluded.head, is_broken = excluded.is_broken";
    let (robot, epoch) = (row.robot.as_str(), row.epoch.0.to_be_bytes());
    put(connection, sql, &[&robot, &epoch, &integer(row.cseq), &row.head.0, &row.is_broken])
}

fn origin(connection: &Connection, row: &OriginRow) -> Result<(), Fault> {
    let sql = "INSERT INTO origin VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET hash = excluded.hash";
    let (lane, seq) = (number(row.mark.lane), integer(row.mark.seq));
    put(connection, sql, &[&row.robot.as_str(), &row.epoch.0.to_be_bytes(), &lane, &seq, &row.mark.hash.0])
}

fn skew(connection: &Connection, row: &SkewRow) -> Result<(), Fault> {
    let sql = "INSERT INTO skew (robot, boot, skew_ms, began_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
               SET skew_ms = excluded.skew_ms, began_ms = coalesce(excluded.began_ms, began_ms)";
    put(connection, sql, &[&row.robot.as_str(), &row.boot.0.to_be_bytes(), &row.skew_ms, &row.began_ms])
}

fn batch_seal(connection: &Connection, row: &BatchSealRow) -> Result<(), Fault> {
    let sql = "INSERT INTO batch_seal
               (robot, epoch, lane, first, last, boot, sent_mono_ms, signature, body, received_ms)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let BatchSealRow { robot, epoch, seal, received } = row;
    put(
        connection,
        sql,
        &[
            &robot.as_str(),
            &epoch.0.to_be_bytes(),
            &number(seal.lane),
            &integer(seal.first),
            &integer(seal.last),
            &seal.boot.0.to_be_bytes(),
            &integer(seal.sent_mono_ms),
            &seal.signature.0,
            &seal.body,
            &integer(received.0),
        ],
    )
}

fn watermark(connection: &Connection, robot: &RobotId, epoch: Epoch, mark: &Mark) -> Result<(), Fault> {
    let sql = "INSERT INTO watermark VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET lane_seq = excluded.lane_seq, hash = excluded.hash";
    let (lane, seq) = (number(mark.lane), integer(mark.seq));
    put(connection, sql, &[&robot.as_str(), &epoch.0.to_be_bytes(), &lane, &seq, &mark.hash.0])
}

fn task(connection: &Connection, task: &TaskRecord) -> Result<(), Fault> {
    let sql = "INSERT INTO task VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET row = excluded.row, given_to = excluded.given_to";
    let given_to = task.given_to.as_ref().map(RobotId::as_str);
    put(connection, sql, &[task.row.id.bytes(), &to_bytes(&task.row), &given_to])
}

fn feed(connection: &Connection, row: &FeedRow) -> Result<(), Fault> {
    let sql = "INSERT INTO feed (robot, seq, row, kind, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    let (kind, made) = (row_kind(&row.row), integer(row.made.0));
    put(connection, sql, &[&row.robot.as_str(), &integer(row.seq), &row.row, &kind, &made])
}

/// The newest row stays whatever it is, and so does the newest of each kind that is not about a task.
fn forgotten(connection: &Connection, row: &ForgottenRow) -> Result<(), Fault> {
    let (robot, up_to) = (row.robot.as_str(), integer(row.up_to));
    let sql = "DELETE FROM feed WHERE robot = ?1 AND seq <= ?2
               AND seq < (SELECT max(seq) FROM feed AS newest WHERE newest.robot = ?1)
               AND (kind IS NULL OR NOT (kind = 2 OR kind > 5)
                    OR seq < (SELECT max(seq) FROM feed AS newer WHERE newer.robot = ?1 AND newer.kind = feed.kind))";
    put(connection, sql, &[&robot, &up_to])?;
    let sql = "INSERT INTO feed_floor VALUES (?1, ?2) ON CONFLICT DO UPDATE SET first = excluded.first";
    put(connection, sql, &[&robot, &(up_to + 1)])
}

fn now_number(connection: &Connection, robot: &RobotId, number: u64) -> Result<(), Fault> {
    let sql = "INSERT INTO now_number VALUES (?1, ?2) ON CONFLICT DO UPDATE SET number = excluded.number";
    put(connection, sql, &[&robot.as_str(), &integer(number)])
}

fn boot(connection: &Connection, robot: &RobotId, boot: Boot) -> Result<(), Fault> {
    let sql = "INSERT INTO boot (robot, boot) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    put(connection, sql, &[&robot.as_str(), &boot.0.to_be_bytes()])
}

fn flag(connection: &Connection, row: &FlagRow) -> Result<(), Fault> {
    let sql = "INSERT INTO flag VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let task = row.task.as_ref().map(|task| task.bytes());
    let (robot, epoch) = (row.robot.as_str(), row.epoch.0.to_be_bytes());
    let (lane, lane_seq, raised) = (number(row.lane), integer(row.lane_seq), integer(row.raised.0));
    put(connection, sql, &[&row.rule.as_str(), &robot, &epoch, &lane, &lane_seq, &task, &raised])
}

fn quarantine(connection: &Connection, row: &QuarantineRow) -> Result<(), Fault> {
    let sql = "INSERT INTO quarantine (topic, reason, length, bytes, received_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    let length = i64::try_from(row.length).unwrap_or(i64::MAX);
    put(connection, sql, &[&row.topic, &row.reason, &length, &row.bytes, &integer(row.received.0)])?;
    let oldest = connection.last_insert_rowid() - QUARANTINE_ROWS_MAX;
    put(connection, "DELETE FROM quarantine WHERE n <= ?1", &[&oldest])
}
