//! All rows of a replica at one moment, in chunks that are each of use alone.
//!
//! A chunk holds whole rows, column by column (`columns`), packed with zstd: like stands beside like, which saves more
//! than a stronger codec would. Chunks may be applied in any order and more than once. When the last one is, every row that stood
//! in none of them is gone, and the cursor stands at the row of the feed at which the snapshot was taken.
//!
//! Terms: a *shard* is a set of rows that are replicated together; its *hash* does not depend on their order (`shard`).
//! Leaves to others: when a snapshot is cheaper than the rows that are missing (`fleet-core`).

mod columns;
mod shard;

pub use columns::{BadColumns, TaskColumns};
pub use shard::{Announcement, RowsHash, Shard, ShardHash};

use crate::task::TaskRow;
use crate::wire::fleet_to_robot::RowBytes;
use crate::wire::packed::{BadPack, UNPACKED_LEN_MAX, pack, unpack};
use crate::wire::{from_bytes, to_bytes};
use minicbor::{Decode, Encode};

/// Most bytes of a chunk's rows as they travel, so that with its envelope it stays below the payload limit.
pub const CHUNK_LEN_MAX: usize = 48 * 1024;
/// Most tasks in a chunk.
pub const CHUNK_TASKS_MAX: usize = 4096;
/// Tasks in the first chunk: few, so that a robot on a bad link soon has what it works on.
const FIRST_TASKS: usize = 128;
/// Tasks in the second chunk, from whose size that of the others follows.
const SECOND_TASKS: usize = 512;
/// How full the others are made: those that come out larger than they look have to be packed anew.
const FULL_PERCENT: usize = 80;

/// How much of a snapshot a robot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Progress {
    /// Which snapshot.
    #[n(0)]
    pub snapshot: u64,
    /// Chunks that are applied, from the first without a hole.
    #[n(1)]
    pub chunks: u32,
}

/// A part of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Chunk {
    /// Which snapshot: its chunks never change.
    #[n(0)]
    pub snapshot: u64,
    /// The row of the feed at which it was taken: the cursor after the last chunk.
    #[n(1)]
    pub as_of: u64,
    /// Its number, from 0.
    #[n(2)]
    pub number: u32,
    /// How many there are.
    #[n(3)]
    pub of: u32,
    /// Its rows.
    #[n(4)]
    pub packed: Packed,
}

/// Rows as they travel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Packed {
    /// A [`Rows`], as it is or as a zstd frame.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// Length before packing; absent when it was not worth it.
    #[n(1)]
    pub unpacked_len: Option<u64>,
}

/// The rows of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Rows {
    /// Tasks, column by column.
    #[n(0)]
    pub tasks: TaskColumns,
    /// Rows of every other kind, as they stood in the feed.
    #[n(1)]
    pub others: Vec<RowBytes>,
}

/// Why a chunk is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChunk {
    /// Its bytes do not unpack.
    #[error(transparent)]
    Pack(#[from] BadPack),
    /// What was unpacked is not CBOR of the expected shape.
    #[error("the chunk's rows cannot be decoded: {0}")]
    Rows(String),
    /// Its columns do not make rows.
    #[error(transparent)]
    Columns(#[from] BadColumns),
}

impl Packed {
    fn of(rows: &Rows) -> Self {
        let bytes = to_bytes(rows);
        match pack(&bytes) {
            Some(packed) => Self { unpacked_len: Some(bytes.len() as u64), bytes: packed },
            None => Self { bytes, unpacked_len: None },
        }
    }

    fn fits(&self) -> bool {
        self.bytes.len() <= CHUNK_LEN_MAX && self.unpacked() <= UNPACKED_LEN_MAX as u64
    }

    fn unpacked(&self) -> u64 {
        self.unpacked_len.unwrap_or(self.bytes.len() as u64)
    }

    /// The tasks and the other rows.
    ///
    /// # Errors
    /// [`BadChunk`] when they are not what they should be; nothing of it is to be applied then.
    pub fn open(&self) -> Result<(Vec<TaskRow>, Vec<RowBytes>), BadChunk> {
        let unpacked = self.unpacked_len.map(|claimed| unpack(&self.bytes, claimed)).transpose()?;
        let bytes = unpacked.as_ref().unwrap_or(&self.bytes);
        let rows: Rows = from_bytes(bytes).map_err(|e| BadChunk::Rows(e.to_string()))?;
        Ok((rows.tasks.rows()?, rows.others))
    }
}

/// Cuts rows into the chunks of a snapshot, in their order; there is always at least one. A single row that is larger
/// than a chunk stands in one of its own. `last` are rows that rest on the tasks, and come behind all of them.
#[must_use]
pub fn cut(tasks: &[TaskRow], others: &[RowBytes], last: &[RowBytes]) -> Vec<Packed> {
    let (first, mut rest) = tasks.split_at(tasks.len().min(FIRST_TASKS));
    let mut chunks = vec![];
    halve(first, others, &mut chunks);
    let mut most = SECOND_TASKS;
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(most));
        let before = chunks.len();
        halve(part, &[], &mut chunks);
        most = fitting(part.len(), &chunks[before..]);
        rest = behind;
    }
    if !last.is_empty() {
        halve(&[], last, &mut chunks);
    }
    chunks
}

/// How many tasks are likely to fill a chunk, after so many became these. So nearly every row is packed once.
fn fitting(tasks: usize, chunks: &[Packed]) -> usize {
    let packed: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    let unpacked: u64 = chunks.iter().map(Packed::unpacked).sum();
    let by_wire = tasks * CHUNK_LEN_MAX / packed.max(1);
    let by_memory = tasks as u64 * UNPACKED_LEN_MAX as u64 / unpacked.max(1);
    let most = by_wire.min(usize::try_from(by_memory).unwrap_or(usize::MAX));
    (most * FULL_PERCENT / 100).clamp(FIRST_TASKS, CHUNK_TASKS_MAX)
}

fn halve(tasks: &[TaskRow], others: &[RowBytes], chunks: &mut Vec<Packed>) {
    let packed = Packed::of(&Rows { tasks: TaskColumns::of(tasks), others: others.to_vec() });
    if packed.fits() || tasks.len() + others.len() <= 1 {
        return chunks.push(packed);
    }
    let (first_tasks, last_tasks) = tasks.split_at(tasks.len().div_ceil(2));
    let (first_others, last_others) = others.split_at(others.len() / 2);
    halve(first_tasks, first_others, chunks);
    halve(last_tasks, last_others, chunks);
}

#[cfg(test)]
mod tests;
