//! The site CA's word that a key belongs to one of its robots, as it goes over the air.

use super::id::{CaId, DisclosureId};
use super::message::{self, AUTH, BASIC_ID, Message, bytes_at};
use super::reject::Reject;
use crate::seal::{BadHex, Context, PublicKey, Signature, SigningKey, from_hex, to_hex};

/// Messages of a link pack.
pub const MESSAGES: usize = 8;
/// Bytes of a link pack.
pub const LINK_LEN: usize = message::HEAD + MESSAGES * message::SIZE;
/// The longest that an endorsement holds, in seconds: 14 days. A lost key is disowned by not renewing it, so a robot that
/// must not be believed any more is believed this long at most.
pub const ENDORSED_MAX_S: u32 = 14 * 24 * 3600;

const TYPES: [u8; MESSAGES] = [BASIC_ID, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH];
/// The evidence's kind, private use.
const KIND: u8 = 0xe1;
const AUTH_LEN: usize = 1 + 4 + 4 + 16 + 32 + 16 + 64;

/// A CA's word for a robot's key. Its id is always the key's; everything else is checked by [`Endorsement::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    /// The robot's key.
    pub key: PublicKey,
    /// Who vouches.
    pub ca_id: CaId,
    /// From when, in seconds since 2019.
    pub not_before_s: u32,
    /// Until when, in seconds since 2019.
    pub not_after_s: u32,
    signature: Signature,
}

impl Endorsement {
    /// Vouches for a robot's key, from and until these seconds since 2019.
    ///
    /// # Errors
    /// [`Reject::Inverted`] and [`Reject::Huge`]: what no verifier would take is not issued.
    pub fn issue(ca: &SigningKey, key: PublicKey, from_s: u32, until_s: u32) -> Result<Self, Reject> {
        let unsigned = Self {
            key,
            ca_id: CaId::of(&ca.public()),
            not_before_s: from_s,
            not_after_s: until_s,
            signature: Signature([0; 64]),
        };
        unsigned.check_validity()?;
        Ok(unsigned.signed(ca))
    }

    pub(super) fn signed(self, ca: &SigningKey) -> Self {
        Self { signature: ca.sign(Context::Endorsement, &self.signed_bytes()), ..self }
    }

    /// Reads a link pack; the signature is not checked yet.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn read(bytes: &[u8]) -> Result<Self, Reject> {
        let messages = message::unpack(bytes, TYPES)?;
        let endorsement = Self::of_messages(&messages)?;
        endorsement.check_validity()?;
        if endorsement.to_pack() != bytes { Err(Reject::Padding) } else { Ok(endorsement) }
    }

    fn of_messages(messages: &[Message; MESSAGES]) -> Result<Self, Reject> {
        let [basic_id, pages @ ..] = messages;
        let id = message::read_id(basic_id)?;
        let (timestamp_s, auth) = message::read_auth::<AUTH_LEN>(pages)?;
        let not_before_s = u32::from_le_bytes(bytes_at(&auth, 1));
        let key = PublicKey(bytes_at(&auth, 25));
        match () {
            () if auth[0] != KIND => return Err(Reject::AuthKind),
            () if auth[9..25] != id.0 => return Err(Reject::IdMismatch),
            () if timestamp_s != not_before_s => return Err(Reject::Timestamp),
            () if DisclosureId::of(&key) != id => return Err(Reject::KeyId),
            () => {}
        }
        Ok(Self {
            key,
            ca_id: CaId(bytes_at(&auth, 57)),
            not_before_s,
            not_after_s: u32::from_le_bytes(bytes_at(&auth, 5)),
            signature: Signature(bytes_at(&auth, 73)),
        })
    }

    fn check_validity(&self) -> Result<(), Reject> {
        match self.not_after_s.checked_sub(self.not_before_s) {
            None | Some(0) => Err(Reject::Inverted),
            Some(length) if length > ENDORSED_MAX_S => Err(Reject::Huge),
            Some(_) => Ok(()),
        }
    }

    /// Whether the owner of this CA key made it.
    ///
    /// # Errors
    /// [`Reject::CaId`] or [`Reject::LinkSignature`].
    pub fn check(&self, ca: &PublicKey) -> Result<(), Reject> {
        if self.ca_id != CaId::of(ca) {
            return Err(Reject::CaId);
        }
        ca.verify(Context::Endorsement, &self.signed_bytes(), &self.signature).map_err(|_| Reject::LinkSignature)
    }

    /// The disclosure id that it is about.
    #[must_use]
    pub fn id(&self) -> DisclosureId {
        DisclosureId::of(&self.key)
    }

    /// Whether it holds at this second since 2019.
    #[must_use]
    pub const fn covers(&self, secs: u32) -> bool {
        self.not_before_s <= secs && secs <= self.not_after_s
    }

    /// Both times, the robot's id and key, the CA's id.
    fn signed_bytes(&self) -> Vec<u8> {
        let (from, until) = (self.not_before_s.to_le_bytes(), self.not_after_s.to_le_bytes());
        [&from[..], &until, &self.id().0, &self.key.0, &self.ca_id.0].concat()
    }

    /// The pack that says this.
    #[must_use]
    pub fn to_pack(&self) -> [u8; LINK_LEN] {
        let auth = [&[KIND], &self.signed_bytes()[..], &self.signature.0].concat();
        let pages: [Message; MESSAGES - 1] = message::auth_pages(self.not_before_s, &auth);
        message::pack(&[&[message::basic_id(self.id())][..], &pages].concat())
    }

    /// The link pack as a line of hexadecimal digits, as it stands in a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_hex(&self.to_pack()) + "\n"
    }

    /// Reads the line of a file; the signature is not checked yet.
    ///
    /// # Errors
    /// [`BadEndorsement`] when it is something else.
    pub fn parse(text: &str) -> Result<Self, BadEndorsement> {
        Self::read(&from_hex(text.trim()).map_err(BadEndorsement::Hex)?).map_err(BadEndorsement::Pack)
    }
}

/// A text that is not an endorsement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEndorsement {
    /// It is not hexadecimal digits.
    #[error("this is not an endorsement: {0}")]
    Hex(BadHex),
    /// It is no link pack.
    #[error("this is not an endorsement: {0}")]
    Pack(Reject),
}
