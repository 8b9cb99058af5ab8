//! Disclosures of robots that nobody has vouched for yet, so that one endorsement is enough for what was said before it.
//!
//! The oldest of all makes room, whoever sent it: nobody can push out what is younger, so a flood of 10,000 packs a second
//! leaves to each the last three seconds.

use crate::beacon::{BeaconTime, DisclosureId, Presence};
use std::collections::{BTreeMap, VecDeque};

/// Disclosures kept; each takes some 250 bytes.
const KEPT_MAX: usize = 32_768;
/// How long one is worth looking at, in tenths of a second: as long as an endorsement is waited for.
const WORTH_DS: u64 = 31;

/// One of them.
#[derive(Debug)]
pub(super) struct Said {
    number: u64,
    pub(super) presence: Presence,
    pub(super) heard: BeaconTime,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Unvouched {
    said: BTreeMap<DisclosureId, VecDeque<Said>>,
    order: VecDeque<(u64, DisclosureId)>,
    number: u64,
}

impl Unvouched {
    pub(super) const fn new() -> Self {
        Self { said: BTreeMap::new(), order: VecDeque::new(), number: 0 }
    }

    pub(super) fn keep(&mut self, presence: Presence, heard: BeaconTime) {
        if self.order.len() >= KEPT_MAX {
            self.forget_first();
        }
        self.number += 1;
        self.order.push_back((self.number, presence.id));
        self.said.entry(presence.id).or_default().push_back(Said { number: self.number, presence, heard });
    }

    /// Whether anything is kept of this id.
    pub(super) fn has(&self, id: DisclosureId) -> bool {
        self.said.contains_key(&id)
    }

    /// What a robot has said lately, in its order; it is forgotten here.
    pub(super) fn take(&mut self, id: DisclosureId, now: BeaconTime) -> impl Iterator<Item = Said> {
        let said = self.said.remove(&id).unwrap_or_default();
        said.into_iter().filter(move |said| now.ds() <= said.heard.ds() + WORTH_DS)
    }

    fn forget_first(&mut self) {
        let Some((number, id)) = self.order.pop_front() else { return };
        let Some(said) = self.said.get_mut(&id) else { return };
        if said.front().is_some_and(|first| first.number == number) {
            said.pop_front();
        }
        if said.is_empty() {
            self.said.remove(&id);
        }
    }
}
