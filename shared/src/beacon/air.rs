//! The radio, as those see it who speak and listen: two halves, and what can go wrong with each.
//!
//! Two traits and not one, because nobody has both: an agent cannot hear, a safety controller and a bystander cannot
//! speak. Multicast on loopback stands behind them in the simulator (package `air-sim`); a Bluetooth adapter takes its
//! place there and nowhere else.
//!
//! Nothing here does input or output.

use std::fmt::Display;
use std::time::Duration;

/// What the radio's own driver said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The half that speaks.
pub trait Transmit {
    /// Sends one pack, at once or not at all: whoever says the next one in 300 ms must not wait for this one. A pack that
    /// is lost on its way is no fault; whether anyone heard it, only a receiver knows.
    ///
    /// # Errors
    /// [`AirFault::Refused`] when it did not go out. The next one may.
    fn transmit(&mut self, pack: &[u8]) -> Result<(), AirFault>;
}

/// The half that listens.
pub trait Receive {
    /// The next packet, whatever it is and whoever sent it; `None` when none came within `patience`. A packet that is
    /// longer than every pack may be cut, but never to the length of one.
    ///
    /// # Errors
    /// [`AirFault::Deaf`] when the radio does not work. Silence is no fault.
    fn receive(&mut self, patience: Duration) -> Result<Option<&[u8]>, AirFault>;
}

/// What can go wrong with a radio.
#[derive(Debug, thiserror::Error)]
pub enum AirFault {
    /// It cannot be opened.
    #[error("cannot tune to the air at {channel}: {cause}")]
    Tune {
        /// Where.
        channel: String,
        /// Why not.
        cause: Cause,
    },
    /// It did not send this pack.
    #[error("the radio refuses to send: {0}")]
    Refused(Cause),
    /// It hears nothing, and would not if there were something.
    #[error("the radio cannot hear: {0}")]
    Deaf(Cause),
}

impl AirFault {
    /// The radio at this channel cannot be opened.
    pub fn tune(channel: impl Display, cause: impl Into<Cause>) -> Self {
        Self::Tune { channel: channel.to_string(), cause: cause.into() }
    }

    /// A pack did not go out.
    pub fn refused(cause: impl Into<Cause>) -> Self {
        Self::Refused(cause.into())
    }

    /// The radio hears nothing.
    pub fn deaf(cause: impl Into<Cause>) -> Self {
        Self::Deaf(cause.into())
    }
}
