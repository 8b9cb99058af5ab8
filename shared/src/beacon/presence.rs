//! One disclosure: "I am a machine", by whom, in what state, when, and how far the journal has come.

use super::id::DisclosureId;
use super::message::{self, AUTH, BASIC_ID, LOCATION, Message, OPERATOR_ID, SELF_ID, bytes_at};
use super::name::MachineName;
use super::reject::Reject;
use super::time::BeaconTime;
use crate::seal::{Context, PublicKey, Signature, SigningKey};

/// Messages of a presence pack.
pub const MESSAGES: usize = 9;
/// Bytes of a presence pack.
pub const PRESENCE_LEN: usize = message::HEAD + MESSAGES * message::SIZE;
/// How long a disclosure holds, in seconds. Short, because a recording passes for the robot this long.
pub const PRESENCE_VALID_S: u32 = 10;
/// The longest that a receiver lets a disclosure hold, in seconds.
pub const VALID_S_MAX: u32 = 30;

const TYPES: [u8; MESSAGES] = [BASIC_ID, LOCATION, SELF_ID, OPERATOR_ID, AUTH, AUTH, AUTH, AUTH, AUTH];
/// The messages that the signature covers: those before the evidence.
const SIGNED: usize = 4;
/// The evidence's kind, private use.
const KIND: u8 = 0xe2;
const AUTH_LEN: usize = 1 + 4 + 4 + 16 + 64;

/// What the robot says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// On the ground, in order.
    Ground,
    /// Stopped by its button (F3411: emergency).
    StoppedByButton,
    /// The disclosure itself is not in order: endorsement or clock (F3411: remote identification failed).
    Fault,
}

impl Status {
    const ALL: [Self; 3] = [Self::Ground, Self::StoppedByButton, Self::Fault];

    const fn code(self) -> u8 {
        match self {
            Self::Ground => 1,
            Self::StoppedByButton => 3,
            Self::Fault => 4,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// The status as one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::StoppedByButton => "stopped_by_button",
            Self::Fault => "fault",
        }
    }
}

/// What a robot puts into one disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceWords {
    /// Its name, as people read it.
    pub name: MachineName,
    /// Its state.
    pub status: Status,
    /// Now, by its beacon clock.
    pub time: BeaconTime,
    /// Number of the journal's newest committed entry; its low 32 bits go on the air.
    pub cseq: u64,
    /// First half of that entry's hash.
    pub head: [u8; 16],
}

/// Signs one disclosure with the robot's key.
#[must_use]
pub fn encode_presence(key: &SigningKey, words: &PresenceWords) -> [u8; PRESENCE_LEN] {
    let presence = Presence {
        id: DisclosureId::of(&key.public()),
        status: words.status,
        time: words.time,
        not_after_s: words.time.secs() + PRESENCE_VALID_S,
        name: words.name.clone(),
        cseq: (words.cseq & u64::from(u32::MAX)) as u32,
        head: words.head,
        signature: Signature([0; 64]),
    };
    presence.signed(key).to_pack()
}

/// One disclosure as it was on the air, whole and canonical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub id: DisclosureId,
    /// In what state.
    pub status: Status,
    /// When, by the sender's clock: rises from one disclosure to the next.
    pub time: BeaconTime,
    /// Until when it holds, in seconds since 2019.
    pub not_after_s: u32,
    /// Under what name.
    pub name: MachineName,
    /// Low 32 bits of the number of the journal's newest entry.
    pub cseq: u32,
    /// First half of that entry's hash.
    pub head: [u8; 16],
    signature: Signature,
}

impl Presence {
    /// Reads a presence pack; the signature is not checked yet.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn read(bytes: &[u8]) -> Result<Self, Reject> {
        let messages = message::unpack(bytes, TYPES)?;
        let presence = Self::of_messages(&messages)?;
        presence.check_validity()?;
        if presence.to_pack() != bytes { Err(Reject::Padding) } else { Ok(presence) }
    }

    fn of_messages(messages: &[Message; MESSAGES]) -> Result<Self, Reject> {
        let [basic_id, location, self_id, operator_id, pages @ ..] = messages;
        let id = message::read_id(basic_id)?;
        let (cseq, head) = message::read_journal(operator_id)?;
        let (timestamp_s, auth) = message::read_auth::<AUTH_LEN>(pages)?;
        let not_before_s = u32::from_le_bytes(bytes_at(&auth, 1));
        let (status, ds_in_hour) = message::read_location(location);
        match () {
            () if auth[0] != KIND => return Err(Reject::AuthKind),
            () if auth[9..25] != id.0 => return Err(Reject::IdMismatch),
            () if timestamp_s != not_before_s => return Err(Reject::Timestamp),
            () => {}
        }
        Ok(Self {
            id,
            status: Status::of_code(status).ok_or(Reject::Status)?,
            time: BeaconTime::from_air(not_before_s, ds_in_hour).ok_or(Reject::HourTime)?,
            not_after_s: u32::from_le_bytes(bytes_at(&auth, 5)),
            name: MachineName::from_bytes(&message::read_text(self_id)).ok_or(Reject::Text)?,
            cseq,
            head,
            signature: Signature(bytes_at(&auth, 25)),
        })
    }

    fn check_validity(&self) -> Result<(), Reject> {
        match self.not_after_s.checked_sub(self.time.secs()) {
            None | Some(0) => Err(Reject::Inverted),
            Some(length) if length > VALID_S_MAX => Err(Reject::Huge),
            Some(_) => Ok(()),
        }
    }

    /// Whether the owner of `key` made it, and the id is that key's.
    ///
    /// # Errors
    /// [`Reject::KeyId`] or [`Reject::Signature`].
    pub fn check(&self, key: &PublicKey) -> Result<(), Reject> {
        if self.id != DisclosureId::of(key) {
            return Err(Reject::KeyId);
        }
        key.verify(Context::Beacon, &self.signed_bytes(), &self.signature).map_err(|_| Reject::Signature)
    }

    pub(super) fn signed(self, key: &SigningKey) -> Self {
        Self { signature: key.sign(Context::Beacon, &self.signed_bytes()), ..self }
    }

    /// Both times, the messages before the evidence, the id.
    fn signed_bytes(&self) -> Vec<u8> {
        let [from, until] = self.validity();
        [&from[..], &until, self.statement().as_flattened(), &self.id.0].concat()
    }

    fn validity(&self) -> [[u8; 4]; 2] {
        [self.time.secs().to_le_bytes(), self.not_after_s.to_le_bytes()]
    }

    fn statement(&self) -> [Message; SIGNED] {
        [
            message::basic_id(self.id),
            message::location(self.status.code(), self.time),
            message::self_id(&self.name.to_bytes()),
            message::operator_id(self.cseq, self.head),
        ]
    }

    /// The pack that says this.
    #[must_use]
    pub fn to_pack(&self) -> [u8; PRESENCE_LEN] {
        let [from, until] = self.validity();
        let auth = [&[KIND], &from[..], &until, &self.id.0, &self.signature.0].concat();
        let pages: [Message; MESSAGES - SIGNED] = message::auth_pages(self.time.secs(), &auth);
        message::pack(&[&self.statement()[..], &pages].concat())
    }
}
