//! A robot's journal as it is handed to an auditor, and what can be said of it without trusting anyone.
//!
//! What this shows: that the entries form one unbroken chain from the beginning of an epoch, and which facts they record. What
//! it does not show: that nothing was cut off at the end. For that, compare the head with one that somebody else has heard:
//! every beacon carries it.

mod anchored;
mod batch_seal;

pub use anchored::{Anchor, AnchoredExport, check_anchored};
pub use batch_seal::BatchSeal;

use crate::fact::Fact;
use crate::id::RobotId;
use crate::journal::{BadRecord, Chain, Epoch, Record};
use crate::seal::Hash;
use crate::wire::robot_to_fleet::Carried;
use crate::wire::{Decode, Encode};
use std::collections::BTreeMap;

/// One epoch of a robot's journal, as one CBOR value in a file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct JournalExport {
    /// Version of this layout: 1.
    #[n(0)]
    pub v: u8,
    /// Whose journal.
    #[n(1)]
    pub robot: RobotId,
    /// Which life of its database.
    #[n(2)]
    pub epoch: Epoch,
    /// Every entry, oldest first, as exact bytes.
    #[n(3)]
    pub entries: Vec<Carried>,
}

/// What a journal's chain says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The end of the chain.
    pub chain: Chain,
    /// How many facts of each kind; `None` stands for kinds of a newer version.
    pub kinds: BTreeMap<Option<u16>, u64>,
}

/// Why a journal is not one unbroken chain: proof that it was changed, or that it is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A layout that this program does not know.
    #[error("the export has version {0}, which is not the one that this check knows")]
    Version(u8),
    /// An entry is not a record.
    #[error("place {place}: {why}")]
    Entry {
        /// Its place in the file, from 1.
        place: u64,
        /// Why not.
        why: BadRecord,
    },
    /// An entry does not follow the one before it.
    #[error("place {place}: entry {found} follows entry {cseq} whose hash is {head:?}, and does not fit behind it")]
    Order {
        /// Its place in the file, from 1.
        place: u64,
        /// The number it gives itself.
        found: u64,
        /// The number before it.
        cseq: u64,
        /// The hash that it should have named.
        head: Hash,
    },
}

/// Checks every entry and every link of the chain.
///
/// # Errors
/// [`Broken`] at the first entry that does not fit.
pub fn check(export: &JournalExport) -> Result<Audited, Broken> {
    if export.v != 1 {
        return Err(Broken::Version(export.v));
    }
    follow(Chain::begin(&export.robot, export.epoch), &export.entries)
}

/// Checks that each entry is a record and continues the chain.
fn follow(chain: Chain, entries: &[Carried]) -> Result<Audited, Broken> {
    let mut audited = Audited { chain, kinds: BTreeMap::new() };
    for (place, carried) in (1..).zip(entries) {
        let record =
            Record::read(carried.entry.clone(), carried.body.clone()).map_err(|why| Broken::Entry { place, why })?;
        let Chain { cseq, head, .. } = audited.chain;
        if !audited.chain.is_next(&record) {
            return Err(Broken::Order { place, found: record.entry.cseq, cseq, head });
        }
        audited.chain.advance(&record);
        *audited.kinds.entry(record.fact().as_ref().map(Fact::kind)).or_default() += 1;
    }
    Ok(audited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hlc::Hlc;
    use crate::journal::{Boot, Stamp};
    use crate::time::Instant;

    fn export() -> JournalExport {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        let facts = [Fact::AgentStarted { clean: true }, Fact::Resumed { number: 1 }, Fact::Resumed { number: 2 }];
        let entries = facts.iter().map(|fact| Carried::from(&chain.append(fact, stamp))).collect();
        JournalExport { v: 1, robot, epoch: Epoch(1), entries }
    }

    #[test]
    fn a_whole_journal_is_one_chain() {
        let audited = check(&export()).unwrap();
        assert_eq!((audited.chain.cseq, audited.kinds[&Some(8)]), (3, 2));
    }

    #[test]
    fn whatever_is_dropped_changed_or_moved_is_noticed() {
        let without = |place: usize| {
            let mut export = export();
            export.entries.remove(place);
            check(&export)
        };
        assert!(matches!(without(0), Err(Broken::Order { place: 1, .. })));
        assert!(matches!(without(1), Err(Broken::Order { place: 2, .. })));
        assert!(without(2).is_ok(), "a cut tail is only seen by whoever has heard the head");
        let mut swapped = export();
        swapped.entries.swap(1, 2);
        assert!(check(&swapped).is_err());
        let mut changed = export();
        changed.entries[1].body[1] ^= 1;
        assert!(matches!(check(&changed), Err(Broken::Entry { place: 2, .. })));
        let other = JournalExport { epoch: Epoch(2), ..export() };
        assert!(check(&other).is_err(), "another epoch begins elsewhere");
    }
}
