//! A robot without a world: inputs in, outputs out.

mod away;
mod bench;
mod continuing;
mod disclosing;
mod editing;
mod marking;
mod measuring;
mod replicating;
mod timing;

use super::*;
use crate::Seen;
use crate::endorsement::{Stage, Validity};
use crate::execution::Activity;
use crate::orders::tests::row;
use crate::permit::tests::status;
use crate::retreat::Seat;
use bench::*;
use interlock_link::{Act, Body, Cause, Counters, Phase, StepCount};
use shared::beacon::{self, BeaconTime};
use shared::clearance::{BadClearance, Challenge, Clearance, Endorsement};
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Chain, Epoch, Lane, Record};
use shared::refusal::Code;
use shared::seal::SigningKey;
use shared::task::TaskRow;
use shared::time::Millis;
use shared::wire::fleet_to_robot::{Ack, Feed, Now, Row, RowBytes};
use shared::wire::robot_to_fleet::Mark;
use shared::wire::topic::Down;
use std::ops::RangeInclusive;

#[test]
fn after_a_button_the_robot_asks_to_be_armed_only_when_an_officer_has_cleared_that_trip() {
    let mut bench = Bench::new(loaded());
    bench.look();
    assert_eq!((bench.may_arm, bench.challenge()), (Some(7), None));
    bench.stop(Phase::Tripped, Cause::Button, 8);
    bench.stop(Phase::Released, Cause::Button, 8);
    assert_eq!(bench.may_arm, None, "also the permission of before is taken back");
    let challenge = bench.challenge().unwrap();
    assert_eq!(bench.clear(challenge, &SigningKey::from_seed(&[9; 32])), Err(BadClearance::NotEndorsed));
    assert_eq!(bench.clear(challenge, &ca()), Ok(()));
    assert_eq!(bench.may_arm, Some(8));
    assert!(bench.facts.contains(&Fact::Cleared { trip_epoch: 8, officer: "M. Ito".into() }));
    assert_eq!(bench.clear(challenge, &ca()), Err(BadClearance::NotDue), "used up");
    bench.stop(Phase::Tripped, Cause::Button, 9);
    assert_eq!(bench.clear(challenge, &ca()), Err(BadClearance::Stale), "for the trip before");
    assert_eq!(bench.may_arm, None);
}

#[test]
fn a_clearance_that_is_due_is_due_after_a_restart_and_after_a_power_cycle() {
    let mut bench = Bench::new(Loaded { clearance_due: true, ..loaded() });
    bench.stop(Phase::Released, Cause::PowerUp, 1001);
    assert_eq!(bench.may_arm, None);
    let challenge = bench.challenge().unwrap();
    assert_eq!(bench.clear(challenge, &ca()), Ok(()));
    assert_eq!(bench.may_arm, Some(1001));
}

#[test]
fn a_clearance_through_the_server_counts_by_the_officers_signature() {
    let mut bench = Bench::new(Loaded { clearance_due: true, ..loaded() });
    bench.stop(Phase::Released, Cause::Button, 8);
    let challenge = bench.challenge().unwrap();
    let officer = SigningKey::from_seed(&[6; 32]);
    let say = |bench: &mut Bench, number, ca: &SigningKey| {
        let endorsement = Endorsement::issue(ca, "M. Ito", officer.public(), WallTime(WALL.0 + 1_000_000));
        let clearance = Clearance::answer(&officer, endorsement, &me(), challenge);
        let mono_ms = bench.at.0;
        bench.say(Down::Now, &Now::Clear { number, boot: Boot(9), mono_ms, clearance: Box::new(clearance) });
    };
    let server = bench.server.clone();
    say(&mut bench, 1, &server);
    assert_eq!(bench.may_arm, None, "the server cannot make officers");
    say(&mut bench, 2, &ca());
    assert_eq!(bench.may_arm, Some(8));
}

fn order(number: u8) -> OrderRef {
    OrderRef { task: TaskId::from_bytes([number; 16]), fence: 1 }
}

