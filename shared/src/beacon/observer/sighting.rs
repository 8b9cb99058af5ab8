//! What a bystander knows of one robot: what holds, what is only claimed, and what was found about it.

use super::{FOUND_EVERY_S, HEADS_MAX};
use crate::beacon::receiver::fell;
use crate::beacon::{BeaconTime, Capture, Endorsement, FindingKind, Presence, Reject};
use std::collections::BTreeMap;

/// What is known of one robot.
#[derive(Debug, Default)]
pub struct Sighting {
    /// Its newest disclosure that holds.
    pub newest: Option<Capture>,
    /// The newest that does not.
    pub claim: Option<Claim>,
    pub(super) link: Option<Endorsement>,
    /// Why the endorsement that somebody sent for it does not count. Whose CA it names nobody has checked: it only says why there
    /// is none.
    pub(super) missing: Option<Reject>,
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
    pub(super) fn against(&self, capture: &Capture) -> Option<&Capture> {
        let same_number = self.heads.get(&capture.presence.cseq);
        let is_other = |known: &&Capture| FindingKind::between(known, capture).is_some();
        same_number.filter(is_other).or_else(|| self.newest.as_ref().filter(is_other))
    }

    /// Why its endorsement does not count.
    pub(super) fn lack(&mut self, reason: Reject) {
        self.missing = Some(reason);
        if let Some(claim) = self.claim.as_mut().filter(|claim| claim.reason.is_want_of_endorsement()) {
            claim.reason = reason;
        }
    }

    pub(super) fn order(&self, presence: &Presence) -> Result<(), Reject> {
        let Some(newest) = self.newest.as_ref().map(|newest| &newest.presence) else { return Ok(()) };
        let has_other_head = |known: &Capture| known.presence.head != presence.head;
        match () {
            () if presence.time <= newest.time => Err(Reject::NotRising),
            () if fell(newest.cseq, presence.cseq) => Err(Reject::SequenceFell),
            () if self.heads.get(&presence.cseq).is_some_and(has_other_head) => Err(Reject::HeadChanged),
            () => Ok(()),
        }
    }

    pub(super) fn remember(&mut self, capture: &Capture) {
        self.newest = Some(capture.clone());
        self.heads.entry(capture.presence.cseq).or_insert_with(|| capture.clone());
        if self.heads.len() > HEADS_MAX {
            self.heads.pop_first();
        }
    }

    /// Whether this was not found a moment ago. Of a clone everything else follows: two speakers under one key contradict each
    /// other in every way.
    pub(super) fn is_news(&mut self, kind: FindingKind, now: BeaconTime) -> bool {
        let lately = |kind| self.found.get(&kind).is_some_and(|last| now.ds() < last.ds() + FOUND_EVERY_S * 10);
        let is_news = !lately(kind) && !lately(FindingKind::Clone);
        if is_news {
            self.found.insert(kind, now);
        }
        is_news
    }
}
