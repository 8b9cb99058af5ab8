//! A robot's journal as somebody handed it over: its records in order, and what its chain and its signatures prove.
//!
//! Nothing is believed: every record is read from its exact bytes, every link is computed, every signature is verified here.
//! Lanes travel apart, so a server may have an entry before one that was written earlier: such a hole is incomplete, a link
//! that does not fit is tampering.

use super::calendar::Receipt;
use shared::audit::BatchSeal;
use shared::id::RobotId;
use shared::journal::{BadRecord, Chain, Epoch, Lane, Record};
use shared::seal::PublicKey;
use shared::wire::robot_to_fleet::Carried;
use std::collections::{BTreeMap, BTreeSet};

/// One epoch of a robot's journal, from a file or from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose.
    pub robot: RobotId,
    /// Which life of its database.
    pub epoch: Epoch,
    /// The entries, in any order.
    pub entries: Vec<Carried>,
    /// The signatures under them, where they were kept.
    pub seals: Vec<Received>,
    /// The key that the robot signs with, where it is known.
    pub key: Option<PublicKey>,
}

/// A robot's signature over a stretch of one lane, and when a server received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The signature.
    pub seal: BatchSeal,
    /// Milliseconds since 1970 by the server's calendar.
    pub received_ms: u64,
}

/// What was read off a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Whose.
    pub robot: RobotId,
    /// Which life of its database.
    pub epoch: Epoch,
    /// Every record, in the order in which they were written.
    pub records: Vec<Record>,
    /// What the chain proves.
    pub chain: ChainState,
    /// What the signatures prove.
    pub signatures: SignatureState,
    /// Both clocks at the moments at which batches were received.
    pub receipts: Vec<Receipt>,
}

/// What a chain proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainState {
    /// One unbroken chain from the beginning, up to this number.
    Whole {
        /// Number of the newest entry.
        cseq: u64,
    },
    /// Unbroken up to a number, behind which entries are missing.
    Missing {
        /// The last number that is proved.
        proved: u64,
        /// How many entries behind it are not there.
        missing: u64,
        /// Number of the newest entry that is there.
        newest: u64,
    },
    /// An entry is not what it claims, or does not follow the one before it.
    Broken {
        /// What is wrong.
        why: String,
    },
}

/// What signatures prove. A signature covers every entry before it as well, by the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// Signed up to this number by the robot's key.
    Signed {
        /// The newest number that a signature covers; 0 for none.
        up_to: u64,
    },
    /// There is no key to check one with.
    NotChecked,
    /// A signature does not belong to the robot's key and these entries.
    Wrong {
        /// What is wrong.
        why: String,
    },
}

impl SignatureState {
    /// How many entries are there that no signature covers; 0 where none was looked for.
    #[must_use]
    pub const fn unsigned(&self, chain: &ChainState) -> u64 {
        match (self, chain) {
            (Self::Signed { up_to }, ChainState::Whole { cseq }) => cseq.saturating_sub(*up_to),
            (Self::Signed { up_to }, ChainState::Missing { newest, .. }) => newest.saturating_sub(*up_to),
            _ => 0,
        }
    }
}

impl Journal {
    /// Reads and checks a source.
    #[must_use]
    pub fn read(source: &Source) -> Self {
        let read = |carried: &Carried| Record::read(carried.entry.clone(), carried.body.clone());
        let found: Vec<Result<Record, BadRecord>> = source.entries.iter().map(read).collect();
        let spoiled = found.iter().find_map(|read| read.as_ref().err()).map(ToString::to_string);
        let mut records: Vec<Record> = found.into_iter().flatten().collect();
        records.sort_by_key(|record| record.entry.cseq);
        let chain = spoiled.map_or_else(|| chain(source, &records), |why| ChainState::Broken { why });
        let signatures = signatures(source, &records);
        let receipts = source.seals.iter().map(receipt).collect();
        Self { robot: source.robot.clone(), epoch: source.epoch, records, chain, signatures, receipts }
    }
}

