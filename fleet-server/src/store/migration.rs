//! The layouts of the database, in order. Each is one transaction, so a kill leaves the one before or the one after.

use super::{Fault, attempt};
use rusqlite::Connection;

/// Numbered from 1; only ever appended to.
const LAYOUTS: [&str; 7] = [
    include_str!("migrations/0001_skeleton.sql"),
    include_str!("migrations/0002_signatures.sql"),
    include_str!("migrations/0003_record.sql"),
    include_str!("migrations/0004_feed.sql"),
    include_str!("migrations/0005_telemetry.sql"),
    include_str!("migrations/0006_edits.sql"),
    include_str!("migrations/0007_boots.sql"),
];

/// Brings a database to the newest layout.
///
/// # Errors
/// [`Fault::FromTheFuture`] when it is ahead of this program, else what the engine reports.
pub fn run(connection: &mut Connection) -> Result<(), Fault> {
    let known = i64::try_from(LAYOUTS.len()).expect("a handful of layouts");
    let found = version(connection)?;
    if found > known {
        return Err(Fault::FromTheFuture { found, known });
    }
    let missing = LAYOUTS.iter().zip(1..).filter(|(_, number)| *number > found);
    for (layout, number) in missing {
        apply(connection, layout, number)?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, Fault> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(attempt("read its layout"))
}

fn apply(connection: &mut Connection, layout: &str, number: i64) -> Result<(), Fault> {
    let transaction = connection.transaction().map_err(attempt("begin a migration"))?;
    transaction.execute_batch(layout).map_err(attempt("migrate"))?;
    transaction.pragma_update(None, "user_version", number).map_err(attempt("note its layout"))?;
    transaction.commit().map_err(attempt("commit a migration"))
}
