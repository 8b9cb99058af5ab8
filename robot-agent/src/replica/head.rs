//! The newest entry, remembered in a small file beside the database, so that an older copy of the database is noticed.
//!
//! Written after each commit that appends an entry: the file may lag behind the database, and never leads it. Two places are
//! written in turn, each with its own checksum and on a page of its own, so that a power cut in the middle of a write
//! leaves the other. It goes to the page cache, which a killed process leaves behind, and is brought to the disk every ten
//! seconds and at an orderly end: what a power cut takes from it makes it lag, and the server's watermark covers the rest.

use robot_core::RememberedHead;
use shared::journal::Epoch;
use shared::seal::Hash;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes of one place: count, epoch, cseq, head, checksum.
const PLACE_LEN: usize = 8 + 8 + 8 + 32 + 8;
/// Where the two places begin.
const PLACES: [u64; 2] = [0, 4096];

/// The open file.
#[derive(Debug)]
pub struct HeadFile {
    file: File,
    count: u64,
    newest: Option<RememberedHead>,
}

impl HeadFile {
    /// Opens the file, making it with all its room when there is none.
    ///
    /// # Errors
    /// When it cannot be opened, read or made.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        if file.metadata()?.len() < PLACES[1] + PLACE_LEN as u64 {
            file.write_all_at(&[0; PLACE_LEN], PLACES[1])?;
            file.write_all_at(&[0; 4096], PLACES[0])?;
            file.sync_all()?;
        }
        let newest = PLACES.iter().filter_map(|place| read(&file, *place)).max_by_key(|(count, _)| *count);
        Ok(Self { file, count: newest.map_or(0, |(count, _)| count), newest: newest.map(|(_, head)| head) })
    }

    /// The head that is remembered.
    pub const fn newest(&self) -> Option<RememberedHead> {
        self.newest
    }

    /// Remembers a head whose commit has returned.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&mut self, head: RememberedHead) -> std::io::Result<()> {
        self.count += 1;
        let place = PLACES[usize::from(self.count % 2 == 1)];
        self.file.write_all_at(&bytes(self.count, head), place)?;
        self.newest = Some(head);
        Ok(())
    }

    /// Brings it to the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> std::io::Result<()> {
        self.file.sync_data()
    }
}

fn bytes(count: u64, RememberedHead { epoch, cseq, head }: RememberedHead) -> [u8; PLACE_LEN] {
    let mut bytes = [0; PLACE_LEN];
    bytes[..8].copy_from_slice(&count.to_be_bytes());
    bytes[8..16].copy_from_slice(&epoch.0.to_be_bytes());
    bytes[16..24].copy_from_slice(&cseq.to_be_bytes());
    bytes[24..56].copy_from_slice(&head.0);
    let sum = checksum(&bytes[..56]);
    bytes[56..].copy_from_slice(&sum);
    bytes
}

fn read(file: &File, place: u64) -> Option<(u64, RememberedHead)> {
    let mut bytes = [0; PLACE_LEN];
    file.read_exact_at(&mut bytes, place).ok()?;
    let number = |from: usize| u64::from_be_bytes(bytes[from..from + 8].try_into().expect("8 bytes"));
    let is_whole = bytes[56..] == checksum(&bytes[..56]);
    let head = Hash(bytes[24..56].try_into().expect("32 bytes"));
    is_whole.then(|| (number(0), RememberedHead { epoch: Epoch(number(8)), cseq: number(16), head }))
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    Hash::of(&[b"remembered-head/v1\0", bytes]).0[..8].try_into().expect("8 of 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(cseq: u64) -> RememberedHead {
        RememberedHead { epoch: Epoch(3), cseq, head: Hash([5; 32]) }
    }

    #[test]
    fn the_newest_head_is_there_after_reopening_and_a_torn_write_leaves_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("replica.head");
        let mut file = HeadFile::open(&path).unwrap();
        assert_eq!(file.newest(), None);
        for cseq in 1..=5 {
            file.remember(head(cseq)).unwrap();
            assert_eq!(HeadFile::open(&path).unwrap().newest(), Some(head(cseq)));
        }
        file.sync().unwrap();
        let raw = File::options().write(true).open(&path).unwrap();
        raw.write_all_at(&[0xff; 20], PLACES[1]).unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().newest(), Some(head(4)));
        HeadFile::open(&path).unwrap().remember(head(6)).unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().newest(), Some(head(6)), "the spoiled place is written next");
        raw.set_len(0).unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().newest(), None);
    }
}
