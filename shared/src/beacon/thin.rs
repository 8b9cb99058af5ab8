//! The thin form of before the F3411 layout, until the agent and the firmware have both left it.

use super::id::DisclosureId;
use crate::seal::{Context, PublicKey, Signature, SigningKey};

/// Bytes of a disclosure on the air: 4 of magic, 16 of id, 8 of time, 8 of sequence, 16 of journal head, 64 of signature.
pub const LEN: usize = 4 + 16 + 8 + 8 + 16 + 64;

const MAGIC: &[u8; 4] = b"BWB0";
const SIGNED_LEN: usize = LEN - 64;

/// What one disclosure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Who is a machine.
    pub id: DisclosureId,
    /// Tenths of a second since 2019-01-01 UTC on the sender's beacon clock, which never runs backwards.
    pub time_ds: u64,
    /// Number of the newest journal entry that the head covers; rises within an epoch.
    pub cseq: u64,
    /// First half of the journal's newest hash: every recording of this beacon is a commitment to the robot's history.
    pub head: [u8; 16],
}

/// Why bytes from the air are not a disclosure of the robot that was listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reject {
    /// Another number of bytes than [`LEN`].
    Length,
    /// Another protocol, or another version of this one.
    Magic,
    /// Somebody else's id.
    Foreign,
    /// The signature does not belong to the id's key.
    Signature,
    /// Time not after the last one heard, or sequence below it: a replay.
    NotRising,
}

/// Signs a disclosure with the robot's key.
#[must_use]
pub fn encode(key: &SigningKey, time_ds: u64, cseq: u64, head: [u8; 16]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[..4].copy_from_slice(MAGIC);
    bytes[4..20].copy_from_slice(&DisclosureId::of(&key.public()).0);
    bytes[20..28].copy_from_slice(&time_ds.to_le_bytes());
    bytes[28..36].copy_from_slice(&cseq.to_le_bytes());
    bytes[36..52].copy_from_slice(&head);
    let signature = key.sign(Context::Beacon, &bytes[..SIGNED_LEN]);
    bytes[SIGNED_LEN..].copy_from_slice(&signature.0);
    bytes
}

/// Hears one robot: knows its key and the last disclosure, takes bytes from the air and says what they are.
#[derive(Debug)]
pub struct Listener {
    key: PublicKey,
    id: DisclosureId,
    last: Option<(u64, u64)>,
}

impl Listener {
    /// Listens for the robot with this key; nothing heard yet.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self { key, id: DisclosureId::of(&key), last: None }
    }

    /// Takes one packet.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies; the listener's memory is unchanged then.
    pub fn hear(&mut self, bytes: &[u8]) -> Result<Disclosure, Reject> {
        let disclosure = self.verify(bytes)?;
        let rises = self.last.is_none_or(|(time, cseq)| disclosure.time_ds > time && disclosure.cseq >= cseq);
        if !rises {
            return Err(Reject::NotRising);
        }
        self.last = Some((disclosure.time_ds, disclosure.cseq));
        Ok(disclosure)
    }

    fn verify(&self, bytes: &[u8]) -> Result<Disclosure, Reject> {
        let bytes: &[u8; LEN] = bytes.try_into().map_err(|_| Reject::Length)?;
        if &bytes[..4] != MAGIC {
            return Err(Reject::Magic);
        }
        if bytes[4..20] != self.id.0 {
            return Err(Reject::Foreign);
        }
        let signature = Signature(bytes[SIGNED_LEN..].try_into().expect("64 bytes are left"));
        self.key.verify(Context::Beacon, &bytes[..SIGNED_LEN], &signature).map_err(|_| Reject::Signature)?;
        let number = |from: usize| u64::from_le_bytes(bytes[from..from + 8].try_into().expect("8 bytes"));
        let head = bytes[36..52].try_into().expect("16 bytes");
        Ok(Disclosure { id: self.id, time_ds: number(20), cseq: number(28), head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    #[test]
    fn every_single_bit_flip_is_rejected() {
        let sent = encode(&key(1), 77, 5, [9; 16]);
        for bit in 0..LEN * 8 {
            let mut spoiled = sent;
            spoiled[bit / 8] ^= 1 << (bit % 8);
            assert!(Listener::new(key(1).public()).hear(&spoiled).is_err(), "bit {bit} was taken");
        }
        assert!(Listener::new(key(1).public()).hear(&sent).is_ok());
    }

    #[test]
    fn a_replay_and_a_foreign_robot_are_not_heard() {
        let mut listener = Listener::new(key(1).public());
        let first = encode(&key(1), 77, 5, [0; 16]);
        assert!(listener.hear(&first).is_ok());
        assert_eq!(listener.hear(&first), Err(Reject::NotRising));
        assert_eq!(listener.hear(&encode(&key(1), 78, 4, [0; 16])), Err(Reject::NotRising));
        assert_eq!(listener.hear(&encode(&key(2), 79, 6, [0; 16])), Err(Reject::Foreign));
        assert!(listener.hear(&encode(&key(1), 78, 5, [0; 16])).is_ok());
    }

    #[test]
    fn any_truncation_is_rejected() {
        let sent = encode(&key(1), 77, 5, [0; 16]);
        for length in 0..LEN {
            assert_eq!(Listener::new(key(1).public()).hear(&sent[..length]), Err(Reject::Length));
        }
    }
}
