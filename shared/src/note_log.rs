//! A note as it is kept: a snapshot and the updates since, folded before they grow long.
//!
//! The bytes are opaque here; only `note` knows what they are.

use crate::contribution::Blob;
use minicbor::{Decode, Encode};

/// Updates before they are folded into the snapshot.
pub const FOLD_UPDATES: usize = 64;
/// Bytes of updates before they are folded.
pub const FOLD_BYTES: usize = 32 * 1024;
/// Most bytes of a whole note: its tombstones stay for ever, so it cannot be let grow.
pub const NOTE_LEN_MAX: usize = 256 * 1024;

/// The bytes of a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteLog {
    /// Rises with each update.
    pub rev: u64,
    /// Everything up to the last folding; empty for nothing.
    pub snapshot: Vec<u8>,
    /// The updates since.
    pub updates: Vec<Vec<u8>>,
}

impl NoteLog {
    /// The parts that together are the note.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let snapshot = (!self.snapshot.is_empty()).then_some(&self.snapshot);
        snapshot.into_iter().chain(&self.updates).map(Vec::as_slice)
    }

    /// Takes an update, after which the whole note is `state`. Returns whether it was folded.
    pub fn append(&mut self, update: Vec<u8>, state: &[u8]) -> bool {
        self.rev += 1;
        let bytes: usize = self.updates.iter().map(Vec::len).sum::<usize>() + update.len();
        let folds = self.updates.len() + 1 >= FOLD_UPDATES || bytes >= FOLD_BYTES;
        if folds {
            *self = Self { rev: self.rev, snapshot: state.to_vec(), updates: vec![] };
        } else {
            self.updates.push(update);
        }
        folds
    }
}

/// A note as a replica keeps it in one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeptNote {
    /// Which revision it is.
    #[n(0)]
    pub rev: u64,
    /// The parts that together are the note.
    #[n(1)]
    pub parts: Vec<Blob>,
    /// What came so far of a part that is sent in several rows.
    #[n(2)]
    pub torn: Blob,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_updates_and_long_ones_are_folded() {
        let mut log = NoteLog::default();
        let folds: Vec<bool> = (0..130).map(|_| log.append(vec![1], &[9])).collect();
        assert_eq!(folds.iter().filter(|folds| **folds).count(), 2);
        assert_eq!((log.rev, log.updates.len(), log.parts().count()), (130, 2, 3));
        assert!(log.append(vec![0; FOLD_BYTES], &[8]));
        assert_eq!((log.snapshot.clone(), log.updates.len()), (vec![8], 0));
    }
}
