//! The verifier of a bystander: any robot of one CA, with a calendar.
//!
//! It needs the CA's public key and a clock, no network and nobody's permission. Of every robot it remembers the newest
//! disclosure that holds, the endorsement, and a few journal heads, which is enough to notice recordings, rollbacks and
//! clones. What it cannot believe it remembers as a claim, with the reason.
//!
//! Its memory is bounded, whatever is sent: [`ROBOTS_MAX`] robots, [`HEADS_MAX`] heads of each, one finding of a kind and
//! robot in [`FOUND_EVERY_S`] seconds.

use super::Pack;
use super::capture::{Capture, Finding, FindingKind};
use super::endorsement::Endorsement;
use super::id::DisclosureId;
use super::presence::Presence;
use super::receiver::fell;
use super::reject::Reject;
use super::revoked::{BadList, Revoked};
use super::time::BeaconTime;
use crate::seal::PublicKey;
use std::collections::{BTreeMap, VecDeque};

/// How far the robot's clock and the listener's may be apart, in seconds.
pub const TOLERANCE_S: u32 = 5;
/// Robots remembered at once.
pub const ROBOTS_MAX: usize = 256;
/// Journal heads remembered of each robot.
pub const HEADS_MAX: usize = 64;
/// How often the same kind of finding about the same robot is told, in seconds.
pub const FOUND_EVERY_S: u64 = 60;

/// Hears all robots of one CA. [`Observer::hear`] takes packets, [`Observer::take_findings`] gives what they prove,
/// [`Observer::robots`] shows who is near.
#[derive(Debug)]
pub struct Observer {
    ca: PublicKey,
    revoked: Option<Revoked>,
    robots: BTreeMap<DisclosureId, Sighting>,
    /// Those that nobody had vouched for when they came, in the order in which they came: who floods the air with ids costs no
    /// search. At most as many as there are robots.
    strangers: VecDeque<DisclosureId>,
    findings: Vec<Finding>,
}

/// What is known of one robot.
#[derive(Debug, Default)]
pub struct Sighting {
    /// Its newest disclosure that holds.
    pub newest: Option<Capture>,
    /// The newest that does not.
    pub claim: Option<Claim>,
    link: Option<Endorsement>,
    /// Somebody named another CA for it. Nobody's word has been checked: it only says why there is no endorsement.
    has_other_ca: bool,
    heads: BTreeMap<u32, Capture>,
    found: BTreeMap<FindingKind, BeaconTime>,
}

/// A disclosure in good form that is not believed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What was said.
    pub presence: Presence,
    /// When it was heard, by the listener's clock.
    pub heard: BeaconTime,
    /// Why it is not believed.
    pub reason: Reject,
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
    pub const fn new(ca: PublicKey) -> Self {
        Self { ca, revoked: None, robots: BTreeMap::new(), strangers: VecDeque::new(), findings: Vec::new() }
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
        &self.robots
    }

    /// What was proven since this was last asked.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Takes one packet at this moment of the listener's clock.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn hear(&mut self, bytes: &[u8], now: BeaconTime) -> Result<Observed, Reject> {
        match Pack::read(bytes)? {
            Pack::Presence(presence) => self.hear_presence(presence, now),
            Pack::Link(link) => self.hear_link(link, now),
        }
    }

    fn hear_link(&mut self, link: Endorsement, now: BeaconTime) -> Result<Observed, Reject> {
        let id = link.id();
        let known = self.robots.get(&id).and_then(|robot| robot.link.as_ref());
        match known {
            Some(known) if *known == link => return Err(Reject::Repeat),
            Some(known) if link.not_after_s <= known.not_after_s => return Err(Reject::NotRising),
            _ => {}
        }
        link.check(&self.ca).inspect_err(|reason| self.note_other_ca(id, *reason))?;
        in_time(link.not_before_s, link.not_after_s, now)?;
        let robot = self.sighting(id);
        robot.link = Some(link.clone());
        // What was said before the endorsement was heard is looked at again, so that one of each is enough.
        if let Some(claim) = robot.claim.take_if(|claim| claim.lacks_endorsement()) {
            let _still_refused = self.hear_presence(claim.presence, claim.heard);
        }
        Ok(Observed::Link(link))
    }

    /// A robot that somebody else vouches for is told apart from one that nobody has vouched for yet.
    fn note_other_ca(&mut self, id: DisclosureId, reason: Reject) {
        if reason != Reject::CaId {
            return;
        }
        let robot = self.sighting(id);
        robot.has_other_ca = true;
        if let Some(claim) = robot.claim.as_mut().filter(|claim| claim.reason == Reject::NoEndorsement) {
            claim.reason = Reject::CaId;
        }
    }

    fn hear_presence(&mut self, presence: Presence, now: BeaconTime) -> Result<Observed, Reject> {
        match self.judge(&presence, now) {
            Ok(capture) => {
                let robot = self.sighting(presence.id);
                robot.remember(&capture);
                Ok(Observed::Presence(Box::new(capture)))
            }
            Err(reason) => {
                // An echo or a recording is no newer claim than what it repeats.
                if !matches!(reason, Reject::Repeat | Reject::NotRising) {
                    let id = presence.id;
                    self.sighting(id).claim = Some(Claim { presence, heard: now, reason });
                }
                Err(reason)
            }
        }
    }

    /// Whether the disclosure holds and is news; what it proves against those before is noted on the way.
    fn judge(&mut self, presence: &Presence, now: BeaconTime) -> Result<Capture, Reject> {
        let robot = self.robots.get(&presence.id);
        if robot.is_some_and(|robot| robot.newest.as_ref().is_some_and(|newest| newest.presence == *presence)) {
            return Err(Reject::Repeat);
        }
        if self.revoked.as_ref().is_some_and(|revoked| revoked.ids().contains(&presence.id)) {
            return Err(Reject::Revoked);
        }
        let missing = if robot.is_some_and(|robot| robot.has_other_ca) { Reject::CaId } else { Reject::NoEndorsement };
        let link = robot.and_then(|robot| robot.link.clone()).ok_or(missing)?;
        let capture = Capture { heard: now, link, presence: presence.clone() };
        // The CA's own signature was checked when the endorsement was taken.
        if !capture.link.covers(presence.time.secs()) {
            return Err(Reject::Unendorsed);
        }
        presence.check(&capture.link.key)?;
        self.compare(&capture)?;
        in_time(presence.time.secs(), presence.not_after_s, now)?;
        in_time(capture.link.not_before_s, capture.link.not_after_s, now).map_err(|_| Reject::Unendorsed)?;
        Ok(capture)
    }

    /// Holds a disclosure that is truly signed against what was heard before.
    fn compare(&mut self, capture: &Capture) -> Result<(), Reject> {
        let Some(robot) = self.robots.get_mut(&capture.presence.id) else { return Ok(()) };
        let finding = robot.against(capture).and_then(|known| Finding::of(known, capture));
        let verdict = robot.order(&capture.presence);
        if let Some(finding) = finding
            && robot.is_news(finding.kind, capture.heard)
        {
            self.findings.push(finding);
        }
        verdict
    }

    /// The memory of a robot. Another makes room: the stranger that came first, and without any the one heard longest ago.
    fn sighting(&mut self, id: DisclosureId) -> &mut Sighting {
        if !self.robots.contains_key(&id) {
            if self.robots.len() >= ROBOTS_MAX {
                self.make_room();
            }
            self.strangers.push_back(id);
        }
        self.robots.entry(id).or_default()
    }

    fn make_room(&mut self) {
        while let Some(first) = self.strangers.pop_front() {
            if self.robots.get(&first).is_some_and(|robot| robot.link.is_none()) {
                self.robots.remove(&first);
                return;
            }
        }
        // All have been vouched for: so many keys the CA has to sign first.
        let oldest = self.robots.iter().min_by_key(|(_, robot)| robot.heard()).map(|(id, _)| *id);
        oldest.map(|oldest| self.robots.remove(&oldest));
    }
}

