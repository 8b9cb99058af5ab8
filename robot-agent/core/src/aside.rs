//! What the robot was given, cannot use, and keeps: rows of a newer version, and dead letters.
//!
//! A row of a kind that this version does not know is *parked* as its bytes: the version that knows it applies it at its
//! first start. A *dead letter* is of a known kind and cannot be used all the same; it is flagged, once, for a person to look
//! at. Neither holds up what comes behind it.

use crate::feed::{self, Read};
use shared::fact::DeadCause;
use shared::seal::Hash;
use shared::wire::fleet_to_robot::{Row, RowBytes};
use std::collections::BTreeMap;

/// Most things that are kept here. The server has every row, so what does not fit is asked for again once it can be read.
pub const ASIDE_MAX: usize = 4096;

/// Something that is kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsideRow {
    /// The hash of its bytes.
    pub hash: Hash,
    /// Why it is a dead letter; `None` for a row of a newer version.
    pub dead: Option<DeadCause>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is kept aside, by the hash of its bytes.
#[derive(Debug)]
pub struct Aside {
    kept: BTreeMap<Hash, Option<DeadCause>>,
}

/// What this version can read of what an older one put aside.
#[derive(Debug, Default, PartialEq)]
pub struct Readable {
    /// Rows to be applied now, oldest first.
    pub rows: Vec<(Hash, Row)>,
    /// What is not to be kept any more, because the whole feed is to be read anew.
    pub anew: Vec<Hash>,
}

impl Aside {
    /// What the replica gave back, oldest first.
    pub fn new(rows: &[AsideRow]) -> Self {
        Self { kept: rows.iter().map(|row| (row.hash, row.dead)).collect() }
    }

    /// Puts something aside; `None` when nothing changes by it.
    pub fn put(&mut self, bytes: &[u8], dead: Option<DeadCause>) -> Option<AsideRow> {
        let hash = Hash::of(&[bytes]);
        let is_known = self.kept.contains_key(&hash);
        // The order of parked rows counts, so the newest of two equal ones is the one to keep.
        let is_news = if is_known { dead.is_none() } else { self.kept.len() < ASIDE_MAX };
        is_news.then(|| {
            self.kept.insert(hash, dead);
            AsideRow { hash, dead, bytes: bytes.to_vec() }
        })
    }

    /// Whether a row of the feed could not be read, so that this replica cannot be compared with the server's.
    pub fn lacks_rows(&self) -> bool {
        self.kept.values().any(|dead| matches!(dead, Some(DeadCause::BadRow | DeadCause::BadChunk)))
    }

    /// Takes out what this version can read, `rows` being all that is kept. A row that was a dead letter may be older than
    /// what was applied since, and where there was no room for all, some are missing: then the whole feed is read anew.
    pub fn take_readable(&mut self, rows: &[AsideRow]) -> Readable {
        let mut readable = Readable::default();
        for AsideRow { hash, dead, bytes } in rows {
            match (feed::read(&RowBytes(bytes.clone())), dead) {
                (Read::Known(row), None) => readable.rows.push((*hash, row)),
                (Read::Known(_), Some(DeadCause::BadRow)) => readable.anew.push(*hash),
                (Read::Known(_) | Read::Newer | Read::Bad, _) => {}
            }
        }
        if rows.len() >= ASIDE_MAX {
            readable.anew.extend(readable.rows.drain(..).map(|(hash, _)| hash));
        }
        for hash in readable.anew.iter().chain(readable.rows.iter().map(|(hash, _)| hash)) {
            self.kept.remove(hash);
        }
        readable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::TaskId;

    fn revoke(byte: u8) -> Vec<u8> {
        shared::wire::to_bytes(&Row::Revoke { task: TaskId::from_bytes([byte; 16]) })
    }

    #[test]
    fn a_dead_letter_is_told_once_and_a_parked_row_moves_to_its_newest_place() {
        let mut aside = Aside::new(&[]);
        assert!(aside.put(&[1], Some(DeadCause::BadRow)).is_some());
        assert!(aside.put(&[1], Some(DeadCause::BadRow)).is_none());
        assert!(aside.lacks_rows());
        assert!(aside.put(&[2], None).is_some() && aside.put(&[2], None).is_some());
    }

    #[test]
    fn what_a_newer_version_can_read_is_taken_out_in_its_order() {
        let kept = |bytes: Vec<u8>, dead| AsideRow { hash: Hash::of(&[&bytes]), dead, bytes };
        let newer = kept(vec![0x82, 0x18, 0x63, 0x80], None);
        let (one, two) = (kept(revoke(2), None), kept(revoke(1), None));
        let rows = [newer.clone(), one.clone(), two.clone()];
        let mut aside = Aside::new(&rows);
        let readable = aside.take_readable(&rows);
        assert_eq!(readable.rows.iter().map(|row| row.0).collect::<Vec<_>>(), [one.hash, two.hash]);
        assert_eq!((readable.anew, aside.kept.len()), (vec![], 1));
        let dead = kept(revoke(3), Some(DeadCause::BadRow));
        let gone = kept(revoke(4), Some(DeadCause::RowGone));
        let rows = [dead.clone(), gone];
        assert_eq!(Aside::new(&rows).take_readable(&rows), Readable { rows: vec![], anew: vec![dead.hash] });
    }

    #[test]
    fn where_there_was_no_room_for_all_the_feed_is_read_anew() {
        let mut aside = Aside::new(&[]);
        let kept: Vec<AsideRow> = (0..=ASIDE_MAX as u32).filter_map(|n| aside.put(&n.to_be_bytes(), None)).collect();
        assert_eq!(kept.len(), ASIDE_MAX);
        let mut kept = kept;
        kept[5].bytes = revoke(1);
        let readable = aside.take_readable(&kept);
        assert_eq!((readable.rows, readable.anew), (vec![], vec![kept[5].hash]));
    }
}
