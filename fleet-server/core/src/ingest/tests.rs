//! Messages against a whole fleet.

use super::*;
use crate::change::{FactMark, Loaded, TaskRecord};
use crate::fixture::{
    FakeRobot, SERVER_EPOCH, acks, drain, feed_words, feeds, fleet, given, key, robot, row, run, state, task_id,
};
use crate::{Event, Tell};
use shared::fact::{DeadCause, EpochCause, Fact};
use shared::journal::Lane;
use shared::machine::Machine;
use shared::task::TaskState;
use shared::time::Instant;
use shared::wire::ability::Abilities;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{Feed, FeedWord};
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::{Carried, Session};
use shared::wire::snapshot::{RowsHash, Shard};

fn at(ms: u64) -> Instant {
    Instant(ms)
}

fn given_task() -> Loaded {
    let task = given(row(1), "r-1");
    let fed = crate::feed::Feeds::default().show(&task);
    Loaded { tasks: vec![task], feed: fed, ..Loaded::default() }
}

fn facts(changes: &[Change]) -> Vec<&FactRow> {
    changes.iter().filter_map(fact).collect()
}

fn fact(change: &Change) -> Option<&FactRow> {
    if let Change::Fact(fact) = change { Some(fact) } else { None }
}

fn flags(changes: &[Change]) -> Vec<Rule> {
    let rule = |change: &Change| if let Change::Flag(flag) = change { Some(flag.rule) } else { None };
    changes.iter().filter_map(rule).collect()
}

fn quarantined(changes: &[Change]) -> usize {
    changes.iter().filter(|change| matches!(change, Change::Quarantine(_))).count()
}

fn stored(tells: &[Tell]) -> Vec<u64> {
    let seq = |ack| if let Ack::Stored { mark, .. } = ack { Some(mark.seq) } else { None };
    acks(tells, "r-1").into_iter().filter_map(seq).collect()
}

#[test]
fn an_entry_is_stored_judged_and_acknowledged_once_however_often_it_comes() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let order = given(row(1), "r-1").row.order();
    let records = [r1.write(&Fact::Accepted { order }), r1.write(&Fact::Done { order })];
    let (changes, tells) = run(&mut fleet, r1.batch(&records), at(1));
    assert_eq!((facts(&changes).len(), stored(&tells)), (2, vec![2]));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Done);
    let (changes, tells) = run(&mut fleet, r1.batch(&records[..1]), at(2));
    assert_eq!((changes, stored(&tells)), (vec![], vec![2]));
}

#[test]
fn a_gap_is_answered_with_what_is_there_and_an_overlap_is_cut() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let records: Vec<Record> = (0..4).map(|number| r1.write(&Fact::Resumed { number })).collect();
    let (changes, tells) = run(&mut fleet, r1.batch(&records[1..]), at(1));
    assert_eq!((changes, stored(&tells)), (vec![], vec![0]));
    run(&mut fleet, r1.batch(&records[..2]), at(2));
    let (changes, tells) = run(&mut fleet, r1.batch(&records[1..]), at(3));
    assert_eq!((facts(&changes).len(), stored(&tells)), (2, vec![4]));
}

#[test]
fn a_second_history_under_one_number_is_kept_flagged_and_not_believed() {
    let mut fleet = fleet(given_task());
    let (mut r1, mut clone) = (FakeRobot::new("r-1", 1), FakeRobot::new("r-1", 1));
    let order = given(row(1), "r-1").row.order();
    let first = r1.write(&Fact::Accepted { order });
    run(&mut fleet, r1.batch(std::slice::from_ref(&first)), at(1));
    let forged = [clone.write(&Fact::Done { order }), clone.write(&Fact::Done { order })];
    let (changes, tells) = run(&mut fleet, clone.batch(&forged), at(2));
    assert_eq!((flags(&changes), facts(&changes).len()), (vec![Rule::Fork], 0));
    assert!(changes.iter().any(|change| matches!(change, Change::Fork(_))));
    assert!(matches!(acks(&tells, "r-1")[..], [Ack::Stored { mark, .. }] if mark.hash == first.hash));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Accepted);
}