impl Claim {
    /// Whether it would be looked at again once an endorsement is heard.
    const fn lacks_endorsement(&self) -> bool {
        matches!(self.reason, Reject::NoEndorsement | Reject::CaId)
    }
}

impl Sighting {
    /// When anything was last heard under this id, believed or not.
    #[must_use]
    pub fn heard(&self) -> Option<BeaconTime> {
        let newest = self.newest.as_ref().map(|newest| newest.heard);
        newest.max(self.claim.as_ref().map(|claim| claim.heard))
    }

    /// What was found about it, and when last.
    #[must_use]
    pub const fn found(&self) -> &BTreeMap<FindingKind, BeaconTime> {
        &self.found
    }

    /// The known disclosure that stands against this one, if any.
    fn against(&self, capture: &Capture) -> Option<&Capture> {
        let same_number = self.heads.get(&capture.presence.cseq);
        let is_other = |known: &&Capture| FindingKind::between(known, capture).is_some();
        same_number.filter(is_other).or_else(|| self.newest.as_ref().filter(is_other))
    }

    fn order(&self, presence: &Presence) -> Result<(), Reject> {
        let Some(newest) = self.newest.as_ref().map(|newest| &newest.presence) else { return Ok(()) };
        let has_other_head = |known: &Capture| known.presence.head != presence.head;
        match () {
            () if presence.time <= newest.time => Err(Reject::NotRising),
            () if fell(newest.cseq, presence.cseq) => Err(Reject::SequenceFell),
            () if self.heads.get(&presence.cseq).is_some_and(has_other_head) => Err(Reject::HeadChanged),
            () => Ok(()),
        }
    }

    fn remember(&mut self, capture: &Capture) {
        self.newest = Some(capture.clone());
        self.heads.entry(capture.presence.cseq).or_insert_with(|| capture.clone());
        if self.heads.len() > HEADS_MAX {
            self.heads.pop_first();
        }
    }

    fn is_news(&mut self, kind: FindingKind, now: BeaconTime) -> bool {
        let is_news = self.found.get(&kind).is_none_or(|last| now.ds() >= last.ds() + FOUND_EVERY_S * 10);
        if is_news {
            self.found.insert(kind, now);
        }
        is_news
    }
}

fn in_time(from_s: u32, until_s: u32, now: BeaconTime) -> Result<(), Reject> {
    match () {
        () if from_s > now.secs() + TOLERANCE_S => Err(Reject::Future),
        () if until_s + TOLERANCE_S < now.secs() => Err(Reject::Expired),
        () => Ok(()),
    }
}
