//! The messages of a pack: 25 bytes each, laid out as ASTM F3411 says, and what may stand in them.
//!
//! Numbers are little-endian. The first byte of every message is its type in the high half and the version in the low.

use super::id::DisclosureId;
use super::name::TEXT_LEN;
use super::reject::Reject;
use super::time::BeaconTime;

/// Bytes of one message.
pub const SIZE: usize = 25;
/// Bytes before the first message: the pack's type, the size of a message, their number.
pub const HEAD: usize = 3;

/// One message.
pub type Message = [u8; SIZE];

const VERSION: u8 = 2;
/// A message pack's first byte.
const PACK: u8 = 0xf0 | VERSION;

/// First byte of a Basic ID message.
pub const BASIC_ID: u8 = VERSION;
/// First byte of a Location message.
pub const LOCATION: u8 = 0x10 | VERSION;
/// First byte of a page of evidence.
pub const AUTH: u8 = 0x20 | VERSION;
/// First byte of a Self ID message.
pub const SELF_ID: u8 = 0x30 | VERSION;
/// First byte of an Operator ID message.
pub const OPERATOR_ID: u8 = 0x50 | VERSION;

/// Id type 4 (specific session), machine type 15 (other).
const ID_AND_UA_TYPE: u8 = 0x4f;
/// The session id's kind: private use.
const SESSION_KIND: u8 = 225;
/// The operator id's type: private use.
const JOURNAL_TYPE: u8 = 201;
/// Evidence type 5 (specific method) in the high half, the page's number in the low.
const METHOD: u8 = 0x50;

const FIRST_PAGE: usize = 17;
const LATER_PAGE: usize = 23;

/// A pack of these messages.
pub fn pack<const LEN: usize>(messages: &[Message]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    assert_eq!(HEAD + messages.len() * SIZE, LEN);
    bytes[..HEAD].copy_from_slice(&[PACK, SIZE as u8, messages.len() as u8]);
    bytes[HEAD..].copy_from_slice(messages.as_flattened());
    bytes
}

/// How many messages a pack announces, and has.
pub fn count(bytes: &[u8]) -> Result<usize, Reject> {
    let [pack, size, count, messages @ ..] = bytes else { return Err(Reject::Length) };
    let count = usize::from(*count);
    match () {
        () if *pack != PACK => Err(Reject::Header),
        () if usize::from(*size) != SIZE => Err(Reject::MessageSize),
        () if messages.len() != count * SIZE => Err(Reject::Length),
        () => Ok(count),
    }
}

/// The messages of a pack, of these types in this order, the evidence's pages ascending.
pub fn unpack<const COUNT: usize>(bytes: &[u8], types: [u8; COUNT]) -> Result<[Message; COUNT], Reject> {
    if count(bytes)? != COUNT {
        return Err(Reject::Count);
    }
    let messages: [Message; COUNT] = bytes[HEAD..].as_chunks().0.try_into().map_err(|_| Reject::Count)?;
    in_order(&messages, &types)?;
    Ok(messages)
}

fn in_order(messages: &[Message], types: &[u8]) -> Result<(), Reject> {
    if messages.iter().zip(types).any(|(message, kind)| message[0] != *kind) {
        return Err(Reject::MessageOrder);
    }
    let pages = messages.iter().filter(|message| message[0] == AUTH);
    let in_order = pages.zip(METHOD..).all(|(page, method)| page[1] == method);
    if in_order { Ok(()) } else { Err(Reject::PageOrder) }
}

/// Who speaks.
pub fn basic_id(id: DisclosureId) -> Message {
    let mut message = [0; SIZE];
    message[..3].copy_from_slice(&[BASIC_ID, ID_AND_UA_TYPE, SESSION_KIND]);
    message[3..19].copy_from_slice(&id.0);
    message
}

