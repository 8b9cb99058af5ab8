//! What a robot records as having happened: the bodies of its journal.
//!
//! A fact is judged and may be flagged; it is never refused from the record. Each kind has a number that is never
//! reused; a kind of a newer version is kept as bytes.
//!
//! Leaves to others: the chain the facts stand in (`journal`), what they change (`fleet-core`).

use crate::journal::{Epoch, Lane};
use crate::refusal::Code;
use crate::task::OrderRef;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The interlock's phase as its firmware reports it. The fleet reads these words; it has none to change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum InterlockPhase {
    /// Off. A person at the robot has to release and reset.
    #[n(0)]
    Tripped,
    /// Off; healthy, waiting for the reset to be pressed.
    #[n(1)]
    ResetArmed,
    /// Off; the reset is being pressed.
    #[n(2)]
    ResetPressed,
    /// Off; reset, may be armed.
    #[n(3)]
    Released,
    /// On: the only phase in which the robot may move.
    #[n(4)]
    Energised,
    /// Crouching under the firmware's timer, then off.
    #[n(5)]
    Stopping,
    /// Off after a machine-class stop; may be armed again by rule.
    #[n(6)]
    Standby,
    /// Off until the power is cycled: a fault was found.
    #[n(7)]
    Locked,
}

/// Why the interlock last took the energy away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum TripCause {
    /// The power came on: always tripped.
    #[n(0)]
    PowerUp,
    /// A person pressed the button.
    #[n(1)]
    Button,
    /// The two channels disagreed for too long.
    #[n(2)]
    Discrepancy,
    /// A relay's mirror contact did not follow.
    #[n(3)]
    Mirror,
    /// Software asked for a stop that needs a person.
    #[n(4)]
    StopLatched,
    /// Software asked for a stop.
    #[n(5)]
    Stop,
    /// The agent's heartbeat was not heard in time.
    #[n(6)]
    Heartbeat,
    /// The robot's own beacon was not heard in time.
    #[n(7)]
    Beacon,
    /// The link had too many errors.
    #[n(8)]
    Link,
    /// The agent started anew.
    #[n(9)]
    Session,
    /// Standby lasted too long.
    #[n(10)]
    StandbyTimeout,
    /// Too many returns from Standby in ten minutes.
    #[n(11)]
    TooManyReturns,
    /// A cause of a newer firmware.
    #[n(12)]
    Unknown,
}

impl TripCause {
    /// Whether only a person at the robot ends the stop.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        match self {
            Self::PowerUp
            | Self::Button
            | Self::Discrepancy
            | Self::Mirror
            | Self::StopLatched
            | Self::StandbyTimeout
            | Self::TooManyReturns
            | Self::Unknown => true,
            Self::Stop | Self::Heartbeat | Self::Beacon | Self::Link | Self::Session => false,
        }
    }
}

/// The interlock as the firmware last reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Interlock {
    /// Its phase.
    #[n(0)]
    pub phase: InterlockPhase,
    /// Why the energy was last taken away.
    #[n(1)]
    pub cause: TripCause,
    /// Rises on every trip.
    #[n(2)]
    pub trip_epoch: u32,
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

