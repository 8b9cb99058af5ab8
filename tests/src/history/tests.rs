//! A folder as a run leaves it is read whole; one with a part missing is refused.

use crate::verdict::good::{good, id};
use crate::verdict::history::{History, Kept, Replica, Server};
use crate::verdict::verdict;
use rusqlite::{Connection, params};
use std::fs;
use std::path::Path;

const KEPT: &str = "epoch BLOB, cseq INTEGER, lane INTEGER, lane_seq INTEGER, hash BLOB, entry BLOB, body BLOB";

/// Writes the good run as a killed run leaves it: everything still in the write-ahead logs.
fn write(dir: &Path, history: &History) {
    fs::write(
        dir.join("acts.jsonl"),
        b"{\"t_ms\":1,\"act\":\"begin\",\"robot\":null,\"by\":\"script\",\"phase\":\"after\"}\n",
    )
    .unwrap();
    fs::create_dir_all(dir.join("fleet")).unwrap();
    killed(dir, "fleet/fleet.db", |db| write_server(db, &history.server));
    for (name, robot) in &history.robots {
        let (agent, firmware) = (dir.join("robots").join(name.as_str()), dir.join("firmware").join(name.as_str()));
        fs::create_dir_all(&agent).unwrap();
        fs::create_dir_all(&firmware).unwrap();
        fs::write(
            firmware.join("truth.jsonl"),
            b"{\"t_ms\":3,\"ev\":\"moved\",\"x_cm\":1,\"y_cm\":2,\"d_mm\":12}\n{\"t_",
        )
        .unwrap();
        fs::write(firmware.join("events.jsonl"), b"{\"t_ms\":2,\"ev\":\"energised\"}\n").unwrap();
        killed(dir, &format!("robots/{name}/replica.db"), |db| write_replica(db, name.as_str(), &robot.replica));
    }
}

/// Fills a database in another place and copies file and log while it is open, as a kill leaves them.
fn killed(dir: &Path, name: &str, fill: impl FnOnce(&Connection)) {
    let elsewhere = tempfile::tempdir().unwrap();
    let open = Connection::open(elsewhere.path().join("x.db")).unwrap();
    open.pragma_update(None, "journal_mode", "wal").unwrap();
    open.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    fill(&open);
    fs::copy(elsewhere.path().join("x.db"), dir.join(name)).unwrap();
    fs::copy(elsewhere.path().join("x.db-wal"), dir.join(format!("{name}-wal"))).unwrap();
}

fn write_replica(db: &Connection, name: &str, replica: &Replica) {
    let tables = format!(
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB); CREATE TABLE journal ({KEPT});
         CREATE TABLE acked (lane INTEGER, seq INTEGER, hash BLOB); CREATE TABLE task (id BLOB, row BLOB);"
    );
    db.execute_batch(&tables).unwrap();
    db.execute("INSERT INTO meta VALUES ('robot', ?1)", [name]).unwrap();
    let numbers = [("epoch", replica.epoch.0), ("server_epoch", replica.server_epoch), ("cursor", replica.cursor)];
    numbers.iter().for_each(|(key, number)| put_number(db, key, *number));
    replica
        .journal
        .iter()
        .for_each(|kept| put_kept(db, "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", kept));
    for mark in &replica.acked {
        let row = params![mark.lane.index() as i64, mark.seq.cast_signed(), mark.hash.0];
        db.execute("INSERT INTO acked VALUES (?1, ?2, ?3)", row).unwrap();
    }
    for (task, row) in &replica.tasks {
        db.execute("INSERT INTO task VALUES (?1, ?2)", params![task.bytes(), row]).unwrap();
    }
}

fn write_server(db: &Connection, server: &Server) {
    let tables = format!(
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB); CREATE TABLE fact ({KEPT}, robot TEXT);
         CREATE TABLE feed (robot TEXT, seq INTEGER, row BLOB); CREATE TABLE task (id BLOB, row BLOB);"
    );
    db.execute_batch(&tables).unwrap();
    put_number(db, "server_epoch", server.epoch);
    for (robot, facts) in &server.facts {
        let sql = format!("INSERT INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '{robot}')");
        facts.iter().for_each(|kept| put_kept(db, &sql, kept));
    }
    for (robot, feed) in &server.feed {
        for (seq, row) in feed {
            let row = params![robot.as_str(), seq.cast_signed(), row];
            db.execute("INSERT INTO feed VALUES (?1, ?2, ?3)", row).unwrap();
        }
    }
    for (task, row) in &server.tasks {
        db.execute("INSERT INTO task VALUES (?1, ?2)", params![task.bytes(), row]).unwrap();
    }
}

fn put_number(db: &Connection, key: &str, number: u64) {
    db.execute("INSERT INTO meta VALUES (?1, ?2)", params![key, number.to_be_bytes()]).unwrap();
}

fn put_kept(db: &Connection, sql: &str, kept: &Kept) {
    let (cseq, lane, lane_seq) = (kept.cseq.cast_signed(), kept.lane.index() as i64, kept.lane_seq.cast_signed());
    let row = params![kept.epoch.0.to_be_bytes(), cseq, lane, lane_seq, kept.hash.0, kept.entry, kept.body];
    db.execute(sql, row).unwrap();
}

#[test]
fn a_killed_run_is_read_with_its_write_ahead_logs_and_a_torn_last_line() {
    let dir = tempfile::tempdir().unwrap();
    let written = good();
    write(dir.path(), &written);
    let read = super::read(dir.path()).unwrap();
    assert_eq!(read.server.facts, written.server.facts);
    assert_eq!((&read.server.tasks, &read.server.feed), (&written.server.tasks, &written.server.feed));
    for (name, robot) in &read.robots {
        let replica = &written.robots[name].replica;
        assert_eq!(robot.replica.journal, replica.journal);
        assert_eq!((&robot.replica.acked, &robot.replica.tasks), (&replica.acked, &replica.tasks));
        assert_eq!((robot.replica.cursor, robot.truth.len()), (replica.cursor, 1));
    }
    assert_eq!((verdict(&read).lost, verdict(&read).replicas_equal), (0, true));
}

#[test]
fn a_part_that_is_missing_is_an_error_and_no_empty_history() {
    let robot = id("r-1");
    let parts = [
        "acts.jsonl".to_owned(),
        "fleet/fleet.db".to_owned(),
        format!("robots/{robot}/replica.db"),
        format!("firmware/{robot}/truth.jsonl"),
        format!("firmware/{robot}/events.jsonl"),
    ];
    for part in parts {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &good());
        fs::remove_file(dir.path().join(&part)).unwrap();
        let error = super::read(dir.path()).unwrap_err();
        assert!(format!("{error:#}").contains(part.rsplit('/').next().unwrap()), "{part}: {error:#}");
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &good());
    fs::remove_dir_all(dir.path().join("firmware").join(robot.as_str())).unwrap();
    assert!(super::read(dir.path()).is_err());
    assert!(super::read(Path::new("/nowhere")).is_err());
}

#[test]
fn a_database_of_another_form_or_of_another_robot_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &good());
    fs::write(dir.path().join("fleet/fleet.db"), b"").unwrap();
    fs::remove_file(dir.path().join("fleet/fleet.db-wal")).unwrap();
    assert!(super::read(dir.path()).is_err());
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &good());
    for file in ["replica.db", "replica.db-wal"] {
        fs::copy(dir.path().join("robots/r-1").join(file), dir.path().join("robots/r-2").join(file)).unwrap();
    }
    assert!(format!("{:#}", super::read(dir.path()).unwrap_err()).contains("belongs to"));
}
