//! The floor of a local read: one prepared query, an index that has the rows in the wanted order, every field that a list shows,
//! and the whole database in SQLite's own cache.

use anyhow::Result;
use rusqlite::{Connection, params};
use shared::task::TaskRow;
use std::path::Path;

/// Its database.
pub struct Floor(Connection);

/// A row as a list shows it.
pub struct Listed {
    pub number: u32,
    _title: String,
    _priority: u8,
    _due_ms: Option<i64>,
    _robot: Option<String>,
}

impl Floor {
    /// Makes the database and fills it.
    pub fn open(path: &Path, rows: &[TaskRow]) -> Result<Self> {
        let mut db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.execute_batch(
            "CREATE TABLE task (number INTEGER PRIMARY KEY, title TEXT, priority INTEGER, due_ms INTEGER, robot TEXT, zone TEXT, ended INTEGER);
             CREATE INDEX by_zone ON task (zone, ended, priority, number);",
        )?;
        let transaction = db.transaction()?;
        for row in rows {
            let due_ms = row.due_ms.map(u64::cast_signed);
            let robot = row.robot.as_ref().map(|robot| robot.as_str());
            transaction.prepare_cached("INSERT INTO task VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
                row.number,
                row.title,
                row.priority,
                due_ms,
                robot,
                row.zone.as_str(),
                row.state.has_ended()
            ])?;
        }
        transaction.commit()?;
        Ok(Self(db))
    }

    /// Reads the open tasks of a zone.
    pub fn read(&self, zone: &str) -> Result<Vec<Listed>> {
        let mut query = self.0.prepare_cached(
            "SELECT number, title, priority, due_ms, robot FROM task WHERE zone = ?1 AND ended = 0 ORDER BY priority, number",
        )?;
        let listed = query.query_map([zone], |row| {
            let (number, _title, _priority) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Listed { number, _title, _priority, _due_ms: row.get(3)?, _robot: row.get(4)? })
        })?;
        Ok(listed.collect::<rusqlite::Result<_>>()?)
    }
}
