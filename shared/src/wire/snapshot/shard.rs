//! Whether two replicas of a shard are equal, told in 16 bytes.
//!
//! The hash of a shard is the sum of its rows' hashes, so it does not depend on their order and a changed row costs one
//! subtraction and one addition. It finds faults, not forgers: the announcement is signed as every message is.

use crate::seal::Hash;
use crate::task::TaskRow;
use crate::wire::to_bytes;
use minicbor::{Decode, Encode};

/// A set of rows that are replicated together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Shard {
    /// The tasks that this robot may see.
    #[n(0)]
    OwnTasks,
}

/// What the shards should hash to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Announcement {
    /// The row of the feed at which it holds. A replica whose cursor stands elsewhere compares nothing.
    #[n(0)]
    pub at: u64,
    /// One for each shard.
    #[n(1)]
    pub shards: Vec<ShardHash>,
}

/// What one shard should hash to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShardHash {
    /// Which.
    #[n(0)]
    pub shard: Shard,
    /// How many rows it has.
    #[n(1)]
    pub rows: u64,
    /// The sum of their hashes.
    #[n(2)]
    pub hash: RowsHash,
}

/// The sum of the hashes of rows, modulo 2^128; travels as 16 bytes, the highest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsHash(pub u128);

impl RowsHash {
    /// The sum over these tasks. A row counts as this version encodes it, whatever bytes it came in.
    #[must_use]
    pub fn of_tasks<'a>(tasks: impl IntoIterator<Item = &'a TaskRow>) -> Self {
        let sum = |sum: u128, task: &TaskRow| sum.wrapping_add(row_hash(task));
        Self(tasks.into_iter().fold(0, sum))
    }
}

fn row_hash(task: &TaskRow) -> u128 {
    let hash = Hash::of(&[b"shard-row/v1\0", &to_bytes(task)]);
    u128::from_be_bytes(hash.0[..16].try_into().expect("16 of 32 bytes"))
}

impl<C> Encode<C> for RowsHash {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0.to_be_bytes())?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for RowsHash {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: [u8; 16] = d.bytes()?.try_into().map_err(minicbor::decode::Error::custom)?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::from_bytes;
    use crate::wire::snapshot::tests::tasks;

    #[test]
    fn the_order_of_rows_does_not_matter_and_every_row_does() {
        let mut rows = tasks(50);
        let hash = RowsHash::of_tasks(&rows);
        rows.reverse();
        assert_eq!(RowsHash::of_tasks(&rows), hash);
        rows[7].steps_done += 1;
        assert_ne!(RowsHash::of_tasks(&rows), hash);
        rows[7].steps_done -= 1;
        assert_ne!(RowsHash::of_tasks(&rows[1..]), hash);
        assert_ne!(RowsHash::of_tasks(rows.iter().chain([&rows[3]])), hash, "a row that stands twice counts twice");
        assert_eq!(from_bytes::<RowsHash>(&to_bytes(&hash)).unwrap(), hash);
    }
}
