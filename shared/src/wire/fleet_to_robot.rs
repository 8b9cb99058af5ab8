//! What the server says to a robot: acknowledgements, rows of the feed, and what holds now or not at all.
//!
//! There is no word for energising, resetting or releasing: an interlock that a person opened is closed by a person.

use crate::clearance::Clearance;
use crate::hlc::Hlc;
use crate::id::TaskId;
use crate::journal::{Boot, Epoch};
use crate::task::TaskRow;
use crate::wire::ability::Abilities;
use crate::wire::robot_to_fleet::Mark;
use crate::wire::snapshot::{Announcement, Chunk};
use minicbor::data::Type;
use minicbor::decode::Error;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// On `down/ack`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Ack {
    /// Everything of this lane up to the mark is on the server's disk. The robot forgets only if the hash is its own.
    #[n(0)]
    Stored {
        /// The life of the robot's database.
        #[n(0)]
        epoch: Epoch,
        /// How far.
        #[n(1)]
        mark: Mark,
        /// The marked entry's stamp as the server corrected it; the robot's own clock advances to it.
        #[n(2)]
        stamp: Option<Hlc>,
    },
    /// The answer to a hello.
    #[n(1)]
    Welcome {
        /// The hello's nonce.
        #[n(0)]
        nonce: u64,
        /// The life of the server's database.
        #[n(1)]
        server_epoch: u64,
        /// What the server has of the hello's epoch.
        #[n(2)]
        marks: Vec<Mark>,
        /// The newest row of this robot's feed.
        #[n(3)]
        feed_head: u64,
        /// What the server understands beyond the first version; absent for nothing.
        #[n(4)]
        can: Option<Abilities>,
    },
}

/// What may stand on `down/feed`. A map is a [`Feed`], which every version reads; an array is a [`FeedWord`], sent only to
/// robots that said they understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedMessage {
    /// Rows in their order.
    Rows(Feed),
    /// Something about the rows.
    Word(FeedWord),
}

impl<C> Encode<C> for FeedMessage {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match self {
            Self::Rows(feed) => feed.encode(e, c),
            Self::Word(word) => word.encode(e, c),
        }
    }
}

impl<'b, C> Decode<'b, C> for FeedMessage {
    fn decode(d: &mut Decoder<'b>, c: &mut C) -> Result<Self, Error> {
        match d.datatype()? {
            Type::Map | Type::MapIndef => Feed::decode(d, c).map(Self::Rows),
            _ => FeedWord::decode(d, c).map(Self::Word),
        }
    }
}

/// What stands on `down/feed` beside the rows in their order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum FeedWord {
    /// A part of a snapshot.
    #[n(0)]
    Chunk {
        /// The life of the server's database.
        #[n(0)]
        server_epoch: u64,
        /// The part.
        #[n(1)]
        chunk: Chunk,
    },
    /// What each shard should hash to.
    #[n(1)]
    Hashes {
        /// The life of the server's database.
        #[n(0)]
        server_epoch: u64,
        /// The hashes, and at which row they hold.
        #[n(1)]
        announcement: Announcement,
    },
}

/// On `down/feed`: rows `from + 1 ..= from + rows.len()` of this robot's feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Feed {
    /// The life of the server's database.
    #[n(0)]
    pub server_epoch: u64,
    /// The row before the first one here; must be the robot's cursor.
    #[n(1)]
    pub from: u64,
    /// The rows, each as exact bytes of a [`Row`].
    #[n(2)]
    pub rows: Vec<RowBytes>,
}

/// The exact bytes of a [`Row`], so that a row of a newer version can be kept without being understood.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct RowBytes(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub Vec<u8>,
);

/// A row of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Row {
    /// The task as it is now.
    #[n(0)]
    Task {
        /// The whole row.
        #[n(0)]
        row: TaskRow,
    },
    /// The robot may no longer see this task.
    #[n(1)]
    Revoke {
        /// Which.
        #[n(0)]
        task: TaskId,
    },
    /// A new endorsement of the key that this robot discloses with. Its own signature counts, not the server's.
    #[n(2)]
    Endorsement {
        /// The link pack, as it goes on the air.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        pack: Vec<u8>,
    },
}

impl Row {
    /// The first kind that is not about a task: of such kinds the newest row is the whole truth.
    pub const FIRST_PINNED: u16 = 2;
    /// The kind of an endorsement.
    pub const ENDORSEMENT: u16 = 2;
    /// The newest kind that this version knows.
    pub const NEWEST: u16 = 2;
}

/// The kind of a row, of whatever version; `None` when the bytes are none.
#[must_use]
pub fn row_kind(row: &[u8]) -> Option<u16> {
    let mut decoder = Decoder::new(row);
    decoder.array().ok()?;
    decoder.u16().ok()
}

/// On `down/now`: obeyed within three seconds of the robot's own clock or not at all; never queued, never retained.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Now {
    /// A person lets the robot's held work go on. It permits work; it gives no energy to anything.
    #[n(0)]
    Resume {
        /// Rises with each message of this kind.
        #[n(0)]
        number: u64,
        /// The robot's boot as the server knows it.
        #[n(1)]
        boot: Boot,
        /// The newest monotonic time known of that boot, in milliseconds.
        #[n(2)]
        mono_ms: u64,
    },
    /// A safety officer's answer to the robot's challenge, carried on. Its own signature counts, not the server's.
    #[n(1)]
    Clear {
        /// Rises with each message of this kind.
        #[n(0)]
        number: u64,
        /// The robot's boot as the server knows it.
        #[n(1)]
        boot: Boot,
        /// The newest monotonic time known of that boot, in milliseconds.
        #[n(2)]
        mono_ms: u64,
        /// What the officer signed.
        #[n(3)]
        clearance: Box<Clearance>,
    },
}