#[test]
fn a_chain_that_does_not_hold_is_flagged_once_and_holds_no_acknowledgement_back() {
    let mut fleet = fleet(given_task());
    let (mut r1, mut other) = (FakeRobot::new("r-1", 1), FakeRobot::new("r-1", 1));
    let first = r1.write(&Fact::Resumed { number: 1 });
    other.write(&Fact::Resumed { number: 2 });
    let foreign = [other.write(&Fact::Resumed { number: 3 }), other.write(&Fact::Resumed { number: 4 })];
    run(&mut fleet, r1.batch(&[first]), at(1));
    assert_eq!(fleet.chain(&r1.name, r1.chain.epoch).map(|row| (row.cseq, row.is_broken)), Some((1, false)));
    let (changes, tells) = run(&mut fleet, other.batch(&foreign), at(2));
    assert_eq!((flags(&changes), stored(&tells)), (vec![Rule::Chain], vec![3]));
    assert!(changes.iter().any(|change| matches!(change, Change::Chain(row) if row.cseq == 1 && row.is_broken)));
}

#[test]
fn an_entry_offered_again_in_a_new_epoch_takes_effect_once_whichever_comes_first() {
    let order = given(row(1), "r-1").row.order();
    let mut old = FakeRobot::new("r-1", 1);
    let records = [old.write(&Fact::Accepted { order }), old.write(&Fact::Done { order })];
    let mut new = FakeRobot { chain: shared::journal::Chain::begin(&old.name, Epoch(6)), ..FakeRobot::new("r-1", 1) };
    let again = records.each_ref().map(|record| new.chain.append_again(old.chain.epoch, record));
    for first_comes_the_new in [false, true] {
        let mut fleet = fleet(given_task());
        let (first, second) = (old.batch(&records), new.batch(&again));
        let (first, second) = if first_comes_the_new { (second, first) } else { (first, second) };
        let (changes, _) = run(&mut fleet, first, at(1));
        assert!(changes.iter().any(|change| matches!(change, Change::Task(_))));
        let (changes, tells) = run(&mut fleet, second, at(2));
        assert_eq!((facts(&changes).len(), stored(&tells)), (2, vec![2]), "both are evidence");
        assert!(!changes.iter().any(|change| matches!(change, Change::Task(_) | Change::Flag(_))));
    }
}

#[test]
fn a_robot_whose_calendar_is_a_day_off_is_stamped_by_ours_and_shown_as_suspect() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let mut record = r1.write(&Fact::Resumed { number: 1 });
    record.entry.hlc = Hlc::default().next(shared::time::WallTime(crate::fixture::WALL.0 + 86_400_000));
    let record = Record::read(shared::wire::to_bytes(&record.entry), record.body).unwrap();
    let (changes, tells) = run(&mut fleet, r1.batch(&[record]), at(1));
    assert_eq!((facts(&changes)[0].stamp.wall(), flags(&changes)), (crate::fixture::WALL, vec![Rule::ClockSuspect]));
    assert_eq!(fleet.clock_skew(&r1.name), Some((86_400_000, true)));
    let told =
        |ack: &Ack| matches!(ack, Ack::Stored { stamp: Some(stamp), .. } if stamp.wall() == crate::fixture::WALL);
    assert!(acks(&tells, "r-1").iter().any(told));
}

#[test]
fn what_the_store_gave_back_is_not_taken_again() {
    let mut r1 = FakeRobot::new("r-1", 1);
    let record = r1.write(&Fact::Resumed { number: 1 });
    let mark = FactMark::new(robot("r-1"), r1.chain.epoch, Lane::Safety, 1, record.hash);
    let mut fleet = fleet(Loaded { facts: vec![mark.clone()], watermarks: vec![mark], ..Loaded::default() });
    let (changes, tells) = run(&mut fleet, r1.batch(&[record]), at(1));
    assert_eq!((changes, stored(&tells)), (vec![], vec![1]));
}

#[test]
fn no_bytes_are_taken_for_a_message_and_all_are_kept_and_counted() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    let Event::Message { topic, payload } = r1.state(&state(1, 1)) else { panic!("not a message") };
    let mut spoiled = payload.clone();
    *spoiled.last_mut().unwrap() ^= 1;
    let other_key = FakeRobot { key: crate::fixture::key(3), ..FakeRobot::new("r-1", 1) };
    let Event::Message { payload: foreign, .. } = other_key.state(&state(1, 1)) else { panic!("not a message") };
    let garbage = [
        (topic.clone(), vec![]),
        (topic.clone(), vec![0xff; 100_000]),
        (topic.clone(), spoiled),
        (topic.clone(), foreign),
        (topic.replace("state", "work"), payload.clone()),
        (topic.replace("r-1", "r-2"), payload.clone()),
        (topic.replace("r-1", "r-9"), payload.clone()),
        (topic.replace("hall-1", "hall-2"), payload.clone()),
        (topic.replace("up/state", "down/ack"), payload.clone()),
        ("x".repeat(1000), payload),
    ];
    for (i, (topic, payload)) in garbage.into_iter().enumerate() {
        let (changes, _) = run(&mut fleet, Event::Message { topic, payload }, at(1));
        assert_eq!(quarantined(&changes), 1, "case {i}");
        let Change::Quarantine(row) = &changes[0] else { panic!("case {i}: {changes:?}") };
        assert!(row.bytes.len() <= QUARANTINE_LEN_MAX && row.topic.len() <= 200);
    }
    assert_eq!(fleet.quarantined(), 10);
    assert_eq!(fleet.robot(&robot("r-1")).unwrap().heard_at(), None);
}

