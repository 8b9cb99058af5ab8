//! What one operation contributes to a note, and what came of it.
//!
//! Leaves to others: carrying it out (`note`), and where: the server never does it in its own process.

use crate::checklist::{Content, Edit};
use crate::field::OpId;
use crate::hlc::Hlc;
use crate::id::{ClientId, RobotId, TaskId};
use crate::refusal::Code;
use minicbor::{Decode, Encode};

/// Bytes of a note or of an update, which nobody looks into but `note`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Blob(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub Vec<u8>,
);

/// An update of a note, written by a robot or at one: the body of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct NoteWrite {
    /// Which operation.
    #[n(0)]
    pub op: OpId,
    /// Of which task.
    #[n(1)]
    pub task: TaskId,
    /// The update, written under the operation's number.
    #[n(2)]
    pub update: Blob,
}

/// What is contributed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Contribution {
    /// An update, made by a program that keeps the note itself.
    #[n(0)]
    Update {
        /// Its bytes.
        #[n(0)]
        update: Blob,
    },
    /// Edits of the note as somebody saw it, for those who cannot make an update.
    #[n(1)]
    Edits {
        /// The parts of the whole note as it was seen; none for one that has nothing yet.
        #[n(0)]
        base: Vec<Blob>,
        /// What was done to it, in order.
        #[n(1)]
        edits: Vec<Edit>,
    },
}

/// A note and what is to be merged into it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MergeAsk {
    /// The parts that together are the note.
    #[n(0)]
    pub parts: Vec<Blob>,
    /// The operation that contributes.
    #[n(1)]
    pub op: OpId,
    /// What it contributes.
    #[n(2)]
    pub contribution: Contribution,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Merged {
    /// The note has changed.
    #[n(0)]
    Changed {
        /// What others have to take to have it too.
        #[n(0)]
        delta: Blob,
        /// All of it.
        #[n(1)]
        state: Blob,
        /// What it says now.
        #[n(2)]
        content: Content,
    },
    /// Nothing that was not there.
    #[n(1)]
    Same,
    /// It was not taken.
    #[n(2)]
    Refused {
        /// Why.
        #[n(0)]
        why: Code,
    },
}

/// Who contributed, and has to be told what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Author {
    /// A robot.
    #[n(0)]
    Robot {
        /// Which.
        #[n(0)]
        robot: RobotId,
    },
    /// Somebody's outbox.
    #[n(1)]
    Client {
        /// Which.
        #[n(0)]
        client: ClientId,
        /// The operation's number in it.
        #[n(1)]
        seq: u64,
    },
}

/// A contribution that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Job {
    /// To which task's note.
    #[n(0)]
    pub task: TaskId,
    /// The operation.
    #[n(1)]
    pub op: OpId,
    /// Whose.
    #[n(2)]
    pub author: Author,
    /// When it counts as written.
    #[n(3)]
    pub stamp: Hlc,
    /// What it is.
    #[n(4)]
    pub contribution: Contribution,
}
