//! What is written comes back; what cannot be opened says why.

use super::*;
use fleet_core::change::{
    ChainRow, FactMark, FactRow, FeedEnds, FeedRow, ForgottenRow, OriginRow, QuarantineRow, SkewRow, TaskRecord,
};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::journal::{Boot, Chain, Epoch, Lane, Stamp};
use shared::seal::Hash;
use shared::task::{TaskKind, TaskRow, TaskState};
use shared::time::{Instant, WallTime};
use shared::wire::robot_to_fleet::Mark;

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn task() -> TaskRecord {
    let row = TaskRow {
        id: TaskId::from_bytes([3; 16]),
        number: 7,
        title: "Look".into(),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("cell-a").unwrap(),
        from: None,
        priority: 3,
        due_ms: Some(5),
        state: TaskState::Running,
        robot: Some(robot()),
        fence: 2,
        steps: vec![],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    };
    TaskRecord { row, given_to: Some(robot()) }
}

fn fact() -> FactRow {
    let mut chain = Chain::begin(&robot(), Epoch(u64::MAX));
    let stamp = Stamp { boot: Boot(1), mono: Instant(2), hlc: Hlc(3) };
    let record = chain.append(&Fact::AgentStarted { clean: true }, stamp);
    FactRow { robot: robot(), epoch: Epoch(u64::MAX), record, received: WallTime(9), stamp: Hlc(5 << 16) }
}

#[test]
fn what_is_committed_comes_back_after_the_process_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let fact = fact();
    let mark = Mark { lane: fact.record.entry.lane, seq: 1, hash: fact.record.hash };
    let chain = ChainRow { robot: robot(), epoch: Epoch(3), cseq: 8, head: Hash([4; 32]), is_broken: true };
    let origin = OriginRow { robot: robot(), epoch: Epoch(3), mark };
    let skew = SkewRow { robot: robot(), boot: Boot(9), skew_ms: -5, began_ms: Some(-7) };
    let link = (fact.record.entry.prev, fact.record.hash);
    let fed = FeedRow { robot: robot(), seq: 1, row: vec![1, 2], made: WallTime(4) };
    let mut store = Store::open(folder.path(), 77).unwrap();
    let changes = [
        Change::Fact(fact),
        Change::Watermark { robot: robot(), epoch: Epoch(u64::MAX), mark },
        Change::Task(task()),
        Change::FeedRow(fed.clone()),
        Change::Chain(chain.clone()),
        Change::Origin(origin.clone()),
        Change::Skew(skew.clone()),
        Change::NowNumber { robot: robot(), number: 4 },
        Change::Boot { robot: robot(), boot: Boot(9) },
        Change::Boot { robot: robot(), boot: Boot(8) },
    ];
    store.commit(&changes).unwrap();
    drop(store);
    let loaded = Store::open(folder.path(), 78).unwrap().load().unwrap();
    let mark = FactMark { robot: robot(), epoch: Epoch(u64::MAX), mark };
    assert_eq!(loaded.server_epoch, 77, "a database keeps its life");
    assert_eq!((loaded.tasks, loaded.feed), (vec![task()], vec![fed]));
    assert_eq!((loaded.facts, loaded.watermarks), (vec![mark.clone()], vec![mark]));
    assert_eq!((loaded.chains, loaded.origins, loaded.skews), (vec![chain], vec![origin], vec![skew]));
    assert_eq!((loaded.links[0].prev, loaded.links[0].hash), link, "no chain row: the link is still to be checked");
    assert_eq!(loaded.stamps, vec![(robot(), Lane::Safety, Hlc(5 << 16))]);
    assert_eq!(loaded.now_numbers, vec![(robot(), 4)]);
    assert_eq!(loaded.boots, vec![(robot(), Boot(9)), (robot(), Boot(8))]);
}

#[test]
fn what_is_forgotten_leaves_the_newest_row_and_the_newest_of_each_other_kind() {
    let mut store = Store::in_memory(1).unwrap();
    let kinds = [2, 0, 2, 0, 0, 1];
    let row = |(seq, kind): (u64, u8)| {
        Change::FeedRow(FeedRow { robot: robot(), seq, row: vec![0x82, kind, 0x80], made: WallTime(seq) })
    };
    let rows: Vec<Change> = (1..).zip(kinds).map(row).collect();
    store.commit(&rows).unwrap();
    store.commit(&[Change::Forgotten(ForgottenRow { robot: robot(), up_to: 6 })]).unwrap();
    let loaded = store.load().unwrap();
    let left: Vec<u64> = loaded.feed.iter().map(|row| row.seq).collect();
    assert_eq!((left, loaded.feed_ends), (vec![3, 6], vec![FeedEnds { robot: robot(), first: 7, head: 6 }]));
    assert_eq!(loaded.feed_pinned.iter().map(|row| row.seq).collect::<Vec<_>>(), vec![3]);
    let read = |after| store.feed_rows(&robot(), ReadFeed { after, rows_max: 9 }).unwrap().len();
    assert_eq!((read(0), read(3), read(6)), (2, 1, 0));
}

#[test]
fn a_round_that_fails_half_way_leaves_nothing() {
    let mut store = Store::in_memory(1).unwrap();
    store.commit(&[Change::Fact(fact())]).unwrap();
    assert!(store.commit(&[Change::Task(task()), Change::Fact(fact())]).is_err());
    assert_eq!(store.load().unwrap().tasks, vec![]);
}

#[test]
fn the_quarantine_keeps_the_newest_and_counts_all() {
    let mut store = Store::in_memory(1).unwrap();
    let row = QuarantineRow { topic: "t".into(), reason: "r".into(), bytes: vec![0], length: 1, received: WallTime(1) };
    let rows: Vec<Change> = (0..1200).map(|_| Change::Quarantine(row.clone())).collect();
    store.commit(&rows).unwrap();
    let count = "SELECT count(*), max(n) FROM quarantine";
    let found: (i64, i64) = store.connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(found, (1000, 1200));
}

#[test]
fn a_database_from_the_future_a_second_writer_and_a_missing_folder_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 1).unwrap();
    assert!(matches!(Store::open(folder.path(), 1), Err(Fault::InUse(_))));
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let refused = Store::open(folder.path(), 1).unwrap_err();
    assert_eq!(refused.to_string(), "the database has layout 99, this program knows up to 7: use a newer fleet");
    assert!(matches!(Store::open(&folder.path().join("no"), 1), Err(Fault::Folder { .. })));
}

#[test]
fn a_database_put_back_from_a_copy_begins_a_new_life() {
    let folder = tempfile::tempdir().unwrap();
    let life = |fresh| Store::open(folder.path(), fresh).unwrap().load().unwrap().server_epoch;
    assert_eq!((life(77), life(78)), (77, 77));
    let copy = std::fs::read(folder.path().join("fleet.db")).unwrap();
    assert_eq!(life(79), 77);
    std::fs::write(folder.path().join("fleet.db"), copy).unwrap();
    assert_eq!((life(80), life(81)), (80, 80), "once, and for good");
    std::fs::write(folder.path().join("fleet.witness"), "garbage").unwrap();
    assert_eq!(life(82), 80, "a lost witness accuses nobody");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("fleet.db"), [b'x'; 5000]).unwrap();
    assert!(matches!(Store::open(folder.path(), 1), Err(Fault::Engine { .. })));
}
