//! Whom a bystander remembers: so many robots and no more, and nobody is pushed out by ids that anyone can make up.

use super::{ROBOTS_MAX, Sighting};
use crate::beacon::DisclosureId;
use std::collections::{BTreeMap, VecDeque};

/// The robots.
#[derive(Debug)]
pub(super) struct Near {
    robots: BTreeMap<DisclosureId, Sighting>,
    /// Those that nobody had vouched for when they came, in the order in which they came: who floods the air with ids costs no
    /// search. At most as many as there are robots.
    strangers: VecDeque<DisclosureId>,
}

impl Near {
    pub(super) const fn new() -> Self {
        Self { robots: BTreeMap::new(), strangers: VecDeque::new() }
    }

    pub(super) const fn all(&self) -> &BTreeMap<DisclosureId, Sighting> {
        &self.robots
    }

    pub(super) fn get(&self, id: DisclosureId) -> Option<&Sighting> {
        self.robots.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: DisclosureId) -> Option<&mut Sighting> {
        self.robots.get_mut(&id)
    }

    /// The memory of a robot. Another makes room: the stranger that came first, and without any the one heard longest ago.
    pub(super) fn sighting(&mut self, id: DisclosureId) -> &mut Sighting {
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
