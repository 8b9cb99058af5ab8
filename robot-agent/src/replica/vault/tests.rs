//! A database that is really full: SQLite refuses the page, the reserve makes room once, and no entry is lost.

use super::*;
use robot_core::{Keep, Wanted};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::time::Instant;
use shared::wire::telemetry::{Item, Span};

const LIMITS: Limits = Limits { quota: 400 * 1024, reserve: 256 * 1024 };

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn vault(dir: &Path, limits: Limits) -> Vault {
    let path = dir.join("replica.db");
    Vault::new(Replica::open(&path, &robot(), Epoch(7)).unwrap(), &path, &robot(), limits).unwrap()
}

/// Commits entries until one is not simply written; returns how many were, and what came then.
fn fill(vault: &mut Vault, chain: &mut Chain) -> (u64, Result<Room, Fault>) {
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    for count in 1.. {
        let before = chain.clone();
        let record = chain.append(&Fact::Firmware { line: "x".repeat(2000) }, stamp);
        match vault.commit(&[Change::Journal(record)]) {
            Ok(Room::Enough) => {}
            Err(fault) => {
                *chain = before;
                return (count - 1, Err(fault));
            }
            Ok(Room::Reserve) => return (count, Ok(Room::Reserve)),
        }
    }
    unreachable!("a bounded database fills up")
}

#[test]
fn the_first_full_database_writes_into_its_reserve_and_the_second_is_a_fault_that_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = vault(dir.path(), LIMITS);
    assert!(dir.path().join("replica.reserve").exists() && dir.path().join("telemetry.reserve").exists());
    let mut chain = vault.load(&robot()).unwrap().chain;
    let (first, came) = fill(&mut vault, &mut chain);
    assert!(first > 50 && matches!(came, Ok(Room::Reserve)), "{first}, {came:?}");
    assert!(!dir.path().join("replica.reserve").exists() && !dir.path().join("telemetry.reserve").exists());
    assert!(!vault.measure().unwrap().has_reserve, "above the quota no reserve is made again");
    let (second, came) = fill(&mut vault, &mut chain);
    let fault = came.unwrap_err();
    assert!(second > 20 && fault.is_full(), "{second}, {fault}");
    assert_eq!(fault.blame(), super::super::Blame::Disk);
    drop(vault);
    let again = Replica::open(&dir.path().join("replica.db"), &robot(), Epoch(8)).unwrap().load(&robot()).unwrap();
    assert_eq!(
        (again.chain.cseq, again.chain.head),
        (first + second, chain.head),
        "every entry that was committed is there"
    );
}

#[test]
fn a_reserve_stands_again_when_there_is_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = vault(dir.path(), LIMITS);
    vault.limit(4096).unwrap();
    let mut chain = vault.load(&robot()).unwrap().chain;
    let (_, came) = fill(&mut vault, &mut chain);
    assert!(matches!(came, Ok(Room::Reserve)), "{came:?}");
    let reading = vault.measure().unwrap();
    assert!(reading.has_reserve && reading.used < LIMITS.quota, "{reading:?}");
    assert!(dir.path().join("replica.reserve").exists());
    let (more, came) = fill(&mut vault, &mut chain);
    assert!(more > 50 && matches!(came, Ok(Room::Reserve)), "and helps again");
}

#[test]
fn any_other_fault_frees_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = vault(dir.path(), LIMITS);
    let mut chain = vault.load(&robot()).unwrap().chain;
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    let record = chain.append(&Fact::StorageFull, stamp);
    assert_eq!(vault.commit(&[Change::Journal(record.clone())]).unwrap(), Room::Enough);
    assert!(vault.commit(&[Change::Journal(record)]).is_err(), "a number is used once");
    assert!(dir.path().join("replica.reserve").exists());
}

#[test]
fn the_measure_follows_what_is_kept_and_what_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = vault(dir.path(), LIMITS);
    let empty = vault.measure().unwrap();
    let item = |number| Keep::Item { epoch: Epoch(7), item: Item { span: Span::one(number), sample: None } };
    let keeps: Vec<Keep> = (1..=5000).map(item).collect();
    assert_eq!(vault.keep(&keeps).unwrap(), Room::Enough);
    let filled = vault.measure().unwrap();
    assert!(filled.used > empty.used + 100_000, "{empty:?}, {filled:?}");
    assert_eq!(vault.read(Wanted::ToSend { most: 9000 }).unwrap().len(), 5000);
    let _enough = vault.keep(&[Keep::Forget { epoch: Epoch(7), seq: 5000 }]).unwrap();
    assert!(vault.measure().unwrap().used < filled.used - 100_000);
}
