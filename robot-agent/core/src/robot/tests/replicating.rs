//! Snapshots and hashes of the feed, and rows that this version cannot use.

use super::*;
use crate::aside::AsideRow;
use crate::intake::{Partial, SnapshotMark};
use shared::fact::DeadCause;
use shared::seal::Hash;
use shared::task::TaskState;
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::FeedWord;
use shared::wire::robot_to_fleet::Session;
use shared::wire::snapshot::{Announcement, Chunk, Packed, Progress, RowsHash, Shard, ShardHash, cut};
use std::collections::BTreeMap;

/// A row of a kind that this version does not know.
const NEWER: [u8; 4] = [0x82, 0x18, 0x63, 0x80];

impl Bench {
    /// What it said about the session since it was last asked.
    fn said(&mut self) -> Vec<Session> {
        let key = SigningKey::from_seed(&[1; 32]).public();
        let session = |bytes: Vec<u8>| Sealed::open::<Session>(&bytes, &key, Context::Up, &me()).ok();
        self.published.drain(..).filter_map(session).collect()
    }

    /// What its newest hello announces.
    fn greeting(&mut self) -> (Abilities, Option<Progress>) {
        let hello =
            |said| if let Session::Hello { can, snapshot, .. } = said { Some((can.unwrap(), snapshot)) } else { None };
        self.said().into_iter().rev().find_map(hello).unwrap()
    }

    fn chunk(&mut self, chunk: &Chunk) {
        self.say(Down::Feed, &FeedWord::Chunk { server_epoch: 5, chunk: chunk.clone() });
    }

    fn hashes(&mut self, at: u64, rows: &[TaskRow]) -> Vec<Session> {
        let shard = ShardHash { shard: Shard::OwnTasks, rows: rows.len() as u64, hash: RowsHash::of_tasks(rows) };
        let announcement = Announcement { at, shards: vec![shard] };
        self.say(Down::Feed, &FeedWord::Hashes { server_epoch: 5, announcement });
        self.said()
    }

    fn raw(&mut self, row: &[u8]) {
        self.say(Down::Feed, &Feed { server_epoch: 5, from: self.cursor, rows: vec![RowBytes(row.to_vec())] });
        self.cursor += 1;
    }

    fn tasks(&self) -> Vec<u32> {
        self.robot.orders.rows().map(|row| row.number).collect()
    }
}

/// A snapshot at row 20 of tasks 1 to 3, one in each chunk.
fn snapshot() -> Vec<Chunk> {
    let packed = (1..=3).map(|number| cut(&[row(number, 1)], &[], &[]).remove(0));
    (0..).zip(packed).map(|(number, packed)| Chunk { snapshot: 9, as_of: 20, number, of: 3, packed }).collect()
}

fn progress(chunks: u32) -> Session {
    Session::Chunk { server_epoch: 5, at: Progress { snapshot: 9, chunks } }
}

#[test]
fn a_snapshot_is_applied_in_any_order_and_what_stood_in_none_of_it_is_gone() {
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let mut bench = Bench::new(loaded());
        bench.rows(&[row(7, 1)]);
        assert_eq!(bench.tasks(), [7]);
        bench.said();
        for number in order {
            bench.chunk(&snapshot()[number]);
            let whole = bench.commits.last().unwrap();
            assert!(whole.iter().any(|change| matches!(change, Change::SnapshotChunk { .. })), "{whole:?}");
            assert!(whole.iter().any(|change| matches!(change, Change::Task { .. })), "rows and note in one commit");
        }
        assert_eq!(bench.tasks(), [1, 2, 3]);
        assert_eq!(bench.robot.feed.cursor, 20);
        assert_eq!(bench.said().last(), Some(&progress(3)));
        let commits = bench.commits.len();
        bench.chunk(&snapshot()[1]);
        assert_eq!((bench.said(), bench.commits.len()), (vec![progress(3)], commits), "our last word was lost");
    }
}

#[test]
fn begun_work_on_a_task_that_is_gone_is_kept_for_a_person_and_never_made_a_row_again() {
    let work = |begun| WorkRow { task: row(7, 1).id, fence: 1, steps_done: 0, begun, ended: false, blocked: None };
    for begun in [true, false] {
        let mut bench = Bench::new(Loaded { tasks: vec![row(7, 1)], work: vec![work(begun)], ..loaded() });
        snapshot().iter().for_each(|chunk| bench.chunk(chunk));
        assert_eq!(bench.tasks(), [1, 2, 3]);
        let gone = bench.facts.iter().filter(|fact| matches!(fact, Fact::DeadLetter { cause: DeadCause::RowGone, .. }));
        assert_eq!(gone.count(), usize::from(begun));
    }
}

