//! History of measurements: taken once a second, numbered, kept in a file of its own, and forwarded strictly in order.
//!
//! Terms: the *lane* is the stream of items to the server; its numbers are *reserved* in the durable database, in blocks, before
//! they are used, by each start of the agent in an *epoch* of its own; the *file* is the telemetry's own database, which a
//! power cut may set back. The samples themselves are never held in memory: what is to be sent or thinned is read back from
//! the file.
//!
//! Leaves to others: the file (`robot-agent`), layout on the wire (`shared::wire::telemetry`).

mod lane;
mod numbers;
mod sampler;
mod thinning;

pub use lane::{Answered, FLIGHT_LEN_MAX, TelemetryLane, Wait};
pub use numbers::{Numbers, lost};
pub use sampler::Sampler;
pub use thinning::{Thinned, thin};

use shared::journal::Epoch;
use shared::wire::telemetry::Item;

/// What the durable database knows of the lane's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The start of the agent that the numbers belong to.
    pub epoch: Epoch,
    /// The newest number that may have been used.
    pub to: u64,
    /// The newest number that was used, at an orderly end; `None` while the agent runs, and so after any other end.
    pub ended: Option<u64>,
}

/// What the file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileEnd {
    /// The newest number that it has or had in the epoch of the reservation; 0 for none.
    pub reserved: u64,
    /// How many items wait in it.
    pub items: u64,
}

/// What a start needs of the telemetry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TelemetryLoaded {
    /// From the durable database; `None` before the first sample.
    pub reservation: Option<Reservation>,
    /// From the file.
    pub file: FileEnd,
}

/// Something to change in the file. All changes of one drain stand or fall together; they reach the disk when the system
/// writes them, not before they are told.
#[derive(Clone, Debug, PartialEq)]
pub enum Keep {
    /// An item behind the newest.
    Item {
        /// The start of the agent that gave its numbers out.
        epoch: Epoch,
        /// The item.
        item: Item,
    },
    /// The server has everything of an epoch up to a number.
    Forget {
        /// Which epoch.
        epoch: Epoch,
        /// The newest number.
        seq: u64,
    },
    /// Some items make room, and others stand for their numbers as well.
    Thin(Thinned),
}

/// An item as the file keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptItem {
    /// Its place in the file; rises in the order in which items were kept.
    pub place: u64,
    /// The start of the agent that gave its numbers out.
    pub epoch: Epoch,
    /// The item.
    pub item: Item,
}

/// Which items of the file are wanted, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The oldest, to be sent.
    ToSend {
        /// At most so many.
        most: u32,
    },
    /// Those behind a place, to be thinned.
    ToThin {
        /// Behind which place.
        after: u64,
        /// At most so many.
        most: u32,
    },
}
