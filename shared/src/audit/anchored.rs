//! A journal whose beginning the robot has forgotten, because the server had acknowledged it long before.
//!
//! What this shows: that the entries form one unbroken chain behind the *anchor*. What it does not show: what stood before it. The
//! server keeps that for ever, and its copy has to end in the anchor's hash.

use super::{Audited, Broken, follow};
use crate::id::RobotId;
use crate::journal::{Chain, Epoch};
use crate::seal::Hash;
use crate::wire::robot_to_fleet::Carried;
use crate::wire::{Decode, Encode};

/// The newest entry that was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Anchor {
    /// Its number in the chain.
    #[n(0)]
    pub cseq: u64,
    /// The chain's hash at it.
    #[n(1)]
    pub head: Hash,
    /// The newest number of each lane at it, in the order of [`Lane::ALL`](crate::journal::Lane::ALL).
    #[n(2)]
    pub lane_seq: [u64; 3],
}

impl Anchor {
    /// The end of this chain.
    #[must_use]
    pub const fn of(chain: &Chain) -> Self {
        Self { cseq: chain.cseq, head: chain.head, lane_seq: chain.lane_seq }
    }

    /// The chain that goes on behind it.
    #[must_use]
    pub const fn chain(&self, epoch: Epoch) -> Chain {
        Chain { epoch, cseq: self.cseq, head: self.head, lane_seq: self.lane_seq }
    }
}

/// The newer part of one epoch of a robot's journal, as one CBOR value in a file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AnchoredExport {
    /// Version of this layout: 2.
    #[n(0)]
    pub v: u8,
    /// Whose journal.
    #[n(1)]
    pub robot: RobotId,
    /// Which life of its database.
    #[n(2)]
    pub epoch: Epoch,
    /// Every entry behind the anchor, oldest first, as exact bytes.
    #[n(3)]
    pub entries: Vec<Carried>,
    /// Where it begins.
    #[n(4)]
    pub anchor: Anchor,
}

/// Checks every entry and every link of the chain behind the anchor.
///
/// # Errors
/// [`Broken`] at the first entry that does not fit.
pub fn check_anchored(export: &AnchoredExport) -> Result<Audited, Broken> {
    if export.v != 2 {
        return Err(Broken::Version(export.v));
    }
    follow(export.anchor.chain(export.epoch), &export.entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{JournalExport, check};
    use crate::fact::Fact;
    use crate::hlc::Hlc;
    use crate::journal::{Boot, Stamp};
    use crate::time::Instant;
    use crate::wire::{from_bytes, to_bytes};

    fn export() -> AnchoredExport {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        chain.append(&Fact::AgentStarted { clean: true }, stamp);
        let anchor = Anchor::of(&chain);
        let entries = (1..=3).map(|number| Carried::from(&chain.append(&Fact::Resumed { number }, stamp))).collect();
        AnchoredExport { v: 2, robot, epoch: Epoch(1), entries, anchor }
    }

    #[test]
    fn the_chain_behind_an_anchor_is_checked_like_a_whole_one() {
        let export: AnchoredExport = from_bytes(&to_bytes(&export())).unwrap();
        assert_eq!(check_anchored(&export).unwrap().chain.cseq, 4);
        let mut dropped = export.clone();
        dropped.entries.remove(0);
        assert!(matches!(check_anchored(&dropped), Err(Broken::Order { place: 1, .. })));
        let moved = Anchor { head: Hash([9; 32]), ..export.anchor };
        assert!(check_anchored(&AnchoredExport { anchor: moved, ..export }).is_err());
    }

    #[test]
    fn a_journal_without_its_beginning_does_not_pass_for_a_whole_one() {
        let AnchoredExport { robot, epoch, entries, .. } = export();
        let claimed = JournalExport { v: 1, robot, epoch, entries };
        assert!(check(&claimed).is_err());
        let read: JournalExport = from_bytes(&to_bytes(&export())).unwrap();
        assert_eq!(check(&read), Err(Broken::Version(2)), "a reader of the first layout says so");
    }
}
