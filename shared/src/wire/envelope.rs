//! A signed message: the exact bytes of the body, who sent it or whom it is for, and the signature over both.

use crate::id::RobotId;
use crate::seal::{Context, PublicKey, Signature, SigningKey};
use crate::wire::packed::{BadPack, pack, unpack};
use crate::wire::{PAYLOAD_LEN_MAX, from_bytes, to_bytes};
use minicbor::{Decode, Encode};

/// A message as it travels. The body is signed as it stands, never decoded and encoded again in between; the signature
/// is over the body before it was packed, so that whoever stores it need not keep the packed form.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sealed {
    /// Version of the envelope: 1.
    #[n(0)]
    pub v: u8,
    /// The robot that sent it, or that it is for.
    #[n(1)]
    pub robot: RobotId,
    /// The body's exact bytes, or, with `unpacked_len`, the zstd frame that becomes them.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Signature over robot and body.
    #[n(3)]
    pub signature: Signature,
    /// Length of the body before it was packed; absent when it is not. Only for peers that said they unpack.
    #[n(4)]
    pub unpacked_len: Option<u64>,
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
    /// The body is packed, and does not become what it claims under the limit.
    #[error("the body cannot be unpacked: {0}")]
    Packed(#[from] BadPack),
    /// The signature is not by the key that counts for this robot.
    #[error("the signature is not by the key that counts for {0}")]
    Signature(RobotId),
    /// The body is signed, and not CBOR of the expected shape.
    #[error("the body cannot be decoded: {0}")]
    Body(String),
}

impl Sealed {
    /// Signs a body and returns the message's bytes, as every version of this protocol reads them.
    #[must_use]
    pub fn seal<T: Encode<()>>(key: &SigningKey, context: Context, robot: &RobotId, body: &T) -> Vec<u8> {
        Self::seal_body(key, context, robot, to_bytes(body), false)
    }

    /// Signs a body, packs it where that wins something, and returns the message's bytes. Only for a peer that said it
    /// unpacks: others refuse the signature.
    #[must_use]
    pub fn seal_packed<T: Encode<()>>(key: &SigningKey, context: Context, robot: &RobotId, body: &T) -> Vec<u8> {
        Self::seal_body(key, context, robot, to_bytes(body), true)
    }

    /// Signs a body's exact bytes and returns the message's; `packs` where the peer said it unpacks.
    #[must_use]
    pub fn seal_body(key: &SigningKey, context: Context, robot: &RobotId, body: Vec<u8>, packs: bool) -> Vec<u8> {
        let signature = key.sign_parts(context, &signed_parts(robot, &body));
        let packed = if packs { pack(&body) } else { None };
        let (body, unpacked_len) = match packed {
            Some(packed) => (packed, Some(body.len() as u64)),
            None => (body, None),
        };
        to_bytes(&Self { v: 1, robot: robot.clone(), body, signature, unpacked_len })
    }

    /// Opens a message that came on the topic of `robot` and must be signed by `key`; returns the body's exact bytes.
    ///
    /// # Errors
    /// [`Malformed`] with the first reason that applies.
    pub fn open_bytes(bytes: &[u8], key: &PublicKey, context: Context, robot: &RobotId) -> Result<Vec<u8>, Malformed> {
        Self::open_signed(bytes, key, context, robot).map(|(body, _)| body)
    }

    /// Opens a message as [`open_bytes`](Sealed::open_bytes) does; returns the body's exact bytes and the signature, for
    /// those who keep it.
    ///
    /// # Errors
    /// [`Malformed`] with the first reason that applies.
    pub fn open_signed(
        bytes: &[u8],
        key: &PublicKey,
        context: Context,
        robot: &RobotId,
    ) -> Result<(Vec<u8>, Signature), Malformed> {
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
        let body = match sealed.unpacked_len {
            Some(claimed) => unpack(&sealed.body, claimed)?,
            None => sealed.body,
        };
        key.verify_parts(context, &signed_parts(robot, &body), &sealed.signature)
            .map_err(|_| Malformed::Signature(robot.clone()))?;
        Ok((body, sealed.signature))
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
        key.verify_parts(context, &signed_parts(robot, body), signature).is_ok()
    }
}

/// What is signed, one after the other.
fn signed_parts<'a>(robot: &'a RobotId, body: &'a [u8]) -> [&'a [u8]; 3] {
    [robot.as_str().as_bytes(), b"\0", body]
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

    /// An envelope as the first version of this protocol had it: four keys, and every other one skipped.
    #[derive(Encode, Decode)]
    #[cbor(map)]
    struct First {
        #[n(0)]
        v: u8,
        #[n(1)]
        robot: RobotId,
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        body: Vec<u8>,
        #[n(3)]
        signature: Signature,
    }

    #[test]
    fn a_message_of_the_first_version_opens_and_ours_is_one_for_whoever_does_not_unpack() {
        let key = SigningKey::from_seed(&[1; 32]);
        let body = to_bytes(&"walk".repeat(1000));
        let signature = key.sign_parts(Context::Up, &signed_parts(&robot("r-1"), &body));
        let first = to_bytes(&First { v: 1, robot: robot("r-1"), body: body.clone(), signature });
        let opened = Sealed::open_bytes(&first, &key.public(), Context::Up, &robot("r-1"));
        assert_eq!(opened, Ok(body));
        assert_eq!(Sealed::seal(&key, Context::Up, &robot("r-1"), &"walk".repeat(1000)), first);
    }

    #[test]
    fn a_packed_message_is_shorter_opens_to_the_signed_bytes_and_is_no_bomb() {
        let key = SigningKey::from_seed(&[1; 32]);
        let text = "walk".repeat(1000);
        let bytes = Sealed::seal_packed(&key, Context::Up, &robot("r-1"), &text);
        assert!(bytes.len() < 200, "{}", bytes.len());
        let open = |bytes: &[u8]| Sealed::open::<String>(bytes, &key.public(), Context::Up, &robot("r-1"));
        assert_eq!(open(&bytes), Ok(text));
        let sealed: Sealed = from_bytes(&bytes).unwrap();
        let claims = |unpacked_len| open(&to_bytes(&Sealed { unpacked_len, ..sealed.clone() }));
        assert_eq!(claims(Some(1 << 40)), Err(Malformed::Packed(BadPack::Bomb(1 << 40))));
        assert!(matches!(claims(Some(100)), Err(Malformed::Packed(BadPack::Spoiled { .. }))));
        assert!(matches!(claims(None), Err(Malformed::Signature(_))));
        let short = Sealed::seal(&key, Context::Up, &robot("r-1"), &7u64);
        assert_eq!(Sealed::seal_packed(&key, Context::Up, &robot("r-1"), &7u64), short);
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
