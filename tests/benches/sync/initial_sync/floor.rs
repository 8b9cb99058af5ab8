//! The floor of an initial sync: all rows in one zstd frame over TCP, and one SQLite transaction.
//!
//! No signature, no checksum, no order of what is useful first, and rows under a number of their own, which is the cheapest key.

use crate::clock::Stopwatch;
use anyhow::{Context as _, Result};
use rusqlite::Connection;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// Milliseconds from the request until the rows are on the disk.
pub fn sync(rows: &[Vec<u8>], path: &Path) -> Result<f64> {
    let mut db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch("CREATE TABLE row (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::scope(|scope| {
        let server = scope.spawn(|| serve(&listener, rows));
        let since = Stopwatch::start();
        receive(&mut TcpStream::connect(address)?, &mut db)?;
        let ms = since.micros() / 1e3;
        server.join().ok().context("the server's thread failed")??;
        Ok(ms)
    })
}

fn serve(listener: &TcpListener, rows: &[Vec<u8>]) -> Result<()> {
    let (mut stream, _) = listener.accept()?;
    let mut all = Vec::with_capacity(rows.iter().map(|row| 4 + row.len()).sum());
    for row in rows {
        all.extend((row.len() as u32).to_be_bytes());
        all.extend(row);
    }
    let packed = zstd::bulk::compress(&all, 1)?;
    stream.write_all(&(all.len() as u64).to_be_bytes())?;
    stream.write_all(&packed)?;
    Ok(())
}

fn receive(stream: &mut TcpStream, db: &mut Connection) -> Result<()> {
    let (mut length, mut packed) = ([0; 8], vec![]);
    stream.read_exact(&mut length)?;
    stream.read_to_end(&mut packed)?;
    let all = zstd::bulk::decompress(&packed, usize::try_from(u64::from_be_bytes(length))?)?;
    let transaction = db.transaction()?;
    let mut insert = transaction.prepare("INSERT INTO row (bytes) VALUES (?1)")?;
    let mut rest = all.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (row, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        insert.execute([row])?;
        rest = after;
    }
    drop(insert);
    Ok(transaction.commit()?)
}
