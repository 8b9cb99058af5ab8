//! The floor of a durable local write: one row, one prepared statement, one commit that is on the disk when it returns.

use anyhow::Result;
use rusqlite::{Connection, params};
use std::path::Path;

/// A database of one table, configured as a careful user of SQLite would for a durable write.
pub struct Floor {
    db: Connection,
    written: i64,
}

impl Floor {
    /// Makes the database.
    pub fn open(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        db.execute_batch("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")?;
        Ok(Self { db, written: 0 })
    }

    /// Writes one row durably. A statement outside a transaction is its own, which is the fastest way.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.written += 1;
        let mut insert = self.db.prepare_cached("INSERT INTO row (id, bytes) VALUES (?1, ?2)")?;
        insert.execute(params![self.written, bytes])?;
        Ok(())
    }
}
