//! When the site's CA vouches for a robot's key anew.
//!
//! An endorsement is renewed from a third of its validity on, whenever the robot is heard: an outage of two thirds of the
//! validity then costs nothing. It goes out as a row of the robot's feed, so it arrives once and in order, also later.
//! Revocation is not renewing: a robot that left the roster gets none.
//!
//! Leaves to others: whether the robot takes it (`robot-core` checks the signature against its own CA key), how the row
//! travels (`feed`).

use crate::change::Change;
use crate::fleet::Fleet;
use crate::round::At;
use shared::beacon::{BeaconTime, CaId, Endorsement};
use shared::id::RobotId;
use shared::seal::{PublicKey, SigningKey};
use shared::time::WallTime;
use shared::wire::fleet_to_robot::Row;

/// Seconds of a day.
const DAY_S: u32 = 24 * 3600;
/// How long before now an endorsement begins, in seconds: a robot's clock may be a little behind ours.
const BEGINS_BEFORE_S: u32 = 60;

/// The site's policy: for how many days an endorsement holds, 1 to 14. A lost key is believed for that long at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndorsementDays(u8);

impl EndorsementDays {
    /// A week.
    pub const USUAL: Self = Self(7);

    /// Takes a number of days; `None` unless it is 1 to 14.
    #[must_use]
    pub const fn new(days: u8) -> Option<Self> {
        if days >= 1 && days <= 14 { Some(Self(days)) } else { None }
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0 as u32 * DAY_S
    }
}

/// The site's CA, and its policy.
#[derive(Debug)]
pub struct Endorser {
    ca: SigningKey,
    days: EndorsementDays,
}

impl Endorser {
    /// A CA with its policy.
    #[must_use]
    pub const fn new(ca: SigningKey, days: EndorsementDays) -> Self {
        Self { ca, days }
    }

    /// The key that everybody checks endorsements with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.ca.public()
    }

    /// Vouches for a robot's key from now on.
    #[must_use]
    pub fn issue(&self, key: PublicKey, wall: WallTime) -> Endorsement {
        let from_s = self.begins_s(wall);
        let until_s = from_s + self.days.seconds();
        Endorsement::issue(&self.ca, key, from_s, until_s).expect("1 to 14 days are a validity that verifiers take")
    }

    /// The seconds end in the year 2155; a server whose clock is set there vouches for the last days there are.
    fn begins_s(&self, wall: WallTime) -> u32 {
        BeaconTime::from_wall(wall).secs().saturating_sub(BEGINS_BEFORE_S).min(u32::MAX - self.days.seconds())
    }

    /// Whether a robot with this key should be given a new one: there is none for this key by this CA and policy, it is not
    /// valid yet, or a third of it has passed.
    #[must_use]
    pub fn is_due(&self, newest: Option<&Endorsement>, key: &PublicKey, wall: WallTime) -> bool {
        let Some(newest) = newest else { return true };
        let now_s = BeaconTime::from_wall(wall).secs();
        let is_ours = newest.key == *key && newest.ca_id == CaId::of(&self.public());
        let is_of_policy = newest.not_after_s.checked_sub(newest.not_before_s) == Some(self.days.seconds());
        let renew_s = newest.not_before_s.saturating_add(self.days.seconds() / 3);
        let is_late = now_s >= renew_s && self.begins_s(wall) > newest.not_before_s;
        !is_ours || !is_of_policy || now_s < newest.not_before_s || is_late
    }
}

