//! What was taken under a later place than the one where it was written first.
//!
//! A robot that cannot prove that it goes on with its record begins a new epoch and offers again, each with its *origin*, what
//! it has no acknowledgement for. The server may have taken it all the same, under the first place or in another epoch; then
//! it is evidence a second time and changes nothing.

use crate::change::FactMark;
use shared::id::RobotId;
use shared::journal::{Epoch, Lane};
use shared::wire::robot_to_fleet::Mark;
use std::collections::BTreeSet;

/// The first places of everything that was taken under another.
#[derive(Debug, Default)]
pub struct Origins {
    taken: BTreeSet<Place>,
}

type Place = (RobotId, Epoch, Lane, u64, [u8; 32]);

impl Origins {
    /// What the store gave back.
    pub fn new(places: Vec<FactMark>) -> Self {
        Self { taken: places.iter().map(|place| key(&place.robot, place.epoch, &place.mark)).collect() }
    }

    /// Whether the entry that was written first at this place was taken at another.
    pub fn has(&self, robot: &RobotId, epoch: Epoch, first: &Mark) -> bool {
        self.taken.contains(&key(robot, epoch, first))
    }

    /// Takes an entry that was written first at this place. False when it was taken before.
    pub fn take(&mut self, robot: &RobotId, epoch: Epoch, first: &Mark) -> bool {
        self.taken.insert(key(robot, epoch, first))
    }
}

fn key(robot: &RobotId, epoch: Epoch, mark: &Mark) -> Place {
    (robot.clone(), epoch, mark.lane, mark.seq, mark.hash.0)
}
