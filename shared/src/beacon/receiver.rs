//! The verifier in a safety controller: one robot, one CA, no calendar.
//!
//! It knows its own robot's key and the CA's, and remembers the newest endorsement and the newest disclosure it heard. Its
//! memory lasts one power-up. It cannot tell how old the first disclosure is, only that each is newer than the one before,
//! that none claims to hold for long, that the endorsement covers the second it was made in, and, by its own monotonic
//! clock, that none comes later than the promptest of this power-up did.

use super::Pack;
use super::endorsement::Endorsement;
use super::id::DisclosureId;
use super::lag::Lag;
use super::presence::Presence;
use super::reject::Reject;
use super::time::BeaconTime;
use crate::seal::PublicKey;
use crate::time::Instant;

/// Hears one robot.
#[derive(Debug)]
pub struct Receiver {
    own: PublicKey,
    id: DisclosureId,
    ca: PublicKey,
    link: Option<Endorsement>,
    last: Option<(BeaconTime, u32)>,
    lag: Lag,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A disclosure of the own robot: whole, signed, endorsed, and newer than the last.
    Presence(Presence),
    /// An endorsement that holds longer than the one before.
    Link(Endorsement),
}

impl Receiver {
    /// Listens for the robot with the key `own`, endorsed by `ca`; nothing heard yet.
    #[must_use]
    pub fn new(own: PublicKey, ca: PublicKey) -> Self {
        Self { own, id: DisclosureId::of(&own), ca, link: None, last: None, lag: Lag::default() }
    }

    /// Takes one packet that reached the antenna at `now`.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies; the memory is unchanged then.
    pub fn hear(&mut self, bytes: &[u8], now: Instant) -> Result<Heard, Reject> {
        self.hear_if(bytes, now, |_| true)
    }

    /// Takes one packet, and asks before the one step that costs time, which is checking the signature of this pack.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies, [`Reject::Busy`] when it may not check; the memory is unchanged then.
    pub fn hear_if(
        &mut self,
        bytes: &[u8],
        now: Instant,
        may_check: impl FnOnce(&Pack) -> bool,
    ) -> Result<Heard, Reject> {
        let pack = self.sift(bytes, now)?;
        if may_check(&pack) { self.take(pack, now) } else { Err(Reject::Busy) }
    }

    /// Everything but signatures.
    fn sift(&self, bytes: &[u8], now: Instant) -> Result<Pack, Reject> {
        let pack = Pack::read(bytes)?;
        match &pack {
            Pack::Presence(presence) => self.sift_presence(presence, now)?,
            Pack::Link(endorsement) => self.sift_link(endorsement)?,
        }
        Ok(pack)
    }

    fn sift_presence(&self, presence: &Presence, now: Instant) -> Result<(), Reject> {
        if presence.id != self.id {
            return Err(Reject::Foreign);
        }
        let link = self.link.as_ref().ok_or(Reject::NoEndorsement)?;
        if !link.covers(presence.time.secs()) {
            return Err(Reject::Unendorsed);
        }
        let Some((time, cseq)) = self.last else { return Ok(()) };
        match () {
            () if presence.time <= time => Err(Reject::NotRising),
            () if fell(cseq, presence.cseq) => Err(Reject::SequenceFell),
            () if self.lag.is_late(presence.time, now) => Err(Reject::Late),
            () => Ok(()),
        }
    }

    fn sift_link(&self, endorsement: &Endorsement) -> Result<(), Reject> {
        if endorsement.key != self.own {
            return Err(Reject::Foreign);
        }
        match &self.link {
            Some(link) if link == endorsement => Err(Reject::Repeat),
            Some(link) if endorsement.not_after_s <= link.not_after_s => Err(Reject::NotRising),
            _ => Ok(()),
        }
    }

    /// Checks the signature, and remembers the pack.
    fn take(&mut self, pack: Pack, now: Instant) -> Result<Heard, Reject> {
        match pack {
            Pack::Presence(presence) => {
                presence.check(&self.own)?;
                self.last = Some((presence.time, presence.cseq));
                self.lag.note(presence.time, now);
                Ok(Heard::Presence(presence))
            }
            Pack::Link(endorsement) => {
                endorsement.check(&self.ca)?;
                self.link = Some(endorsement.clone());
                Ok(Heard::Link(endorsement))
            }
        }
    }
}

/// Whether a journal's number went down. Only its low bits are on the air, so it is compared around the circle.
#[must_use]
pub const fn fell(from: u32, to: u32) -> bool {
    to.wrapping_sub(from) > u32::MAX / 2
}
