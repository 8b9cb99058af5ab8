//! The interlock as its firmware reports it: a phase, why the energy was last taken away, and which trip that was.

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
