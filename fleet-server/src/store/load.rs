//! Everything that a fleet starts from, read back row by row.

use super::{Fault, attempt};
use fleet_core::change::{ChainRow, FactMark, FeedEnds, FeedRow, LinkRow, OriginRow, SkewRow, TaskRecord};
use fleet_core::{Loaded, ReadFeed};
use rusqlite::{Connection, Row};
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Entry, Epoch, Lane};
use shared::seal::Hash;
use shared::time::WallTime;
use shared::wire::fleet_to_robot::RowBytes;
use shared::wire::from_bytes;

/// Reads every table that the fleet keeps in memory, but for what is edited.
pub fn everything(connection: &Connection) -> Result<Loaded, Fault> {
    let server_epoch = "SELECT value FROM meta WHERE key = 'server_epoch'";
    let newest_first = "SELECT robot, boot FROM boot ORDER BY n";
    Ok(Loaded {
        server_epoch: all(connection, server_epoch, |row| Ok(u64::from_be_bytes(row.get(0)?)))?.pop().unwrap_or(0),
        tasks: read(connection, "task", "SELECT row, given_to FROM task", task)?,
        feed: read(connection, "feed row", FEED_TAIL, feed)?,
        feed_ends: read(connection, "feed", FEED_ENDS, |row| {
            Ok(FeedEnds { robot: robot(row, 0)?, first: number(row, 1)?, head: number(row, 2)? })
        })?,
        feed_pinned: [
            read(connection, "feed row", FEED_PINNED, feed)?,
            read(connection, "feed row", FEED_SETTLED, feed)?,
        ]
        .concat(),
        feed_made: read(connection, "feed row", FEED_MADE, |row| {
            Ok((robot(row, 0)?, number(row, 1)?, WallTime(number(row, 2)?)))
        })?,
        facts: read(connection, "fact", "SELECT robot, epoch, lane, lane_seq, hash FROM fact", mark)?,
        watermarks: read(connection, "watermark", "SELECT robot, epoch, lane, lane_seq, hash FROM watermark", mark)?,
        now_numbers: read(connection, "number", "SELECT robot, number FROM now_number", |row| {
            Ok((robot(row, 0)?, number(row, 1)?))
        })?,
        chains: read(connection, "chain", "SELECT robot, epoch, cseq, head, is_broken FROM chain", chain)?,
        links: read(connection, "link", LINKS, link)?,
        origins: read(connection, "origin", "SELECT robot, epoch, lane, lane_seq, hash FROM origin", origin)?,
        skews: read(connection, "skew", "SELECT robot, boot, skew_ms, began_ms FROM skew", |row| {
            let (robot, boot) = (robot(row, 0)?, Boot(word(row, 1)?));
            Ok(SkewRow { robot, boot, skew_ms: get(row, 2)?, began_ms: get(row, 3)? })
        })?,
        stamps: read(connection, "stamp", STAMPS, |row| Ok((robot(row, 0)?, lane(row, 1)?, Hlc(number(row, 2)?))))?,
        telemetry_marks: read(connection, "telemetry mark", "SELECT robot, epoch, seq FROM telemetry_mark", |row| {
            Ok((robot(row, 0)?, Epoch(word(row, 1)?), number(row, 2)?))
        })?,
        telemetry_hours: read(connection, "telemetry", TELEMETRY_HOURS, |row| Ok((number(row, 0)?, number(row, 1)?)))?,
        boots: read(connection, "boot", newest_first, |row| Ok((robot(row, 0)?, Boot(word(row, 1)?))))?,
        ..Loaded::default()
    })
}

/// The entries behind the verified part of their chain, in its order.
const LINKS: &str = "SELECT fact.robot, fact.epoch, fact.cseq, fact.entry, fact.hash
    FROM fact LEFT JOIN chain USING (robot, epoch)
    WHERE fact.cseq > coalesce(chain.cseq, 0) AND NOT coalesce(chain.is_broken, 0)
    ORDER BY fact.robot, fact.epoch, fact.cseq";

const STAMPS: &str = "SELECT robot, lane, max(stamp) FROM fact WHERE stamp IS NOT NULL GROUP BY robot, lane";

const TELEMETRY_HOURS: &str =
    "SELECT received_ms / 3600000, sum(64 + coalesce(length(block), 0)) FROM telemetry GROUP BY 1";

/// As many of the newest rows as the fleet keeps in memory.
const FEED_TAIL: &str = "SELECT robot, seq, row, coalesce(made_ms, 0) FROM feed
    WHERE seq > (SELECT max(seq) - 256 FROM feed AS newest WHERE newest.robot = feed.robot) ORDER BY robot, seq";
const FEED_ENDS: &str = "SELECT robot, coalesce(first, 1), max(seq) FROM feed LEFT JOIN feed_floor USING (robot)
    GROUP BY robot";
