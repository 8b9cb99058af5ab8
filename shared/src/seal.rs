//! Signatures and hashes: the only file that names `ring`.
//!
//! Every signature covers a context as well as the bytes, so that a signature made for one purpose never passes for
//! another. Keys are Ed25519 (RFC 8032), hashes SHA-256 (FIPS 180-4).

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;
use std::sync::Arc;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Digest of the parts one after the other.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.finish().as_ref());
        Self(out)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", to_hex(&self.0[..6]))
    }
}

/// What a signature is for. A signature made in one context fails in every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Robot to server, on any `up` topic.
    Up,
    /// Server to robot, on any `down` topic.
    Down,
    /// A robot's disclosure on the air.
    Beacon,
    /// The site CA's endorsement of a robot's key.
    Endorsement,
    /// An event in the safety controller's own record.
    Firmware,
    /// The site CA's endorsement of a safety officer's key.
    Officer,
    /// A safety officer's clearance.
    Clearance,
    /// The site CA's list of keys that count no more.
    Revoked,
}

impl Context {
    /// What every signature of this purpose is over before anything else; a zero byte ends it.
    #[must_use]
    pub const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Up => b"bellwether/up/v1\0",
            Self::Down => b"bellwether/down/v1\0",
            Self::Beacon => b"bellwether/beacon/v1\0",
            Self::Endorsement => b"bellwether/endorsement/v1\0",
            Self::Firmware => b"bellwether/firmware/v1\0",
            Self::Officer => b"bellwether/officer/v1\0",
            Self::Clearance => b"bellwether/clearance/v1\0",
            Self::Revoked => b"bellwether/revoked/v1\0",
        }
    }

    /// The bytes that are signed: the purpose, then the parts one after the other.
    fn bind(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut bound = Vec::with_capacity(self.prefix().len() + parts.iter().map(|part| part.len()).sum::<usize>());
        bound.extend_from_slice(self.prefix());
        parts.iter().for_each(|part| bound.extend_from_slice(part));
        bound
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sig:{}", to_hex(&self.0[..6]))
    }
}

/// A private key. Its bytes are never printed. A clone shares them.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {:?}", self.public())
    }
}

impl SigningKey {
    /// The key that grows from 32 secret bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 seed (RFC 8032, 5.1.5)");
        Self { pair: Arc::new(pair) }
    }

    /// The key that others know.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let bytes = self.pair.public_key().as_ref();
        PublicKey(bytes.try_into().expect("an Ed25519 public key has 32 bytes"))
    }

    /// Signs `bytes` for one purpose.
    #[must_use]
    pub fn sign(&self, context: Context, bytes: &[u8]) -> Signature {
        self.sign_parts(context, &[bytes])
    }

    /// Signs parts, one after the other, for one purpose.
    #[must_use]
    pub fn sign_parts(&self, context: Context, parts: &[&[u8]]) -> Signature {
        let signature = self.pair.sign(&context.bind(parts));
        Signature(signature.as_ref().try_into().expect("an Ed25519 signature has 64 bytes"))
    }
}

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// The signature does not belong to these bytes, this key and this purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not belong to these bytes and this key")]
pub struct BadSignature;

impl PublicKey {
    /// Takes 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`BadHex`] when it has another form.
    pub fn parse(text: &str) -> Result<Self, BadHex> {
        let bytes = from_hex(text)?;
        let found = bytes.len();
        bytes.try_into().map(Self).map_err(|_| BadHex::Length { wanted: 32, found })
    }

    /// Checks that `signature` was made over `bytes` for this purpose by the owner of this key.
    ///
    /// # Errors
    /// [`BadSignature`] otherwise; why it fails is not told, and cannot be known.
    pub fn verify(&self, context: Context, bytes: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        self.verify_parts(context, &[bytes], signature)
    }

    /// Checks a signature as [`verify`](Self::verify) does, over parts, one after the other.
    ///
    /// # Errors
    /// [`BadSignature`] as there.
    pub fn verify_parts(&self, context: Context, parts: &[&[u8]], signature: &Signature) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(&ED25519, self.0).verify(&context.bind(parts), &signature.0).map_err(|_| BadSignature)
    }

    /// The key as 64 hexadecimal digits.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_hex(&self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key:{}", to_hex(&self.0[..6]))
    }
}

/// Why a text is not the hexadecimal form of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHex {
    /// An odd number of digits, or a character that is none; with its position.
    #[error("not a pair of hexadecimal digits at position {0}")]
    Digit(usize),
    /// Another number of bytes than the value has.
    #[error("{wanted} bytes are wanted, these are {found}")]
    Length {
        /// Bytes the value has.
        wanted: usize,
        /// Bytes the text has.
        found: usize,
    },
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Bytes from hexadecimal digits of either case.
///
/// # Errors
/// [`BadHex::Digit`] at the first position that is not a pair of digits.
pub fn from_hex(text: &str) -> Result<Vec<u8>, BadHex> {
    let pairs = text.as_bytes().chunks(2).enumerate();
    pairs.map(|(i, pair)| hex_pair(pair).ok_or(BadHex::Digit(i * 2))).collect()
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    let [high, low] = pair else { return None };
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_its_bytes_and_its_purpose_only() {
        let key = SigningKey::from_seed(&[7; 32]);
        let signature = key.sign(Context::Up, b"word");
        assert_eq!(key.public().verify(Context::Up, b"word", &signature), Ok(()));
        assert_eq!(key.public().verify(Context::Down, b"word", &signature), Err(BadSignature));
        assert_eq!(key.public().verify(Context::Up, b"worD", &signature), Err(BadSignature));
        let other = SigningKey::from_seed(&[8; 32]);
        assert_eq!(other.public().verify(Context::Up, b"word", &signature), Err(BadSignature));
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let text = format!("{:?}", SigningKey::from_seed(&[0xab; 32]));
        assert!(!text.contains("abab"), "{text}");
    }

    #[test]
    fn hexadecimal_digits_come_back_and_anything_else_is_refused() {
        assert_eq!(from_hex("00fF"), Ok(vec![0, 255]));
        assert_eq!(to_hex(&[0, 255]), "00ff");
        assert_eq!(from_hex("0"), Err(BadHex::Digit(0)));
        assert_eq!(from_hex("00é0"), Err(BadHex::Digit(2)));
        assert_eq!(PublicKey::parse("00"), Err(BadHex::Length { wanted: 32, found: 1 }));
    }
}
