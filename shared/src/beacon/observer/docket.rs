//! Packs in good form that wait for the one step that costs time: checking a signature.
//!
//! Five lanes, served by a fixed pattern, so that a flood on one of them takes no more than its share: *presences* of robots
//! that are vouched for, *links* of those that are not and speak, links of *unheard* ones, under whose
//! ids nobody has said anything, what was said *before* an endorsement came, the newest first and until
//! one of it holds, and the *rest*, which nobody waits for: what says of itself that it is not of this time. A lane that is
//! empty leaves its turn to the others.

use super::fair::Fair;
use super::judged::Digest;
use crate::beacon::{BeaconTime, DisclosureId, Endorsement, Presence};

/// Packs that wait in each lane: a second of a flood. Each takes some 300 bytes.
const WAITING_MAX: usize = 8192;
const REST_MAX: usize = 512;

/// How often it is the turn of the rest: once in so many.
const REST_ONCE_IN: u32 = 16;

/// What is to be judged.
#[derive(Debug)]
pub(super) struct Suspect<T> {
    pub(super) said: T,
    pub(super) digest: Digest,
    pub(super) heard: BeaconTime,
}

/// A pack of either kind.
#[derive(Debug)]
pub(super) enum Waiting {
    Presence(Suspect<Presence>),
    Link(Suspect<Endorsement>),
}

/// Where a pack waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Presences,
    Links,
    Unheard,
    Before,
    Rest,
}

/// Everything that waits.
#[derive(Debug)]
pub(super) struct Docket {
    presences: Fair<Waiting>,
    links: Fair<Waiting>,
    unheard: Fair<Waiting>,
    before: Fair<Waiting>,
    rest: Fair<Waiting>,
    turn: u32,
}

impl Docket {
    pub(super) const fn new() -> Self {
        Self {
            presences: Fair::with_room(WAITING_MAX),
            links: Fair::with_room(WAITING_MAX),
            unheard: Fair::with_room(WAITING_MAX),
            before: Fair::with_room(WAITING_MAX),
            rest: Fair::with_room(REST_MAX),
            turn: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        let is_first_empty = self.presences.is_empty() && self.links.is_empty();
        is_first_empty && self.unheard.is_empty() && self.before.is_empty() && self.rest.is_empty()
    }

    /// Lets a pack wait. `false` when one is lost for want of room: this one, or one of who has more waiting.
    pub(super) fn push(&mut self, lane: Lane, id: DisclosureId, waiting: Waiting) -> bool {
        self.lane(lane).push(id, waiting)
    }

    /// A robot is believed: what it said before that is not needed any more.
    pub(super) fn forget_before(&mut self, id: DisclosureId) {
        self.before.clear(id);
    }

    /// The next to be judged.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.turn = self.turn.wrapping_add(1);
        let first = match self.turn {
            turn if turn % REST_ONCE_IN == 0 => Lane::Rest,
            turn if turn % 4 == 1 => Lane::Links,
            turn if turn % 4 == 2 => Lane::Before,
            turn if turn % 4 == 3 => Lane::Unheard,
            _ => Lane::Presences,
        };
        [first, Lane::Presences, Lane::Links, Lane::Before, Lane::Unheard, Lane::Rest]
            .into_iter()
            .find_map(|lane| self.lane(lane).pop())
    }

    const fn lane(&mut self, lane: Lane) -> &mut Fair<Waiting> {
        match lane {
            Lane::Presences => &mut self.presences,
            Lane::Links => &mut self.links,
            Lane::Unheard => &mut self.unheard,
            Lane::Before => &mut self.before,
            Lane::Rest => &mut self.rest,
        }
    }
}
