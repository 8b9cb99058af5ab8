//! What may happen to the driver, and who it is.

use super::ShownTask;
use crate::Seen;
use crate::endorsement::NotTaken;
use crate::storage::StorageReading;
use crate::telemetry::{KeptItem, Wanted};
use crate::witness::Edge;
use shared::clearance::{BadClearance, Challenge, Clearance};
use shared::field::FieldValue;
use shared::id::RobotId;
use shared::journal::{Epoch, Lane, Record};
use shared::refusal::Code;
use shared::seal::{Hash, PublicKey, SigningKey};
use shared::time::WallTime;
use shared::wire::topic::Down;

/// Who this robot is and whom it obeys.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name.
    pub robot: RobotId,
    /// The key it signs with.
    pub key: SigningKey,
    /// The server's key; nothing else is obeyed.
    pub site_key: PublicKey,
    /// The site CA's key, which endorses safety officers and the keys that robots disclose with.
    pub ca_key: PublicKey,
}

/// What is drawn at random for one life of the process.
#[derive(Clone, Copy)]
pub struct Secrets {
    /// Tells hellos apart.
    pub seed: u64,
    /// Makes challenges unforeseeable.
    pub challenge: [u8; 32],
}

impl Secrets {
    /// The epoch in which this life of the process numbers its telemetry.
    pub(crate) fn telemetry_epoch(&self) -> Epoch {
        let drawn = Hash::of(&[b"telemetry-epoch/v1\0", &self.seed.to_be_bytes(), &self.challenge]);
        Epoch(u64::from_be_bytes(drawn.0[..8].try_into().expect("8 of 32 bytes")))
    }
}

/// Ties an answer to somebody who asks at the robot itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalToken(pub u64);

/// What may be asked at the robot itself, without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAsk {
    /// Which challenge waits for an officer.
    Challenge,
    /// An officer's answer to it.
    Clear(Box<Clearance>),
    /// An endorsement of this robot's key, carried here by hand: a link pack.
    Endorse(Vec<u8>),
    /// A task that the robot has, by its number or its long id: to be edited, and shown.
    Task(String, LocalEdit),
}

/// What somebody at the robot does to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalEdit {
    /// Nothing: it is only shown.
    Show,
    /// Writes a field.
    Set(FieldValue),
    /// Makes this the note's text; what differs from the text before is the edit.
    Text(String),
    /// Adds a line to the note's text.
    Append(String),
    /// Ticks an item of the checklist, or takes the tick away.
    Check {
        /// What the item says.
        item: String,
        /// Whether it is done.
        done: bool,
    },
}

/// What is answered there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAnswer {
    /// The challenge that waits; `None` when no clearance is due.
    Challenge(Option<Challenge>),
    /// The trip is cleared, or why not.
    Cleared(Result<(), BadClearance>),
    /// The endorsement is taken and holds until then, in seconds since 2019, or why it is not taken.
    Endorsed(Result<u32, NotTaken>),
    /// The task as it is here now, or why not.
    Task(Result<Box<ShownTask>, Code>),
}

/// What may happen to the driver.
#[derive(Debug)]
pub enum Input {
    /// A reading of the wall clock; at least every few seconds.
    Wall(WallTime),
    /// The broker takes packets of so many bytes and no larger ones; told before the connection of which it is true.
    PacketMax(u32),
    /// A connection to the broker stands and its subscription is confirmed.
    Connected,
    /// The connection is gone.
    Disconnected,
    /// Bytes on one of this robot's `down` topics.
    Message(Down, Vec<u8>),
    /// What the control loop last saw.
    Seen(Seen),
    /// What the control loop saw begin and end since it told last, oldest first.
    Witnessed(Vec<Edge>),
    /// A line of the firmware's own record; most were told before.
    Firmware(String),
    /// Somebody at the robot asks.
    Local(LocalToken, LocalAsk),
    /// What the replica has of the entries that were asked for with `Tell::Recall`.
    Recalled(Lane, Vec<Record>),
    /// What the telemetry's file has of what was asked for with `Tell::Telemetry`.
    Telemetry(Wanted, Vec<KeptItem>),
    /// How full the storage is; every few seconds.
    Storage(StorageReading),
    /// A database was full and its reserve is freed; what was to be committed is committed.
    StorageFull,
    /// The process is asked to end.
    Shutdown,
}
