//! How long the robot keeps what the server has: thirty days, so that a server that was put back can be given it again.
//!
//! Terms: a *milestone* is the chain's end as it was at some entry, one in [`EVERY`]. An entry goes when every entry up to a milestone
//! behind it is acknowledged and the milestone is old. The newest entries stay, whatever their age: the head is always there.
//!
//! Age is told by the robot's calendar. One that is wrong shortens or prolongs how long acknowledged entries are kept, and
//! never touches any other. One that nobody has set, as in 1970, tells no age: what was written by it goes with what comes behind it.

use shared::journal::Chain;
use shared::time::WallTime;
use shared::wire::robot_to_fleet::Mark;
use std::collections::VecDeque;

/// Of how many entries one is a milestone.
pub const EVERY: u64 = 64;
/// How long an acknowledged entry is kept, in milliseconds.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;
/// A calendar that says less was never set: this program is younger. Midnight before 2025, in milliseconds since 1970.
const SET: WallTime = WallTime(1_735_689_600_000);
/// Most milestones that go at once, so that no commit takes long.
const AT_ONCE: usize = 16;

/// The chain's end at an entry, and when that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The chain's end.
    pub chain: Chain,
    /// When, by the robot's calendar.
    pub wall: WallTime,
}

/// The milestones of the current epoch, oldest first.
#[derive(Debug, Default)]
pub struct Retention {
    milestones: VecDeque<Milestone>,
}

impl Retention {
    /// What the replica gave back.
    pub fn new(milestones: Vec<Milestone>) -> Self {
        Self { milestones: milestones.into() }
    }

    /// The chain has come this far. Another epoch has its own milestones.
    pub fn note(&mut self, chain: &Chain, wall: WallTime) {
        self.milestones.retain(|milestone| milestone.chain.epoch == chain.epoch);
        let newest = self.milestones.back().map_or(0, |milestone| milestone.chain.cseq);
        if chain.cseq >= newest + EVERY {
            self.milestones.push_back(Milestone { chain: chain.clone(), wall });
        }
    }

    /// Up to where the journal is to be forgotten now.
    pub fn due(&mut self, acked: &[Mark], wall: WallTime) -> Option<Chain> {
        let all_but_newest = self.milestones.iter().take(self.milestones.len().saturating_sub(1)).enumerate();
        let old = all_but_newest.filter(|(_, milestone)| milestone.may_go(acked, wall)).map(|(place, _)| place);
        let newest_old = old.take(AT_ONCE).last()?;
        self.milestones.drain(..=newest_old).next_back().map(|milestone| milestone.chain)
    }
}

impl Milestone {
    fn may_go(&self, acked: &[Mark], wall: WallTime) -> bool {
        let is_old = self.wall >= SET && self.wall.0.saturating_add(KEPT_MS) < wall.0;
        let has = |mark: &Mark| mark.seq >= self.chain.lane_seq[mark.lane.index()];
        is_old && acked.len() == self.chain.lane_seq.len() && acked.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::{Epoch, Lane};
    use shared::seal::Hash;

    fn chain(epoch: u64, cseq: u64) -> Chain {
        Chain { epoch: Epoch(epoch), cseq, head: Hash::default(), lane_seq: [cseq, 0, 0] }
    }

    fn since(ms: u64) -> WallTime {
        WallTime(SET.0 + ms)
    }

    fn filled() -> Retention {
        let mut retention = Retention::default();
        (1..=640).for_each(|cseq| retention.note(&chain(1, cseq), since(cseq)));
        retention
    }

    fn acked(seq: u64) -> Vec<Mark> {
        let seq = |lane| if lane == Lane::Safety { seq } else { 0 };
        Lane::ALL.map(|lane| Mark { lane, seq: seq(lane), hash: Hash::default() }).to_vec()
    }

    #[test]
    fn what_is_acknowledged_and_old_goes_and_nothing_else() {
        let mut retention = filled();
        assert_eq!(retention.due(&acked(640), since(KEPT_MS + 64)), None, "not old enough");
        assert_eq!(retention.due(&acked(0), WallTime(u64::MAX)), None, "not acknowledged");
        assert_eq!(retention.due(&acked(200), WallTime(u64::MAX)).map(|chain| chain.cseq), Some(192));
        assert_eq!(retention.due(&acked(200), WallTime(u64::MAX)), None, "once");
        assert_eq!(retention.due(&acked(640), since(KEPT_MS + 321)).map(|chain| chain.cseq), Some(320));
        assert_eq!(
            retention.due(&acked(640), WallTime(u64::MAX)).map(|chain| chain.cseq),
            Some(576),
            "the newest stay"
        );
    }

    #[test]
    fn what_was_written_in_1970_is_of_no_age_until_what_comes_behind_it_is_old() {
        let mut retention = Retention::default();
        (1..=320).for_each(|cseq| retention.note(&chain(1, cseq), WallTime(cseq)));
        assert_eq!(retention.due(&acked(320), since(9)), None, "somebody has set the calendar");
        (321..=640).for_each(|cseq| retention.note(&chain(1, cseq), since(cseq)));
        assert_eq!(retention.due(&acked(640), since(KEPT_MS + 500)).map(|chain| chain.cseq), Some(448));
    }

    #[test]
    fn a_lane_that_hangs_holds_all_of_them_and_an_unknown_mark_permits_nothing() {
        let mut retention = filled();
        retention.milestones.iter_mut().for_each(|milestone| milestone.chain.lane_seq[1] = 5);
        assert_eq!(retention.due(&acked(640), WallTime(u64::MAX)), None);
        assert_eq!(filled().due(&[], WallTime(u64::MAX)), None);
    }

    #[test]
    fn another_epoch_has_its_own_milestones() {
        let mut retention = filled();
        retention.note(&chain(2, 1), WallTime(1));
        assert_eq!(retention.due(&acked(640), WallTime(u64::MAX)), None);
        assert!(retention.milestones.is_empty());
    }
}
