//! The robot's record: one hash chain over its evidence lanes, and the rule that continues it.
//!
//! Terms: *cseq* numbers the entries of a (robot, epoch); each *lane* numbers its own share besides, so that a backlog
//! of one never delays another; the *hash* of an entry covers the hash before it. The epoch is drawn anew whenever a
//! start cannot prove that it continues the record.
//!
//! Leaves to others: keeping it on disk (`replica`, `store`), signing it in batches (`wire`).

use crate::fact::Fact;
use crate::hlc::Hlc;
use crate::id::RobotId;
use crate::seal::Hash;
use crate::time::Instant;
use crate::wire;
use minicbor::{Decode, Encode};
use std::fmt;

/// A stream of the journal with its own numbers and its own acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Lane {
    /// The interlock, disclosure, starts: sent first.
    #[n(0)]
    Safety,
    /// Progress of orders.
    #[n(1)]
    Work,
    /// Notes and checklists.
    #[n(2)]
    Notes,
}

impl Lane {
    /// In the order in which they are sent.
    pub const ALL: [Self; 3] = [Self::Safety, Self::Work, Self::Notes];

    /// Its place in [`Lane::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Safety => 0,
            Self::Work => 1,
            Self::Notes => 2,
        }
    }

    /// Its number in tables.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Safety => 0,
            Self::Work => 1,
            Self::Notes => 2,
        }
    }

    /// The lane of that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Its word in tables and topics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Work => "work",
            Self::Notes => "notes",
        }
    }
}

/// One life of a robot's database: 64 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Epoch(#[n(0)] pub u64);

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// One boot of a robot's computer: 64 random bits, or the kernel's own boot id cut to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Boot(#[n(0)] pub u64);

/// The head of an entry; the body stands beside it, committed by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Version of this layout: 1.
    #[n(0)]
    pub v: u8,
    /// Number in the chain, from 1.
    #[n(1)]
    pub cseq: u64,
    /// Hash of the entry before; of the chain's beginning for the first.
    #[n(2)]
    pub prev: Hash,
    /// Which lane.
    #[n(3)]
    pub lane: Lane,
    /// Number in the lane, from 1.
    #[n(4)]
    pub lane_seq: u64,
    /// The fact's kind.
    #[n(5)]
    pub kind: u16,
    /// In which boot of the robot's computer it was written.
    #[n(6)]
    pub boot: Boot,
    /// When, on that boot's monotonic clock, in milliseconds.
    #[n(7)]
    pub mono_ms: u64,
    /// When, as the writer's hybrid clock has it.
    #[n(8)]
    pub hlc: Hlc,
    /// Hash of the body.
    #[n(9)]
    pub body_hash: Hash,
    /// The entry that this one offers again, after the robot began a new epoch.
    #[n(10)]
    pub origin: Option<Box<Origin>>,
}

/// An entry of an earlier epoch that is offered again under a new number, because nobody acknowledged it. It takes effect
/// once, whichever of the two arrives, and keeps its boot, its times and its lane. One that was offered again before
/// names the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Origin {
    /// The life of the database in which it was first written.
    #[n(0)]
    pub epoch: Epoch,
    /// Its number in that epoch's chain.
    #[n(1)]
    pub cseq: u64,
    /// The chain's hash at it.
    #[n(2)]
    pub hash: Hash,
    /// Its number in its lane, in that epoch.
    #[n(3)]
    pub lane_seq: u64,
}

/// An entry as it is kept and sent: the exact bytes of head and body, and what they hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The head, decoded.
    pub entry: Entry,
    /// The head's exact bytes.
    pub entry_bytes: Vec<u8>,
    /// The body's exact bytes.
    pub body: Vec<u8>,
    /// The chain's hash after this entry.
    pub hash: Hash,
}

/// Why bytes are not a record. The bytes are quarantined, not dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// The head is not CBOR of the expected shape.
    #[error("the entry's head cannot be decoded: {0}")]
    Head(String),
    /// A version that this program does not know.
    #[error("the entry has version {0}, 1 is known")]
    Version(u8),
    /// The body is not the one the head commits to.
    #[error("entry {cseq}: the body does not have the hash that the head names")]
    Body {
        /// The entry's number.
        cseq: u64,
    },
}

impl Record {
    /// Reads a record from its two exact byte strings.
    ///
    /// # Errors
    /// [`BadRecord`] when the head cannot be read or does not commit to the body.
    pub fn read(entry_bytes: Vec<u8>, body: Vec<u8>) -> Result<Self, BadRecord> {
        let entry: Entry = wire::from_bytes(&entry_bytes).map_err(|e| BadRecord::Head(e.to_string()))?;
        if entry.v != 1 {
            return Err(BadRecord::Version(entry.v));
        }
        if Hash::of(&[&body]) != entry.body_hash {
            return Err(BadRecord::Body { cseq: entry.cseq });
        }
        let hash = chain_hash(&entry.prev, &entry_bytes);
        Ok(Self { entry, entry_bytes, body, hash })
    }

    /// The fact, or `None` for a kind of a newer version, which is kept as bytes.
    #[must_use]
    pub fn fact(&self) -> Option<Fact> {
        wire::from_bytes(&self.body).ok()
    }
}

fn chain_hash(prev: &Hash, entry_bytes: &[u8]) -> Hash {
    Hash::of(&[b"robot-chain/v1\0", &prev.0, entry_bytes])
}

/// Where and when a fact is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The boot of the robot's computer.
    pub boot: Boot,
    /// Its monotonic clock.
    pub mono: Instant,
    /// Its hybrid clock.
    pub hlc: Hlc,
}

