//! A site's list of keys that count no more: signed by its CA, so that whoever carries it needs nobody's permission.
//!
//! Not renewing is what revokes: an endorsement ends by itself, within 14 days. The list is for the days until then, for a
//! listener who wants to know today that a key was lost. A listener without it believes the endorsement.
//!
//! Reading is canonical, as for packs: ids rise, none stands twice, no byte is loose.

use super::id::{CaId, DisclosureId};
use super::message::bytes_at;
use super::time::BeaconTime;
use crate::seal::{BadHex, BadSignature, Context, PublicKey, Signature, SigningKey, from_hex, to_hex};
use std::collections::BTreeSet;

/// Ids on a list at most: a site with more lost keys needs a new CA.
pub const REVOKED_MAX: usize = 4096;

const MAGIC: [u8; 4] = *b"RVK1";
/// What it begins with: magic, CA id, second, count.
const HEAD_LEN: usize = 4 + 16 + 4 + 2;
const ID_LEN: usize = 16;
const SIGNATURE_LEN: usize = 64;

/// The list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Whose list it is.
    pub ca_id: CaId,
    /// When it was signed, in seconds since 2019: of two lists the later one counts.
    pub issued_s: u32,
    ids: BTreeSet<DisclosureId>,
    signature: Signature,
}

/// Why bytes are no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadList {
    /// Not hexadecimal digits.
    #[error("this is no list of revoked ids: {0}")]
    Hex(#[from] BadHex),
    /// Another beginning, or another length than it says.
    #[error("this is no list of revoked ids")]
    Form,
    /// Ids out of order or twice.
    #[error("the ids on this list do not rise")]
    Order,
    /// More ids than a list may have.
    #[error("a list has {REVOKED_MAX} ids at most")]
    TooLong,
    /// Another CA's.
    #[error("this list is signed by another key than the CA's")]
    OtherCa,
    /// Names the CA, and is not signed by it.
    #[error("this list is not signed by the CA that it names")]
    Signature(#[from] BadSignature),
}

impl Revoked {
    /// Signs the list of these ids at this time.
    ///
    /// # Errors
    /// [`BadList::TooLong`].
    pub fn issue(ca: &SigningKey, ids: BTreeSet<DisclosureId>, at: BeaconTime) -> Result<Self, BadList> {
        if ids.len() > REVOKED_MAX {
            return Err(BadList::TooLong);
        }
        let ca_id = CaId::of(&ca.public());
        let mut list = Self { ca_id, issued_s: at.secs(), ids, signature: Signature([0; SIGNATURE_LEN]) };
        list.signature = ca.sign(Context::Revoked, &list.signed_bytes());
        Ok(list)
    }

    /// Reads a list; the signature is not checked yet.
    ///
    /// # Errors
    /// [`BadList`] with the first reason that applies.
    pub fn read(bytes: &[u8]) -> Result<Self, BadList> {
        if bytes.len() < HEAD_LEN || bytes[..4] != MAGIC {
            return Err(BadList::Form);
        }
        let count = usize::from(u16::from_le_bytes(bytes_at(bytes, 24)));
        match () {
            () if count > REVOKED_MAX => return Err(BadList::TooLong),
            () if bytes.len() != HEAD_LEN + count * ID_LEN + SIGNATURE_LEN => return Err(BadList::Form),
            () => {}
        }
        let ids: Vec<DisclosureId> =
            (0..count).map(|place| DisclosureId(bytes_at(bytes, HEAD_LEN + place * ID_LEN))).collect();
        if !ids.is_sorted_by(|a, b| a < b) {
            return Err(BadList::Order);
        }
        Ok(Self {
            ca_id: CaId(bytes_at(bytes, 4)),
            issued_s: u32::from_le_bytes(bytes_at(bytes, 20)),
            ids: ids.into_iter().collect(),
            signature: Signature(bytes_at(bytes, HEAD_LEN + count * ID_LEN)),
        })
    }

    /// Reads the line of a file; the signature is not checked yet.
    ///
    /// # Errors
    /// As [`Revoked::read`].
    pub fn parse(text: &str) -> Result<Self, BadList> {
        Self::read(&from_hex(text.trim())?)
    }

    /// Whether the owner of this CA key signed it.
    ///
    /// # Errors
    /// [`BadList::OtherCa`] or [`BadList::Signature`].
    pub fn check(&self, ca: &PublicKey) -> Result<(), BadList> {
        if self.ca_id != CaId::of(ca) {
            return Err(BadList::OtherCa);
        }
        Ok(ca.verify(Context::Revoked, &self.signed_bytes(), &self.signature)?)
    }

    /// The ids whose keys count no more.
    #[must_use]
    pub const fn ids(&self) -> &BTreeSet<DisclosureId> {
        &self.ids
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let count = u16::try_from(self.ids.len()).expect("a list has at most 4096 ids: it was issued or read");
        let ids: Vec<u8> = self.ids.iter().flat_map(|id| id.0).collect();
        [&MAGIC[..], &self.ca_id.0, &self.issued_s.to_le_bytes(), &count.to_le_bytes(), &ids].concat()
    }

    /// The bytes of the list.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.signed_bytes()[..], &self.signature.0].concat()
    }

    /// The list as a line of hexadecimal digits, as it stands in a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_hex(&self.to_bytes()) + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ca(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn list(ids: &[u8]) -> Revoked {
        let ids = ids.iter().map(|id| DisclosureId([*id; 16])).collect();
        Revoked::issue(&ca(9), ids, BeaconTime::from_secs(7)).unwrap()
    }

    #[test]
    fn a_list_is_read_as_it_was_written_and_only_its_ca_signed_it() {
        for ids in [&[][..], &[5], &[1, 200, 5]] {
            let list = list(ids);
            assert_eq!(Revoked::parse(&list.to_text()), Ok(list.clone()));
            assert_eq!(list.check(&ca(9).public()), Ok(()));
            assert_eq!(list.check(&ca(8).public()), Err(BadList::OtherCa));
            let claims = Revoked { ca_id: CaId::of(&ca(8).public()), ..list };
            assert_eq!(claims.check(&ca(8).public()), Err(BadList::Signature(BadSignature)));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let good = list(&[1, 2, 3]).to_bytes();
        let holds = |bytes: &[u8]| Revoked::read(bytes).is_ok_and(|list| list.check(&ca(9).public()).is_ok());
        assert!(holds(&good));
        for bit in 0..good.len() * 8 {
            let mut spoiled = good.clone();
            spoiled[bit / 8] ^= 1 << (bit % 8);
            assert!(!holds(&spoiled), "bit {bit}");
        }
        assert!((0..good.len()).all(|end| !holds(&good[..end])));
        assert!(!holds(&[&good[..], &[0]].concat()));
    }

    #[test]
    fn ids_that_do_not_rise_are_refused_also_when_they_are_signed() {
        for ids in [[2_u8, 1], [1, 1]] {
            let ids: Vec<u8> = ids.iter().flat_map(|id| [*id; 16]).collect();
            let signed = [&MAGIC[..], &CaId::of(&ca(9).public()).0, &[7, 0, 0, 0], &[2, 0], &ids].concat();
            let bytes = [&signed[..], &ca(9).sign(Context::Revoked, &signed).0].concat();
            assert_eq!(Revoked::read(&bytes), Err(BadList::Order));
        }
        let many = (0..=4096_u128).map(|id| DisclosureId(id.to_be_bytes())).collect();
        assert_eq!(Revoked::issue(&ca(9), many, BeaconTime::from_secs(7)), Err(BadList::TooLong));
    }
}