#[test]
fn a_hello_is_welcomed_and_the_feed_follows_from_its_cursor() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    let (_, tells) = run(&mut fleet, r1.hello(SERVER_EPOCH, 0), at(1));
    let [Ack::Welcome { nonce: 42, server_epoch: SERVER_EPOCH, marks, feed_head: 1, can: Some(_), wall_ms: Some(_) }] =
        &acks(&tells, "r-1")[..]
    else {
        panic!("{:?}", acks(&tells, "r-1"))
    };
    assert_eq!(marks.len(), 3);
    assert!(matches!(feeds(&tells, "r-1")[..], [Feed { from: 0, ref rows, .. }] if rows.len() == 1));
    let (_, tells) = run(&mut fleet, r1.applied(1), at(2));
    assert_eq!((feeds(&tells, "r-1"), fleet.feed_position(&robot("r-1"))), (vec![], (1, Some(1))));
    let (_, tells) = run(&mut fleet, r1.hello(SERVER_EPOCH + 1, 1), at(3));
    assert_eq!(feeds(&tells, "r-1").len(), 1, "a robot of another server's life reads from the beginning");
}

#[test]
fn only_a_robot_that_unpacks_is_sent_packed_rows_and_both_read_the_same() {
    let wide = TaskRecord { row: shared::task::TaskRow { title: "kit ".repeat(250), ..row(1) }, given_to: None };
    let assigned = crate::assignment::assign(&wide, &robot("r-1")).unwrap();
    let task = crate::assignment::dispatch(&assigned, &crate::fixture::hall());
    let fed = crate::feed::Feeds::default().show(&task);
    let mut fleet = fleet(Loaded { tasks: vec![task], feed: fed, ..Loaded::default() });
    let r1 = FakeRobot::new("r-1", 1);
    let (_, first) = run(&mut fleet, r1.hello(SERVER_EPOCH, 0), at(1));
    let (_, second) = run(&mut fleet, r1.hello_of(SERVER_EPOCH, 0, Abilities::UNPACKS), at(2));
    assert_eq!(feeds(&first, "r-1"), feeds(&second, "r-1"));
    let longest = |tells: &[Tell]| {
        let length = |tell: &Tell| if let Tell::Send { letter, .. } = tell { letter.clone().sealed().len() } else { 0 };
        tells.iter().map(length).max().unwrap()
    };
    assert!(longest(&second) * 3 < longest(&first), "{} and {}", longest(&second), longest(&first));
}

#[test]
fn a_packed_batch_is_taken_and_one_that_claims_too_much_is_quarantined_by_name() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let records: Vec<Record> = (0..40).map(|number| r1.write(&Fact::Resumed { number })).collect();
    let Event::Message { topic, payload } = r1.packed_batch(&records) else { panic!("not a message") };
    let sealed: Sealed = from_bytes(&payload).unwrap();
    assert!(sealed.unpacked_len.is_some());
    let bomb = shared::wire::to_bytes(&Sealed { unpacked_len: Some(1 << 30), ..sealed });
    let (changes, _) = run(&mut fleet, Event::Message { topic: topic.clone(), payload: bomb }, at(1));
    assert!(matches!(&changes[..], [Change::Quarantine(row)] if row.reason.contains("cannot be unpacked")));
    let (changes, tells) = run(&mut fleet, Event::Message { topic, payload }, at(2));
    assert_eq!((facts(&changes).len(), stored(&tells)), (40, vec![40]));
}

