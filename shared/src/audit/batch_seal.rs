//! A robot's signature over a stretch of its journal, apart from the entries that it covers.
//!
//! The entries are kept once, as records; the batch that was signed is built from them again. A batch that this version
//! cannot build again byte for byte, because a newer one wrote it, is kept whole beside its signature.

use crate::id::RobotId;
use crate::journal::{Boot, Epoch, Lane};
use crate::seal::{Context, PublicKey, Signature};
use crate::wire::envelope::Sealed;
use crate::wire::robot_to_fleet::{Batch, Carried};
use crate::wire::{from_bytes, to_bytes};

/// The signature under one batch, with what is needed to build the batch again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSeal {
    /// Which lane.
    pub lane: Lane,
    /// Number of the first entry in the lane.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
    /// The boot in which it was sent.
    pub boot: Boot,
    /// When it was sent, on that boot's monotonic clock, in milliseconds.
    pub sent_mono_ms: u64,
    /// The robot's signature over its name and the batch.
    pub signature: Signature,
    /// The batch's exact bytes, where they cannot be built again.
    pub body: Option<Vec<u8>>,
}

impl BatchSeal {
    /// The seal of a message that was opened before: its bytes as they came, and its body.
    #[must_use]
    pub fn of(message: &[u8], body: &[u8]) -> Option<(Epoch, Self)> {
        let Sealed { signature, .. } = from_bytes(message).ok()?;
        let batch: Batch = from_bytes(body).ok()?;
        Some((batch.epoch, Self::over(&batch, body, signature)))
    }

    /// The seal of a batch that was read from these bytes, which were signed so.
    #[must_use]
    pub fn over(batch: &Batch, body: &[u8], signature: Signature) -> Self {
        let is_built_again = is_built(batch, body);
        Self {
            lane: batch.lane,
            first: batch.first,
            last: batch.last,
            boot: batch.boot,
            sent_mono_ms: batch.mono_ms,
            signature,
            body: (!is_built_again).then(|| body.to_vec()),
        }
    }

    /// Whether the owner of this key signed a batch of exactly these entries.
    #[must_use]
    pub fn holds(&self, robot: &RobotId, epoch: Epoch, entries: &[Carried], key: &PublicKey) -> bool {
        let body = match &self.body {
            None => self.built(epoch, entries),
            Some(body) if self.is_about(epoch, entries, body) => body.clone(),
            Some(_) => return false,
        };
        Sealed::is_signed(&body, &self.signature, key, Context::Up, robot)
    }

    fn is_about(&self, epoch: Epoch, entries: &[Carried], body: &[u8]) -> bool {
        from_bytes(body).is_ok_and(|batch: Batch| {
            let said = (batch.epoch, batch.lane, batch.first, batch.last, batch.boot, batch.mono_ms);
            said == (epoch, self.lane, self.first, self.last, self.boot, self.sent_mono_ms) && batch.entries == entries
        })
    }

    fn built(&self, epoch: Epoch, entries: &[Carried]) -> Vec<u8> {
        to_bytes(&Batch {
            epoch,
            lane: self.lane,
            first: self.first,
            last: self.last,
            boot: self.boot,
            mono_ms: self.sent_mono_ms,
            entries: entries.to_vec(),
        })
    }
}

/// Whether a batch becomes these bytes again.
fn is_built(batch: &Batch, body: &[u8]) -> bool {
    let mut room = Vec::with_capacity(body.len());
    minicbor::encode(batch, &mut room).is_ok() && room == body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::SigningKey;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[1; 32])
    }

    fn robot() -> RobotId {
        RobotId::parse("r-1").unwrap()
    }

    fn batch() -> Batch {
        let entries = vec![Carried { entry: vec![1], body: vec![2] }, Carried { entry: vec![3], body: vec![4] }];
        Batch { epoch: Epoch(1), lane: Lane::Safety, first: 1, last: 2, boot: Boot(9), mono_ms: 7, entries }
    }

    fn message(body: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        let batch: Batch = from_bytes(&body).unwrap();
        let sealed = Sealed::seal(&key(), Context::Up, &robot(), &batch);
        (sealed, body)
    }

    #[test]
    fn a_seal_holds_for_its_entries_its_robot_and_its_key_only() {
        let (sealed, body) = message(to_bytes(&batch()));
        let (epoch, seal) = BatchSeal::of(&sealed, &body).unwrap();
        let entries = batch().entries;
        assert_eq!((epoch, seal.body.is_some()), (Epoch(1), false));
        assert!(seal.holds(&robot(), epoch, &entries, &key().public()));
        assert!(!seal.holds(&robot(), Epoch(2), &entries, &key().public()));
        assert!(!seal.holds(&RobotId::parse("r-2").unwrap(), epoch, &entries, &key().public()));
        assert!(!seal.holds(&robot(), epoch, &entries[..1], &key().public()));
        assert!(!seal.holds(&robot(), epoch, &entries, &SigningKey::from_seed(&[2; 32]).public()));
        assert!(!BatchSeal { first: 2, ..seal.clone() }.holds(&robot(), epoch, &entries, &key().public()));
    }

    #[test]
    fn a_packed_message_leaves_the_seal_of_what_was_packed() {
        let entries = vec![Carried { entry: vec![1; 400], body: vec![2; 400] }];
        let batch = Batch { last: 1, entries, ..batch() };
        let sealed = Sealed::seal_packed(&key(), Context::Up, &robot(), &batch);
        let body = Sealed::open_bytes(&sealed, &key().public(), Context::Up, &robot()).unwrap();
        assert!(sealed.len() < body.len(), "it travelled packed");
        let (epoch, seal) = BatchSeal::of(&sealed, &body).unwrap();
        assert_eq!(seal.body, None);
        assert!(seal.holds(&robot(), epoch, &batch.entries, &key().public()));
    }

    /// A newer version wrote a key that this one does not know: the batch cannot be built again.
    #[test]
    fn a_batch_that_cannot_be_built_again_is_kept_whole() {
        let mut body = to_bytes(&batch());
        assert_eq!(body[0], 0xa7, "a map of seven");
        body[0] = 0xa8;
        body.extend([0x18, 99, 1]);
        let signed = [b"r-1\0".as_slice(), &body].concat();
        let (sealed, _) = message(to_bytes(&batch()));
        let (_, plain) = BatchSeal::of(&sealed, &body).unwrap();
        let seal = BatchSeal { signature: key().sign(Context::Up, &signed), ..plain };
        assert!(seal.body.is_some());
        assert!(seal.holds(&robot(), Epoch(1), &batch().entries, &key().public()));
        assert!(!seal.holds(&robot(), Epoch(1), &batch().entries[1..], &key().public()));
        assert!(BatchSeal::of(b"", b"").is_none());
    }
}
