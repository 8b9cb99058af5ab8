//! A database of a finished run, opened for reading only, with what its write-ahead log still holds.

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use shared::journal::{Epoch, Lane};
use shared::seal::Hash;
use std::path::{Path, PathBuf};

/// An open database and its name for sentences.
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens an existing database.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        ensure!(path.is_file(), "there is no {}", path.display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Every row of a query, read by `read`.
    ///
    /// # Errors
    /// When the query fails or `read` refuses a row; the sentence names the file and the query.
    pub fn rows<T>(&self, sql: &str, read: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        self.try_rows(sql, read).with_context(|| format!("cannot read {} with {sql:?}", self.path.display()))
    }

    fn try_rows<T>(&self, sql: &str, read: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// A number of eight bytes from the table `meta`, if it is there.
    ///
    /// # Errors
    /// When the table cannot be read or the value has another length.
    pub fn meta(&self, key: &str) -> Result<Option<u64>> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let found = self.connection.query_row(sql, [key], |row| Ok(number(row, 0))).optional();
        let found = found.with_context(|| format!("cannot read meta of {}", self.path.display()))?;
        found.transpose().with_context(|| format!("meta {key:?} of {}", self.path.display()))
    }
}

/// A column of eight bytes, the highest first.
///
/// # Errors
/// When it has another type or length.
pub fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    Ok(u64::from_be_bytes(array(row, column)?))
}

/// An epoch.
///
/// # Errors
/// When the column has another type or length.
pub fn epoch(row: &Row<'_>, column: usize) -> Result<Epoch> {
    number(row, column).map(Epoch)
}

/// A hash.
///
/// # Errors
/// When the column has another type or length.
pub fn hash(row: &Row<'_>, column: usize) -> Result<Hash> {
    array(row, column).map(Hash)
}

/// A column with exactly `N` bytes.
///
/// # Errors
/// When it has another type or length.
pub fn array<const N: usize>(row: &Row<'_>, column: usize) -> Result<[u8; N]> {
    let bytes: Vec<u8> = row.get(column)?;
    let found = bytes.len();
    bytes.try_into().ok().with_context(|| format!("column {column} has {found} bytes, {N} are wanted"))
}

/// A lane by its number.
///
/// # Errors
/// When there is no such lane.
pub fn lane(row: &Row<'_>, column: usize) -> Result<Lane> {
    let index = usize::try_from(seq(row, column)?)?;
    Lane::ALL.get(index).copied().with_context(|| format!("there is no lane {index}"))
}

/// A sequence number, stored as a signed integer.
///
/// # Errors
/// When it is no integer or below zero.
pub fn seq(row: &Row<'_>, column: usize) -> Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).with_context(|| format!("column {column} has {value}, which is no number of a row"))
}
