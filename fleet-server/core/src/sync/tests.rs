//! Reports on robots that are behind for each reason there is.

use super::*;
use crate::fixture::{FakeRobot, SERVER_EPOCH, acks, fleet, robot, run, state};
use crate::{Event, Loaded};
use shared::fact::{EpochCause, Fact};
use shared::journal::{Boot, Chain, Record};
use shared::wire::fleet_to_robot::Ack;
use shared::wire::robot_to_fleet::State;

fn report(fleet: &Fleet, now_ms: u64) -> SyncReport {
    fleet.sync_reports(Some(&robot("r-1")), Instant(now_ms)).remove(0)
}

fn all_was_well(seconds: &str) -> String {
    format!("At its last word, {seconds} s ago, everything that it wrote was acknowledged, and it had every row.")
}

#[test]
fn a_robot_that_is_up_to_date_is_told_so_and_one_that_was_never_heard_too() {
    let mut fleet = fleet(Loaded::default());
    assert!(report(&fleet, 5).why[0].contains("not heard since the server started"));
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1));
    run(&mut fleet, r1.state(&state(1, 1)), Instant(2));
    assert_eq!(report(&fleet, 1_205).why, [all_was_well("1.2")]);
    assert!(report(&fleet, 60_000).why[0].starts_with("Nothing was heard of it for 59 s."));
}

#[test]
fn the_oldest_entry_grows_older_while_nothing_is_heard() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    let waiting = State { unacked: 2, oldest_unacked_ms: Some(4000), ..state(1, 1) };
    run(&mut fleet, r1.state(&waiting), Instant(1000));
    let mut report = report(&fleet, 3000);
    assert_eq!(report.oldest_unacked_ms, Some(6000));
    let said = "At its last word, 2.0 s ago, 2 entries of its record were not acknowledged; the oldest is 6 s old";
    assert!(report.why[0].starts_with(said), "{:?}", report.why);
    report.cursor = None;
    assert!(reasons(&report).contains(&"It did not say yet how far it has applied its feed.".to_owned()));
}

#[test]
fn a_storage_that_fills_up_says_what_it_costs() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1));
    let mut why = |mono_ms, permille| {
        run(&mut fleet, r1.state(&State { storage_permille: Some(permille), ..state(1, mono_ms) }), Instant(mono_ms));
        report(&fleet, mono_ms).why.remove(0)
    };
    assert!(!why(1, 799).contains("storage"));
    assert!(why(2, 800).contains("80 %: it thins its telemetry. Keep it connected"));
    assert!(why(3, 960).contains("refuses new work of low priority"));
    assert!(why(4, 1001).contains("refuses all new work"));
}

#[test]
fn a_hole_is_named_while_it_is_open() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1));
    let records: Vec<_> = (0..3).map(|number| r1.write(&Fact::Resumed { number })).collect();
    run(&mut fleet, r1.state(&state(1, 1)), Instant(1));
    run(&mut fleet, r1.batch(&records[1..]), Instant(2));
    assert!(report(&fleet, 3).why[0].starts_with("It sends its safety lane from 2 on, and the server has it up to 0"));
    run(&mut fleet, r1.batch(&records), Instant(4));
    let report = report(&fleet, 5);
    assert_eq!(report.why, [all_was_well("0.0")]);
    assert_eq!(report.chain.map(|chain| (chain.cseq, chain.is_broken)), Some((3, false)));
}

#[test]
fn a_record_that_did_not_go_on_is_named_and_explained() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.state(&state(1, 1)), Instant(1));
    let first = r1.write(&Fact::EpochBegan { cause: EpochCause::Made, before: None, again: 0 });
    run(&mut fleet, r1.batch(&[first]), Instant(2));
    assert_eq!(report(&fleet, 3).break_words(), Vec::<&str>::new(), "a first life is no break");
    let mut anew = FakeRobot::new("r-1", 1);
    anew.chain = Chain::begin(&anew.name, Epoch(6));
    let made = anew.write(&Fact::EpochBegan { cause: EpochCause::Made, before: None, again: 0 });
    run(&mut fleet, anew.batch(&[made]), Instant(2));
    assert_eq!(report(&fleet, 3).break_words(), ["made"], "the robot remembers nothing, the server does");
    let began = r1.write(&Fact::EpochBegan { cause: EpochCause::DatabaseOlder, before: Some(Epoch(1)), again: 7 });
    run(&mut fleet, r1.batch(&[began]), Instant(3));
    let told = report(&fleet, 4);
    assert_eq!(told.break_words(), ["database_older"]);
    assert_eq!(told.why[0], all_was_well("0.0"));
    assert!(told.why[1].starts_with("An older copy of its database was put back (database_older)."), "{:?}", told.why);
    assert!(told.why[1].contains("7 entries"));
}

#[test]
fn an_entry_that_forks_and_a_database_that_was_restored_are_named() {
    let mut fleet = fleet(Loaded::default());
    let (mut r1, mut copy) = (FakeRobot::new("r-1", 1), FakeRobot::new("r-1", 1));
    let (ours, other) = (r1.write(&Fact::Resumed { number: 1 }), copy.write(&Fact::Resumed { number: 2 }));
    run(&mut fleet, r1.hello(0, 0), Instant(1));
    assert_eq!(report(&fleet, 3).break_words(), Vec::<&str>::new(), "it knew no life of the server before");
    run(&mut fleet, r1.hello(SERVER_EPOCH + 1, 9), Instant(1));
    run(&mut fleet, r1.hello(SERVER_EPOCH + 1, 9), Instant(2));
    run(&mut fleet, r1.batch(&[ours]), Instant(2));
    run(&mut fleet, copy.batch(&[other]), Instant(3));
    let told = report(&fleet, 4);
    assert_eq!(told.break_words(), ["fork", "restored"]);
    assert!(told.why.iter().any(|why| why.starts_with("It sent another entry under safety 1")), "{:?}", told.why);
    assert_eq!(told.lines.iter().filter(|line| line.what == What::Restored).count(), 1, "once for each robot");
}

