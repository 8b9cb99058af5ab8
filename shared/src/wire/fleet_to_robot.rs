//! What the server says to a robot: acknowledgements, rows of the feed, and what holds now or not at all.
//!
//! There is no word for energising, resetting or releasing: an interlock that a person opened is closed by a person.

use crate::clearance::Clearance;
use crate::contribution::Blob;
use crate::field::OpId;
use crate::hlc::Hlc;
use crate::id::TaskId;
use crate::journal::{Boot, Epoch};
use crate::refusal::Code;
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
        /// The server's calendar when it answered, in milliseconds since 1970; absent from servers of the first version.
        #[n(5)]
        wall_ms: Option<u64>,
    },
    /// Telemetry up to this number is on the server's disk, or is known to be lost. Said in answer to each batch of it, also to
    /// one that could not be taken because something is missing before it.
    #[n(4)]
    Telemetry {
        /// The life of the robot's database.
        #[n(0)]
        epoch: Epoch,
        /// The newest number.
        #[n(1)]
        seq: u64,
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
    /// A task's note, or what is new in it. Only for robots that know notes.
    #[n(3)]
    Note {
        /// Whose.
        #[n(0)]
        task: TaskId,
        /// Which one it is after this; rises with each.
        #[n(1)]
        rev: u64,
        /// Whether it takes the place of what was there before, instead of being merged into it.
        #[n(2)]
        whole: bool,
        /// Which part of the bytes this is, from 0: a note may be longer than a message.
        #[n(3)]
        part: u32,
        /// How many parts there are.
        #[n(4)]
        of: u32,
        /// The bytes of the part.
        #[n(5)]
        bytes: Blob,
    },
    /// What became of an edit that this robot wrote; the rows before it show the task as it is with it.
    #[n(4)]
    Settled {
        /// Which edit.
        #[n(0)]
        op: OpId,
        /// When it counts as written.
        #[n(1)]
        stamp: Hlc,
        /// Why it has no effect, if it has none.
        #[n(2)]
        why: Option<Code>,
    },
    /// Somebody else wrote a field of a task above; what this robot has seen and then edits comes later.
    #[n(5)]
    Stamp {
        /// When that counts as written.
        #[n(0)]
        stamp: Hlc,
    },
}

impl Row {
    /// The kind of an endorsement.
    pub const ENDORSEMENT: u16 = 2;
    /// The kind that tells what became of an edit.
    pub const SETTLED: u16 = 4;
    /// The newest kind that this version knows.
    pub const NEWEST: u16 = 5;

    /// Whether of the rows of this kind the newest is the whole truth. Tasks, notes and what became of edits are not so.
    #[must_use]
    pub const fn is_pinned(kind: u16) -> bool {
        kind == Self::ENDORSEMENT || kind > Self::NEWEST
    }
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