impl Source {
    /// Takes in another copy of the same epoch. What both have counts once; where they differ both stay, and the chain shows
    /// it.
    pub fn merge(&mut self, other: &Self) {
        let known: BTreeSet<(&[u8], &[u8])> = self.entries.iter().map(parts).collect();
        let new: Vec<Carried> =
            other.entries.iter().filter(|carried| !known.contains(&parts(carried))).cloned().collect();
        self.entries.extend(new);
        let new: Vec<Received> = other.seals.iter().filter(|seal| !self.seals.contains(seal)).cloned().collect();
        self.seals.extend(new);
        self.key = self.key.or(other.key);
    }
}

fn parts(carried: &Carried) -> (&[u8], &[u8]) {
    (&carried.entry, &carried.body)
}

const fn receipt(received: &Received) -> Receipt {
    let Received { seal, received_ms } = received;
    Receipt { boot: seal.boot, sent_mono_ms: seal.sent_mono_ms, received_ms: *received_ms }
}

fn chain(source: &Source, records: &[Record]) -> ChainState {
    let mut chain = Chain::begin(&source.robot, source.epoch);
    let mut rest = records.iter().peekable();
    while let Some(record) = rest.next_if(|record| chain.is_next(record)) {
        chain.advance(record);
    }
    let Some(next) = rest.peek() else { return ChainState::Whole { cseq: chain.cseq } };
    if next.entry.cseq <= chain.cseq + 1 {
        return ChainState::Broken { why: format!("entry {} does not follow entry {}", next.entry.cseq, chain.cseq) };
    }
    let loose: Vec<&Record> = rest.collect();
    if let Some(pair) = loose.windows(2).find(|pair| !may_follow(pair[0], pair[1])) {
        let (before, after) = (pair[0].entry.cseq, pair[1].entry.cseq);
        return ChainState::Broken { why: format!("entry {after} does not follow entry {before}") };
    }
    let newest = loose.last().map_or(chain.cseq, |record| record.entry.cseq);
    let missing = (newest - chain.cseq).saturating_sub(loose.len() as u64);
    ChainState::Missing { proved: chain.cseq, missing, newest }
}

/// Neighbours have to be linked; what has a hole between it may be.
fn may_follow(before: &Record, after: &Record) -> bool {
    match after.entry.cseq.checked_sub(before.entry.cseq) {
        Some(0) | None => false,
        Some(1) => after.entry.prev == before.hash,
        Some(_) => true,
    }
}

fn signatures(source: &Source, records: &[Record]) -> SignatureState {
    let Some(key) = source.key else { return SignatureState::NotChecked };
    let places: BTreeMap<(Lane, u64), &Record> =
        records.iter().map(|record| ((record.entry.lane, record.entry.lane_seq), record)).collect();
    let mut up_to = 0;
    for Received { seal, .. } in &source.seals {
        // A stretch of which an entry is not there cannot be checked; the chain tells what is missing.
        let Some(covered) = stretch(&places, seal) else { continue };
        let entries: Vec<Carried> = covered.iter().map(|record| Carried::from(*record)).collect();
        if !seal.holds(&source.robot, source.epoch, &entries, &key) {
            let (lane, first, last) = (seal.lane.as_str(), seal.first, seal.last);
            return SignatureState::Wrong {
                why: format!("the signature over {lane} {first} to {last} is not the robot's"),
            };
        }
        up_to = covered.iter().map(|record| record.entry.cseq).fold(up_to, u64::max);
    }
    SignatureState::Signed { up_to }
}

fn stretch<'a>(places: &BTreeMap<(Lane, u64), &'a Record>, seal: &BatchSeal) -> Option<Vec<&'a Record>> {
    let known = u64::try_from(places.len()).unwrap_or(u64::MAX);
    let is_possible = seal.first <= seal.last && seal.last - seal.first < known;
    if !is_possible {
        return None;
    }
    (seal.first..=seal.last).map(|seq| places.get(&(seal.lane, seq)).copied()).collect()
}

#[cfg(test)]
mod tests;
