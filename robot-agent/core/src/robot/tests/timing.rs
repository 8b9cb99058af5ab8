//! A calendar that was wrong when an agent started: told, and set right where two agree on it.

use super::*;
use crate::beacon_clock::BeaconMark;
use crate::endorsement::NotTaken;
use crate::witness::Edge;
use shared::wire::robot_to_fleet::{Disbelieved, Session};

const DAY_S: u32 = 24 * 3600;

/// A robot whose agent of before had disclosed so many days ahead.
fn ahead(days: u32) -> Bench {
    let time_ds = BeaconTime::from_wall(WALL).ds() + u64::from(days * DAY_S) * 10;
    let mark = BeaconMark { boot: Boot(1), mono: Instant(0), time_ds, heard_ds: None };
    Bench::new(Loaded { beacon: Some(mark), ..loaded() })
}

impl Bench {
    /// The server answers the newest hello with what its calendar shows.
    fn welcome_dated(&mut self, wall: WallTime) {
        self.input(Input::Connected);
        let hello = self.published.iter().rev().find_map(|payload| {
            let key = SigningKey::from_seed(&[1; 32]).public();
            let session: Session = Sealed::open(payload, &key, Context::Up, &me()).ok()?;
            if let Session::Hello { nonce, .. } = session { Some(nonce) } else { None }
        });
        let (nonce, marks, wall_ms) = (hello.unwrap(), vec![], Some(wall.0));
        self.say(Down::Ack, &Ack::Welcome { nonce, server_epoch: 5, marks, feed_head: 0, can: None, wall_ms });
    }

    fn disbelieved(&mut self) -> Option<Disbelieved> {
        self.robot.state(self.at).disbelieved
    }

    fn time_s(&self) -> u32 {
        self.robot.beacon_clock().time(self.at).secs()
    }
}

fn set(bench: &Bench) -> Vec<(u64, u64)> {
    let told =
        |fact: &Fact| if let Fact::BeaconTimeSet { from_ms, to_ms } = fact { Some((*from_ms, *to_ms)) } else { None };
    bench.facts.iter().filter_map(told).collect()
}

#[test]
fn a_calendar_that_was_put_right_and_the_server_set_the_time_back_and_the_fact_names_both() {
    let mut bench = ahead(30);
    assert_eq!(
        bench.disbelieved(),
        Some(Disbelieved::ClockOff),
        "which of both is wrong it does not know, and says so"
    );
    assert!(bench.robot.endorsement.stage(bench.time_s()) == Stage::Ended && set(&bench).is_empty());
    bench.welcome_dated(WALL);
    let [(from_ms, to_ms)] = set(&bench)[..] else { panic!("one fact: {:?}", bench.facts) };
    assert!(from_ms >= WALL.0 + 30 * u64::from(DAY_S) * 1_000 && to_ms.abs_diff(WALL.0) < 1_000, "{from_ms} {to_ms}");
    assert_eq!(bench.clock, Some(bench.robot.beacon_clock()), "the control loop discloses by it");
    assert!(bench.robot.endorsement.stage(bench.time_s()).permits_work() && !bench.robot.endorsement.sits());
    let time = |change: &Change| if let Change::Beacon { mark, .. } = change { Some(mark.time_ds) } else { None };
    let saved = bench.commits.iter().flatten().rev().find_map(time);
    assert!(saved.unwrap().abs_diff(BeaconTime::from_wall(WALL).ds()) < 10, "the next start does not go ahead again");
}

#[test]
fn a_receiver_that_heard_the_wrong_time_is_named_until_it_hears_the_right_one() {
    let mut bench = ahead(1);
    bench.welcome_dated(WALL);
    bench.look();
    assert_eq!(bench.disbelieved(), None, "it may hear it yet");
    bench.at = bench.at + Millis::secs(6);
    bench.look();
    assert_eq!(bench.disbelieved(), Some(Disbelieved::ReceiverAhead));
    let at = bench.at;
    bench.input(Input::Witnessed(vec![Edge::Heard { at }]));
    assert_eq!(bench.disbelieved(), None);
}

#[test]
fn a_calendar_that_is_still_wrong_or_a_server_that_is_alone_sets_nothing() {
    let mut bench = Bench::new(loaded());
    bench.welcome_dated(WallTime(WALL.0 - u64::from(DAY_S) * 1_000));
    assert_eq!((bench.disbelieved(), set(&bench)), (Some(Disbelieved::ClockOff), vec![]));
    bench.input(Input::Wall(WallTime(WALL.0 - u64::from(DAY_S) * 1_000)));
    assert_eq!(set(&bench).len(), 1, "somebody has set the calendar right");
}

#[test]
fn a_renewal_by_hand_is_the_cas_word_for_the_time_where_there_is_no_network() {
    let by_hand = |bench: &mut Bench, from_s: u32| {
        let key = SigningKey::from_seed(&[1; 32]).public();
        let pack = beacon::Endorsement::issue(&ca(), key, from_s, from_s + 14 * DAY_S).unwrap().to_pack().to_vec();
        bench.input(Input::Local(LocalToken(1), LocalAsk::Endorse(pack)));
        match bench.answers.pop() {
            Some(LocalAnswer::Endorsed(taken)) => taken.map(|_| ()),
            other => panic!("{other:?}"),
        }
    };
    let now_s = BeaconTime::from_wall(WALL).secs();
    let mut bench = ahead(30);
    assert_eq!(by_hand(&mut bench, now_s - 1), Ok(()));
    assert!(set(&bench).len() == 1 && bench.time_s().abs_diff(now_s) < 5);
    let mut wrong_now = ahead(30);
    wrong_now.input(Input::Wall(WallTime(WALL.0 + 30 * u64::from(DAY_S) * 1_000)));
    assert_eq!(by_hand(&mut wrong_now, now_s - 1), Err(NotTaken::Ended), "the calendar itself is still wrong");
    let mut put_back = ahead(30);
    put_back.input(Input::Wall(WallTime(WALL.0 - u64::from(DAY_S) * 1_000)));
    assert_eq!(by_hand(&mut put_back, now_s - 1), Err(NotTaken::Ended), "before it was issued");
    assert!(set(&wrong_now).is_empty() && set(&put_back).is_empty());
}
