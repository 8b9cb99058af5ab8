//! The endorsement that this robot has, and which other one may take its place.

use super::{Stage, Validity};
use crate::beacon_clock::BeaconClock;
use shared::beacon::{BeaconTime, Endorsement, Reject};
use shared::seal::PublicKey;
use shared::time::{Instant, WallTime};

/// Keeps the newest endorsement and checks what is offered in its place.
#[derive(Debug)]
pub struct EndorsementDesk {
    own: PublicKey,
    ca: PublicKey,
    kept: Option<Endorsement>,
    /// What has not begun yet, first to begin first.
    later: Vec<Endorsement>,
    /// The stage that was told last.
    told: Option<Stage>,
    /// When it may be another.
    next_s: Option<u32>,
    /// The robot sat down because of the endorsement that it has.
    sits: bool,
}

/// How many may wait to begin. A server gives one out when a third of the last is over, so these last for months.
const LATER_MAX: usize = 16;

/// Why an endorsement is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is no link pack, or not one of this site's CA.
    #[error("{0}")]
    Pack(#[from] Reject),
    /// It is about another key than the one this robot discloses with.
    #[error("it is about another key than this robot's")]
    OtherKey,
    /// It has ended by this robot's clock.
    #[error("it has ended by this robot's clock")]
    Ended,
    /// It begins later by this robot's clock, and would hide the one that holds.
    #[error("it begins later by this robot's clock")]
    NotBegun,
    /// It does not hold longer than the one that the robot has.
    #[error("the robot has one that holds as long or longer")]
    NotLonger,
}

impl EndorsementDesk {
    /// Takes up what the replica kept for the key `own`. What the CA of today does not vouch for is passed over.
    pub fn new(own: PublicKey, ca: PublicKey, kept: &[Vec<u8>], now_s: u32) -> Self {
        let mut desk = Self { own, ca, kept: None, later: vec![], told: None, next_s: None, sits: false };
        for pack in kept {
            match desk.check(pack) {
                Ok(offered) if offered.not_before_s <= now_s => desk.kept = Some(offered),
                Ok(offered) => desk.put_by(offered),
                Err(_) => {}
            }
        }
        desk
    }

    /// The endorsement that the robot has.
    pub const fn kept(&self) -> Option<&Endorsement> {
        self.kept.as_ref()
    }

    /// From when until when it holds.
    pub fn validity(&self) -> Option<Validity> {
        self.kept.as_ref().map(validity_of)
    }

    /// How far it is.
    pub fn stage(&self, now_s: u32) -> Stage {
        Stage::of(self.validity(), now_s)
    }

    /// When the stage may be another.
    pub fn poll_timeout(&self, clock: &BeaconClock) -> Option<Instant> {
        self.next_s.map(|next_s| clock.instant_of(next_s))
    }

    /// The stage, if it is another than the one told last.
    pub fn news(&mut self, now_s: u32) -> Option<Stage> {
        let stage = self.stage(now_s);
        let change = self.validity().and_then(|validity| validity.next_change_s(now_s));
        self.next_s = change.into_iter().chain(self.later.first().map(|later| later.not_before_s)).min();
        (self.told.replace(stage) != Some(stage)).then_some(stage)
    }

    /// Whether the robot sat down because of it.
    pub const fn sits(&self) -> bool {
        self.sits
    }

    /// The robot sits down; true when it did not sit.
    pub const fn sit(&mut self) -> bool {
        !std::mem::replace(&mut self.sits, true)
    }

    /// The clock was set: what was done by the wrong time counts no more.
    pub fn stand(&mut self, now_s: u32) {
        self.sits &= !self.stage(now_s).permits_work();
    }

    /// Whether it is newer than the one there is, and this moment of the calendar lies within it.
    pub fn vouches_for(&self, pack: &[u8], wall: WallTime) -> bool {
        let wall_s = BeaconTime::from_wall(wall).secs();
        let is_newer = |offered: &Endorsement| {
            self.kept.as_ref().is_none_or(|kept| offered.not_before_s > kept.not_before_s)
                && (offered.not_before_s..=offered.not_after_s).contains(&wall_s)
        };
        self.check(pack).is_ok_and(|offered| is_newer(&offered))
    }

    /// Takes an endorsement in place of the one there is.
    ///
    /// # Errors
    /// [`NotTaken`] with the first reason that applies; the one there is stays.
    pub fn take(&mut self, pack: &[u8], now_s: u32) -> Result<&Endorsement, NotTaken> {
        let offered = self.check(pack)?;
        if offered.not_after_s < now_s {
            return Err(NotTaken::Ended);
        }
        if offered.not_before_s > now_s {
            return Err(NotTaken::NotBegun);
        }
        self.sits = false;
        Ok(self.kept.insert(offered))
    }

    /// Keeps an endorsement until it begins; `None` when it is none that could be taken then.
    pub fn keep_for_later(&mut self, pack: &[u8]) -> Option<Endorsement> {
        let offered = self.check(pack).ok()?;
        self.put_by(offered.clone());
        Some(offered)
    }

    /// The next that has begun and can be taken now.
    pub fn begun(&mut self, now_s: u32) -> Option<Endorsement> {
        while self.later.first().is_some_and(|later| later.not_before_s <= now_s) {
            let begun = self.later.remove(0);
            if self.is_longer(&begun) {
                return Some(begun);
            }
        }
        None
    }

    fn put_by(&mut self, offered: Endorsement) {
        if !self.later.contains(&offered) {
            self.later.push(offered);
            self.later.sort_by_key(|later| later.not_before_s);
            self.later.truncate(LATER_MAX);
        }
    }

    fn is_longer(&self, offered: &Endorsement) -> bool {
        self.kept.as_ref().is_none_or(|kept| offered.not_after_s > kept.not_after_s)
    }