#[test]
fn an_order_is_accepted_its_steps_begin_after_they_are_recorded_and_end_when_the_body_says_so() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    assert_eq!(bench.facts.last(), Some(&Fact::Accepted { order: order(1) }));
    bench.look();
    assert_eq!(bench.activity.unwrap().act, None, "first the body is asked");
    bench.answer(0);
    assert_eq!(bench.facts.last(), Some(&Fact::StepStarted { order: order(1), step: 0 }));
    assert!(bench.activity.unwrap().act.is_some());
    for _ in 0..3 {
        bench.answer(1);
        if bench.activity.is_some() {
            bench.answer(0);
        }
    }
    assert_eq!(bench.facts.last(), Some(&Fact::Done { order: order(1) }));
    assert!(bench.work.last().unwrap().ended);
}

#[test]
fn after_a_restart_a_pick_in_doubt_is_settled_by_the_body_and_not_repeated() {
    let begun = WorkRow { task: order(1).task, fence: 1, steps_done: 1, begun: true, ended: false, blocked: None };
    let mut bench = Bench::new(Loaded { tasks: vec![row(1, 1)], work: vec![begun], ..loaded() });
    bench.look();
    assert_eq!((bench.activity.unwrap().step, bench.activity.unwrap().act), (1, None));
    bench.answer(1);
    assert_eq!(bench.facts.last(), Some(&Fact::StepEnded { order: order(1), step: 1 }));
    assert!(!bench.facts.contains(&Fact::StepStarted { order: order(1), step: 1 }));
}

#[test]
fn a_pressed_button_rests_holds_and_nothing_but_a_timely_resume_while_energised_goes_on() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    assert!(bench.activity.is_some());
    bench.stop(Phase::Tripped, Cause::Button, 8);
    assert_eq!(bench.activity, None);
    assert!(bench.facts.contains(&Fact::Held { order: order(1), why: Code::AwaitingPerson }));
    let at = bench.at;
    bench.resume(1, at);
    bench.stop(Phase::Energised, Cause::Button, 8);
    assert_eq!(bench.activity, None, "a resume given while tripped permits nothing later");
    bench.rows(&[row(2, 1)]);
    assert_eq!(bench.activity, None);
    bench.at = bench.at + Millis::secs(10);
    bench.look();
    let at = bench.at;
    bench.resume(1, at);
    bench.resume(2, at - Millis::secs(4));
    bench.resume(3, at + Millis::secs(9));
    assert_eq!(bench.activity, None, "neither a repeated nor a late word counts, nor one from the future");
    let at = bench.at;
    bench.resume(4, at);
    assert!(bench.activity.is_some());
    assert!(bench.facts.contains(&Fact::Resumed { number: 4 }));
}

#[test]
fn a_resume_signed_by_anybody_else_or_for_another_boot_is_not_obeyed() {
    let mut bench = Bench::new(Loaded { awaits_person: true, ..loaded() });
    bench.look();
    let word = Now::Resume { number: 1, boot: Boot(9), mono_ms: bench.at.0 };
    let forged = Sealed::seal(&SigningKey::from_seed(&[66; 32]), Context::Down, &me(), &word);
    bench.input(Input::Message(Down::Now, forged));
    let reflected = Sealed::seal(&bench.server.clone(), Context::Up, &me(), &word);
    bench.input(Input::Message(Down::Now, reflected));
    assert_eq!(bench.robot.malformed(), 2);
    let mono_ms = bench.at.0;
    bench.say(Down::Now, &Now::Resume { number: 1, boot: Boot(8), mono_ms });
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Resumed { .. })));
}

#[test]
fn a_machine_class_stop_goes_on_by_itself_with_the_same_step() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    bench.stop(Phase::Standby, Cause::Beacon, 8);
    assert_eq!(bench.activity, None);
    bench.stop(Phase::Energised, Cause::Beacon, 8);
    assert_eq!(bench.activity.unwrap().trip_epoch, 8);
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Held { .. })));
}

