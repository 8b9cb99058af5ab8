//! Numbered, additive migrations; each in one transaction with its number, so that a kill leaves one or the other.

use super::Fault;
use rusqlite::Connection;
use std::path::Path;

/// The schemas, oldest first; number 1 is the first.
const MIGRATIONS: &[&str] = &[include_str!("0001.sql"), include_str!("0002.sql"), include_str!("0003.sql")];

/// Brings the database to the newest schema.
pub fn migrate(db: &mut Connection, path: &Path) -> Result<(), Fault> {
    let sql = |what| move |source| Fault::Sql { what, path: path.into(), source };
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql("read the schema"))?;
    let known = u32::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    if found > known {
        return Err(Fault::FromTheFuture { path: path.into(), found, known });
    }
    for number in found + 1..=known {
        step(db, number).map_err(sql("migrate"))?;
    }
    Ok(())
}

fn step(db: &mut Connection, number: u32) -> rusqlite::Result<()> {
    let script = MIGRATIONS[usize::try_from(number - 1).expect("a handful of migrations")];
    let transaction = db.transaction()?;
    transaction.execute_batch(script)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}
