//! Numbered, additive migrations; each in one transaction with its number, so that a kill leaves one or the other.

use super::Fault;
use rusqlite::{Connection, Transaction};
use std::path::Path;

/// One schema's step: its number, its script, and what has to be done to the rows besides.
type Step = (u32, &'static str, fn(&Transaction<'_>) -> rusqlite::Result<()>);

/// In rising order. A number may be left out, never used twice.
const MIGRATIONS: &[Step] = &[
    (1, include_str!("0001.sql"), |_| Ok(())),
    (2, include_str!("0002.sql"), |_| Ok(())),
    (3, include_str!("0003.sql"), |_| Ok(())),
    (4, include_str!("0004.sql"), super::sum::fill),
    (5, include_str!("0005.sql"), |_| Ok(())),
];

/// Brings the database to the newest schema.
pub fn migrate(db: &mut Connection, path: &Path) -> Result<(), Fault> {
    let sql = |what| move |source| Fault::Sql { what, path: path.into(), source };
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql("read the schema"))?;
    let known = MIGRATIONS.iter().map(|(number, ..)| *number).max().expect("there is a first schema");
    if found > known {
        return Err(Fault::FromTheFuture { path: path.into(), found, known });
    }
    for migration in MIGRATIONS.iter().filter(|(number, ..)| *number > found) {
        step(db, migration).map_err(sql("migrate"))?;
    }
    Ok(())
}

fn step(db: &mut Connection, (number, script, rows): &Step) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(script)?;
    rows(&transaction)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}