impl Fleet {
    /// Puts a new endorsement into the feed of a robot that was just heard, when one is due.
    pub(crate) fn endorse(&mut self, robot: &RobotId, at: At) {
        let (Some(endorser), Some(entry)) = (&self.site.endorser, self.roster.get(robot)) else { return };
        let (key, newest) = (*entry.key(), self.feeds.get(robot).and_then(|feed| feed.endorsement()));
        if !endorser.is_due(newest.as_ref(), &key, at.wall) {
            return;
        }
        let pack = endorser.issue(key, at.wall).to_pack().to_vec();
        let row = self.feeds.append(robot.clone(), &Row::Endorsement { pack });
        self.round.robot_changed(robot);
        self.round.change(Change::FeedRow(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeRobot, WALL, feeds, fleet, key, robot, run, state};
    use crate::{Fleet, Loaded};
    use shared::time::Instant;
    use shared::wire::from_bytes;

    const HOUR_MS: u64 = 3_600_000;

    fn endorser(days: u8) -> Endorser {
        Endorser::new(key(7), EndorsementDays::new(days).unwrap())
    }

    fn after(hours: u64) -> WallTime {
        WallTime(WALL.0 + hours * HOUR_MS)
    }

    #[test]
    fn it_is_renewed_from_a_third_of_its_validity_on() {
        for (days, hours) in [(1, 8), (7, 56), (14, 112)] {
            let endorser = endorser(days);
            let given = endorser.issue(key(1).public(), WALL);
            let is_due = |hours| endorser.is_due(Some(&given), &key(1).public(), after(hours));
            assert!(!is_due(0) && !is_due(hours - 1) && is_due(hours) && is_due(10_000), "{days} days");
            assert_eq!(given.check(&key(7).public()), Ok(()));
        }
    }

    #[test]
    fn it_is_due_for_another_key_another_ca_another_policy_and_when_it_is_not_valid_yet() {
        let given = endorser(7).issue(key(1).public(), WALL);
        let due = |endorser: &Endorser, seed, wall| endorser.is_due(Some(&given), &key(seed).public(), wall);
        assert!(!due(&endorser(7), 1, WALL));
        assert!(endorser(7).is_due(None, &key(1).public(), WALL));
        assert!(due(&endorser(7), 2, WALL) && due(&endorser(8), 1, WALL));
        assert!(due(&Endorser::new(key(8), EndorsementDays::USUAL), 1, WALL));
        assert!(due(&endorser(7), 1, WallTime(WALL.0 - HOUR_MS)));
    }

    #[test]
    fn a_clock_at_the_end_of_time_gives_one_valid_endorsement_and_not_one_for_each_word_of_a_robot() {
        for days in [1, 7, 14] {
            for wall in [WallTime(u64::MAX), WallTime(5_841_264_495_000)] {
                let given = endorser(days).issue(key(1).public(), wall);
                assert_eq!(given.check(&key(7).public()), Ok(()));
                assert!(!endorser(days).is_due(Some(&given), &key(1).public(), wall));
            }
        }
    }

    #[test]
    fn a_policy_is_one_to_fourteen_days() {
        assert!([0, 15, 255].into_iter().all(|days| EndorsementDays::new(days).is_none()));
        assert_eq!(EndorsementDays::new(7), Some(EndorsementDays::USUAL));
    }

    /// The packs that a robot is told after it was heard.
    fn told(fleet: &mut Fleet, mono_ms: u64) -> Vec<Vec<u8>> {
        let (_, tells) = run(fleet, FakeRobot::new("r-1", 1).state(&state(1, mono_ms)), Instant(mono_ms));
        let rows = feeds(&tells, "r-1").into_iter().flat_map(|feed| feed.rows);
        let packs = rows.filter_map(|row| match from_bytes(&row.0) {
            Ok(Row::Endorsement { pack }) => Some(pack),
            Ok(_) | Err(_) => None,
        });
        packs.collect()
    }

    #[test]
    fn a_robot_that_is_heard_is_endorsed_once_and_a_restarted_server_remembers() {
        let mut fleet = fleet(Loaded::default());
        fleet.site.endorser = Some(endorser(7));
        let packs = told(&mut fleet, 100);
        let given = Endorsement::read(&packs[0]).unwrap();
        assert_eq!((packs.len(), given.key, given.check(&key(7).public())), (1, key(1).public(), Ok(())));
        assert!(told(&mut fleet, 200).is_empty());
        let feed = fleet.feeds.get(&robot("r-1")).and_then(|feed| feed.endorsement());
        assert_eq!(feed, Some(given));
        assert_eq!(fleet.feed_position(&robot("r-2")).0, 0, "a robot that is silent gets none");
    }

    #[test]
    fn a_site_without_a_ca_endorses_nobody() {
        assert!(told(&mut fleet(Loaded::default()), 100).is_empty());
    }
}
