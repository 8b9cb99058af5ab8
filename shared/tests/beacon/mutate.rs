//! Packs spoiled at random, and how many of them a receiver or a bystander takes. Repeatable: the seed is all there is.

use super::packs::{Packs, noon};
use shared::beacon::{Observer, Receiver};
use shared::time::Instant;

/// A small repeatable generator (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }
}

/// What became of so many mutations.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken by a receiver or by a bystander.
    pub accepted: u64,
    /// Changed back into one of the packs by chance, and left out.
    pub unchanged: u64,
}

/// Spoils both packs `count` times, starting from this seed, which is not 0.
pub fn mutate(packs: &Packs, count: u64, seed: u64) -> Tally {
    let mut random = Random(seed);
    let mut tally = Tally::default();
    let originals = [&packs.presence[..], &packs.link];
    for _ in 0..count {
        let which = random.below(2);
        let bytes = spoiled(originals[which], originals[1 - which], &mut random);
        if originals.contains(&&bytes[..]) {
            tally.unchanged += 1;
        } else if is_taken(packs, &bytes) {
            tally.accepted += 1;
        }
    }
    tally
}

/// Whether anyone takes these bytes, before or after the endorsement was heard.
fn is_taken(packs: &Packs, bytes: &[u8]) -> bool {
    let now = Instant(0);
    let mut unendorsed = Receiver::new(packs.robot, packs.ca);
    let mut receiver = Receiver::new(packs.robot, packs.ca);
    let mut observer = Observer::new(packs.ca);
    assert!(receiver.hear(&packs.link, now).is_ok() && observer.hear(&packs.link, noon()).is_ok());
    unendorsed.hear(bytes, now).is_ok() || receiver.hear(bytes, now).is_ok() || observer.hear(bytes, noon()).is_ok()
}

/// One to four changes.
fn spoiled(pack: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = pack.to_vec();
    for _ in 0..=random.below(4) {
        // Less than two messages are left: there is nothing to change that would still be a pack.
        if bytes.len() < 53 {
            break;
        }
        change(&mut bytes, other, random);
    }
    bytes
}

/// A byte, a bit, a cut, an insertion, a piece of the other pack, or two messages exchanged.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(8) {
        0 => bytes[at] = random.next() as u8,
        1..=3 => bytes[at] ^= 1 << random.below(8),
        4 => bytes.truncate(at),
        5 => bytes.insert(at, random.next() as u8),
        6 => {
            let end = (at + random.below(25)).min(other.len()).min(bytes.len());
            if at < end {
                bytes[at..end].copy_from_slice(&other[at..end]);
            }
        }
        _ => {
            let count = (bytes.len() - 3) / 25;
            let (one, two) = (3 + random.below(count) * 25, 3 + random.below(count) * 25);
            (0..25).for_each(|byte| bytes.swap(one + byte, two + byte));
        }
    }
}
