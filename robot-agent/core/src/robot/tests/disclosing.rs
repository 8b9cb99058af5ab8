//! The endorsement's stages and the record of disclosure, as the driver's machine carries them out.

use super::*;
use crate::endorsement::NotTaken;
use crate::retreat::{RETREAT_TAG, Seat};
use crate::witness::Edge;
use shared::beacon::Reject;
use shared::fact::GapCause;
use shared::task::Step;

/// A robot at work on its first order, whose endorsement ends in so many seconds.
fn at_work(left_s: u32) -> Bench {
    let mut bench = Bench::new(Loaded { endorsements: vec![endorsement(left_s)], ..loaded() });
    bench.rows(&[row(1, 1), row(2, 1)]);
    bench.look();
    bench.answer(0);
    bench
}

fn is_acting(bench: &Bench) -> bool {
    bench.activity.is_some_and(|activity| activity.act.is_some())
}

fn wait(bench: &mut Bench, secs: u64) {
    bench.at = bench.at + Millis::secs(secs);
    bench.look();
}

fn is_blocked(bench: &Bench, why: Code) -> bool {
    bench.facts.iter().any(|fact| matches!(fact, Fact::Blocked { why: said, .. } if *said == why))
}

#[test]
fn half_an_hour_before_the_end_the_step_is_ended_and_the_robot_sits_and_a_new_one_lets_it_go_on() {
    let mut bench = at_work(2000);
    assert!(is_acting(&bench) && !bench.sits);
    wait(&mut bench, 250);
    assert_eq!(bench.stages, [Stage::EndsSoon, Stage::SitDown]);
    assert!(is_acting(&bench) && !bench.sits, "the step in hand is ended first");
    bench.answer(1);
    bench.look();
    assert!(bench.sits && bench.activity.is_none() && is_blocked(&bench, Code::EndorsementEnding));
    assert_eq!(bench.seats, [Seat::NoneKnown], "it says that it knows no safe point");
    bench.look();
    assert_eq!(bench.activity, None, "no new work");
    bench.input(Input::Local(LocalToken(1), LocalAsk::Endorse(endorsement(9000))));
    assert!(matches!(bench.answers.pop(), Some(LocalAnswer::Endorsed(Ok(_)))));
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::Endorsed { .. })));
    bench.look();
    assert!(bench.activity.is_some(), "it goes on");
}

#[test]
fn what_is_held_is_put_down_first_but_not_after_twelve_minutes_before_the_end() {
    let mut bench = at_work(2000);
    bench.answer(1);
    bench.answer(0);
    bench.holds = true;
    bench.look();
    wait(&mut bench, 250);
    bench.answer(1);
    assert!(bench.activity.is_some() && !bench.sits, "what was picked is placed");
    bench.answer(0);
    assert!(is_acting(&bench));
    wait(&mut bench, 1100);
    assert!(bench.sits && bench.activity.is_none(), "now it sits as it is");
}

const SAFE: Point = Point { x_cm: 600, y_cm: 70 };

/// A robot that knows its safe point and has ended its step in the last half hour.
fn retreating() -> Bench {
    let mut bench = at_work(2000);
    bench.robot.retreats_to(SAFE);
    wait(&mut bench, 250);
    bench.answer(1);
    bench.look();
    bench
}

fn walks_to_safety(bench: &Bench) -> bool {
    bench.activity.is_some_and(|activity| {
        activity.order == RETREAT_TAG && activity.act == Some(Step::WalkTo { to: SAFE }) && activity.trip_epoch == 7
    })
}

#[test]
fn it_walks_to_its_safe_point_and_sits_there() {
    let mut bench = retreating();
    assert!(walks_to_safety(&bench) && !bench.sits);
    wait(&mut bench, 5);
    assert!(walks_to_safety(&bench) && !bench.sits, "it is on its way");
    bench.place = SAFE;
    bench.look();
    assert!(bench.sits && bench.activity.is_none() && is_blocked(&bench, Code::EndorsementEnding));
    assert_eq!(bench.seats, [Seat::SafePoint]);
    bench.place = Point::default();
    wait(&mut bench, 5);
    assert_eq!((bench.activity, bench.seats.len()), (None, 1), "it sits, whoever has moved it");
}

#[test]
fn a_renewal_on_the_way_lets_it_turn_back_to_its_work() {
    let mut bench = retreating();
    bench.input(Input::Local(LocalToken(1), LocalAsk::Endorse(endorsement(9000))));
    bench.look();
    assert!(!bench.sits && bench.activity.is_some_and(|activity| activity.order != RETREAT_TAG));
    assert!(bench.seats.is_empty());
}

#[test]
fn who_is_stopped_on_the_way_or_does_not_get_there_in_time_sits_where_it_stands() {
    let mut stopped = retreating();
    stopped.stop(Phase::Standby, Cause::Heartbeat, 8);
    let mut slow = retreating();
    wait(&mut slow, 1100);
    for bench in [stopped, slow] {
        assert!(bench.sits && bench.activity.is_none());
        assert_eq!(bench.seats, [Seat::OnTheWay]);
    }
}

