//! What is committed is read back; what does not belong is refused.

use super::*;
use robot_core::{AsideRow, BeaconMark, LineMark, Partial, SnapshotMark, WorkRow};
use shared::fact::{DeadCause, Fact};
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::journal::{Boot, Chain, Stamp};
use shared::seal::Hash;
use shared::time::Instant;
use shared::wire::robot_to_fleet::Mark;

const MARK: BeaconMark = BeaconMark { boot: Boot(u64::MAX), mono: Instant(3), time_ds: 9, heard_ds: Some(8) };

const SNAPSHOT: SnapshotMark = SnapshotMark { server_epoch: 1, snapshot: u64::MAX, as_of: 3, of: 4 };

fn aside(byte: u8, dead: Option<DeadCause>) -> AsideRow {
    AsideRow { hash: Hash::of(&[&[byte]]), dead, bytes: vec![byte] }
}

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn open(path: &Path) -> Replica {
    Replica::open(path, &robot(), Epoch(7)).unwrap()
}

fn stamp() -> Stamp {
    Stamp { boot: Boot(1), mono: Instant(2), hlc: Hlc(3) }
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let mut chain = Chain::begin(&robot(), Epoch(7));
    let first = chain.append(&Fact::AgentStarted { clean: false }, stamp());
    let second = chain.append(&Fact::Resumed { number: 1 }, stamp());
    let mark = Mark { lane: first.entry.lane, seq: 1, hash: first.hash };
    let work = WorkRow {
        task: TaskId::from_bytes([1; 16]),
        fence: 2,
        steps_done: 1,
        begun: true,
        ended: false,
        blocked: None,
    };
    let fork = [1, 2].map(|byte| LineMark { n: u64::MAX, hash: Hash([byte; 32]) });
    let changes = [
        Change::Journal(first),
        Change::Journal(second.clone()),
        Change::Acked(mark),
        Change::Work(work),
        Change::AwaitsPerson(true),
        Change::Cursor { server_epoch: 9, cursor: 4 },
        Change::TripEpoch(11),
        Change::Beacon { id: [1; 16], mark: BeaconMark { time_ds: 7, ..MARK } },
        Change::Beacon { id: [1; 16], mark: BeaconMark { heard_ds: None, ..MARK } },
        Change::Endorsement { id: [1; 16], until: 5, pack: vec![1] },
        Change::Endorsement { id: [1; 16], until: 6, pack: vec![2] },
        Change::Presses(u32::MAX),
        Change::FirmwareLine(fork[0]),
        Change::FirmwareLine(fork[1]),
    ];
    open(&path).commit(&changes).unwrap();
    let loaded = Replica::open(&path, &robot(), Epoch(8)).unwrap().load(&robot()).unwrap();
    assert_eq!(loaded.chain, chain);
    assert_eq!(loaded.unacked, [second]);
    assert_eq!((loaded.server_epoch, loaded.cursor, loaded.trip_epoch), (9, 4, 11));
    assert_eq!((loaded.beacon, loaded.endorsements), (Some(MARK), vec![vec![2]]));
    assert_eq!((loaded.presses, loaded.firmware_lines), (Some(u32::MAX), fork.to_vec()));
    assert_eq!((loaded.work, loaded.acked, loaded.awaits_person), (vec![work], vec![mark], true));
}

#[test]
fn a_database_of_the_first_schema_is_opened_with_all_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch(include_str!("0001.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db.execute_batch("INSERT INTO meta VALUES ('robot', x'722d31'), ('epoch', x'07'), ('clearance_due', x'01')")
        .unwrap();
    drop(db);
    let mut replica = open(&path);
    let loaded = replica.load(&robot()).unwrap();
    assert_eq!((loaded.chain.epoch, loaded.clearance_due, loaded.presses), (Epoch(7), true, None));
    replica.commit(&[Change::Presses(3)]).unwrap();
    assert_eq!(open(&path).load(&robot()).unwrap().presses, Some(3));
}

#[test]
fn a_commit_that_fails_writes_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let mut replica = open(&path);
    let record = Chain::begin(&robot(), Epoch(7)).append(&Fact::Resumed { number: 1 }, stamp());
    let twice = [Change::AwaitsPerson(true), Change::Journal(record.clone()), Change::Journal(record)];
    assert!(matches!(replica.commit(&twice), Err(Fault::Sql { .. })));
    assert!(!replica.load(&robot()).unwrap().awaits_person);
}

