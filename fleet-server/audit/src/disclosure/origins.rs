//! Entries that were written again in a later epoch, with the place at which they stood first: each counts once.

use super::journal::Journal;
use shared::journal::Record;
use shared::seal::Hash;
use std::collections::BTreeSet;

/// All records, oldest epoch first, without those that are another's copy.
#[must_use]
pub fn once(journals: &[Journal]) -> Vec<&Record> {
    let all = || journals.iter().flat_map(|journal| &journal.records);
    let first: BTreeSet<Hash> =
        all().filter(|record| record.entry.origin.is_none()).map(|record| record.hash).collect();
    let mut copied = BTreeSet::new();
    let mut is_new = |record: &&Record| match &record.entry.origin {
        Some(origin) => !first.contains(&origin.hash) && copied.insert(origin.hash),
        None => true,
    };
    all().filter(|record| is_new(record)).collect()
}
