//! Who speaks and who vouches: hashes of public keys, short enough for the air.

use crate::seal::{Hash, PublicKey, to_hex};
use std::fmt;

/// Which key a robot signs its disclosures with: the first half of a hash of the public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisclosureId(pub [u8; 16]);

impl DisclosureId {
    /// The id that belongs to a key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        Self(half(b"robot-id/v1\0", key))
    }
}

/// Which CA vouches for a robot: the first half of a hash of the CA's public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaId(pub [u8; 16]);

impl CaId {
    /// The id that belongs to a CA's key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        Self(half(b"site-ca-id/v1\0", key))
    }
}

fn half(purpose: &[u8], key: &PublicKey) -> [u8; 16] {
    Hash::of(&[purpose, &key.0]).0[..16].try_into().expect("16 of 32 bytes")
}

impl fmt::Display for DisclosureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for DisclosureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "id:{self}")
    }
}

impl fmt::Display for CaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for CaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ca:{self}")
    }
}