#[test]
fn a_database_from_the_future_or_of_another_robot_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    drop(open(&path));
    let other = Replica::open(&path, &RobotId::parse("r-2").unwrap(), Epoch(7)).unwrap_err();
    assert!(other.to_string().contains("belongs to robot r-1, this is r-2"), "{other}");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let future = Replica::open(&path, &robot(), Epoch(7)).unwrap_err();
    assert!(future.to_string().contains("schema 99"), "{future}");
}

/// A database with a row in every table.
fn written(path: &Path) {
    let mut chain = Chain::begin(&robot(), Epoch(7));
    let record = chain.append(&Fact::Resumed { number: 1 }, stamp());
    let mark = Mark { lane: record.entry.lane, seq: 1, hash: record.hash };
    let task = TaskId::from_bytes([1; 16]);
    let work = WorkRow { task, fence: 2, steps_done: 1, begun: true, ended: false, blocked: None };
    let changes = [
        Change::Journal(record),
        Change::Acked(mark),
        Change::Work(work),
        Change::Task { id: task, row: vec![1, 2, 3] },
        Change::Cursor { server_epoch: 9, cursor: 4 },
        Change::Presses(3),
        Change::FirmwareLine(LineMark { n: 5, hash: Hash([6; 32]) }),
        Change::Beacon { id: [1; 16], mark: MARK },
        Change::Beacon { id: [1; 16], mark: BeaconMark { heard_ds: None, ..MARK } },
        Change::Endorsement { id: [1; 16], until: 5, pack: vec![1] },
        Change::SnapshotBegun(SNAPSHOT),
        Change::SnapshotChunk { number: 1, tasks: vec![task] },
        Change::Aside(aside(1, Some(DeadCause::BadRow))),
    ];
    open(path).commit(&changes).unwrap();
}

/// What a start says after one statement of damage.
fn start_after(damage: &str) -> Result<(), Fault> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    written(&path);
    Connection::open(&path).unwrap().execute_batch(damage).unwrap();
    Replica::open(&path, &robot(), Epoch(8))?.load(&robot()).map(drop)
}

#[test]
fn a_damaged_row_of_any_table_is_named_at_the_start_and_ends_the_process_for_good() {
    start_after("SELECT 1").unwrap();
    let damages = [
        ("UPDATE meta SET value = x'00' WHERE key = 'cursor'", "'cursor' of the table meta"),
        ("UPDATE meta SET sum = NULL WHERE key = 'epoch'", "'epoch' of the table meta"),
        ("UPDATE acked SET seq = 2", "the row 0 of the table acked"),
        ("UPDATE acked SET lane = 77", "the row 77 of the table acked"),
        ("UPDATE task SET row = x'010203ff'", "01' of the table task"),
        ("UPDATE work SET steps_done = 0", "01' of the table work"),
        ("UPDATE work SET blocked = 'what'", "01' of the table work"),
        ("UPDATE firmware SET presses = 0", "the row 1 of the table firmware"),
        ("UPDATE firmware_line SET n = 6", "of the table firmware_line"),
        ("UPDATE beacon SET heard_ds = NULL", "01' of the table beacon"),
        ("UPDATE endorsement SET until_s = 6", "01' of the table endorsement"),
        ("UPDATE snapshot_chunk SET tasks = zeroblob(16)", "the row 1 of the table snapshot_chunk"),
        ("UPDATE aside SET cause = NULL", "of the table aside"),
        ("UPDATE aside SET bytes = x'02'", "of the table aside"),
        ("UPDATE journal SET body = x'00'", "entry 1 of the journal"),
        ("UPDATE journal SET entry = x'a0'", "entry 1 of the journal"),
        ("UPDATE journal SET hash = zeroblob(32)", "entry 1 of the journal"),
        ("UPDATE journal SET lane_seq = 5", "entry 1 of the journal"),
        ("UPDATE journal SET cseq = 2", "entry 2 of the journal"),
    ];
    for (damage, named) in damages {
        let fault = start_after(damage).unwrap_err();
        assert!(matches!(fault, Fault::Damaged { .. }) && fault.to_string().contains(named), "{damage}: {fault}");
        assert_eq!(crate::exit::code(&fault.into()), crate::exit::DAMAGED);
    }
}