#[test]
fn an_entry_of_an_unknown_kind_is_kept_byte_for_byte_acknowledged_and_changes_nothing() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let unknown = r1.write_bytes(Lane::Work, 999, &[0x82, 0x19, 0x03, 0xe7, 0x81, 0x01]);
    let known = r1.write(&Fact::Accepted { order: given(row(1), "r-1").row.order() });
    assert_eq!(unknown.fact(), None);
    let (changes, tells) = run(&mut fleet, r1.batch(&[unknown.clone(), known]), at(1));
    assert_eq!((facts(&changes)[0].record.body.as_slice(), stored(&tells)), (&unknown.body[..], vec![2]));
    assert_eq!(flags(&changes), vec![]);
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Accepted, "what follows it takes effect");
}

#[test]
fn a_row_of_an_unknown_kind_is_passed_on_byte_for_byte() {
    let parked = crate::change::FeedRow {
        robot: robot("r-1"),
        seq: 1,
        row: vec![0x82, 0x18, 0x63, 0x80],
        made: crate::fixture::WALL,
    };
    let mut fleet = fleet(Loaded { feed: vec![parked.clone()], ..Loaded::default() });
    let r1 = FakeRobot::new("r-1", 1);
    let (_, tells) = run(&mut fleet, r1.hello(SERVER_EPOCH, 0), at(1));
    assert_eq!(feeds(&tells, "r-1")[0].rows[0].0, parked.row);
}

#[test]
fn an_unanswered_feed_is_sent_again_while_the_robot_is_heard() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.hello(SERVER_EPOCH, 0), at(1000));
    assert_eq!(fleet.poll_timeout(), Some(at(3000)));
    fleet.handle_timeout(at(3000));
    assert_eq!(feeds(&drain(&mut fleet).1, "r-1").len(), 1);
    fleet.handle_timeout(at(20_000));
    assert_eq!(feeds(&drain(&mut fleet).1, "r-1").len(), 1, "every deadline that was told is acted on");
    assert_eq!(fleet.poll_timeout(), None, "nobody listens any more");
}

#[test]
fn a_robot_ahead_of_a_restored_database_starts_its_next_life() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    let (changes, tells) = run(&mut fleet, r1.hello(SERVER_EPOCH, 9), at(1));
    assert!(matches!(changes[..], [Change::Boot { .. }, Change::ServerEpoch(life), _] if life != SERVER_EPOCH));
    assert_eq!(flags(&changes), vec![Rule::Restored]);
    assert!(matches!(feeds(&tells, "r-1")[..], [Feed { from: 0, server_epoch, .. }] if server_epoch != SERVER_EPOCH));
}

/// The copy that comes back may have the flag of the first time in it.
#[test]
fn a_copy_that_is_put_back_twice_is_flagged_under_each_life_that_was_lost() {
    let r1 = FakeRobot::new("r-1", 1);
    let lost = [SERVER_EPOCH + 1, SERVER_EPOCH + 2].map(|life| {
        let (changes, _) = run(&mut fleet(given_task()), r1.hello(life, 9), at(1));
        let flag = |change: &Change| if let Change::Flag(flag) = change { Some((flag.rule, flag.epoch)) } else { None };
        changes.iter().filter_map(flag).collect::<Vec<_>>()
    });
    assert_eq!(lost, [1, 2].map(|lives| vec![(Rule::Restored, Epoch((SERVER_EPOCH + lives) ^ SERVER_EPOCH))]));
}

#[test]
fn everybody_who_is_heard_learns_of_a_new_life_at_once() {
    let mut fleet = fleet(given_task());
    let (r1, r2) = (FakeRobot::new("r-1", 1), FakeRobot::new("r-2", 2));
    run(&mut fleet, r2.hello(SERVER_EPOCH, 0), at(1));
    let (_, tells) = run(&mut fleet, r1.hello(SERVER_EPOCH, 9), at(2));
    let [Feed { server_epoch, rows, .. }] = &feeds(&tells, "r-2")[..] else { panic!("{tells:?}") };
    assert!(*server_epoch != SERVER_EPOCH && rows.is_empty());
}