#[test]
fn a_robot_that_dies_in_a_snapshot_names_what_it_has_and_goes_on_there() {
    let mark = SnapshotMark { server_epoch: 5, snapshot: 9, as_of: 20, of: 3 };
    let chunks = BTreeMap::from([(0, vec![row(1, 1).id]), (2, vec![row(3, 1).id])]);
    let tasks = vec![row(1, 1), row(3, 1), row(7, 1)];
    let mut bench = Bench::new(Loaded { snapshot: Some(Partial { mark, chunks }), tasks, ..loaded() });
    bench.input(Input::Connected);
    let all = Abilities::UNPACKS.and(Abilities::SNAPSHOTS).and(Abilities::HASHES).and(Abilities::NOTES);
    assert_eq!(bench.greeting(), (all, Some(Progress { snapshot: 9, chunks: 1 })));
    bench.chunk(&snapshot()[1]);
    assert_eq!((bench.tasks(), bench.said()), (vec![1, 2, 3], vec![progress(3)]));
}

#[test]
fn rows_in_the_middle_of_a_snapshot_end_it_and_are_applied() {
    let mut bench = Bench::new(loaded());
    bench.input(Input::Connected);
    bench.welcome_now();
    bench.chunk(&snapshot()[0]);
    bench.said();
    bench.rows(&[row(8, 1)]);
    assert_eq!(bench.tasks(), [1, 8]);
    assert!(bench.commits.last().unwrap().contains(&Change::SnapshotEnded { whole: false }));
    assert_eq!(bench.greeting().1, None, "the server begins anew from the cursor");
}

#[test]
fn a_robot_with_rows_of_another_life_greets_as_one_without_rows_until_a_whole_snapshot_has_come() {
    let greets = |bench: &mut Bench| {
        bench.input(Input::Connected);
        let hello = |said| {
            if let Session::Hello { server_epoch, cursor, .. } = said { Some((server_epoch, cursor)) } else { None }
        };
        bench.said().into_iter().rev().find_map(hello).unwrap()
    };
    let mut bench = Bench::new(Loaded { server_epoch: 4, cursor: 0, tasks: vec![row(7, 1)], ..loaded() });
    bench.welcome_able(Abilities::SNAPSHOTS);
    bench.rows(&[row(1, 1)]);
    assert_eq!((greets(&mut bench), bench.tasks()), ((5, 0), vec![1, 7]), "a row does not tell what is gone");
    assert!(bench.commits.iter().flatten().any(|change| *change == Change::Mixed(true)));
    let mut bench =
        Bench::new(Loaded { server_epoch: 5, cursor: 1, is_mixed: true, tasks: vec![row(7, 1)], ..loaded() });
    assert_eq!(greets(&mut bench), (5, 0), "also after a restart");
    snapshot().iter().for_each(|chunk| bench.chunk(chunk));
    assert_eq!((greets(&mut bench), bench.tasks()), ((5, 20), vec![1, 2, 3]));
}

fn edit(bench: &mut Bench, title: &str) {
    let title = LocalEdit::Set(shared::field::FieldValue::Title(title.into()));
    bench.input(Input::Local(LocalToken(1), LocalAsk::Task(row(1, 1).id.to_string(), title)));
}

/// The mark of the newest entry of the lane of work.
fn newest_mark(bench: &Bench) -> Mark {
    let newest = bench.records.iter().rev().find(|record| record.entry.lane == Lane::Work).unwrap();
    Mark { lane: Lane::Work, seq: newest.entry.lane_seq, hash: newest.hash }
}

#[test]
fn a_snapshot_settles_the_edits_that_were_acknowledged_and_no_other() {
    let mut bench = Bench::new(Loaded { server_epoch: 5, cursor: 1, tasks: vec![row(1, 1)], ..loaded() });
    edit(&mut bench, "first");
    let mark = newest_mark(&bench);
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark, stamp: None });
    edit(&mut bench, "second");
    snapshot().iter().for_each(|chunk| bench.chunk(chunk));
    let settled = bench.commits.iter().flatten().filter(|change| matches!(change, Change::EditSettled(_)));
    assert_eq!((settled.count(), bench.robot.edits.open_ops().len()), (1, 1));
}