#[test]
fn two_machines_under_one_name_are_named_and_both_are_answered() {
    let mut fleet = fleet(Loaded::default());
    let (r1, copy) = (FakeRobot::new("r-1", 1), FakeRobot { boot: Boot(2), ..FakeRobot::new("r-1", 1) });
    for second in 1..40 {
        run(&mut fleet, r1.state(&state(1, second * 1000)), Instant(second * 1000));
        if second >= 20 {
            run(&mut fleet, copy.state(&state(2, 900_000 + second * 1000)), Instant(second * 1000 + 300));
        }
    }
    let told = report(&fleet, 40_000);
    assert_eq!(told.break_words(), ["two_machines"]);
    assert!(told.why.iter().any(|why| why.starts_with("Two machines speak under its name")), "{:?}", told.why);
    for robot in [&r1, &copy] {
        let (_, tells) = run(&mut fleet, robot.hello(0, 0), Instant(40_000));
        assert!(acks(&tells, "r-1").iter().any(|ack| matches!(ack, Ack::Welcome { .. })), "{:?}", robot.boot);
    }
}

#[test]
fn a_hole_is_told_without_a_guess_which_of_two_things_it_is() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    let records: Vec<_> = (0..3).map(|number| r1.write(&Fact::Resumed { number })).collect();
    run(&mut fleet, r1.state(&state(1, 1)), Instant(1));
    run(&mut fleet, r1.batch(&records[1..]), Instant(2));
    let hole = "It sends its safety lane from 2 on, and the server has it up to 0. Either this database is an older copy of \
                one that acknowledged what is in between, or the robot left it out. Nothing behind it is taken until the \
                robot sends it.";
    assert_eq!(report(&fleet, 3).why[0], hole);
}

#[test]
fn an_entry_that_is_not_taken_is_told_with_its_reason_until_a_better_one_comes() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1));
    run(&mut fleet, r1.state(&state(1, 1)), Instant(1));
    let good = r1.write(&Fact::Resumed { number: 1 });
    let bad = Record { body: vec![0], ..good.clone() };
    run(&mut fleet, r1.batch(&[bad]), Instant(2));
    let why = report(&fleet, 3).why;
    let said = "The server has its safety lane up to 0 and cannot take what comes next: at place 1 of the lane: entry 1: the \
                body does not have the hash that the head names. What came is kept in quarantine.";
    assert_eq!(why, [said]);
    let lines: Vec<String> = report(&fleet, 3).lines.iter().map(|line| line.what.sentence()).collect();
    let line = "Its safety lane was not taken beyond 0: at place 1 of the lane: entry 1: the body does not have the \
                hash that the head names.";
    assert!(lines.iter().any(|found| found == line), "{lines:?}");
    run(&mut fleet, r1.batch(&[good]), Instant(4));
    assert_eq!(report(&fleet, 4).why, [all_was_well("0.0")]);
}

#[test]
fn a_robot_that_talks_without_a_state_is_not_called_silent_and_a_kept_connection_word_is_no_talk() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.connection(Connection::ConnectionBroken, 7), Instant(1));
    assert!(report(&fleet, 2).why[0].starts_with("It was not heard since the server started. Look whether"));
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1000));
    let entry = r1.write(&Fact::Resumed { number: 1 });
    run(&mut fleet, r1.batch(&[entry]), Instant(2000));
    let said = "It has not told its state since the server started, although a message of it came 1.5 s ago: what waits on its \
                disk is not known. An agent tells its state every second.";
    assert_eq!(report(&fleet, 3500).why, [said]);
}

#[test]
fn a_robot_that_names_a_row_which_its_feed_does_not_have_is_not_said_to_have_every_row() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), Instant(1));
    run(&mut fleet, r1.state(&State { cursor: 2, ..state(1, 1) }), Instant(2));
    let said = "It named row 2 of its feed, and the newest row is 0: the server was put back, or the robot is not yet told of \
                the server's new life. Its next hello settles it.";
    assert_eq!(report(&fleet, 3).why, [said]);
    run(&mut fleet, r1.applied(2), Instant(4));
    assert_eq!(report(&fleet, 4).why, [said], "nor when it says that it has applied it");
    run(&mut fleet, r1.hello(SERVER_EPOCH, 2), Instant(5));
    run(&mut fleet, r1.state(&state(1, 6)), Instant(6));
    let why = report(&fleet, 6).why;
    assert_eq!(why[0], all_was_well("0.0"), "a new life, in which it has nothing");
    assert!(why[1].starts_with("The server's database is an older copy of itself (restored)"), "{why:?}");
}

#[test]
fn the_list_is_bounded_and_keeps_the_newest() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    for cursor in 0..500 {
        run(&mut fleet, r1.hello(1, cursor), Instant(cursor));
    }
    let lines = report(&fleet, 1).lines;
    assert_eq!(lines.len(), LINES_MAX);
    assert!(matches!(lines.last().map(|line| &line.what), Some(What::Hello { cursor: 499, .. })));
    let Event::Message { topic, .. } = r1.hello(1, 1) else { panic!("no message") };
    run(&mut fleet, Event::Message { topic, payload: vec![1] }, Instant(600));
    assert!(matches!(report(&fleet, 1).lines.last().map(|line| line.what.word()), Some("quarantined")));
}