#[test]
fn a_robot_whose_acknowledged_entries_this_database_lacks_starts_its_next_life_once() {
    let mut fleet = fleet(given_task());
    let mut r1 = FakeRobot::new("r-1", 1);
    let records: Vec<Record> = (0..3).map(|number| r1.write(&Fact::Resumed { number })).collect();
    run(&mut fleet, r1.batch(&records[..2]), at(1));
    let mark = |seq: usize| Mark { lane: Lane::Safety, seq: seq as u64, hash: records[seq - 1].hash };
    let (changes, _) = run(&mut fleet, r1.hello_with(SERVER_EPOCH, 1, vec![mark(2)]), at(2));
    assert_eq!(flags(&changes), vec![], "what is known is no sign of a copy");
    let (changes, tells) = run(&mut fleet, r1.hello_with(SERVER_EPOCH, 1, vec![mark(3)]), at(3));
    assert_eq!(flags(&changes), vec![Rule::Restored]);
    let [Ack::Welcome { server_epoch, marks, .. }] = &acks(&tells, "r-1")[..] else { panic!("{tells:?}") };
    assert!(*server_epoch != SERVER_EPOCH && marks.contains(&mark(2)), "it sees from where to offer again");
    let (_, tells) = run(&mut fleet, r1.batch(&records), at(4));
    assert_eq!(stored(&tells), vec![3]);
    let life = *server_epoch;
    let (changes, _) = run(&mut fleet, r1.hello_with(life, 1, vec![mark(3)]), at(5));
    assert_eq!((flags(&changes), fleet.server_epoch()), (vec![], life));
}

#[test]
fn a_robot_whose_rows_differ_gets_them_anew_and_goes_on() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    let can = Abilities::UNPACKS.and(Abilities::SNAPSHOTS).and(Abilities::HASHES);
    run(&mut fleet, r1.hello_of(SERVER_EPOCH, 1, can), at(1));
    run(&mut fleet, r1.state(&state(1, 1)), at(299_990));
    fleet.handle_timeout(at(300_001));
    let [FeedWord::Hashes { announcement, .. }] = &feed_words(&drain(&mut fleet).1, "r-1")[..] else { panic!("none") };
    let task = fleet.task(task_id(1)).unwrap();
    assert_eq!((announcement.at, announcement.shards[0].hash), (1, RowsHash::of_tasks([task])));
    let differs = Session::Differs { server_epoch: SERVER_EPOCH, shard: Shard::OwnTasks };
    let (changes, tells) = run(&mut fleet, r1.session(&differs), at(300_002));
    assert_eq!(flags(&changes), vec![Rule::Diverged]);
    let [FeedWord::Chunk { chunk, .. }] = &feed_words(&tells, "r-1")[..] else { panic!("{tells:?}") };
    assert_eq!(chunk.packed.open().unwrap().0, vec![fleet.task(task_id(1)).unwrap().clone()]);
    let progress = shared::wire::snapshot::Progress { snapshot: chunk.snapshot, chunks: chunk.of };
    run(&mut fleet, r1.session(&Session::Chunk { server_epoch: SERVER_EPOCH, at: progress }), at(300_003));
    assert_eq!((fleet.snapshot(&r1.name), fleet.feed_position(&r1.name)), (None, (1, Some(1))));
}

#[test]
fn a_robot_with_rows_of_another_life_gets_a_snapshot_because_no_row_would_tell_it_what_is_gone() {
    let mut fleet = fleet(given_task());
    let r1 = FakeRobot::new("r-1", 1);
    let can = Abilities::UNPACKS.and(Abilities::SNAPSHOTS);
    let (_, tells) = run(&mut fleet, r1.hello_of(SERVER_EPOCH + 1, 40, can), at(1));
    assert!(matches!(feed_words(&tells, "r-1")[..], [FeedWord::Chunk { server_epoch: SERVER_EPOCH, .. }]));
    let (_, tells) = run(&mut fleet, r1.hello_of(SERVER_EPOCH, 0, can), at(2));
    assert!(
        matches!(feed_words(&tells, "r-1")[..], [FeedWord::Chunk { .. }]),
        "it has met this one, and applied nothing"
    );
    let mut fleet = self::fleet(given_task());
    let (_, tells) = run(&mut fleet, r1.hello_of(0, 0, can), at(2));
    assert!(matches!(feeds(&tells, "r-1")[..], [Feed { from: 0, .. }]), "one that has none gets them in their order");
}

#[test]
fn a_state_of_a_boot_that_is_over_does_not_make_the_robot_heard() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.state(&state(1, 50)), at(1));
    run(&mut fleet, r1.state(&state(2, 5)), at(2));
    run(&mut fleet, r1.state(&state(1, 51)), at(900));
    let entry = fleet.robot(&robot("r-1")).unwrap();
    assert_eq!((entry.heard_at(), entry.state().unwrap().0.boot), (Some(at(2)), Boot(2)));
}

#[test]
fn states_are_told_to_readers_and_not_committed() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.state(&state(1, 1)), at(1));
    let (changes, tells) = run(&mut fleet, r1.state(&state(1, 2)), at(2));
    assert_eq!((changes, tells), (vec![], vec![Tell::RobotChanged(robot("r-1"))]));
}