#[test]
fn a_withdrawn_order_ends_at_once_unless_something_is_held() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1), row(2, 1)]);
    let cancelled = |number| TaskRow { cancel_wanted: true, ..row(number, 1) };
    bench.rows(&[cancelled(2)]);
    assert_eq!(bench.facts.last(), Some(&Fact::Cancelled { order: order(2) }));
    bench.look();
    bench.answer(0);
    bench.answer(1);
    bench.answer(0);
    assert_eq!(bench.facts.last(), Some(&Fact::StepStarted { order: order(1), step: 1 }), "it picks now");
    bench.rows(&[cancelled(1)]);
    assert!(!bench.facts.contains(&Fact::Cancelled { order: order(1) }));
    bench.answer(1);
    bench.answer(0);
    bench.answer(1);
    assert_eq!(bench.facts.last(), Some(&Fact::Done { order: order(1) }), "what was held is put down first");
}

#[test]
fn a_silent_body_blocks_the_order_and_the_robot_sleeps_between_questions() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    let asked = bench.at;
    while bench.at < asked + Millis(5001) {
        bench.look();
    }
    assert_eq!(bench.facts.last(), Some(&Fact::Blocked { order: order(1), why: Code::StepInDoubt }));
    assert!(bench.robot.poll_timeout().unwrap() > bench.at, "a past deadline would spin");
}

#[test]
fn a_line_of_the_firmwares_record_is_journalled_once_in_the_commit_that_marks_it() {
    let mut bench = Bench::new(loaded());
    let event = crate::firmware_lines::tests::event(4, "trip");
    for line in [event.line(), event.line(), "no event".into()] {
        bench.input(Input::Firmware(line));
    }
    let is_line = |change: &Change| matches!(change, Change::Journal(record) if record.fact().unwrap() == Fact::Firmware { line: event.line() });
    let with_line: Vec<_> = bench.commits.iter().filter(|commit| commit.iter().any(is_line)).collect();
    let mark = crate::LineMark { n: 4, hash: event.hash() };
    let [commit] = &with_line[..] else { panic!("{with_line:?}") };
    assert!(commit.contains(&Change::FirmwareLine(mark)));
    assert_eq!(bench.robot.malformed(), 1);
    let mut after = Bench::new(Loaded { firmware_lines: vec![mark], ..loaded() });
    let facts = after.facts.len();
    after.input(Input::Firmware(event.line()));
    assert_eq!(after.facts.len(), facts, "also after a restart");
}

#[test]
fn what_the_control_loop_saw_is_void_when_it_falls_silent() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    assert!(bench.activity.unwrap().act.is_some());
    let ends = bench.at + Millis::secs(1);
    assert!(bench.robot.poll_timeout().unwrap() <= ends);
    bench.at = ends;
    bench.robot.handle_timeout(bench.at);
    bench.drain();
    assert_eq!((bench.activity, bench.robot.watch.now(), bench.robot.seen.body), (None, None, None));
    bench.look();
    assert!(bench.activity.is_some(), "it goes on when the loop does");
}

#[test]
fn no_bytes_from_the_network_panic() {
    let mut bench = Bench::new(loaded());
    for length in 0..200u8 {
        for channel in [Down::Ack, Down::Feed, Down::Now] {
            bench.input(Input::Message(channel, vec![length; length.into()]));
        }
    }
    assert_eq!(bench.robot.malformed(), 600);
}

#[test]
fn a_connection_that_carries_nothing_is_made_anew_and_one_that_answers_is_kept() {
    let mut bench = Bench::new(loaded());
    let pass = |bench: &mut Bench, secs: u64| {
        for _ in 0..secs {
            bench.at = bench.at + Millis::secs(1);
            bench.robot.handle_timeout(bench.at);
            bench.drain();
        }
    };
    pass(&mut bench, 100);
    assert_eq!(bench.reconnects, 0, "nothing is wrong with a connection that is not there");
    bench.input(Input::Connected);
    pass(&mut bench, 29);
    assert_eq!(bench.reconnects, 0);
    pass(&mut bench, 2);
    assert_eq!(bench.reconnects, 1);
    bench.input(Input::Connected);
    for _ in 0..10 {
        pass(&mut bench, 20);
        bench.say(
            Down::Ack,
            &Ack::Stored {
                epoch: Epoch(9),
                mark: Mark { lane: Lane::Notes, seq: 0, hash: Hash::default() },
                stamp: None,
            },
        );
    }
    assert_eq!(bench.reconnects, 1, "the server speaks");
}
