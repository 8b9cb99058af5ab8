//! A database of version 1 is brought up to date by a program that is killed at the first, second, third ... of its writes.
//! Whatever that leaves opens, and has every row.
//!
//! `strace` kills from outside, at the write itself. The program is this test, started again in the database's folder.

use super::databases::{REPLICAS, replica_has_every_row, server_has_every_row};
use super::{copied, fixture, nobody_forks};
use fleet_server::store::Store;
use robot_agent::replica::Replica;
use shared::id::RobotId;
use shared::journal::Epoch;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every call by which a program changes what is on a disk.
const WRITES: [&str; 5] = ["pwrite64", "write", "fdatasync,fsync", "ftruncate", "unlink,rename"];
/// More writes than bringing a database up to date takes.
const WRITES_MAX: u32 = 200;

#[test]
fn a_servers_database_that_is_killed_at_any_write_of_its_migration_has_every_row() {
    let prepare = || copied("fleet.db", "fleet.db");
    let kills = at_every_write("killed::opens_a_servers_database", prepare, server_has_every_row);
    assert!(kills > 10, "{kills} kills are not every write");
}

#[test]
fn a_replica_that_is_killed_at_any_write_of_its_migration_has_every_row() {
    let (name, entries, tasks) = REPLICAS[0];
    let prepare = || copied(&format!("replica-{name}.db"), "replica.db");
    let kills =
        at_every_write("killed::opens_a_replica", prepare, |dir| replica_has_every_row(dir, name, entries, tasks));
    assert!(kills > 10, "{kills} kills are not every write");
}

/// Kills `opener` at each of its writes in turn, each time with a fresh copy; returns how often.
fn at_every_write(opener: &str, prepare: impl Fn() -> tempfile::TempDir, check: impl Fn(&Path)) -> u32 {
    let mut kills = 0;
    for calls in WRITES {
        for nth in 1.. {
            assert!(nth < WRITES_MAX, "{opener} never ends by itself");
            let dir = prepare();
            let is_alive = runs(opener, dir.path(), &format!("inject={calls}:signal=SIGKILL:when={nth}"));
            check(dir.path());
            if is_alive {
                break;
            }
            kills += 1;
        }
    }
    println!("{opener} was killed at {kills} writes");
    kills
}

/// Runs one of the openers below in a folder; whether it came to its end.
fn runs(opener: &str, dir: &Path, inject: &str) -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", inject, "--"]).arg(std::env::current_exe().unwrap());
    strace.args(["--ignored", "--exact", "--quiet", "--test-threads=1", opener]).current_dir(dir);
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let guard = nobody_forks();
    let child = strace.spawn().unwrap();
    drop(guard);
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!words.contains("panicked"), "{words}");
    output.status.success() && words.contains("1 passed")
}

#[test]
#[ignore = "started by the tests above, to be killed"]
fn opens_a_servers_database() {
    drop(Store::open(Path::new("."), 1).unwrap());
}

#[test]
#[ignore = "started by the tests above, to be killed"]
fn opens_a_replica() {
    let robot = RobotId::parse(REPLICAS[0].0).unwrap();
    drop(Replica::open(Path::new("replica.db"), &robot, Epoch(1)).unwrap());
}

#[test]
fn the_fixture_is_older_than_this_program() {
    for name in ["fleet.db", "replica-r-1.db"] {
        let db = rusqlite::Connection::open_with_flags(fixture(name), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
        let found: u32 = db.unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(found, 1, "nothing would be migrated");
    }
}
