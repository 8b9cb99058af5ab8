//! Packs in good form that wait for the one step that costs time: checking a signature.
//!
//! Three lanes, served by a fixed pattern, so that a flood on one of them takes no more than its share: *presences* of robots
//! that are vouched for, *links* of those that are not, and the *rest*, which nobody waits for: what says of itself that it
//! is not of this time. A lane that is empty leaves its turn to the others.

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
    Rest,
}

/// Everything that waits.
#[derive(Debug)]
pub(super) struct Docket {
    presences: Fair<Waiting>,
    links: Fair<Waiting>,
    rest: Fair<Waiting>,
    turn: u32,
}

impl Docket {
    pub(super) const fn new() -> Self {
        Self {
            presences: Fair::with_room(WAITING_MAX),
            links: Fair::with_room(WAITING_MAX),
            rest: Fair::with_room(REST_MAX),
            turn: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.presences.is_empty() && self.links.is_empty() && self.rest.is_empty()
    }

    /// Lets a pack wait. `false` when one is lost for want of room: this one, or one of who has more waiting.
    pub(super) fn push(&mut self, lane: Lane, id: DisclosureId, waiting: Waiting) -> bool {
        self.lane(lane).push(id, waiting)
    }

    /// The next to be judged.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.turn = self.turn.wrapping_add(1);
        let first = match self.turn {
            turn if turn % REST_ONCE_IN == 0 => Lane::Rest,
            turn if turn % 2 == 0 => Lane::Links,
            _ => Lane::Presences,
        };
        [first, Lane::Presences, Lane::Links, Lane::Rest].into_iter().find_map(|lane| self.lane(lane).pop())
    }

    const fn lane(&mut self, lane: Lane) -> &mut Fair<Waiting> {
        match lane {
            Lane::Presences => &mut self.presences,
            Lane::Links => &mut self.links,
            Lane::Rest => &mut self.rest,
        }
    }
}