#[test]
fn what_the_schemas_without_checksums_left_gets_them_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("0001.sql")).unwrap();
    old.execute("INSERT INTO meta VALUES ('robot', CAST('r-1' AS BLOB)), ('epoch', x'0000000000000007')", []).unwrap();
    old.execute_batch(include_str!("0002.sql")).unwrap();
    old.execute("INSERT INTO firmware VALUES (1, 7)", []).unwrap();
    old.execute("INSERT INTO firmware_line VALUES (-1, zeroblob(32)), (2, zeroblob(32))", []).unwrap();
    old.execute("INSERT INTO work VALUES (zeroblob(16), 1, 0, 0, 0, NULL)", []).unwrap();
    old.execute_batch(include_str!("0003.sql")).unwrap();
    old.execute("INSERT INTO beacon VALUES (zeroblob(16), 1, 2, 3, NULL)", []).unwrap();
    old.execute("INSERT INTO endorsement VALUES (zeroblob(16), 1, x'01')", []).unwrap();
    old.pragma_update(None, "user_version", 3).unwrap();
    drop(old);
    let loaded = open(&path).load(&robot()).unwrap();
    assert_eq!((loaded.chain.epoch, loaded.work.len(), loaded.firmware_lines.len()), (Epoch(7), 1, 2));
    open(&path).load(&robot()).unwrap();
}

#[test]
fn every_epoch_that_stands_in_the_database_can_be_handed_to_an_auditor() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let mut replica = open(&path);
    let mut old = Chain::begin(&robot(), Epoch(7));
    let first = old.append(&Fact::Resumed { number: 1 }, stamp());
    let again = Chain::begin(&robot(), Epoch(3)).append_again(Epoch(7), &first);
    let mark = Mark { lane: first.entry.lane, seq: 1, hash: first.hash };
    replica.commit(&[Change::Journal(first.clone()), Change::Acked(mark)]).unwrap();
    replica.commit(&[Change::Epoch(Epoch(3)), Change::Journal(again.clone())]).unwrap();
    assert_eq!(replica.earlier_epochs().unwrap(), [Epoch(7)]);
    for (epoch, record) in [(Epoch(7), first), (Epoch(3), again.clone())] {
        let audited = shared::audit::check(&replica.export_epoch(&robot(), epoch).unwrap()).unwrap();
        assert_eq!(audited.chain.head, record.hash);
    }
    let loaded = open(&path).load(&robot()).unwrap();
    assert_eq!((loaded.acked, loaded.unacked), (vec![], vec![again]), "nothing of the new epoch is acknowledged");
}

#[test]
fn a_database_of_the_first_schema_keeps_its_beacon_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("0001.sql")).unwrap();
    let meta = "INSERT INTO meta VALUES ('robot', x'722d31'), ('epoch', x'07'), ('beacon_time_ds', x'0102')";
    old.execute_batch(meta).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let loaded = open(&path).load(&robot()).unwrap();
    assert_eq!(loaded.beacon.map(|mark| (mark.boot, mark.time_ds)), Some((Boot(0), 0x102)));
    assert!(loaded.endorsements.is_empty());
}

#[test]
fn a_snapshot_goes_on_after_a_restart_and_its_end_drops_what_did_not_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let tasks = vec![TaskId::from_bytes([1; 16]), TaskId::from_bytes([2; 16])];
    let (old, again) = (aside(1, None), aside(2, None));
    let dead = aside(3, Some(DeadCause::RowGone));
    let kept = [&old, &again, &dead].map(|row| Change::Aside(row.clone()));
    open(&path).commit(&kept).unwrap();
    open(&path).commit(&[Change::SnapshotBegun(SnapshotMark { of: 9, ..SNAPSHOT })]).unwrap();
    let begun = Change::SnapshotBegun(SNAPSHOT);
    open(&path).commit(&[begun, Change::SnapshotChunk { number: 2, tasks: tasks.clone() }]).unwrap();
    open(&path).commit(&[Change::SnapshotChunk { number: 0, tasks: vec![] }, Change::Aside(again.clone())]).unwrap();
    let loaded = open(&path).load(&robot()).unwrap();
    let chunks = [(0, vec![]), (2, tasks)].into_iter().collect();
    assert_eq!(loaded.snapshot, Some(Partial { mark: SNAPSHOT, chunks }));
    assert_eq!(loaded.aside, [old, dead.clone(), again.clone()], "the one that came again is the newest");
    open(&path).commit(&[Change::SnapshotEnded { whole: true }]).unwrap();
    let loaded = open(&path).load(&robot()).unwrap();
    assert_eq!((loaded.snapshot, &loaded.aside[..]), (None, &[dead.clone(), again.clone()][..]));
    open(&path).commit(&[Change::TakenFromAside(again.hash)]).unwrap();
    assert_eq!(open(&path).load(&robot()).unwrap().aside, [dead]);
}

#[test]
fn a_stamp_that_was_seen_counts_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let record = Chain::begin(&robot(), Epoch(7)).append(&Fact::Resumed { number: 1 }, stamp());
    open(&path).commit(&[Change::Journal(record), Change::Stamp(Hlc(9 << 16))]).unwrap();
    assert_eq!(open(&path).load(&robot()).unwrap().hlc, Hlc(9 << 16));
}
