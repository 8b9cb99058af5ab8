//! What a peer understands beyond the first version of this protocol.
//!
//! Each side announces it, the robot in its hello and the server in its welcome, and the other sends nothing that was not
//! announced. Bits are never reused; unknown ones mean nothing.

use minicbor::{Decode, Encode};

/// A set of abilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Abilities(#[n(0)] pub u64);

impl Abilities {
    /// None: a peer of the first version.
    pub const NONE: Self = Self(0);
    /// Opens envelopes whose body is packed.
    pub const UNPACKS: Self = Self(1);
    /// Applies snapshots of its feed.
    pub const SNAPSHOTS: Self = Self(2);
    /// Compares shard hashes of the first layout, which covers the task rows of this version.
    pub const HASHES: Self = Self(4);
    /// Keeps telemetry and acknowledges it.
    pub const TELEMETRY: Self = Self(8);
    /// Knows fields and notes: takes the rows of notes and of what became of its own edits.
    pub const NOTES: Self = Self(16);

    /// Whether all of `wanted` is there.
    #[must_use]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// Both sets in one.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ability_is_there_when_all_its_bits_are() {
        let both = Abilities::UNPACKS.and(Abilities::SNAPSHOTS);
        assert!(both.has(Abilities::UNPACKS) && both.has(Abilities::NONE) && both.has(both));
        assert!(!both.has(Abilities::HASHES) && !Abilities::UNPACKS.has(both));
    }
}
