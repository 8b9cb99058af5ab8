//! History of measurements, on `up/telemetry`: samples in columns, numbered without holes in a lane of their own.
//!
//! Terms: an *item* is a sample or a loss; its *span* is the numbers of the lane that it stands for. A sample stands for one number
//! when it is taken, and for more when its neighbours were thinned out. A *loss* names numbers that were given out and will
//! never come. So the lane has no holes: an item begins where the one before it ended, or the receiver lacks something.
//!
//! Leaves to others: when to sample and what to thin (`robot-core`), what is next in the lane (`fleet-core`), packing
//! (`envelope`).

mod columns;

pub use columns::{BadBlock, Block};

use crate::fact::InterlockPhase;
use crate::journal::{Boot, Epoch};
use crate::task::OrderRef;
use crate::time::WallTime;
use crate::zone::Point;
use minicbor::{Decode, Encode};

/// Most numbers that are reserved at once, and so most that an unclean stop may cost.
pub const RESERVED: u64 = 4096;

/// Most items of one batch.
pub const ITEMS_MAX: usize = 4096;

/// What was measured at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sample {
    /// In which boot of the robot's computer.
    #[n(0)]
    pub boot: Boot,
    /// When, on that boot's monotonic clock, in milliseconds.
    #[n(1)]
    pub mono_ms: u64,
    /// When by the robot's calendar, in milliseconds since 1970.
    #[n(2)]
    pub wall_ms: u64,
    /// Where the robot was, if its firmware said so.
    #[n(3)]
    pub at: Option<Point>,
    /// Battery in thousandths, if its firmware said so.
    #[n(4)]
    pub battery_permille: Option<u16>,
    /// What changes rarely.
    #[n(5)]
    pub condition: Condition,
}

impl Sample {
    /// When by another calendar, which lies so many milliseconds from the boot's clock.
    #[must_use]
    pub const fn at(&self, offset_ms: i64) -> WallTime {
        WallTime(self.mono_ms.saturating_add_signed(offset_ms))
    }
}

/// The part of a sample that changes rarely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Condition {
    /// The interlock's phase, if its firmware was heard within the last second.
    #[n(0)]
    pub phase: Option<InterlockPhase>,
    /// What the body does, as the number of the act on the link; 0 rests, 7 crouches.
    #[n(1)]
    pub doing: Option<u8>,
    /// Whether the body moves.
    #[n(2)]
    pub moving: Option<bool>,
    /// Whether it holds something.
    #[n(3)]
    pub holds: Option<bool>,
    /// The order that is worked on.
    #[n(4)]
    pub order: Option<OrderRef>,
    /// The step of that order, from 0.
    #[n(5)]
    pub step: Option<u8>,
    /// It waits for a person.
    #[n(6)]
    pub awaits_person: bool,
    /// Its own firmware hears its disclosure.
    #[n(7)]
    pub heard: Option<bool>,
}

/// Numbers of the lane, from `first` to `last`; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Span {
    /// The first number, from 1.
    #[n(0)]
    pub first: u64,
    /// The last number.
    #[n(1)]
    pub last: u64,
}

impl Span {
    /// A single number.
    #[must_use]
    pub const fn one(number: u64) -> Self {
        Self { first: number, last: number }
    }

    /// Whether these are numbers of a lane.
    #[must_use]
    pub const fn is_sound(self) -> bool {
        0 < self.first && self.first <= self.last && self.last < u64::MAX
    }

    /// How many numbers.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.last - self.first + 1
    }
}

/// A sample or a loss, with the numbers that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which numbers.
    pub span: Span,
    /// What was measured at the last of them; `None` when they will never come.
    pub sample: Option<Sample>,
}

/// A stretch of the lane, on `up/telemetry`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TelemetryBatch {
    /// The start of the agent that gave the numbers out.
    #[n(0)]
    pub epoch: Epoch,
    /// The boot in which it is sent.
    #[n(1)]
    pub boot: Boot,
    /// When it is sent, on that boot's monotonic clock, in milliseconds.
    #[n(2)]
    pub mono_ms: u64,
    /// Its parts, each beginning where the one before ended.
    #[n(3)]
    pub parts: Vec<Part>,
}

/// A part of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Part {
    /// Samples of one boot.
    #[n(0)]
    Samples {
        /// In columns.
        #[n(0)]
        block: Block,
    },
    /// Numbers that will never come: the one legal jump.
    #[n(1)]
    Lost {
        /// The first of them.
        #[n(0)]
        first: u64,
        /// The last of them.
        #[n(1)]
        last: u64,
    },
}

impl TelemetryBatch {
    /// The batch of these items, which follow each other without a hole.
    #[must_use]
    pub fn of(epoch: Epoch, boot: Boot, mono_ms: u64, items: &[Item]) -> Self {
        let same_part = |a: &Item, b: &Item| matches!((a.sample, b.sample), (Some(a), Some(b)) if a.boot == b.boot);
        let parts = items.chunk_by(same_part).map(Part::of).collect();
        Self { epoch, boot, mono_ms, parts }
    }

    /// Its items in their order.
    ///
    /// # Errors
    /// [`BadBlock`] when its parts do not make items that follow each other.
    pub fn items(&self) -> Result<Vec<Item>, BadBlock> {
        let mut items: Vec<Item> = vec![];
        for part in &self.parts {
            items.extend(part.items()?);
            if items.len() > ITEMS_MAX {
                return Err(BadBlock::TooMany(items.len()));
            }
        }
        let follows = |pair: &[Item]| pair[1].span.first == pair[0].span.last + 1;
        let hole = items.windows(2).find(|pair| !follows(pair));
        match hole {
            Some(pair) => Err(BadBlock::Hole { last: pair[0].span.last, first: pair[1].span.first }),
            None => Ok(items),
        }
    }
}

impl Part {
    fn of(items: &[Item]) -> Self {
        match Block::of(items) {
            Some(block) => Self::Samples { block },
            None => Self::Lost { first: items[0].span.first, last: items[0].span.last },
        }
    }

    /// Its items in their order.
    ///
    /// # Errors
    /// [`BadBlock`] when it makes none.
    pub fn items(&self) -> Result<Vec<Item>, BadBlock> {
        match self {
            Self::Samples { block } => block.items(),
            Self::Lost { first, last } => {
                let span = Span { first: *first, last: *last };
                let lost = Item { span, sample: None };
                if span.is_sound() { Ok(vec![lost]) } else { Err(BadBlock::Numbers) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
