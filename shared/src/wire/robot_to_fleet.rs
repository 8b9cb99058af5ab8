//! What a robot says: batches of its journal, its newest state, its session, its connection.

use crate::clearance::Challenge;
use crate::fact::Interlock;
use crate::journal::{Boot, Epoch, Lane, Record};
use crate::seal::Hash;
use crate::task::OrderRef;
use crate::wire::ability::Abilities;
use crate::wire::snapshot::{Progress, Shard};
use crate::zone::Point;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Largest batch, in bytes of its entries and bodies, so that with its envelope it stays below the payload limit.
pub const BATCH_LEN_MAX: usize = 48 * 1024;

/// Largest body of an entry: with its head it fits a message alone. What is larger is never written, because a lane could not
/// get past it.
pub const BODY_LEN_MAX: usize = 32 * 1024;

/// A stretch of one lane, on `up/safety`, `up/work` or `up/notes`. Contiguous: `entries[i]` has `lane_seq = first + i`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Batch {
    /// The life of the database that it comes from.
    #[n(0)]
    pub epoch: Epoch,
    /// Which lane.
    #[n(1)]
    pub lane: Lane,
    /// Number of the first entry in the lane.
    #[n(2)]
    pub first: u64,
    /// Number of the last entry in the lane.
    #[n(3)]
    pub last: u64,
    /// The boot in which it is sent.
    #[n(4)]
    pub boot: Boot,
    /// When it is sent, on that boot's monotonic clock, in milliseconds.
    #[n(5)]
    pub mono_ms: u64,
    /// The entries.
    #[n(6)]
    pub entries: Vec<Carried>,
}

/// A record as it travels: the exact bytes of its head and its body.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Carried {
    /// The head.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub entry: Vec<u8>,
    /// The body.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

impl From<&Record> for Carried {
    fn from(record: &Record) -> Self {
        Self { entry: record.entry_bytes.clone(), body: record.body.clone() }
    }
}

/// The newest state, on `up/state`: at least once a second and at once on a change. The latest (boot, mono) counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct State {
    /// The boot in which it was taken.
    #[n(0)]
    pub boot: Boot,
    /// When, on that boot's monotonic clock, in milliseconds.
    #[n(1)]
    pub mono_ms: u64,
    /// Where the robot is, if its firmware says so.
    #[n(2)]
    pub at: Option<Point>,
    /// Battery in thousandths, if its firmware says so.
    #[n(3)]
    pub battery_permille: Option<u16>,
    /// The interlock, if its firmware was heard within the last second; unknown is not closed.
    #[n(4)]
    pub interlock: Option<Interlock>,
    /// The order it works on.
    #[n(5)]
    pub order: Option<OrderRef>,
    /// The step of that order, from 0.
    #[n(6)]
    pub step: Option<u8>,
    /// It waits for a person to resume its work.
    #[n(7)]
    pub awaits_person: bool,
    /// Entries of its journal that are not acknowledged.
    #[n(8)]
    pub unacked: u64,
    /// The feed row it has applied last.
    #[n(9)]
    pub cursor: u64,
    /// Milliseconds since its own disclosure was last sent on the air.
    #[n(10)]
    pub disclosed_ms_ago: Option<u64>,
    /// The challenge that a safety officer has to answer before the robot asks to be armed.
    #[n(11)]
    pub clearance: Option<Challenge>,
    /// Until when its disclosure key is endorsed: seconds since 2019-01-01 UTC; nothing when it never was.
    #[n(12)]
    pub endorsed_until: Option<u32>,
    /// Milliseconds since its own firmware last heard its disclosure, 0 while it hears it; nothing when it never did.
    #[n(13)]
    pub heard_ms_ago: Option<u64>,
    /// Age of the oldest entry that is not acknowledged, in milliseconds of the boot's clock; of one written in an earlier
    /// boot at least that boot's end. Absent when there is none, and from robots of the first version.
    #[n(15)]
    pub oldest_unacked_ms: Option<u64>,
    /// Samples of telemetry that the server has not acknowledged; absent from robots of the first version.
    #[n(16)]
    pub telemetry_unacked: Option<u64>,
    /// How much of its storage quota is used, in thousandths; absent before it was measured.
    #[n(17)]
    pub storage_permille: Option<u32>,
    /// Why nobody can believe what it discloses although it is sent; absent while nothing is known to be wrong.
    #[n(18)]
    pub disbelieved: Option<Disbelieved>,
}

/// Why a disclosure that is sent is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Disbelieved {
    /// The time that the robot discloses is off: bystanders refuse it, and the robot does not move.
    #[n(0)]
    ClockOff,
    /// The time or the numbers that it discloses went back, which is known, and its own receiver still holds newer ones until
    /// its power is cycled.
    #[n(1)]
    ReceiverAhead,
}

/// How far a lane goes: its newest entry, by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Mark {
    /// Which lane.
    #[n(0)]
    pub lane: Lane,
    /// Number in the lane; 0 for none.
    #[n(1)]
    pub seq: u64,
    /// The chain's hash at that entry; all zero for none.
    #[n(2)]
    pub hash: Hash,
}

/// The conversation about the conversation, on `up/session`; not journalled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Session {
    /// After each connect, and again until it is answered.
    #[n(0)]
    Hello {
        /// The life of the robot's database.
        #[n(0)]
        epoch: Epoch,
        /// The boot of the robot's computer.
        #[n(1)]
        boot: Boot,
        /// The monotonic clock now, in milliseconds.
        #[n(2)]
        mono_ms: u64,
        /// The life of the server's database that the cursor belongs to; 0 for none.
        #[n(3)]
        server_epoch: u64,
        /// The feed row applied last; 0 for none.
        #[n(4)]
        cursor: u64,
        /// Drawn for this hello; the answer repeats it.
        #[n(5)]
        nonce: u64,
        /// What it understands beyond the first version; absent for nothing.
        #[n(6)]
        can: Option<Abilities>,
        /// The newest acknowledgement of each lane. A server that has less was restored from a copy.
        #[n(7)]
        acked: Option<Vec<Mark>>,
        /// The snapshot that it has in part, and goes on with if the server still sends that one.
        #[n(8)]
        snapshot: Option<Progress>,
    },
    /// The feed is applied up to here.
    #[n(1)]
    Applied {
        /// The life of the server's database.
        #[n(0)]
        server_epoch: u64,
        /// The feed row applied last.
        #[n(1)]
        cursor: u64,
    },
    /// The chunks of a snapshot are applied up to here.
    #[n(2)]
    Chunk {
        /// The life of the server's database.
        #[n(0)]
        server_epoch: u64,
        /// Which snapshot, and how much of it.
        #[n(1)]
        at: Progress,
    },
    /// A shard's hash differs from the announced one: its rows are wanted anew.
    #[n(3)]
    Differs {
        /// The life of the server's database.
        #[n(0)]
        server_epoch: u64,
        /// Which shard.
        #[n(1)]
        shard: Shard,
    },
}

/// The word in [`ConnectionWord`]. It tells whether somebody holds a connection, not whether the robot is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Connection {
    /// Connected.
    #[n(0)]
    Online,
    /// Left in order.
    #[n(1)]
    Offline,
    /// The last will: the broker lost the robot.
    #[n(2)]
    ConnectionBroken,
}

/// What stands on `up/connection`. A last will is published late: after a new connection has already said `Online`. So each
/// connection has a number, and a broken one of another number means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ConnectionWord {
    /// The word.
    #[n(0)]
    pub word: Connection,
    /// Which connection: 64 random bits.
    #[n(1)]
    pub link: u64,
}