/// The end of a chain: all that is needed to continue it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The life of the database that it belongs to.
    pub epoch: Epoch,
    /// Number of the newest entry; 0 before the first.
    pub cseq: u64,
    /// Hash of the newest entry; of the chain's beginning before the first.
    pub head: Hash,
    /// Number of the newest entry of each lane, in the order of [`Lane::ALL`].
    pub lane_seq: [u64; 3],
}

impl Chain {
    /// The beginning of a robot's chain in an epoch.
    #[must_use]
    pub fn begin(robot: &RobotId, epoch: Epoch) -> Self {
        let head = Hash::of(&[b"robot-chain-begin/v1\0", robot.as_str().as_bytes(), &epoch.0.to_be_bytes()]);
        Self { epoch, cseq: 0, head, lane_seq: [0; 3] }
    }

    /// Appends a fact and returns the record to commit.
    pub fn append(&mut self, fact: &Fact, stamp: Stamp) -> Record {
        let lane = fact.lane();
        let body = wire::to_bytes(fact);
        let entry = Entry {
            v: 1,
            cseq: self.cseq + 1,
            prev: self.head,
            lane,
            lane_seq: self.lane_seq[lane.index()] + 1,
            kind: fact.kind(),
            boot: stamp.boot,
            mono_ms: stamp.mono.0,
            hlc: stamp.hlc,
            body_hash: Hash::of(&[&body]),
            origin: None,
        };
        self.close(entry, body)
    }

    /// Appends a record of the epoch `from` again, after this chain was begun because continuity could not be proved.
    pub fn append_again(&mut self, from: Epoch, record: &Record) -> Record {
        let before = &record.entry;
        let itself = Origin { epoch: from, cseq: before.cseq, hash: record.hash, lane_seq: before.lane_seq };
        let entry = Entry {
            cseq: self.cseq + 1,
            prev: self.head,
            lane_seq: self.lane_seq[before.lane.index()] + 1,
            origin: Some(before.origin.clone().unwrap_or_else(|| Box::new(itself))),
            ..before.clone()
        };
        self.close(entry, record.body.clone())
    }

    fn close(&mut self, entry: Entry, body: Vec<u8>) -> Record {
        let entry_bytes = wire::to_bytes(&entry);
        let hash = chain_hash(&entry.prev, &entry_bytes);
        let record = Record { entry, entry_bytes, body, hash };
        self.advance(&record);
        record
    }

    /// Whether `record` is the one that comes next in the whole chain.
    #[must_use]
    pub fn is_next(&self, record: &Record) -> bool {
        let entry = &record.entry;
        entry.cseq == self.cseq + 1
            && entry.prev == self.head
            && entry.lane_seq == self.lane_seq[entry.lane.index()] + 1
    }

    /// Moves the end past a record that [`is_next`](Chain::is_next).
    ///
    /// # Panics
    /// When it is not: a caller that did not ask has a bug.
    pub fn advance(&mut self, record: &Record) {
        assert!(self.is_next(record), "entry {} does not follow {}", record.entry.cseq, self.cseq);
        self.cseq = record.entry.cseq;
        self.head = record.hash;
        self.lane_seq[record.entry.lane.index()] = record.entry.lane_seq;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robot() -> RobotId {
        RobotId::parse("r-1").unwrap()
    }

    fn stamp() -> Stamp {
        Stamp { boot: Boot(4), mono: Instant(5), hlc: Hlc(6) }
    }

    #[test]
    fn a_chain_is_continued_by_what_was_appended_and_by_nothing_else() {
        let mut writer = Chain::begin(&robot(), Epoch(1));
        let first = writer.append(&Fact::AgentStarted { clean: true }, stamp());
        let second = writer.append(&Fact::Resumed { number: 1 }, stamp());
        let mut reader = Chain::begin(&robot(), Epoch(1));
        assert!(!reader.is_next(&second));
        reader.advance(&first);
        reader.advance(&second);
        assert_eq!(reader, writer);
        assert!(!Chain::begin(&robot(), Epoch(2)).is_next(&first));
    }

    #[test]
    fn an_entry_offered_again_names_the_first_and_keeps_what_it_said() {
        let mut first = Chain::begin(&robot(), Epoch(1));
        first.append(&Fact::AgentStarted { clean: true }, stamp());
        let record = first.append(&Fact::Resumed { number: 1 }, stamp());
        let again = Chain::begin(&robot(), Epoch(2)).append_again(Epoch(1), &record);
        let origin = Some(Box::new(Origin { epoch: Epoch(1), cseq: 2, hash: record.hash, lane_seq: 2 }));
        assert_eq!((again.entry.cseq, &again.entry.origin, &again.body), (1, &origin, &record.body));
        let third = Chain::begin(&robot(), Epoch(3)).append_again(Epoch(2), &again);
        assert_eq!(third.entry.origin, origin);
        assert_eq!(Record::read(again.entry_bytes.clone(), again.body.clone()), Ok(again));
    }

    #[test]
    fn a_changed_body_or_head_does_not_read_back() {
        let mut chain = Chain::begin(&robot(), Epoch(1));
        let record = chain.append(&Fact::Resumed { number: 1 }, stamp());
        let same = Record::read(record.entry_bytes.clone(), record.body.clone());
        assert_eq!(same, Ok(record.clone()));
        let mut body = record.body.clone();
        body[1] ^= 1;
        assert_eq!(Record::read(record.entry_bytes.clone(), body), Err(BadRecord::Body { cseq: 1 }));
        assert!(matches!(Record::read(vec![0xff], record.body), Err(BadRecord::Head(_))));
    }
}
