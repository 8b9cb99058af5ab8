//! What the version before left behind is still understood: its databases open, are brought up to date and lose no row;
//! its frames open and say the same. The files lie in `fixtures/`, one folder a version, and are never changed.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use fleet_server::store::Store;
use robot_agent::replica::Replica;
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::seal::{Context, SigningKey, from_hex};
use shared::wire::envelope::{Malformed, Sealed};
use shared::wire::fleet_to_robot::{Ack, Feed, Now};
use shared::wire::robot_to_fleet::{Batch, ConnectionWord, Session, State};
use shared::wire::topic::{Channel, Down, Topic, Up};
use shared::wire::{Decode, from_bytes};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1").join(name)
}

fn key(name: &str) -> SigningKey {
    let text = fs::read_to_string(fixture(&format!("{name}.key"))).unwrap();
    SigningKey::from_seed(&from_hex(text.trim()).unwrap().try_into().unwrap())
}

/// A copy in a folder of its own: opening a database of an earlier version changes it.
fn copied(name: &str, to: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(fixture(name), dir.path().join(to)).unwrap();
    dir
}

#[test]
fn the_servers_database_opens_and_has_every_row() {
    let dir = copied("fleet.db", "fleet.db");
    let loaded = Store::open(dir.path(), 1).unwrap().load().unwrap();
    assert_ne!(loaded.server_epoch, 1, "a database that is there keeps its life");
    assert_eq!((loaded.tasks.len(), loaded.facts.len(), loaded.watermarks.len()), (24, 141, 6));
    assert_eq!((loaded.now_numbers.len(), loaded.boots.len()), (3, 3));
    let again = Store::open(dir.path(), 1).unwrap().load().unwrap();
    assert_eq!(again, loaded, "what was brought up to date opens as it is");
}

#[test]
fn the_replicas_open_and_have_every_row_and_one_unbroken_journal() {
    for (name, entries, tasks) in [("r-1", 53, 8), ("r-2", 44, 8)] {
        let dir = copied(&format!("replica-{name}.db"), "replica.db");
        let robot = RobotId::parse(name).unwrap();
        let replica = Replica::open(&dir.path().join("replica.db"), &robot, Epoch(1)).unwrap();
        let loaded = replica.load(&robot).unwrap();
        assert_eq!((loaded.chain.cseq, loaded.tasks.len(), loaded.work.len()), (entries, tasks, tasks));
        assert!(loaded.unacked.is_empty());
        let audited = shared::audit::check(&replica.export(&robot).unwrap()).unwrap();
        assert_eq!(audited.chain.head, loaded.chain.head);
    }
}

#[test]
fn every_frame_opens_with_its_key_and_is_understood() {
    let mut understood: BTreeMap<&str, u32> = BTreeMap::new();
    for line in fs::read_to_string(fixture("frames.txt")).unwrap().lines() {
        let (topic, payload) = line.split_once(' ').unwrap();
        let kind = read(&Topic::parse(topic).unwrap(), &from_hex(payload).unwrap());
        *understood.entry(kind).or_default() += 1;
    }
    let wanted =
        [("ack", 73), ("connection", 4), ("feed", 37), ("now", 3), ("session", 12), ("state", 8), ("batch", 70)];
    assert_eq!(understood, BTreeMap::from(wanted));
}

fn read(topic: &Topic, payload: &[u8]) -> &'static str {
    let up = (key(topic.robot.as_str()), Context::Up);
    let down = (key("site"), Context::Down);
    match topic.channel {
        Channel::Up(Up::Safety | Up::Work | Up::Notes) => open::<Batch>(topic, payload, up, "batch"),
        Channel::Up(Up::State) => open::<State>(topic, payload, up, "state"),
        Channel::Up(Up::Session) => open::<Session>(topic, payload, up, "session"),
        Channel::Up(Up::Connection) => open::<ConnectionWord>(topic, payload, up, "connection"),
        Channel::Down(Down::Ack) => open::<Ack>(topic, payload, down, "ack"),
        Channel::Down(Down::Feed) => open::<Feed>(topic, payload, down, "feed"),
        Channel::Down(Down::Now) => open::<Now>(topic, payload, down, "now"),
        Channel::Up(Up::Telemetry) => panic!("version 1 sent no telemetry"),
    }
}

fn open<T>(topic: &Topic, payload: &[u8], (key, context): (SigningKey, Context), kind: &'static str) -> &'static str
where
    T: for<'b> Decode<'b, ()>,
{
    let body = Sealed::open_bytes(payload, &key.public(), context, &topic.robot).unwrap();
    from_bytes::<T>(&body).map_err(|e| Malformed::Body(e.to_string())).unwrap();
    kind
}