/// The id of a Basic ID message.
pub fn read_id(message: &Message) -> Result<DisclosureId, Reject> {
    if message[1..3] != [ID_AND_UA_TYPE, SESSION_KIND] {
        return Err(Reject::IdType);
    }
    Ok(DisclosureId(bytes_at(message, 3)))
}

/// In what state and at what tenth of the hour; direction, speed, place and height are unknown, as F3411 spells that.
pub fn location(status: u8, time: BeaconTime) -> Message {
    const SPEED_AND_DIRECTION_UNKNOWN: [u8; 4] = [0b11, 181, 255, 126];
    let mut message = [0; SIZE];
    message[0] = LOCATION;
    message[1..5].copy_from_slice(&SPEED_AND_DIRECTION_UNKNOWN);
    message[1] |= status << 4;
    message[21..23].copy_from_slice(&time.ds_in_hour().to_le_bytes());
    message
}

/// The status and the tenths of the hour of a Location message.
pub fn read_location(message: &Message) -> (u8, u16) {
    (message[1] >> 4, u16::from_le_bytes(bytes_at(message, 21)))
}

/// What a person reads.
pub fn self_id(text: &[u8; TEXT_LEN]) -> Message {
    let mut message = [0; SIZE];
    message[0] = SELF_ID;
    message[2..].copy_from_slice(text);
    message
}

/// The text of a Self ID message.
pub fn read_text(message: &Message) -> [u8; TEXT_LEN] {
    bytes_at(message, 2)
}

/// How far the journal has come: the low bits of its number and the first half of its hash.
pub fn operator_id(cseq: u32, head: [u8; 16]) -> Message {
    let mut message = [0; SIZE];
    message[..2].copy_from_slice(&[OPERATOR_ID, JOURNAL_TYPE]);
    message[2..6].copy_from_slice(&cseq.to_le_bytes());
    message[6..22].copy_from_slice(&head);
    message
}

/// The journal's number and head of an Operator ID message.
pub fn read_journal(message: &Message) -> Result<(u32, [u8; 16]), Reject> {
    if message[1] != JOURNAL_TYPE {
        return Err(Reject::OperatorType);
    }
    Ok((u32::from_le_bytes(bytes_at(message, 2)), bytes_at(message, 6)))
}

/// Evidence over as many pages as it needs.
pub fn auth_pages<const COUNT: usize>(timestamp_s: u32, data: &[u8]) -> [Message; COUNT] {
    let (first, later) = data.split_at(FIRST_PAGE);
    let mut rest = later.chunks(LATER_PAGE);
    let pages = std::array::from_fn(|page| {
        let mut message = [0; SIZE];
        message[0] = AUTH;
        message[1] = METHOD | page as u8;
        if page == 0 {
            message[2..4].copy_from_slice(&[COUNT as u8 - 1, data.len() as u8]);
            message[4..8].copy_from_slice(&timestamp_s.to_le_bytes());
            message[8..].copy_from_slice(first);
        } else if let Some(part) = rest.next() {
            message[2..2 + part.len()].copy_from_slice(part);
        }
        message
    });
    assert!(rest.next().is_none(), "the evidence fits on its pages");
    pages
}

/// The timestamp and the `LEN` bytes of evidence on these pages.
pub fn read_auth<const LEN: usize>(pages: &[Message]) -> Result<(u32, [u8; LEN]), Reject> {
    let first = &pages[0];
    if first[2..4] != [pages.len() as u8 - 1, LEN as u8] {
        return Err(Reject::AuthHeader);
    }
    let mut bytes = first[8..].to_vec();
    pages[1..].iter().for_each(|page| bytes.extend(&page[2..]));
    Ok((u32::from_le_bytes(bytes_at(first, 4)), bytes_at(&bytes, 0)))
}

/// `LEN` bytes from a place that the caller knows to lie inside.
pub fn bytes_at<const LEN: usize>(bytes: &[u8], from: usize) -> [u8; LEN] {
    bytes[from..from + LEN].try_into().expect("the length is the type's")
}