/// Another machine of this name asked for the snapshot and had passed the row that settles the edit, and the acknowledgement
/// was lost.
#[test]
fn an_edit_that_waited_while_a_snapshot_passed_its_settlement_is_settled_by_the_welcome_that_has_it() {
    let welcome = |bench: &mut Bench, marks: Vec<Mark>, feed_head: u64| {
        bench.input(Input::Connected);
        let nonce = |said| if let Session::Hello { nonce, .. } = said { Some(nonce) } else { None };
        let nonce = bench.said().into_iter().rev().find_map(nonce).unwrap();
        let welcome = Ack::Welcome { nonce, server_epoch: 5, marks, feed_head, can: None, wall_ms: None };
        bench.say(Down::Ack, &welcome);
    };
    let mut bench = Bench::new(Loaded { server_epoch: 5, cursor: 1, tasks: vec![row(1, 1)], ..loaded() });
    edit(&mut bench, "mine");
    let mark = newest_mark(&bench);
    snapshot().iter().for_each(|chunk| bench.chunk(chunk));
    bench.cursor = 20;
    welcome(&mut bench, vec![], 20);
    assert_eq!(bench.robot.edits.open_ops().len(), 1, "the server does not have it");
    welcome(&mut bench, vec![mark], 21);
    assert_eq!(bench.robot.edits.open_ops().len(), 1, "the row that comes may settle it");
    bench.rows(&[row(2, 1)]);
    assert_eq!(bench.robot.edits.open_ops(), []);
}

#[test]
fn rows_that_do_not_hash_as_they_should_are_wanted_anew() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1), row(2, 1)]);
    bench.said();
    assert_eq!(bench.hashes(2, &[row(2, 1), row(1, 1)]), []);
    assert_eq!(bench.hashes(1, &[row(1, 1)]), [], "of another moment");
    let differs = Session::Differs { server_epoch: 5, shard: Shard::OwnTasks };
    let found = bench.hashes(2, &[row(1, 1), row(2, 2)]);
    assert_eq!(found.first(), Some(&differs));
    assert_eq!(bench.hashes(2, &[row(1, 1)]), [differs]);
}

#[test]
fn a_chunk_that_cannot_be_read_is_a_dead_letter_and_the_rows_come_one_after_the_other() {
    let mut bench = Bench::new(loaded());
    bench.input(Input::Connected);
    bench.welcome_now();
    let packed = Packed { bytes: vec![0xff; 9], unpacked_len: None };
    let bad = Chunk { packed, ..snapshot().remove(0) };
    bench.chunk(&bad);
    let letters = bench.facts.iter().filter(|fact| matches!(fact, Fact::DeadLetter { cause: DeadCause::BadChunk, .. }));
    assert_eq!(letters.count(), 1);
    assert_eq!(bench.greeting().0, Abilities::UNPACKS.and(Abilities::NOTES));
    let facts = bench.facts.len();
    bench.chunk(&bad);
    assert_eq!(bench.facts.len(), facts, "told once");
    bench.rows(&[row(1, 1)]);
    assert_eq!(bench.tasks(), [1]);
}

#[test]
fn a_row_that_cannot_be_read_is_a_dead_letter_and_one_of_a_newer_version_is_kept_and_neither_holds_up_the_next() {
    let mut bench = Bench::new(loaded());
    bench.raw(&[0x82, 0x00, 0x81, 0x01]);
    bench.raw(&NEWER);
    bench.rows(&[row(1, 1)]);
    assert_eq!((bench.tasks(), bench.robot.feed.cursor), (vec![1], 3));
    let kept: Vec<Option<DeadCause>> = bench
        .commits
        .iter()
        .flatten()
        .filter_map(|change| if let Change::Aside(row) = change { Some(row.dead) } else { None })
        .collect();
    assert_eq!(kept, [Some(DeadCause::BadRow), None]);
    let hash = Hash::of(&[&[0x82, 0x00, 0x81, 0x01]]);
    assert!(bench.facts.contains(&Fact::DeadLetter { cause: DeadCause::BadRow, hash, len: 4 }));
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::DeadLetter { cause: DeadCause::RowGone, .. })));
}

#[test]
fn what_an_older_version_kept_is_applied_at_the_first_start_that_can_read_it() {
    let bytes = shared::wire::to_bytes(&Row::Task { row: row(1, 1) });
    let kept = AsideRow { hash: Hash::of(&[&bytes]), dead: None, bytes };
    let mut bench = Bench::new(Loaded { aside: vec![kept.clone()], ..loaded() });
    assert_eq!(bench.tasks(), [1]);
    bench.input(Input::Connected);
    bench.welcome_now();
    let changes: Vec<&Change> = bench.commits.iter().flatten().collect();
    assert!(changes.contains(&&Change::TakenFromAside(kept.hash)));
    assert!(bench.facts.contains(&Fact::Accepted { order: order(1) }));
    let dead = AsideRow { dead: Some(DeadCause::BadRow), ..kept };
    let bench = Bench::new(Loaded { aside: vec![dead], cursor: 8, ..loaded() });
    assert_eq!((bench.tasks(), bench.robot.feed.cursor), (vec![], 0), "newer rows of that task may have been applied");
}

