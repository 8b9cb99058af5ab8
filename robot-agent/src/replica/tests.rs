//! What is committed is read back; what does not belong is refused.

use super::*;
use robot_core::{BeaconMark, LineMark, WorkRow};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::journal::{Boot, Chain, Stamp};
use shared::seal::Hash;
use shared::time::Instant;
use shared::wire::robot_to_fleet::Mark;

const MARK: BeaconMark = BeaconMark { boot: Boot(u64::MAX), mono: Instant(3), time_ds: 9, heard_ds: Some(8) };

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

#[test]
fn a_spoiled_entry_is_noticed_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replica.db");
    let mut replica = open(&path);
    let record = Chain::begin(&robot(), Epoch(7)).append(&Fact::Resumed { number: 1 }, stamp());
    replica.commit(&[Change::Journal(record)]).unwrap();
    Connection::open(&path).unwrap().execute("UPDATE journal SET body = x'00'", []).unwrap();
    assert!(matches!(replica.load(&robot()), Err(Fault::Damaged { .. })));
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
