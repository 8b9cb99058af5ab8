//! What travels over MQTT, as CBOR with integer keys (RFC 8949), signed.
//!
//! Unknown keys are skipped, numbers are never reused. The broker is an untrusted pipe: whatever is not signed by the
//! key that the roster or the configuration names is not obeyed.
//!
//! Whatever came after the first version is sent only to a peer that announced it (`ability`), so that each side may be
//! one version behind the other.
//!
//! Leaves to others: when to send and what an answer changes (the cores), how bytes travel (`mqtt.rs` of each side).

pub mod ability;
pub mod envelope;
pub mod fleet_to_robot;
pub mod packed;
pub mod robot_to_fleet;
pub mod snapshot;
pub mod telemetry;
pub mod topic;

pub use minicbor::{Decode, Encode};

use crate::seal::{Hash, PublicKey, Signature};

/// Largest MQTT payload that either side sends or takes, in bytes.
pub const PAYLOAD_LEN_MAX: usize = 64 * 1024;

/// A value as CBOR.
///
/// # Panics
/// Never: writing to memory cannot fail, and no type here refuses to be encoded.
#[must_use]
pub fn to_bytes<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory cannot fail")
}

/// A value from CBOR. Bytes behind it are ignored.
///
/// # Errors
/// What the decoder found wrong, and where.
pub fn from_bytes<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, minicbor::decode::Error> {
    minicbor::decode(bytes)
}

/// A value from CBOR that fills all of the bytes, as a file does: what stands behind it was put there by somebody.
///
/// # Errors
/// What the decoder found wrong, and where.
pub fn from_whole<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, minicbor::decode::Error> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode()?;
    match bytes.len() - decoder.position() {
        0 => Ok(value),
        _ => Err(minicbor::decode::Error::message("something stands behind its end").at(decoder.position())),
    }
}

macro_rules! as_bytes {
    ($type:ident, $len:literal) => {
        impl<C> minicbor::Encode<C> for $type {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?;
                Ok(())
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $type {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes: [u8; $len] = d.bytes()?.try_into().map_err(minicbor::decode::Error::custom)?;
                Ok(Self(bytes))
            }
        }
    };
}

as_bytes!(Hash, 32);
as_bytes!(PublicKey, 32);
as_bytes!(Signature, 64);
