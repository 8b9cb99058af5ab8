//! The layouts of the database, in order. Each is one transaction, so a kill leaves the one before or the one after.

use super::{Fault, attempt};
use rusqlite::Connection;

/// In rising order; only ever appended to. A number may be left out, never used twice.
const LAYOUTS: [(i64, &str); 2] =
    [(1, include_str!("migrations/0001_skeleton.sql")), (10, include_str!("migrations/0010_origin.sql"))];

/// Brings a database to the newest layout.
///
/// # Errors
/// [`Fault::FromTheFuture`] when it is ahead of this program, else what the engine reports.
pub fn run(connection: &mut Connection) -> Result<(), Fault> {
    let known = LAYOUTS.iter().map(|(number, _)| *number).max().expect("there is a first layout");
    let found = version(connection)?;
    if found > known {
        return Err(Fault::FromTheFuture { found, known });
    }
    for (number, layout) in LAYOUTS.iter().filter(|(number, _)| *number > found) {
        apply(connection, layout, *number)?;
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
