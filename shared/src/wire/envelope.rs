//! A signed message: the exact bytes of the body, who sent it or whom it is for, and the signature over both.

use crate::id::RobotId;
use crate::seal::{Context, PublicKey, Signature, SigningKey};
use crate::wire::{PAYLOAD_LEN_MAX, from_bytes, to_bytes};
use minicbor::{Decode, Encode};

/// A message as it travels. The body is signed as it stands, never decoded and encoded again in between.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sealed {
    /// Version of the envelope: 1.
    #[n(0)]
    pub v: u8,
    /// The robot that sent it, or that it is for.
    #[n(1)]
    pub robot: RobotId,
    /// The body's exact bytes.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Signature over robot and body.
    #[n(3)]
    pub signature: Signature,
}

/// Why a message is not obeyed. The bytes are quarantined and counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More bytes than are ever sent.
    #[error("a message has at most {PAYLOAD_LEN_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// The envelope is not CBOR of the expected shape.
    #[error("the envelope cannot be decoded: {0}")]
    Envelope(String),
    /// An envelope of a version that this program does not know.
    #[error("the envelope has version {0}, 1 is known")]
    Version(u8),
    /// It names another robot than the topic it came on.
    #[error("the message names {found}, its topic {wanted}")]
    Misaddressed {
        /// Whom the topic names.
        wanted: RobotId,
        /// Whom the message names.
        found: RobotId,
    },
    /// The signature is not by the key that counts for this robot.
    #[error("the signature is not by the key that counts for {0}")]
    Signature(RobotId),
    /// The body is signed, and not CBOR of the expected shape.
    #[error("the body cannot be decoded: {0}")]
    Body(String),
}

impl Sealed {
    /// Signs a body and returns the message's bytes.
    #[must_use]
    pub fn seal<T: Encode<()>>(key: &SigningKey, context: Context, robot: &RobotId, body: &T) -> Vec<u8> {
        let body = to_bytes(body);
        let signature = key.sign(context, &signed_bytes(robot, &body));
        to_bytes(&Self { v: 1, robot: robot.clone(), body, signature })
    }

    /// Opens a message that came on the topic of `robot` and must be signed by `key`; returns the body's exact bytes.
    ///
    /// # Errors
    /// [`Malformed`] with the first reason that applies.
    pub fn open_bytes(bytes: &[u8], key: &PublicKey, context: Context, robot: &RobotId) -> Result<Vec<u8>, Malformed> {
        if bytes.len() > PAYLOAD_LEN_MAX {
            return Err(Malformed::TooLong(bytes.len()));
        }
        let sealed: Self = from_bytes(bytes).map_err(|e| Malformed::Envelope(e.to_string()))?;
        if sealed.v != 1 {
            return Err(Malformed::Version(sealed.v));
        }
        if &sealed.robot != robot {
            return Err(Malformed::Misaddressed { wanted: robot.clone(), found: sealed.robot });
        }
        key.verify(context, &signed_bytes(robot, &sealed.body), &sealed.signature)
            .map_err(|_| Malformed::Signature(robot.clone()))?;
        Ok(sealed.body)
    }

    /// Opens a message as [`open_bytes`](Sealed::open_bytes) does and decodes its body.
    ///
    /// # Errors
    /// [`Malformed`] with the first reason that applies.
    pub fn open<T>(bytes: &[u8], key: &PublicKey, context: Context, robot: &RobotId) -> Result<T, Malformed>
    where
        T: for<'b> Decode<'b, ()>,
    {
        let body = Self::open_bytes(bytes, key, context, robot)?;
        from_bytes(&body).map_err(|e| Malformed::Body(e.to_string()))
    }

    /// Whether the owner of `key` signed this body in this context, as its robot's own or for that robot.
    #[must_use]
    pub fn is_signed(body: &[u8], signature: &Signature, key: &PublicKey, context: Context, robot: &RobotId) -> bool {
        key.verify(context, &signed_bytes(robot, body), signature).is_ok()
    }
}

fn signed_bytes(robot: &RobotId, body: &[u8]) -> Vec<u8> {
    [robot.as_str().as_bytes(), b"\0", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robot(name: &str) -> RobotId {
        RobotId::parse(name).unwrap()
    }

    #[test]
    fn a_message_opens_only_for_its_robot_its_key_and_its_direction() {
        let key = SigningKey::from_seed(&[1; 32]);
        let bytes = Sealed::seal(&key, Context::Up, &robot("r-1"), &7u64);
        let open = |key: &SigningKey, context, name| Sealed::open::<u64>(&bytes, &key.public(), context, &robot(name));
        assert_eq!(open(&key, Context::Up, "r-1"), Ok(7));
        assert!(matches!(open(&key, Context::Up, "r-2"), Err(Malformed::Misaddressed { .. })));
        assert!(matches!(open(&key, Context::Down, "r-1"), Err(Malformed::Signature(_))));
        let other = SigningKey::from_seed(&[2; 32]);
        assert!(matches!(open(&other, Context::Up, "r-1"), Err(Malformed::Signature(_))));
    }

    #[test]
    fn no_bytes_panic_and_no_spoiled_byte_is_taken() {
        let key = SigningKey::from_seed(&[1; 32]);
        let bytes = Sealed::seal(&key, Context::Up, &robot("r-1"), &7u64);
        let taken = |bytes: &[u8]| Sealed::open::<u64>(bytes, &key.public(), Context::Up, &robot("r-1")).is_ok();
        for i in 0..bytes.len() {
            for flip in 1..=255u8 {
                let mut spoiled = bytes.clone();
                spoiled[i] ^= flip;
                assert!(!taken(&spoiled), "byte {i} ^ {flip:02x} was taken");
            }
            assert!(!taken(&bytes[..i]));
        }
        let long = vec![0; PAYLOAD_LEN_MAX + 1];
        assert_eq!(
            Sealed::open::<u64>(&long, &key.public(), Context::Up, &robot("r-1")),
            Err(Malformed::TooLong(PAYLOAD_LEN_MAX + 1))
        );
    }
}
