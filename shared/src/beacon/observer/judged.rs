//! Packs that were refused after their signature had been looked at: the same bytes again cost a hash and no signature.
//!
//! A pack is told by a hash of all of it. Anything less, such as its signature's own bytes, could be put into a forgery so that
//! the honest pack is refused after it.

use crate::beacon::{BeaconTime, Reject};
use crate::seal::Hash;
use std::collections::{BTreeMap, VecDeque};

/// Packs remembered; the one refused first makes room.
const REMEMBERED_MAX: usize = 32_768;
/// For how long, in tenths of a second: a minute, so that a recording that goes on is judged, and told, again after it.
const REMEMBERED_DS: u64 = 600;

/// A pack's hash, cut to what nobody finds two packs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest([u8; 16]);

impl Digest {
    pub(super) fn of(pack: &[u8]) -> Self {
        Self(Hash::of(&[pack]).0[..16].try_into().expect("16 of 32 bytes"))
    }
}

/// The memory.
#[derive(Debug)]
pub(super) struct Judged {
    reasons: BTreeMap<Digest, (Reject, BeaconTime)>,
    order: VecDeque<Digest>,
}

impl Judged {
    pub(super) const fn new() -> Self {
        Self { reasons: BTreeMap::new(), order: VecDeque::new() }
    }

    /// Why these bytes were refused, if that was less than a minute ago.
    pub(super) fn reason(&self, digest: Digest, now: BeaconTime) -> Option<Reject> {
        let (reason, at) = self.reasons.get(&digest)?;
        (now.ds().abs_diff(at.ds()) < REMEMBERED_DS).then_some(*reason)
    }

    /// Remembers why these bytes were refused, if it will be so a minute long.
    pub(super) fn note(&mut self, digest: Digest, reason: Reject, now: BeaconTime) {
        if !lasts(reason) {
            return;
        }
        if self.reasons.insert(digest, (reason, now)).is_none() {
            self.order.push_back(digest);
        }
        if self.order.len() > REMEMBERED_MAX
            && let Some(first) = self.order.pop_front()
        {
            self.reasons.remove(&first);
        }
    }
}

/// What is wrong with the bytes, or was heard before, stays so; what has not begun may begin, and an endorsement may come.
const fn lasts(reason: Reject) -> bool {
    matches!(
        reason,
        Reject::Signature
            | Reject::LinkSignature
            | Reject::Expired
            | Reject::LinkExpired
            | Reject::NotRising
            | Reject::SequenceFell
            | Reject::HeadChanged
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ds: u64) -> BeaconTime {
        BeaconTime::from_ds(10_000 + ds)
    }

    #[test]
    fn a_refusal_is_remembered_for_a_minute_and_by_all_of_the_pack() {
        let mut judged = Judged::new();
        judged.note(Digest::of(b"forged"), Reject::Signature, at(0));
        assert_eq!(judged.reason(Digest::of(b"forged"), at(599)), Some(Reject::Signature));
        assert_eq!(judged.reason(Digest::of(b"forged"), at(600)), None);
        assert_eq!(judged.reason(Digest::of(b"forgeD"), at(0)), None);
        judged.note(Digest::of(b"early"), Reject::LinkFuture, at(0));
        assert_eq!(judged.reason(Digest::of(b"early"), at(0)), None, "it may begin");
    }

    #[test]
    fn the_memory_is_bounded_and_the_first_makes_room() {
        let mut judged = Judged::new();
        let digest = |n: u32| Digest::of(&n.to_le_bytes());
        let count = u32::try_from(REMEMBERED_MAX).unwrap() + 10;
        for n in 0..count {
            judged.note(digest(n), Reject::Signature, at(0));
            judged.note(digest(n), Reject::Signature, at(1));
        }
        assert_eq!((judged.reasons.len(), judged.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
        assert_eq!(judged.reason(digest(9), at(1)), None);
        assert_eq!(judged.reason(digest(10), at(1)), Some(Reject::Signature));
    }
}
