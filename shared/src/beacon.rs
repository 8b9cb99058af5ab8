//! The signed statement "I am a machine", as it goes over the air.
//!
//! Terms: a *presence pack* is one disclosure: who, in what state, when, and how far the journal has come, signed by the
//! robot; a *link pack* carries the site CA's *endorsement* of the robot's key; a *disclosure id* is the hash of that
//! key. Both packs have the byte layout of ASTM F3411 message packs with the evidence laid out as IETF DRIP does
//! (RFC 9575), under private code points. `docs/BEACON.md` tells it to those who build another receiver.
//!
//! Reading is *canonical*: what was read is written again and has to give the same bytes, so that there is one form of
//! every statement and no bit of it is loose.
//!
//! Leaves to others: when to send (`robot-core`), what a silence costs (`interlock`), who is endorsed (the site).

mod air;
mod capture;
mod channel;
mod endorsement;
mod id;
mod lag;
mod message;
mod name;
mod observer;
mod presence;
mod receiver;
mod reject;
mod revoked;
#[cfg(test)]
mod tests;
mod time;

pub use air::{AirFault, Receive, Transmit};
pub use capture::{BadFinding, Capture, Finding, FindingKind};
pub use channel::simulated_air;
pub use endorsement::{BadEndorsement, ENDORSED_MAX_S, Endorsement, LINK_LEN};
pub use id::{CaId, DisclosureId};
pub use name::{MachineName, SHOWN_LEN_MAX, Unshowable};
pub use observer::{Claim, Observed, Observer, Sighting, TOLERANCE_S};
pub use presence::{PRESENCE_LEN, PRESENCE_VALID_S, Presence, PresenceWords, Status, encode_presence};
pub use receiver::{Heard, Receiver, fell};
pub use reject::Reject;
pub use revoked::{BadList, REVOKED_MAX, Revoked};
pub use time::BeaconTime;

/// One pack from the air, whole and canonical, with no signature checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pack {
    /// A disclosure.
    Presence(Presence),
    /// An endorsement.
    Link(Endorsement),
}

impl Pack {
    /// Reads one packet as what its number of messages says it is.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn read(bytes: &[u8]) -> Result<Self, Reject> {
        match message::count(bytes)? {
            presence::MESSAGES => Presence::read(bytes).map(Self::Presence),
            endorsement::MESSAGES => Endorsement::read(bytes).map(Self::Link),
            _ => Err(Reject::Count),
        }
    }
}
