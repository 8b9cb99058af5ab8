//! An export as one chain: every entry's hash, from wherever it begins.

use crate::Verdict;
use shared::audit::{AnchoredExport, Broken, JournalExport, check, check_anchored};
use shared::journal::{Chain, Record};
use shared::seal::{Hash, to_hex};
use shared::wire::from_whole;

/// An export whose chain holds.
#[derive(Debug)]
pub struct Whole {
    /// What was exported.
    pub export: JournalExport,
    /// The number of the entry behind which it begins; 0 for a whole journal.
    pub behind: u64,
    /// The chain's hash behind each entry, from `behind` on.
    hashes: Vec<Hash>,
}

fn unreadable(why: impl std::fmt::Display) -> Verdict {
    Verdict::Unreadable(format!("this is not a journal: {why}"))
}

impl Whole {
    /// Reads and checks the bytes of an export.
    ///
    /// # Errors
    /// The verdict on one that is none, or does not hold.
    pub fn read(bytes: &[u8]) -> Result<Self, Verdict> {
        let export: JournalExport = from_whole(bytes).map_err(unreadable)?;
        // A journal without its beginning is read by the same reader, and has more to say.
        let (begin, checked) = if export.v == 2 {
            let anchored: AnchoredExport = from_whole(bytes).map_err(unreadable)?;
            (anchored.anchor.chain(anchored.epoch), check_anchored(&anchored))
        } else {
            (Chain::begin(&export.robot, export.epoch), check(&export))
        };
        checked.map_err(|broken| match broken {
            // Nothing was compared: a newer program may find that it holds.
            Broken::Version(_) => unreadable(broken),
            Broken::Entry { .. } | Broken::Order { .. } => {
                Verdict::Tampered(format!("robot {}: {broken}", export.robot))
            }
        })?;
        let read = export.entries.iter().map(|carried| Record::read(carried.entry.clone(), carried.body.clone()));
        // Each is a record: that was checked.
        let hashes = std::iter::once(begin.head).chain(read.flatten().map(|record| record.hash)).collect();
        Ok(Self { export, behind: begin.cseq, hashes })
    }

    /// Number and hash of every entry, from the one behind which it begins.
    pub fn heads(&self) -> impl Iterator<Item = (u64, &Hash)> {
        (self.behind..).zip(&self.hashes)
    }

    /// Number of the newest entry.
    pub const fn last(&self) -> u64 {
        self.behind + self.export.entries.len() as u64
    }

    /// The hash of the entry behind which it begins, and of the newest one, in hexadecimal digits.
    pub fn ends(&self) -> (String, String) {
        let hex = |hash: Option<&Hash>| hash.map(|hash| to_hex(&hash.0)).unwrap_or_default();
        (hex(self.hashes.first()), hex(self.hashes.last()))
    }
}
