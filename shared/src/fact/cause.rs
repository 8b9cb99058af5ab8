//! Why a robot was not heard, why its record could not go on, and why it put something aside.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Why a robot's own firmware hears its disclosure no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum GapCause {
    /// It was sent, and not heard: muted, jammed, out of reach, or not endorsed any more.
    #[n(0)]
    NotHeard,
    /// It was not sent: the radio refused it, or the control loop stood still.
    #[n(1)]
    NotSent,
    /// The firmware itself is not known any more, so nobody can say what it hears.
    #[n(2)]
    LinkLost,
    /// The agent ended in order.
    #[n(3)]
    Ended,
}

/// Why a robot's database has a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum EpochCause {
    /// The database was made: a new robot, or one that was installed anew.
    #[n(0)]
    Made,
    /// The database lacks entries that are remembered beside it: an older copy was put back.
    #[n(1)]
    DatabaseOlder,
    /// The database has other entries than those that are remembered beside it.
    #[n(2)]
    DatabaseDiffers,
    /// The database was written on another computer: a copy.
    #[n(3)]
    OtherMachine,
    /// What is remembered beside the database is gone, so nothing proves that the database is the newest.
    #[n(4)]
    HeadForgotten,
    /// The server has entries of this epoch that the database never wrote.
    #[n(5)]
    ServerAhead,
    /// The server has another entry under one of this epoch's numbers.
    #[n(6)]
    ServerDiffers,
    /// The server was put back to a time whose entries the robot does not keep any more.
    #[n(7)]
    ServerBehind,
}

impl EpochCause {
    /// Its word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::DatabaseOlder => "database_older",
            Self::DatabaseDiffers => "database_differs",
            Self::OtherMachine => "other_machine",
            Self::HeadForgotten => "head_forgotten",
            Self::ServerAhead => "server_ahead",
            Self::ServerDiffers => "server_differs",
            Self::ServerBehind => "server_behind",
        }
    }
}

/// Why something became a dead letter: kept as it is, used for nothing, for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum DeadCause {
    /// A row of the feed that is of a known kind and cannot be read.
    #[n(0)]
    BadRow,
    /// A chunk of a snapshot that cannot be read.
    #[n(1)]
    BadChunk,
    /// A record of its own that is larger than a message may be.
    #[n(2)]
    TooLarge,
    /// What was written offline about a row that a resync showed to be gone.
    #[n(3)]
    RowGone,
}