/// The replica was lost, or the server began a new life: its feed comes again from the first row, in two messages, and
/// passes through the state in which the work that was done long ago was still to be done.
#[test]
fn an_order_of_long_ago_is_not_taken_when_the_feed_is_told_again() {
    let done = TaskRow { state: TaskState::Done, ..row(1, 1) };
    let other = TaskRow { robot: Some(RobotId::parse("r-2").unwrap()), fence: 2, ..row(1, 1) };
    for last in [done, other] {
        let mut bench = Bench::new(Loaded { server_epoch: 0, ..loaded() });
        bench.input(Input::Connected);
        bench.welcome_at(2);
        bench.rows(&[row(1, 1)]);
        bench.look();
        assert_eq!((bench.tasks(), bench.activity), (vec![1], None), "the row is there, and is no order yet");
        bench.rows(&[last]);
        bench.look();
        assert!(!bench.facts.contains(&Fact::Accepted { order: order(1) }));
        assert_eq!(bench.activity, None);
        bench.rows(&[row(2, 1)]);
        assert!(bench.facts.contains(&Fact::Accepted { order: order(2) }), "what comes behind is of now");
    }
}

#[test]
fn an_order_that_still_holds_is_taken_with_the_last_row_of_what_was_missed() {
    let mut bench = Bench::new(loaded());
    bench.input(Input::Connected);
    bench.rows(&[row(1, 1)]);
    assert!(
        !bench.facts.contains(&Fact::Accepted { order: order(1) }),
        "the server has not said where its feed stands"
    );
    bench.welcome_at(2);
    assert!(!bench.facts.contains(&Fact::Accepted { order: order(1) }));
    bench.rows(&[row(2, 1)]);
    for number in [1, 2] {
        assert!(bench.facts.contains(&Fact::Accepted { order: order(number) }));
    }
}

#[test]
fn an_order_that_stood_in_the_replica_without_an_answer_is_answered_after_the_next_start() {
    let mut bench = Bench::new(Loaded { tasks: vec![row(1, 1)], cursor: 1, ..loaded() });
    bench.input(Input::Connected);
    bench.welcome_at(1);
    assert!(bench.facts.contains(&Fact::Accepted { order: order(1) }));
}

#[test]
fn an_order_in_a_chunk_is_taken_before_the_snapshot_is_whole_unless_it_is_older_than_the_welcome() {
    for (head, is_taken) in [(20, true), (21, false)] {
        let mut bench = Bench::new(loaded());
        bench.input(Input::Connected);
        bench.welcome_at(head);
        bench.chunk(&snapshot()[0]);
        assert_eq!(bench.facts.contains(&Fact::Accepted { order: order(1) }), is_taken);
    }
}

#[test]
fn a_record_that_no_message_can_carry_is_a_dead_letter_and_its_lane_goes_on() {
    let mut bench = Bench::new(loaded());
    let now = bench.at;
    bench.robot.record(&Fact::Cleared { trip_epoch: 1, officer: "x".repeat(40 * 1024) }, now);
    bench.robot.record(&Fact::Resumed { number: 1 }, now);
    bench.drain();
    let told = &bench.facts[bench.facts.len() - 2..];
    assert!(
        matches!(told, [Fact::DeadLetter { cause: DeadCause::TooLarge, .. }, Fact::Resumed { number: 1 }]),
        "{told:?}"
    );
    let kept = |change: &Change| matches!(change, Change::Aside(row) if row.bytes.len() > 40 * 1024);
    assert!(bench.commits.iter().flatten().any(kept));
}

#[test]
fn batches_are_as_small_as_the_broker_wants_them() {
    let mut bench = Bench::new(loaded());
    let now = bench.at;
    (0..300).for_each(|number| bench.robot.record(&Fact::Resumed { number }, now));
    bench.input(Input::PacketMax(4096));
    bench.input(Input::Connected);
    bench.welcome_now();
    assert!(bench.published.len() > 1);
    assert!(bench.published.iter().all(|payload| payload.len() < 4096));
}