const FEED_PINNED: &str = "SELECT robot, max(seq), row, coalesce(made_ms, 0) FROM feed WHERE kind = 2 OR kind > 5
    GROUP BY robot, kind";
const FEED_SETTLED: &str = "SELECT robot, seq, row, coalesce(made_ms, 0) FROM feed WHERE kind = 4 ORDER BY robot, seq";
const FEED_MADE: &str = "SELECT robot, seq, made_ms FROM feed WHERE seq % 64 = 0 AND made_ms IS NOT NULL
    ORDER BY robot, seq";

/// Rows of one robot's feed after a number, in their order.
pub fn feed_rows(connection: &Connection, robot: &RobotId, rows: ReadFeed) -> Result<Vec<RowBytes>, Fault> {
    let sql = "SELECT row FROM feed WHERE robot = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let mut statement = connection.prepare_cached(sql).map_err(attempt("prepare a query"))?;
    let after = i64::try_from(rows.after).unwrap_or(i64::MAX);
    let found = statement.query_map((robot.as_str(), after, rows.rows_max), |row| row.get(0).map(RowBytes));
    found.and_then(Iterator::collect).map_err(attempt("read a feed"))
}

/// Why a row is not what this program wrote.
pub type Why = String;

pub fn read<T, F>(connection: &Connection, what: &'static str, sql: &str, mut row: F) -> Result<Vec<T>, Fault>
where
    F: FnMut(&Row<'_>) -> Result<T, Why>,
{
    let rows = all(connection, sql, |found| Ok(row(found)))?;
    rows.into_iter().collect::<Result<_, Why>>().map_err(|why| Fault::Row { what, why })
}

fn all<T, F>(connection: &Connection, sql: &str, row: F) -> Result<Vec<T>, Fault>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<T>,
{
    let mut statement = connection.prepare(sql).map_err(attempt("prepare a query"))?;
    let rows = statement.query_map([], row).map_err(attempt("read a table"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(attempt("read a row"))
}

pub fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, column: usize) -> Result<T, Why> {
    row.get(column).map_err(|e| e.to_string())
}

pub fn robot(row: &Row<'_>, column: usize) -> Result<RobotId, Why> {
    RobotId::parse(&get::<String>(row, column)?).map_err(|e| e.to_string())
}

pub fn number(row: &Row<'_>, column: usize) -> Result<u64, Why> {
    u64::try_from(get::<i64>(row, column)?).map_err(|e| e.to_string())
}

fn word(row: &Row<'_>, column: usize) -> Result<u64, Why> {
    get(row, column).map(u64::from_be_bytes)
}

fn task(row: &Row<'_>) -> Result<TaskRecord, Why> {
    let given_to: Option<String> = get(row, 1)?;
    let given_to = given_to.map(|name| RobotId::parse(&name)).transpose().map_err(|e| e.to_string())?;
    Ok(TaskRecord { row: from_bytes(&get::<Vec<u8>>(row, 0)?).map_err(|e| e.to_string())?, given_to })
}

fn feed(row: &Row<'_>) -> Result<FeedRow, Why> {
    Ok(FeedRow { robot: robot(row, 0)?, seq: number(row, 1)?, row: get(row, 2)?, made: WallTime(number(row, 3)?) })
}

fn mark(row: &Row<'_>) -> Result<FactMark, Why> {
    Ok(FactMark::new(robot(row, 0)?, Epoch(word(row, 1)?), lane(row, 2)?, number(row, 3)?, Hash(get(row, 4)?)))
}

fn lane(row: &Row<'_>, column: usize) -> Result<Lane, Why> {
    let number: u8 = get(row, column)?;
    Lane::from_number(number).ok_or_else(|| format!("there is no lane {number}"))
}

fn origin(row: &Row<'_>) -> Result<OriginRow, Why> {
    mark(row).map(|FactMark { robot, epoch, mark }| OriginRow { robot, epoch, mark })
}

fn chain(row: &Row<'_>) -> Result<ChainRow, Why> {
    let (robot, epoch, head) = (robot(row, 0)?, Epoch(word(row, 1)?), Hash(get(row, 3)?));
    Ok(ChainRow { robot, epoch, cseq: number(row, 2)?, head, is_broken: get(row, 4)? })
}

fn link(row: &Row<'_>) -> Result<LinkRow, Why> {
    let entry: Entry = from_bytes(&get::<Vec<u8>>(row, 3)?).map_err(|e| e.to_string())?;
    let (robot, epoch, hash) = (robot(row, 0)?, Epoch(word(row, 1)?), Hash(get(row, 4)?));
    Ok(LinkRow { robot, epoch, cseq: number(row, 2)?, prev: entry.prev, hash })
}