/// Something that happened on a robot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Fact {
    /// The agent's process started; `clean` tells whether the last one had ended in order.
    #[n(0)]
    AgentStarted {
        /// Whether the process before had ended in order.
        #[n(0)]
        clean: bool,
    },
    /// The interlock changed its phase.
    #[n(1)]
    Interlock {
        /// What it is now.
        #[n(0)]
        now: Interlock,
    },
    /// The order is in the robot's replica and will be done.
    #[n(2)]
    Accepted {
        /// Which.
        #[n(0)]
        order: OrderRef,
    },
    /// The order will not be done.
    #[n(3)]
    Refused {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A step is about to begin: recorded before its motion.
    #[n(4)]
    StepStarted {
        /// Of which order.
        #[n(0)]
        order: OrderRef,
        /// Its place in the order, from 0.
        #[n(1)]
        step: u8,
    },
    /// A step was finished.
    #[n(5)]
    StepEnded {
        /// Of which order.
        #[n(0)]
        order: OrderRef,
        /// Its place in the order, from 0.
        #[n(1)]
        step: u8,
    },
    /// The order waits for a person to resume it.
    #[n(6)]
    Held {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// The order cannot go on until something changes.
    #[n(7)]
    Blocked {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A person let the robot's work go on; names the numbered message that said so.
    #[n(8)]
    Resumed {
        /// The server's number of the message.
        #[n(0)]
        number: u64,
    },
    /// Every step was finished.
    #[n(9)]
    Done {
        /// Which order.
        #[n(0)]
        order: OrderRef,
    },
    /// Given up.
    #[n(10)]
    Failed {
        /// Which order.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A safety officer cleared a trip: the robot may ask to be armed again.
    #[n(12)]
    Cleared {
        /// Which trip.
        #[n(0)]
        trip_epoch: u32,
        /// Who, as the endorsement of the officer's key names them.
        #[n(1)]
        officer: String,
    },
    /// A new epoch of the journal begins: its first entry. What the server may lack follows, each entry with its origin.
    #[n(28)]
    EpochBegan {
        /// Why.
        #[n(0)]
        cause: EpochCause,
        /// The epoch before, if one is known.
        #[n(1)]
        before: Option<Epoch>,
        /// How many entries of the epoch before are offered again.
        #[n(2)]
        again: u64,
    },
    /// Withdrawn by a person, and not worked on any more.
    #[n(11)]
    Cancelled {
        /// Which order.
        #[n(0)]
        order: OrderRef,
    },
    /// A line of the safety controller's own record, which the robot only carries; see
    /// [`firmware_record`](crate::firmware_record).
    #[n(13)]
    Firmware {
        /// Exactly as the controller keeps it, without a newline.
        #[n(0)]
        line: String,
    },
}

impl Fact {
    /// The lane it travels in. Safety never waits behind work.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::AgentStarted { .. }
            | Self::Interlock { .. }
            | Self::Resumed { .. }
            | Self::Cleared { .. }
            | Self::EpochBegan { .. }
            | Self::Firmware { .. } => Lane::Safety,
            Self::Accepted { .. }
            | Self::Refused { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Held { .. }
            | Self::Blocked { .. }
            | Self::Done { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. } => Lane::Work,
        }
    }

    /// Its number, which is also the first item of its bytes.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        match self {
            Self::AgentStarted { .. } => 0,
            Self::Interlock { .. } => 1,
            Self::Accepted { .. } => 2,
            Self::Refused { .. } => 3,
            Self::StepStarted { .. } => 4,
            Self::StepEnded { .. } => 5,
            Self::Held { .. } => 6,
            Self::Blocked { .. } => 7,
            Self::Resumed { .. } => 8,
            Self::Done { .. } => 9,
            Self::Failed { .. } => 10,
            Self::Cancelled { .. } => 11,
            Self::Cleared { .. } => 12,
            Self::EpochBegan { .. } => 28,
            Self::Firmware { .. } => 13,
        }
    }

    /// The order it speaks of.
    #[must_use]
    pub const fn order(&self) -> Option<OrderRef> {
        match self {
            Self::AgentStarted { .. }
            | Self::Interlock { .. }
            | Self::Resumed { .. }
            | Self::Cleared { .. }
            | Self::EpochBegan { .. }
            | Self::Firmware { .. } => None,
            Self::Accepted { order }
            | Self::Refused { order, .. }
            | Self::StepStarted { order, .. }
            | Self::StepEnded { order, .. }
            | Self::Held { order, .. }
            | Self::Blocked { order, .. }
            | Self::Done { order }
            | Self::Failed { order, .. }
            | Self::Cancelled { order } => Some(*order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TaskId;

    #[test]
    fn the_kind_is_the_number_in_the_bytes() {
        let order = OrderRef { task: TaskId::from_bytes([3; 16]), fence: 2 };
        let why = Code::BatteryLow;
        let now = Interlock { phase: InterlockPhase::Tripped, cause: TripCause::Button, trip_epoch: 9 };
        let all = [
            Fact::AgentStarted { clean: true },
            Fact::Interlock { now },
            Fact::Accepted { order },
            Fact::Refused { order, why },
            Fact::StepStarted { order, step: 1 },
            Fact::StepEnded { order, step: 1 },
            Fact::Held { order, why },
            Fact::Blocked { order, why },
            Fact::Resumed { number: 4 },
            Fact::Done { order },
            Fact::Failed { order, why },
            Fact::Cancelled { order },
            Fact::Cleared { trip_epoch: 4, officer: "M. Ito".into() },
            Fact::EpochBegan { cause: EpochCause::Made, before: Some(Epoch(3)), again: 0 },
            Fact::Firmware { line: "{\"n\":1}".into() },
        ];
        for fact in all {
            let bytes = crate::wire::to_bytes(&fact);
            assert_eq!(number_in(&bytes), fact.kind(), "{fact:?}");
            assert_eq!(crate::wire::from_bytes::<Fact>(&bytes).unwrap(), fact);
        }
    }

    /// The second item of the array: below 24 it stands in its own first byte (RFC 8949, 3).
    fn number_in(bytes: &[u8]) -> u16 {
        if bytes[1] < 24 { bytes[1].into() } else { bytes[2].into() }
    }
}