#[test]
fn each_stage_has_its_deadline_announced_and_none_lies_in_the_past() {
    let mut bench = at_work(2000);
    bench.stop(Phase::Standby, Cause::Beacon, 8);
    let mut told = vec![];
    for _ in 0..500 {
        let next = bench.robot.poll_timeout().unwrap();
        assert!(next > bench.at, "{next:?} at {:?}", bench.at);
        bench.at = next;
        bench.robot.handle_timeout(next);
        bench.drain();
        told.append(&mut bench.stages);
    }
    assert_eq!(told, [Stage::EndsSoon, Stage::SitDown, Stage::SitAtOnce, Stage::Ended]);
}

#[test]
fn without_an_endorsement_no_work_is_begun_and_the_reason_is_told() {
    let mut bench = Bench::new(Loaded { endorsements: vec![], ..loaded() });
    bench.rows(&[row(1, 1)]);
    bench.look();
    assert!(bench.activity.is_none() && bench.sits && is_blocked(&bench, Code::NotEndorsed));
    assert_eq!(bench.endorsed, None);
}

#[test]
fn the_server_renews_by_a_row_which_is_kept_recorded_and_told() {
    let mut bench = Bench::new(loaded());
    let before = bench.endorsed.unwrap();
    let pack = endorsement(10 * 24 * 3600);
    let feed = |pack: Vec<u8>| vec![RowBytes(shared::wire::to_bytes(&Row::Endorsement { pack }))];
    bench.say(Down::Feed, &Feed { server_epoch: 5, from: 0, rows: feed(pack.clone()) });
    let after = bench.endorsed.unwrap();
    assert_eq!(after.until_s - before.until_s, 3 * 24 * 3600);
    assert_eq!(bench.robot.state(bench.at).endorsed_until, Some(after.until_s));
    bench.say(Down::Feed, &Feed { server_epoch: 5, from: 1, rows: feed(pack) });
    assert_eq!(bench.robot.malformed(), 0, "the same once more is no fault");
    bench.say(Down::Feed, &Feed { server_epoch: 5, from: 2, rows: feed(vec![0; 203]) });
    assert_eq!((bench.robot.malformed(), bench.endorsed), (1, Some(after)));
}

#[test]
fn a_renewal_that_begins_a_little_later_by_this_robots_clock_is_kept_and_taken_then() {
    let mut bench = Bench::new(loaded());
    let before = bench.endorsed.unwrap();
    let from_s = bench.robot.beacon_clock().time(bench.at).secs() + 100;
    let until_s = from_s + 8 * 24 * 3600;
    let issued = beacon::Endorsement::issue(&ca(), SigningKey::from_seed(&[1; 32]).public(), from_s, until_s).unwrap();
    let rows = vec![RowBytes(shared::wire::to_bytes(&Row::Endorsement { pack: issued.to_pack().to_vec() }))];
    bench.say(Down::Feed, &Feed { server_epoch: 5, from: 0, rows });
    assert_eq!((bench.endorsed, bench.robot.malformed()), (Some(before), 0), "the one that holds is not hidden");
    wait(&mut bench, 99);
    assert_eq!(bench.endorsed, Some(before));
    wait(&mut bench, 2);
    assert_eq!(bench.endorsed, Some(Validity { from_s, until_s }));
    assert!(bench.facts.iter().any(|fact| matches!(fact, Fact::Endorsed { until, .. } if *until == until_s)));
}

#[test]
fn what_is_carried_to_the_robot_by_hand_is_refused_with_its_reason() {
    let mut bench = Bench::new(loaded());
    let by_hand = |bench: &mut Bench, pack: Vec<u8>| {
        bench.input(Input::Local(LocalToken(1), LocalAsk::Endorse(pack)));
        match bench.answers.pop() {
            Some(LocalAnswer::Endorsed(result)) => result,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(by_hand(&mut bench, vec![]), Err(NotTaken::Pack(Reject::Length)));
    assert_eq!(by_hand(&mut bench, endorsement(24 * 3600)), Err(NotTaken::NotLonger));
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Endorsed { .. })));
}

#[test]
fn every_edge_is_recorded_with_its_own_time_and_an_end_in_order_closes_what_is_open() {
    let mut bench = Bench::new(loaded());
    let id = beacon::DisclosureId::of(&SigningKey::from_seed(&[1; 32]).public()).0;
    assert_eq!(bench.facts, [Fact::AgentStarted { clean: true }, Fact::DisclosureStarted { id }]);
    let gap = Edge::Gap { cause: GapCause::NotHeard, at: Instant(9) };
    let edges = [Edge::Heard { at: Instant(5) }, Edge::MotionBegan { at: Instant(7) }, gap];
    bench.input(Input::Witnessed(edges.to_vec()));
    bench.input(Input::Witnessed(vec![Edge::Heard { at: Instant(20) }]));
    let recorded = [
        Fact::DisclosureHeard { mono_ms: 5 },
        Fact::MotionBegan { mono_ms: 7 },
        Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms: 9 },
        Fact::DisclosureHeard { mono_ms: 20 },
    ];
    assert_eq!(bench.facts[2..], recorded);
    bench.input(Input::Shutdown);
    let closed = [Fact::DisclosureGap { cause: GapCause::Ended, mono_ms: bench.at.0 }];
    assert_eq!(bench.facts[6..], closed, "the body may still move: its end is not this agent's to tell");
}
