//! What the fleet says after the rows it depends on are on disk.

use crate::change::Change;
use crate::editing::OpAnswer;
use crate::sync::SyncReport;
use shared::contribution::MergeAsk;
use shared::id::{RobotId, TaskId};
use shared::refusal::Code;
use shared::seal::{Context, SigningKey};
use shared::task::TaskRow;
use shared::wire::envelope::Sealed;
use shared::wire::topic::Topic;

/// What [`Fleet`](crate::Fleet) wants done: commit first, then tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Rows of one transaction.
    Commit(Vec<Change>),
    /// Rows to read back from the store; they come in as [`Event::FeedRows`](crate::Event::FeedRows).
    Read {
        /// Whose feed.
        robot: RobotId,
        /// Which rows.
        rows: ReadFeed,
    },
    /// A contribution to merge into a note, in a process of its own; what comes of it comes in as
    /// [`Event::Merged`](crate::Event::Merged). It may be asked for again after a restart.
    Merge {
        /// Its number.
        number: u64,
        /// What is to be merged.
        ask: Box<MergeAsk>,
    },
    /// Something to say, once everything committed before it is on disk.
    Tell(Tell),
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// A message to a robot, signed.
    Send {
        /// Where to.
        topic: Topic,
        /// What it says, to be sealed on its way out.
        letter: Letter,
        /// How hard to try.
        delivery: Delivery,
    },
    /// The answer to a command.
    Answer {
        /// Which command.
        token: Token,
        /// What came of it.
        result: Result<Answer, Refusal>,
    },
    /// Readers should look at this task anew.
    TaskChanged(TaskId),
    /// Readers should look at this robot anew.
    RobotChanged(RobotId),
}

/// A message to a robot before it is sealed. Signing and packing need nothing but the letter, and are most of what a word
/// costs, so a shell may do both beside the writer.
#[derive(Clone, Debug)]
pub struct Letter {
    key: SigningKey,
    robot: RobotId,
    body: Vec<u8>,
    packs: bool,
}

impl Letter {
    /// `packs` for a robot that said it unpacks.
    pub(crate) const fn new(key: SigningKey, robot: RobotId, body: Vec<u8>, packs: bool) -> Self {
        Self { key, robot, body, packs }
    }

    /// The message's bytes, signed for its robot.
    #[must_use]
    pub fn sealed(self) -> Vec<u8> {
        Sealed::seal_body(&self.key, Context::Down, &self.robot, self.body, self.packs)
    }
}

/// Two letters are equal when they say the same to the same robot; a site has one key.
impl PartialEq for Letter {
    fn eq(&self, other: &Self) -> bool {
        (&self.robot, &self.body, self.packs) == (&other.robot, &other.body, other.packs)
    }
}

impl Eq for Letter {}

/// Rows of a robot's feed that are not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadFeed {
    /// The rows after this one.
    pub after: u64,
    /// How many at most.
    pub rows_max: u32,
}

/// How hard the transport should try. The protocol repeats whatever matters, so neither word promises anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// MQTT QoS 1.
    AtLeastOnce,
    /// MQTT QoS 0: what holds now or not at all is not sent twice.
    AtMostOnce,
}

/// Ties an answer to its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub u64);

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The task as it is now; `created` tells a new one from one that was there.
    Task {
        /// The task.
        row: TaskRow,
        /// Whether the command made it.
        created: bool,
    },
    /// The tasks that an import made, in the order of its rows.
    Imported(Vec<TaskRow>),
    /// How synchronisation goes, by robot.
    Sync(Vec<SyncReport>),
    /// What became of each operation of a batch.
    Ops(Vec<OpAnswer>),
    /// A word that holds now or not at all went out to a robot under this number.
    Requested {
        /// Rises with each such word to this robot.
        number: u64,
    },
}

/// A command that was not carried out: nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// The field of the command that is wrong.
    pub field: Option<&'static str>,
    /// The row of an import, from 0.
    pub row: Option<usize>,
    /// What exactly is wrong, as a sentence.
    pub detail: String,
}

impl Refusal {
    /// A refusal that concerns the whole command.
    #[must_use]
    pub fn of(code: Code, detail: impl Into<String>) -> Self {
        Self { code, field: None, row: None, detail: detail.into() }
    }

    /// A refusal that concerns one field.
    #[must_use]
    pub fn field(code: Code, field: &'static str, detail: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::of(code, detail) }
    }
}
