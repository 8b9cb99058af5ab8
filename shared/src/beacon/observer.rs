//! The verifier of a bystander: any robot of one CA, with a calendar.
//!
//! It needs the CA's public key and a clock, no network and nobody's permission. Of every robot it remembers the newest
//! disclosure that holds, the endorsement, and a few journal heads, which is enough to notice recordings, rollbacks and
//! clones. What it cannot believe it remembers as a claim, with the reason.
//!
//! Whoever floods the air makes it look at much. Looking is cheap, and done at once ([`Observer::take`]); what has passed that
//! waits, in a line for each robot, to have its signature checked ([`Observer::judge_next`]), and a flood under one id delays
//! no other. Three things need no check: what was refused a moment ago, an endorsement of a robot whose last one holds for a
//! while yet, and what says something that no signature could mend.
//!
//! Its memory is bounded, whatever is sent: [`ROBOTS_MAX`] robots, [`HEADS_MAX`] heads of each, one finding of a kind and
//! robot in [`FOUND_EVERY_S`] seconds, and some 20 MB of packs that wait or were refused.

mod docket;
mod fair;
mod judged;
mod near;
mod sighting;
mod unvouched;

pub use sighting::{Claim, Sighting};

use super::Pack;
use super::capture::{Capture, Finding};
use super::endorsement::Endorsement;
use super::id::{CaId, DisclosureId};
use super::presence::Presence;
use super::reject::Reject;
use super::revoked::{BadList, Revoked};
use super::time::BeaconTime;
use crate::seal::PublicKey;
use docket::{Docket, Lane, Suspect, Waiting};
use judged::{Digest, Judged};
use near::Near;
use std::collections::BTreeMap;
use unvouched::Unvouched;

/// How far the robot's clock and the listener's may be apart, in seconds.
pub const TOLERANCE_S: u32 = 5;
/// Robots remembered at once.
pub const ROBOTS_MAX: usize = 256;
/// Journal heads remembered of each robot.
pub const HEADS_MAX: usize = 64;
/// How often the same kind of finding about the same robot is told, in seconds.
pub const FOUND_EVERY_S: u64 = 60;
/// How long before its endorsement ends a robot's next one is looked at, in seconds: an hour, in which it is sent 1,200 times.
const RENEWED_BEFORE_S: u32 = 3600;

/// Hears all robots of one CA. [`Observer::take`] takes packets and [`Observer::judge_next`] judges them, one signature at a
/// time; [`Observer::hear`] does both for those who are in no hurry. [`Observer::take_findings`] gives what they prove,
/// [`Observer::robots`] shows who is near.
#[derive(Debug)]
pub struct Observer {
    ca: PublicKey,
    ca_id: CaId,
    revoked: Option<Revoked>,
    near: Near,
    unvouched: Unvouched,
    docket: Docket,
    judged: Judged,
    checked: u64,
    findings: Vec<Finding>,
}

/// What a packet was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A disclosure that holds and is the newest of its robot.
    Presence(Box<Capture>),
    /// An endorsement of this CA that holds now and ends later than the one before.
    Link(Endorsement),
}

impl Observer {
    /// Believes this CA and nobody else; nothing heard yet.
    #[must_use]
    pub fn new(ca: PublicKey) -> Self {
        Self {
            ca,
            ca_id: CaId::of(&ca),
            revoked: None,
            near: Near::new(),
            unvouched: Unvouched::new(),
            docket: Docket::new(),
            judged: Judged::new(),
            checked: 0,
            findings: Vec::new(),
        }
    }

    /// Carries the site's list of keys that count no more.
    ///
    /// # Errors
    /// [`BadList`] when it is not signed by this CA; then it is not carried.
    pub fn carry(&mut self, revoked: Revoked) -> Result<(), BadList> {
        revoked.check(&self.ca)?;
        self.revoked = Some(revoked);
        Ok(())
    }

    /// Everyone near, by disclosure id.
    #[must_use]
    pub const fn robots(&self) -> &BTreeMap<DisclosureId, Sighting> {
        self.near.all()
    }

    /// Signatures checked so far.
    #[must_use]
    pub const fn checked(&self) -> u64 {
        self.checked
    }

