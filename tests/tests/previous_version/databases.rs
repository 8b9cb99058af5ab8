//! Databases of version 1 open and have every row.

use super::{copied, nobody_forks};
use fleet_server::store::Store;
use robot_agent::replica::Replica;
use shared::id::RobotId;
use shared::journal::Epoch;
use std::path::Path;

/// A replica of version 1: its robot, how many entries its journal has, and how many tasks it knows.
pub const REPLICAS: [(&str, u64, usize); 2] = [("r-1", 53, 8), ("r-2", 44, 8)];

#[test]
fn the_servers_database_opens_and_has_every_row() {
    let dir = copied("fleet.db", "fleet.db");
    server_has_every_row(dir.path());
}

#[test]
fn the_replicas_open_and_have_every_row_and_one_unbroken_journal() {
    for (name, entries, tasks) in REPLICAS {
        let dir = copied(&format!("replica-{name}.db"), "replica.db");
        replica_has_every_row(dir.path(), name, entries, tasks);
    }
}

pub fn server_has_every_row(dir: &Path) {
    let _guard = nobody_forks();
    let loaded = Store::open(dir, 1).unwrap().load().unwrap();
    assert_ne!(loaded.server_epoch, 1, "a database that is there keeps its life");
    assert_eq!((loaded.tasks.len(), loaded.facts.len(), loaded.watermarks.len()), (24, 141, 6));
    assert_eq!((loaded.now_numbers.len(), loaded.boots.len()), (3, 3));
    let again = Store::open(dir, 1).unwrap().load().unwrap();
    assert_eq!(again, loaded, "what was brought up to date opens as it is");
}

pub fn replica_has_every_row(dir: &Path, name: &str, entries: u64, tasks: usize) {
    let robot = RobotId::parse(name).unwrap();
    let replica = Replica::open(&dir.join("replica.db"), &robot, Epoch(1)).unwrap();
    let loaded = replica.load(&robot).unwrap();
    assert_eq!((loaded.chain.cseq, loaded.tasks.len(), loaded.work.len()), (entries, tasks, tasks));
    assert!(loaded.unacked.is_empty() && loaded.discontinuity.is_none());
    let audited = shared::audit::check(&replica.export(&robot).unwrap()).unwrap();
    assert_eq!(audited.chain.head, loaded.chain.head);
}
