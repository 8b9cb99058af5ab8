//! How far every robot's record is known to hang together.
//!
//! Entries come lane by lane, and the hash chain runs through all lanes. So an entry waits here until the one before it in the
//! chain has come; then its link is checked. This never holds an acknowledgement back: an entry is stored when its lane is
//! contiguous. A link that does not hold raises a flag, and the chain stays verified up to the entry before.

use crate::change::{ChainRow, LinkRow};
use shared::id::RobotId;
use shared::journal::{Chain, Epoch, Record};
use shared::seal::Hash;
use std::collections::BTreeMap;

/// The chains of every (robot, epoch).
#[derive(Debug, Default)]
pub struct Chains {
    chains: BTreeMap<(RobotId, Epoch), Verified>,
}

#[derive(Debug)]
struct Verified {
    cseq: u64,
    head: Hash,
    is_broken: bool,
    waiting: BTreeMap<u64, Link>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    prev: Hash,
    hash: Hash,
}

/// What an entry did to its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It holds so far, perhaps waiting for entries of other lanes.
    Holds,
    /// It, or one that waited for it, does not continue what stands before.
    Breaks,
}

impl Chains {
    /// What the store gave back: how far each chain was verified, and the links of the entries behind that.
    pub fn new(rows: Vec<ChainRow>, links: Vec<LinkRow>) -> Self {
        let mut chains = Self::default();
        for row in rows {
            let (head, waiting) = (row.head, BTreeMap::new());
            let verified = Verified { cseq: row.cseq, head, is_broken: row.is_broken, waiting };
            chains.chains.insert((row.robot, row.epoch), verified);
        }
        for LinkRow { robot, epoch, cseq, prev, hash } in links {
            chains.of(&robot, epoch).link(cseq, Link { prev, hash });
        }
        chains
    }

    /// Takes an entry that was stored.
    pub fn take(&mut self, robot: &RobotId, epoch: Epoch, record: &Record) -> Linked {
        let link = Link { prev: record.entry.prev, hash: record.hash };
        self.of(robot, epoch).link(record.entry.cseq, link)
    }

    /// How far a chain is verified; nothing when no entry of it was met.
    pub fn row(&self, robot: &RobotId, epoch: Epoch) -> Option<ChainRow> {
        let Verified { cseq, head, is_broken, waiting: _ } = self.chains.get(&(robot.clone(), epoch))?;
        Some(ChainRow { robot: robot.clone(), epoch, cseq: *cseq, head: *head, is_broken: *is_broken })
    }

    fn of(&mut self, robot: &RobotId, epoch: Epoch) -> &mut Verified {
        self.chains.entry((robot.clone(), epoch)).or_insert_with(|| Verified {
            cseq: 0,
            head: Chain::begin(robot, epoch).head,
            is_broken: false,
            waiting: BTreeMap::new(),
        })
    }
}

impl Verified {
    fn link(&mut self, cseq: u64, link: Link) -> Linked {
        if self.is_broken {
            return Linked::Holds;
        }
        let is_taken = cseq <= self.cseq || self.waiting.insert(cseq, link).is_some();
        while !is_taken && let Some(next) = self.waiting.first_entry().filter(|next| *next.key() == self.cseq + 1) {
            let link = next.remove();
            if link.prev != self.head {
                return self.end();
            }
            (self.cseq, self.head) = (self.cseq + 1, link.hash);
        }
        if is_taken { self.end() } else { Linked::Holds }
    }

    fn end(&mut self) -> Linked {
        self.is_broken = true;
        self.waiting.clear();
        Linked::Breaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeRobot, robot, row};
    use shared::fact::Fact;

    fn records(count: u64) -> Vec<Record> {
        let mut r1 = FakeRobot::new("r-1", 1);
        let fact = |n: u64| {
            if n.is_multiple_of(3) { Fact::Done { order: row(1).order() } } else { Fact::Resumed { number: n } }
        };
        (0..count).map(|n| r1.write(&fact(n))).collect()
    }

    fn verified(chains: &Chains) -> (u64, bool) {
        chains.row(&robot("r-1"), Epoch(5)).map_or((0, false), |row| (row.cseq, row.is_broken))
    }

    #[test]
    fn lanes_that_come_one_after_the_other_are_verified_when_the_last_hole_closes() {
        let (work, safety): (Vec<_>, Vec<_>) =
            records(9).into_iter().partition(|record| record.fact().is_some_and(|fact| fact.order().is_some()));
        let mut chains = Chains::default();
        let mut take = |record: &Record| (chains.take(&robot("r-1"), Epoch(5), record), verified(&chains).0);
        assert!(safety.iter().all(|record| take(record) == (Linked::Holds, 0)));
        let seen: Vec<u64> = work.iter().map(|record| take(record).1).collect();
        assert_eq!(seen, [3, 6, 9]);
    }

    #[test]
    fn a_start_takes_up_where_the_store_left_off() {
        let all = records(6);
        let mut first = Chains::default();
        for record in &all[..3] {
            first.take(&robot("r-1"), Epoch(5), record);
        }
        let link = |record: &Record| LinkRow {
            robot: robot("r-1"),
            epoch: Epoch(5),
            cseq: record.entry.cseq,
            prev: record.entry.prev,
            hash: record.hash,
        };
        let rows = vec![first.row(&robot("r-1"), Epoch(5)).unwrap()];
        assert_eq!(verified(&Chains::new(rows, all[3..5].iter().map(link).collect())), (5, false));
        // A database of the first version names no chain: all of it is checked.
        assert_eq!(verified(&Chains::new(vec![], all.iter().map(link).collect())), (6, false));
    }

    #[test]
    fn a_broken_link_and_a_number_that_comes_twice_end_the_verified_part_for_good() {
        let all = records(5);
        let mut other = FakeRobot::new("r-1", 1);
        other.write(&Fact::Resumed { number: 77 });
        let foreign = other.write(&Fact::Resumed { number: 78 });
        for second in [&foreign, &all[0]] {
            let mut chains = Chains::default();
            chains.take(&robot("r-1"), Epoch(5), &all[0]);
            assert_eq!(chains.take(&robot("r-1"), Epoch(5), second), Linked::Breaks);
            assert_eq!(chains.take(&robot("r-1"), Epoch(5), &all[1]), Linked::Holds, "one flag is enough");
            assert_eq!(verified(&chains), (1, true));
        }
    }
}