    /// All that needs no clock.
    fn check(&self, pack: &[u8]) -> Result<Endorsement, NotTaken> {
        let offered = Endorsement::read(pack)?;
        if offered.key != self.own {
            return Err(NotTaken::OtherKey);
        }
        if !self.is_longer(&offered) {
            return Err(NotTaken::NotLonger);
        }
        offered.check(&self.ca)?;
        Ok(offered)
    }
}

const fn validity_of(endorsement: &Endorsement) -> Validity {
    Validity { from_s: endorsement.not_before_s, until_s: endorsement.not_after_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::seal::SigningKey;

    const DAY_S: u32 = 24 * 3600;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn pack(ca: u8, own: u8, from_s: u32, until_s: u32) -> Vec<u8> {
        Endorsement::issue(&key(ca), key(own).public(), from_s, until_s).unwrap().to_pack().to_vec()
    }

    fn desk(kept: &[Vec<u8>]) -> EndorsementDesk {
        EndorsementDesk::new(key(1).public(), key(2).public(), kept, 5)
    }

    #[test]
    fn only_a_longer_one_of_this_ca_for_this_key_that_holds_now_is_taken() {
        let now_s = 10 * DAY_S;
        let week = pack(2, 1, now_s - DAY_S, now_s + 6 * DAY_S);
        let mut one = desk(&[]);
        let refused = |one: &mut EndorsementDesk, pack: Vec<u8>| one.take(&pack, now_s).map(drop).unwrap_err();
        assert_eq!(refused(&mut one, pack(9, 1, now_s, now_s + DAY_S)), NotTaken::Pack(Reject::CaId));
        assert_eq!(refused(&mut one, pack(1, 1, now_s, now_s + DAY_S)), NotTaken::Pack(Reject::CaId), "its own word");
        assert_eq!(refused(&mut one, pack(2, 3, now_s, now_s + DAY_S)), NotTaken::OtherKey);
        assert_eq!(refused(&mut one, pack(2, 1, now_s - DAY_S, now_s - 1)), NotTaken::Ended);
        assert_eq!(refused(&mut one, pack(2, 1, now_s + 1, now_s + DAY_S)), NotTaken::NotBegun);
        assert!(one.kept().is_none());
        assert_eq!(one.take(&week, now_s).map(|taken| taken.not_after_s), Ok(now_s + 6 * DAY_S));
        assert_eq!(refused(&mut one, week), NotTaken::NotLonger);
        assert_eq!(refused(&mut one, pack(2, 1, now_s, now_s + 5 * DAY_S)), NotTaken::NotLonger);
        assert!(one.take(&pack(2, 1, now_s, now_s + 7 * DAY_S), now_s).is_ok());
    }

    #[test]
    fn what_has_not_begun_waits_over_a_restart_and_is_taken_in_its_time() {
        let packs = [pack(2, 1, 0, DAY_S), pack(2, 1, 100, 2 * DAY_S), pack(2, 1, 50, DAY_S + 1)];
        let mut one = desk(&packs);
        assert_eq!(one.validity(), Some(Validity { from_s: 0, until_s: DAY_S }), "none that has not begun hides it");
        assert_eq!((one.begun(49), one.news(49), one.next_s), (None, Some(Stage::Fresh), Some(50)));
        let mut taken = vec![];
        while let Some(begun) = one.begun(100) {
            taken.push(one.take(&begun.to_pack(), 100).unwrap().not_after_s);
        }
        assert_eq!(taken, [DAY_S + 1, 2 * DAY_S]);
        assert_eq!(one.keep_for_later(&pack(9, 1, 200, 3 * DAY_S)), None, "another CA");
        assert_eq!(one.keep_for_later(&pack(2, 1, 200, DAY_S)), None, "not longer");
        for from_s in 200..300 {
            one.keep_for_later(&pack(2, 1, from_s, 3 * DAY_S)).unwrap();
        }
        assert_eq!((one.later.len(), one.begun(200).unwrap().not_before_s), (LATER_MAX, 200));
    }

    #[test]
    fn no_spoiled_byte_is_taken() {
        let good = pack(2, 1, 0, DAY_S);
        for i in 0..good.len() {
            let mut spoiled = good.clone();
            spoiled[i] ^= 1;
            assert!(desk(&[]).take(&spoiled, 5).is_err(), "byte {i}");
            assert!(desk(&[]).take(&good[..i], 5).is_err(), "{i} bytes");
        }
    }

    #[test]
    fn what_the_replica_kept_counts_only_under_the_ca_and_key_of_today() {
        let packs =
            [pack(2, 1, 0, DAY_S), pack(2, 1, 0, 2 * DAY_S), pack(2, 3, 0, 9 * DAY_S), pack(9, 1, 0, 9 * DAY_S)];
        assert_eq!(desk(&packs).validity(), Some(Validity { from_s: 0, until_s: 2 * DAY_S }));
        assert_eq!(desk(&packs[2..]).stage(5), Stage::Missing);
    }

    #[test]
    fn a_robot_that_sits_gets_up_by_a_new_endorsement_only_and_each_stage_is_told_once() {
        let mut one = desk(&[pack(2, 1, 0, DAY_S)]);
        assert_eq!((one.news(5), one.news(6)), (Some(Stage::Fresh), None));
        assert!(one.sit() && !one.sit());
        assert!(one.take(&pack(2, 1, 0, DAY_S), 5).is_err() && one.sits());
        assert!(one.take(&pack(2, 1, 0, 2 * DAY_S), DAY_S).is_ok() && !one.sits());
        assert_eq!(one.news(DAY_S), Some(Stage::RenewalDue));
    }
}