    /// Whether nothing waits to be judged.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.docket.is_empty()
    }

    /// What was proven since this was last asked.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Takes one packet at this moment of the listener's clock, and judges it and whatever waits.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn hear(&mut self, bytes: &[u8], now: BeaconTime) -> Result<Observed, Reject> {
        while self.judge_next().is_some() {}
        self.take(bytes, now)?;
        let verdict = self.judge_next().expect("what was taken is all that waits");
        while self.judge_next().is_some() {}
        verdict
    }

    /// Looks at one packet that was heard at this moment of the listener's clock, and lets it wait if it needs a check of its
    /// signature. This costs microseconds, whatever it is.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies; [`Reject::Busy`] when one of those that wait was lost for it, or it for
    /// them.
    pub fn take(&mut self, bytes: &[u8], now: BeaconTime) -> Result<(), Reject> {
        match Pack::read(bytes)? {
            Pack::Presence(presence) => self.take_presence(presence, bytes, now),
            Pack::Link(link) => self.take_link(link, bytes, now),
        }
    }

    /// Judges one of the packets that wait, with one check of a signature at most; none when nothing waits. One that waited for
    /// its endorsement was refused for the lack of it before.
    pub fn judge_next(&mut self) -> Option<Result<Observed, Reject>> {
        let verdict = match self.docket.pop()? {
            Waiting::Presence(suspect) => self.judge_presence(suspect),
            Waiting::Link(suspect) => self.judge_link(suspect),
        };
        Some(verdict)
    }

    fn take_link(&mut self, link: Endorsement, bytes: &[u8], now: BeaconTime) -> Result<(), Reject> {
        let (id, digest) = (link.id(), Digest::of(bytes));
        let is_known = self.is_wanted(id, &link, now).and_then(|()| self.is_new(digest, now));
        is_known.map_err(|reason| self.refuse_link(id, reason))?;
        let is_of_now = in_time(link.not_before_s, link.not_after_s, now).is_ok();
        let is_heard = self.unvouched.has(id) || self.near.get(id).is_some_and(|robot| robot.link.is_some());
        let lane = match (is_of_now, is_heard) {
            (false, _) => Lane::Rest,
            (true, true) => Lane::Links,
            (true, false) => Lane::Unheard,
        };
        self.wait(lane, id, Waiting::Link(Suspect { said: link, digest, heard: now }))
    }

    fn take_presence(&mut self, presence: Presence, bytes: &[u8], now: BeaconTime) -> Result<(), Reject> {
        let (id, digest) = (presence.id, Digest::of(bytes));
        let is_known = self.link_of(&presence).map(drop).and_then(|()| self.is_new(digest, now));
        if let Err(reason) = is_known {
            if reason.is_want_of_endorsement() {
                self.unvouched.keep(presence.clone(), now);
            }
            return Err(self.refuse(presence, now, reason));
        }
        let is_of_now = in_time(presence.time.secs(), presence.not_after_s, now).is_ok();
        let lane = if is_of_now { Lane::Presences } else { Lane::Rest };
        self.wait(lane, id, Waiting::Presence(Suspect { said: presence, digest, heard: now }))
    }

    fn wait(&mut self, lane: Lane, id: DisclosureId, waiting: Waiting) -> Result<(), Reject> {
        if self.docket.push(lane, id, waiting) { Ok(()) } else { Err(Reject::Busy) }
    }

    /// Whether this endorsement would say more than what is known, and soon enough to matter.
    fn is_wanted(&self, id: DisclosureId, link: &Endorsement, now: BeaconTime) -> Result<(), Reject> {
        match self.near.get(id).and_then(|robot| robot.link.as_ref()) {
            Some(known) if known == link => Err(Reject::Repeat),
            Some(known) if link.not_after_s <= known.not_after_s => Err(Reject::NotRising),
            _ if link.ca_id != self.ca_id => Err(Reject::CaId),
            Some(known) if known.not_after_s > now.secs().saturating_add(RENEWED_BEFORE_S) => Err(Reject::Early),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether these bytes were not refused a moment ago.
    fn is_new(&self, digest: Digest, now: BeaconTime) -> Result<(), Reject> {
        self.judged.reason(digest, now).map_or(Ok(()), Err)
    }

    /// The endorsement that a disclosure, if it is news, would be believed by.
    fn link_of(&self, presence: &Presence) -> Result<&Endorsement, Reject> {
        let robot = self.near.get(presence.id);
        if robot.is_some_and(|robot| robot.newest.as_ref().is_some_and(|newest| newest.presence == *presence)) {
            return Err(Reject::Repeat);
        }
        if self.revoked.as_ref().is_some_and(|revoked| revoked.ids().contains(&presence.id)) {
            return Err(Reject::Revoked);
        }
        let missing = robot.and_then(|robot| robot.missing).unwrap_or(Reject::NoEndorsement);
        let link = robot.and_then(|robot| robot.link.as_ref()).ok_or(missing)?;
        if link.covers(presence.time.secs()) { Ok(link) } else { Err(Reject::Unendorsed) }
    }

    fn judge_link(&mut self, suspect: Suspect<Endorsement>) -> Result<Observed, Reject> {
        let Suspect { said: link, digest, heard } = suspect;
        if let Err(reason) = self.weigh_link(&link, digest, heard) {
            self.judged.note(digest, reason, heard);
            return Err(self.refuse_link(link.id(), reason));
        }
        self.vouch(&link, heard);
        Ok(Observed::Link(link))
    }

    fn weigh_link(&mut self, link: &Endorsement, digest: Digest, heard: BeaconTime) -> Result<(), Reject> {
        // Much may have been judged since it came.
        self.is_wanted(link.id(), link, heard)?;
        self.is_new(digest, heard)?;
        self.checked += 1;
        link.check(&self.ca)?;
        in_time(link.not_before_s, link.not_after_s, heard).map_err(|reason| match reason {
            Reject::Future => Reject::LinkFuture,
            _ => Reject::LinkExpired,
        })
    }

    /// What was said before the endorsement was heard is looked at again, so that one of each is enough.
    fn vouch(&mut self, link: &Endorsement, heard: BeaconTime) {
        let id = link.id();
        let robot = self.near.sighting(id);
        robot.link = Some(link.clone());
        robot.claim.take_if(|claim| claim.reason.is_want_of_endorsement());
        let mut before: Vec<_> = self.unvouched.take(id, heard).collect();
        before.reverse();
        for said in before {
            let digest = Digest::of(&said.presence.to_pack());
            let waiting = Waiting::Presence(Suspect { said: said.presence, digest, heard: said.heard });
            // One that finds no room was told to be refused when it came.
            let _waits = self.docket.push(Lane::Before, id, waiting);
        }
    }

    fn judge_presence(&mut self, suspect: Suspect<Presence>) -> Result<Observed, Reject> {
        let Suspect { said: presence, digest, heard } = suspect;
        match self.weigh(&presence, digest, heard) {
            Ok(capture) => {
                self.near.sighting(presence.id).remember(&capture);
                self.docket.forget_before(presence.id);
                Ok(Observed::Presence(Box::new(capture)))
            }
            Err(reason) => {
                self.judged.note(digest, reason, heard);
                Err(self.refuse(presence, heard, reason))
            }
        }
    }

    /// Whether the disclosure holds and is news; what it proves against those before is noted on the way.
    fn weigh(&mut self, presence: &Presence, digest: Digest, heard: BeaconTime) -> Result<Capture, Reject> {
        // The CA's own signature was checked when the endorsement was taken.
        let link = self.link_of(presence)?.clone();
        self.is_new(digest, heard)?;
        self.checked += 1;
        presence.check(&link.key)?;
        let capture = Capture { heard, link, presence: presence.clone() };
        self.compare(&capture)?;
        in_time(presence.time.secs(), presence.not_after_s, heard)?;
        in_time(capture.link.not_before_s, capture.link.not_after_s, heard).map_err(|_| Reject::Unendorsed)?;
        Ok(capture)
    }

    /// Holds a disclosure that is truly signed against what was heard before.
    fn compare(&mut self, capture: &Capture) -> Result<(), Reject> {
        let Some(robot) = self.near.get_mut(capture.presence.id) else { return Ok(()) };
        let finding = robot.against(capture).and_then(|known| Finding::of(known, capture));
        let verdict = robot.order(&capture.presence);
        if let Some(finding) = finding
            && robot.is_news(finding.kind, capture.heard)
        {
            self.findings.push(finding);
        }
        verdict
    }

    /// Remembers what is not believed, and why. An echo or a recording is no newer claim than what it repeats.
    fn refuse(&mut self, presence: Presence, heard: BeaconTime, reason: Reject) -> Reject {
        if !matches!(reason, Reject::Repeat | Reject::NotRising) {
            let robot = self.near.sighting(presence.id);
            robot.claim = Some(Claim { presence, heard, reason });
        }
        reason
    }

    /// A robot whose endorsement does not count is told apart from one that nobody has vouched for yet.
    fn refuse_link(&mut self, id: DisclosureId, reason: Reject) -> Reject {
        if reason.is_want_of_endorsement() {
            self.near.sighting(id).lack(reason);
        }
        reason
    }
}

fn in_time(from_s: u32, until_s: u32, now: BeaconTime) -> Result<(), Reject> {
    match () {
        () if from_s > now.secs() + TOLERANCE_S => Err(Reject::Future),
        () if until_s + TOLERANCE_S < now.secs() => Err(Reject::Expired),
        () => Ok(()),
    }
}
