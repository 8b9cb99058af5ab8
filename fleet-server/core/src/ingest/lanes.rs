//! How far every lane of every robot's journal has been taken, and which hash stands under every number.
//!
//! A number is taken once. What comes again with the same hash is a repetition; what comes with another is a second
//! history under one name. There is no window after which a number is forgotten: the first eight bytes of each hash stay
//! in memory, 24 MB for a hundred robots that write a thousand entries a day for thirty days.

use crate::change::{FactMark, OriginRow};
use shared::id::RobotId;
use shared::journal::{Epoch, Lane};
use shared::seal::Hash;
use shared::wire::robot_to_fleet::Mark;
use std::collections::BTreeMap;

/// The lanes of every (robot, epoch).
#[derive(Debug, Default)]
pub struct Lanes {
    lanes: BTreeMap<RobotId, BTreeMap<Epoch, [LaneRecord; 3]>>,
    origins: BTreeMap<(RobotId, Epoch, Lane, u64), u64>,
}

#[derive(Debug, Default)]
struct LaneRecord {
    seq: u64,
    hash: Hash,
    prints: BTreeMap<u64, u64>,
}

/// How an entry stands to what was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It comes next.
    Next,
    /// It was taken before.
    Repeated,
    /// Its number was taken by another entry.
    Fork,
    /// Entries are missing before it.
    Gap,
}

impl Lanes {
    /// What the store gave back.
    pub fn new(facts: Vec<FactMark>, watermarks: Vec<FactMark>, origins: Vec<OriginRow>) -> Self {
        let mut lanes = Self::default();
        for FactMark { robot, epoch, mark } in facts {
            lanes.of(&robot, epoch, mark.lane).prints.insert(mark.seq, print(&mark.hash));
        }
        for FactMark { robot, epoch, mark } in watermarks {
            let lane = lanes.of(&robot, epoch, mark.lane);
            (lane.seq, lane.hash) = (mark.seq, mark.hash);
        }
        for OriginRow { robot, epoch, mark } in origins {
            lanes.take_origin(&robot, epoch, &mark);
        }
        lanes
    }

    /// How far a lane has been taken; number 0 for not at all.
    pub fn mark(&self, robot: &RobotId, epoch: Epoch, lane: Lane) -> Mark {
        let record = self.get(robot, epoch).map(|lanes| &lanes[lane.index()]);
        record.map_or(Mark { lane, seq: 0, hash: Hash::default() }, |r| Mark { lane, seq: r.seq, hash: r.hash })
    }

    /// How an entry of this number and hash stands to what was taken.
    pub fn standing(&self, robot: &RobotId, epoch: Epoch, mark: &Mark) -> Standing {
        let Some(lanes) = self.get(robot, epoch) else {
            return if mark.seq == 1 { Standing::Next } else { Standing::Gap };
        };
        let record = &lanes[mark.lane.index()];
        if mark.seq > record.seq {
            return if mark.seq == record.seq + 1 { Standing::Next } else { Standing::Gap };
        }
        let is_same = record.prints.get(&mark.seq).is_none_or(|print_before| *print_before == print(&mark.hash));
        if is_same { Standing::Repeated } else { Standing::Fork }
    }

    /// Takes the entry that comes next.
    ///
    /// # Panics
    /// When it does not: a caller that did not ask has a bug.
    pub fn take(&mut self, robot: &RobotId, epoch: Epoch, mark: &Mark) {
        let record = self.of(robot, epoch, mark.lane);
        assert_eq!(mark.seq, record.seq + 1, "a lane has no holes");
        (record.seq, record.hash) = (mark.seq, mark.hash);
        record.prints.insert(mark.seq, print(&mark.hash));
    }

    /// Whether an entry took effect, under its first number or under another that named it.
    pub fn took_effect(&self, robot: &RobotId, epoch: Epoch, first: &Mark) -> bool {
        let is_offered_again = || self.origins.get(&(robot.clone(), epoch, first.lane, first.seq));
        self.standing(robot, epoch, first) == Standing::Repeated || is_offered_again() == Some(&print(&first.hash))
    }

    /// Notes that an entry took effect under another number than its first.
    pub fn take_origin(&mut self, robot: &RobotId, epoch: Epoch, first: &Mark) {
        self.origins.insert((robot.clone(), epoch, first.lane, first.seq), print(&first.hash));
    }

    /// Whether anything was taken of another epoch of this robot.
    pub fn knows_another(&self, robot: &RobotId, epoch: Epoch) -> bool {
        let its = self.lanes.get(robot).into_iter().flatten();
        its.filter(|(known, _)| **known != epoch).any(|(_, lanes)| lanes.iter().any(|lane| lane.seq > 0))
    }

    fn get(&self, robot: &RobotId, epoch: Epoch) -> Option<&[LaneRecord; 3]> {
        self.lanes.get(robot)?.get(&epoch)
    }

    fn of(&mut self, robot: &RobotId, epoch: Epoch, lane: Lane) -> &mut LaneRecord {
        &mut self.lanes.entry(robot.clone()).or_default().entry(epoch).or_default()[lane.index()]
    }
}

fn print(hash: &Hash) -> u64 {
    u64::from_be_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::robot;

    fn mark(seq: u64, byte: u8) -> Mark {
        Mark { lane: Lane::Work, seq, hash: Hash([byte; 32]) }
    }

    #[test]
    fn a_number_is_taken_once_and_remembered_for_ever() {
        let (r1, epoch) = (robot("r-1"), Epoch(1));
        let mut lanes = Lanes::default();
        assert_eq!(lanes.standing(&r1, epoch, &mark(2, 2)), Standing::Gap);
        for seq in 1..=100 {
            assert_eq!(lanes.standing(&r1, epoch, &mark(seq, 7)), Standing::Next);
            lanes.take(&r1, epoch, &mark(seq, 7));
        }
        assert_eq!(lanes.standing(&r1, epoch, &mark(1, 7)), Standing::Repeated);
        assert_eq!(lanes.standing(&r1, epoch, &mark(1, 8)), Standing::Fork);
        assert_eq!(lanes.standing(&r1, epoch, &mark(102, 7)), Standing::Gap);
        assert_eq!(lanes.standing(&r1, Epoch(2), &mark(1, 8)), Standing::Next);
        assert_eq!(lanes.mark(&r1, epoch, Lane::Work), mark(100, 7));
        assert_eq!(lanes.mark(&r1, epoch, Lane::Safety).seq, 0);
    }

    #[test]
    fn another_epoch_of_the_same_robot_is_known_once_something_of_it_was_taken() {
        let mut lanes = Lanes::default();
        lanes.take(&robot("r-2"), Epoch(1), &mark(1, 7));
        lanes.take(&robot("r-1"), Epoch(5), &mark(1, 7));
        assert!(!lanes.knows_another(&robot("r-1"), Epoch(5)) && lanes.knows_another(&robot("r-1"), Epoch(6)));
    }

    #[test]
    fn what_the_store_gave_back_counts_as_taken() {
        let fact = |seq| FactMark { robot: robot("r-1"), epoch: Epoch(1), mark: mark(seq, 7) };
        let lanes = Lanes::new(vec![fact(1), fact(2)], vec![fact(2)], vec![]);
        assert_eq!(lanes.standing(&robot("r-1"), Epoch(1), &mark(1, 8)), Standing::Fork);
        assert_eq!(lanes.standing(&robot("r-1"), Epoch(1), &mark(3, 7)), Standing::Next);
    }
}
