//! The 32 bytes of a frame: `ver u8 | kind u8 | len u8 | flags u8 | seq u32 | t_ms u32 | payload[16] | crc32c u32`.

use crate::crc::crc32c;
use crate::payload::PAYLOAD_LEN;

/// Every frame has this length, so that a length can never be wrong in an interesting way.
pub const FRAME_LEN: usize = 32;

/// The version of the frame and of its words.
pub const VERSION: u8 = 1;

/// Where the checksum begins, which covers everything before it.
const CRC_AT: usize = 28;

/// Why a frame was dropped. Every reason is counted by its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reject {
    /// It has not 32 bytes.
    Length,
    /// It is of another version.
    Version,
    /// Its checksum does not fit: it was spoiled, or belongs to another link, session or direction.
    Crc,
    /// There is no such word in this direction.
    Kind,
    /// The word exists, but not with this content.
    Payload,
    /// It belongs to no session: a greeting has to come first.
    Session,
    /// Its number is not above the last one: repeated, or out of order.
    Sequence,
    /// It was on its way for too long, or claims to come from the future.
    Age,
}

impl Reject {
    /// Whether it counts towards the link-error trip.
    ///
    /// A frame that is merely late does not: lateness is silence, and the heartbeat's own limit judges that.
    #[must_use]
    pub const fn is_link_error(self) -> bool {
        match self {
            Self::Length | Self::Version | Self::Crc | Self::Kind | Self::Payload | Self::Session | Self::Sequence => {
                true
            }
            Self::Age => false,
        }
    }
}

/// A frame's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub(crate) kind: u8,
    /// Used bytes of the payload; the others are 0.
    pub(crate) len: u8,
    /// Strictly rising within a session.
    pub(crate) seq: u32,
    /// The firmware's clock, in both directions; see [`crate::Receiver::firmware_ms`].
    pub(crate) t_ms: u32,
    pub(crate) payload: [u8; PAYLOAD_LEN],
}

impl Frame {
    /// The frame's bytes, with the checksum over codename and frame.
    pub(crate) fn seal(&self, codename: &[u8]) -> [u8; FRAME_LEN] {
        let mut bytes = [0; FRAME_LEN];
        bytes[..4].copy_from_slice(&[VERSION, self.kind, self.len, 0]);
        bytes[4..8].copy_from_slice(&self.seq.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.t_ms.to_le_bytes());
        bytes[12..CRC_AT].copy_from_slice(&self.payload);
        let crc = crc32c(&[codename, &bytes[..CRC_AT]]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The fields of bytes of the right length and version whose checksum fits the codename of their kind.
    pub(crate) fn open(bytes: &[u8], codename_of: impl FnOnce(u8) -> [u8; 17]) -> Result<Self, Reject> {
        let bytes: &[u8; FRAME_LEN] = bytes.try_into().map_err(|_| Reject::Length)?;
        let [version, kind, len, flags, s0, s1, s2, s3, t0, t1, t2, t3, payload @ .., c0, c1, c2, c3] = *bytes;
        if version != VERSION {
            return Err(Reject::Version);
        }
        if crc32c(&[&codename_of(kind), &bytes[..CRC_AT]]) != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Err(Reject::Crc);
        }
        if flags != 0 {
            return Err(Reject::Payload);
        }
        let seq = u32::from_le_bytes([s0, s1, s2, s3]);
        let t_ms = u32::from_le_bytes([t0, t1, t2, t3]);
        Ok(Self { kind, len, seq, t_ms, payload })
    }

    /// Refuses a payload of another length than its kind has, or with anything behind its end.
    pub(crate) fn expect_len(&self, len: u8) -> Result<(), Reject> {
        let rest_is_zero = self.payload.iter().skip(usize::from(len)).all(|byte| *byte == 0);
        if self.len == len && rest_is_zero { Ok(()) } else { Err(Reject::Payload) }
    }
}