#[test]
fn a_result_under_an_old_fence_is_flagged_and_changes_nothing() {
    let old = given(row(1), "r-1");
    let back = TaskRecord {
        row: shared::task::TaskRow { state: TaskState::Queued, robot: None, ..old.row.clone() },
        ..old.clone()
    };
    let assigned = crate::assignment::assign(&back, &robot("r-2")).unwrap();
    let newer = crate::assignment::dispatch(&assigned, &crate::fixture::hall());
    assert_eq!(newer.row.fence, 2);
    let mut fleet = fleet(Loaded { tasks: vec![newer.clone()], ..Loaded::default() });
    let mut r1 = FakeRobot::new("r-1", 1);
    let done = r1.write(&Fact::Done { order: old.row.order() });
    let (changes, tells) = run(&mut fleet, r1.batch(&[done]), at(1));
    assert_eq!((flags(&changes), facts(&changes).len(), stored(&tells)), (vec![Rule::StaleFence], 1, vec![1]));
    assert_eq!(fleet.task(task_id(1)), Some(&newer.row));
}

#[test]
fn a_record_that_could_not_go_on_is_flagged_and_a_robots_first_life_is_not() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    let made = [r1.write(&Fact::EpochBegan { cause: EpochCause::Made, before: None, again: 0 })];
    assert_eq!(flags(&run(&mut fleet, r1.batch(&made), at(1)).0), []);
    let older = Fact::EpochBegan { cause: EpochCause::DatabaseOlder, before: Some(Epoch(3)), again: 0 };
    let older = [r1.write(&older)];
    assert_eq!(flags(&run(&mut fleet, r1.batch(&older), at(2)).0), [Rule::NewEpoch]);
}

#[test]
fn what_a_robot_put_aside_is_flagged() {
    let mut fleet = fleet(Loaded::default());
    let mut r1 = FakeRobot::new("r-1", 1);
    let dead = [r1.write(&Fact::DeadLetter { cause: DeadCause::BadRow, hash: shared::seal::Hash([3; 32]), len: 9 })];
    assert_eq!(flags(&run(&mut fleet, r1.batch(&dead), at(1)).0), [Rule::DeadLetter]);
}

fn seals(fleet: &mut Fleet, event: Event) -> Vec<BatchSealRow> {
    let (changes, _) = run(fleet, event, at(1));
    let kept = changes.into_iter().filter_map(|change| {
        let Change::BatchSeal(row) = change else { return None };
        Some(row)
    });
    kept.collect()
}

#[test]
fn a_batch_that_brings_something_new_leaves_its_signature_and_a_repeated_one_none() {
    let (mut fleet, mut r1) = (fleet(Loaded::default()), FakeRobot::new("r-1", 1));
    let records: Vec<Record> = (0..3).map(|number| r1.write(&Fact::Resumed { number })).collect();
    let event = r1.batch(&records);
    let kept = seals(&mut fleet, event.clone());
    let entries: Vec<Carried> = records.iter().map(Carried::from).collect();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].seal.holds(&r1.name, kept[0].epoch, &entries, &key(1).public()));
    assert!(seals(&mut fleet, event).is_empty());
    assert!(seals(&mut fleet, r1.hello(0, 0)).is_empty());
}

#[test]
fn a_message_that_the_door_has_opened_beside_the_writer_is_taken_as_one_that_comes_closed() {
    let mut r1 = FakeRobot::new("r-1", 1);
    let record = r1.write(&Fact::Resumed { number: 1 });
    let good = r1.batch(&[record]);
    let spoil = |event: &Event| {
        let Event::Message { topic, payload } = event else { panic!("not a message") };
        let mut payload = payload.clone();
        *payload.last_mut().unwrap() ^= 1;
        Event::Message { topic: topic.clone(), payload }
    };
    for event in [spoil(&good), good.clone(), r1.hello(0, 0), r1.state(&state(1, 1))] {
        let (mut closed, mut open) = (fleet(Loaded::default()), fleet(Loaded::default()));
        let door = open.door().clone();
        let Event::Message { topic, payload } = event.clone() else { panic!("not a message") };
        let opened = Event::Opened(Box::new(door.open(topic, payload)));
        assert_eq!(run(&mut open, opened, at(1)), run(&mut closed, event, at(1)));
        assert_eq!(open.quarantined(), closed.quarantined());
    }
}
