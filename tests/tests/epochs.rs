//! Disks that go back in time, are copied or made anew: real cores over real databases, and a wire that loses nothing.
//!
//! In each story a robot has told the server of its starts, then one side's disk is exchanged for another. What has to come
//! out: the break is named and flagged, everything that was acknowledged is still there, no number stands for two entries,
//! and in the end nothing waits.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use fleet_core::{Event, Fleet, Output as FleetOutput, Site, Tell as FleetTell};
use fleet_server::store::Store;
use robot_agent::replica::Replica;
use robot_core::{Identity, Input, Output, Robot, Secrets, Tell};
use shared::fact::{EpochCause, Fact};
use shared::id::{RobotId, SiteId};
use shared::journal::{Boot, Epoch, Record};
use shared::machine::Machine as _;
use shared::seal::{Hash, SigningKey};
use shared::time::{Instant, WallTime};
use shared::wire::topic::{Channel, Down, Topic, Up};
use shared::zone::{Hall, Point};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use tests::history::store;

const WALL: WallTime = WallTime(1_795_000_000_000);

/// Everybody's calendar is right.
const fn wall(now: Instant) -> WallTime {
    WallTime(WALL.0 + now.0)
}

/// One robot and its server, each with a folder of its own.
struct Pair {
    dir: tempfile::TempDir,
    machine: Hash,
    starts: u64,
    acked: BTreeMap<Hash, Fact>,
}

impl Pair {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("robot")).unwrap();
        fs::create_dir(dir.path().join("server")).unwrap();
        Self { dir, machine: Hash([1; 32]), starts: 0, acked: BTreeMap::new() }
    }

    fn path(&self, of: &str) -> PathBuf {
        self.dir.path().join(of)
    }

    /// Starts both, lets them talk until nobody has anything to say, and ends both. Returns the robot's own record.
    fn talk(&mut self) -> Vec<Record> {
        self.starts += 1;
        let mut talk = Talk::begin(&self.path("robot"), &self.path("server"), self.machine, self.starts);
        talk.run();
        assert_eq!(talk.unacked(), 0, "in the end nothing waits");
        let records = talk.records;
        // What was offered again in another epoch was acknowledged there, under its new hash.
        let again: BTreeSet<Hash> = records.iter().filter_map(|r| Some(r.entry.origin.as_ref()?.hash)).collect();
        let acked = records.iter().filter(|record| !again.contains(&record.hash));
        self.acked.extend(acked.filter_map(|record| Some((record.hash, record.fact()?))));
        self.check_server();
        records
    }

    /// What was acknowledged is there, and no number stands for two entries.
    fn check_server(&self) {
        let server = store::read(&self.path("server").join("fleet.db")).unwrap();
        let facts = &server.facts[&me()];
        let there: BTreeSet<Hash> = facts.iter().map(|kept| kept.hash).collect();
        let lost: Vec<&Fact> =
            self.acked.iter().filter(|(hash, _)| !there.contains(hash)).map(|(_, fact)| fact).collect();
        assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
        let db = rusqlite::Connection::open(self.path("server").join("fleet.db")).unwrap();
        let forks: i64 = db.query_row("SELECT count(*) FROM fork", [], |row| row.get(0)).unwrap();
        assert_eq!(forks, 0, "a number was used twice");
    }

    fn flags(&self) -> i64 {
        let db = rusqlite::Connection::open(self.path("server").join("fleet.db")).unwrap();
        db.query_row("SELECT count(*) FROM flag WHERE rule = 'new_epoch'", [], |row| row.get(0)).unwrap()
    }

    fn set_aside(&self, of: &str) {
        copy(&self.path(of), &self.path(&format!("{of}-aside")));
    }

    fn put_back(&self, of: &str) {
        fs::remove_dir_all(self.path(of)).unwrap();
        copy(&self.path(&format!("{of}-aside")), &self.path(of));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn me() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed(&[byte; 32])
}

/// Both programs, running.
struct Talk {
    robot: Robot,
    replica: Replica,
    fleet: Fleet,
    store: Store,
    up: VecDeque<(Up, Vec<u8>)>,
    down: VecDeque<(Down, Vec<u8>)>,
    now: Instant,
    records: Vec<Record>,
}

impl Talk {
    fn begin(robot_dir: &Path, server_dir: &Path, machine: Hash, start: u64) -> Self {
        let path = robot_dir.join("replica.db");
        let replica = Replica::open_on(machine, &path, &me(), Epoch(1_000 + start)).unwrap();
        let identity = Identity { robot: me(), key: key(1), site_key: key(2).public(), ca_key: key(3).public() };
        let secrets = Secrets { seed: start, challenge: [0; 32] };
        let (now, loaded) = (Instant(start * 1_000_000), replica.load(&me()).unwrap());
        let robot = Robot::start(identity, loaded, Boot(1), secrets, wall(now), now);
        let store = Store::open(server_dir, start).unwrap();
        let hall = Hall { title: "Hall".into(), size: Point { x_cm: 100, y_cm: 100 }, zones: vec![] };
        let id = SiteId::parse("hall-1").unwrap();
        let robots = BTreeMap::from([(me(), key(1).public())]);
        let site = Site { id, key: key(2), hall, robots, endorser: None };
        let fleet = Fleet::new(site, store.load().unwrap());
        let (up, down) = (VecDeque::new(), VecDeque::new());
        Self { robot, replica, fleet, store, up, down, now, records: vec![] }
    }

    fn run(&mut self) {
        self.robot_does();
        self.robot.handle(Input::Connected, self.now);
        self.robot_does();
        for _ in 0..200 {
            self.now = self.now + shared::time::Millis(100);
            while let Some((channel, payload)) = self.up.pop_front() {
                let site = SiteId::parse("hall-1").unwrap();
                let topic = Topic { site, robot: me(), channel: Channel::Up(channel) }.to_string();
                let event = Event::Message { topic, payload };
                self.fleet.handle(fleet_core::Input { wall: wall(self.now), event }, self.now);
                self.server_does();
            }
            while let Some((channel, payload)) = self.down.pop_front() {
                self.robot.handle(Input::Message(channel, payload), self.now);
                self.robot_does();
            }
            self.robot.handle_timeout(self.now);
            self.robot_does();
        }
    }

    fn robot_does(&mut self) {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Commit(changes) => {
                    self.replica.commit(&changes).unwrap();
                    let journal = |change| if let robot_core::Change::Journal(r) = change { Some(r) } else { None };
                    self.records.extend(changes.into_iter().filter_map(journal));
                }
                Output::Tell(Tell::Publish { channel, payload }) => self.up.push_back((channel, payload)),
                Output::Tell(Tell::Recall { lane, range }) => {
                    let records = self.replica.recall(lane, range).unwrap();
                    self.robot.handle(Input::Recalled(lane, records), self.now);
                }
                Output::Tell(_) | Output::Keep(_) | Output::Rest | Output::ForbidArm => {}
            }
        }
    }

    fn server_does(&mut self) {
        while let Some(output) = self.fleet.poll_output() {
            match output {
                FleetOutput::Commit(changes) => self.store.commit(&changes).unwrap(),
                FleetOutput::Tell(FleetTell::Send { topic, letter, .. }) => {
                    let Channel::Down(channel) = topic.channel else { panic!("the server speaks down") };
                    self.down.push_back((channel, letter.sealed()));
                }
                FleetOutput::Read { robot, rows } => {
                    let found = self.store.feed_rows(&robot, rows).unwrap();
                    let event = Event::FeedRows { robot, after: rows.after, rows: found };
                    self.fleet.handle(fleet_core::Input { wall: wall(self.now), event }, self.now);
                }
                FleetOutput::Merge { .. } => panic!("nobody edits a note here"),
                FleetOutput::Tell(_) => {}
            }
        }
    }

    fn unacked(&self) -> usize {
        self.replica.load(&me()).unwrap().unacked.len()
    }
}

fn causes(records: &[Record]) -> Vec<EpochCause> {
    let cause = |record: &Record| match record.fact() {
        Some(Fact::EpochBegan { cause, .. }) => Some(cause),
        _ => None,
    };
    records.iter().filter_map(cause).collect()
}

#[test]
fn an_older_copy_of_the_database_is_noticed_before_anything_is_sent() {
    let mut pair = Pair::new();
    assert_eq!(causes(&pair.talk()), [EpochCause::Made]);
    let head = fs::read(pair.path("robot").join("replica.head")).unwrap();
    pair.set_aside("robot");
    for _ in 0..3 {
        assert_eq!(causes(&pair.talk()), [], "it goes on");
    }
    let newest = fs::read(pair.path("robot").join("replica.head")).unwrap();
    assert_ne!(head, newest);
    pair.put_back("robot");
    fs::write(pair.path("robot").join("replica.head"), newest).unwrap();
    assert_eq!(causes(&pair.talk()), [EpochCause::DatabaseOlder]);
    assert_eq!(causes(&pair.talk()), []);
    assert_eq!(pair.flags(), 1);
}

#[test]
fn a_whole_folder_that_was_put_back_is_noticed_by_what_the_server_has() {
    for (restarts, cause) in [(1, EpochCause::ServerDiffers), (3, EpochCause::ServerAhead)] {
        let mut pair = Pair::new();
        pair.talk();
        pair.set_aside("robot");
        for _ in 0..restarts {
            pair.talk();
        }
        pair.put_back("robot");
        assert_eq!(causes(&pair.talk()), [cause]);
        assert_eq!(causes(&pair.talk()), []);
        assert_eq!(pair.flags(), 1);
    }
}

#[test]
fn a_copy_on_another_computer_is_another_epoch_and_so_is_a_database_whose_memory_is_gone() {
    let mut pair = Pair::new();
    pair.talk();
    pair.talk();
    pair.machine = Hash([2; 32]);
    assert_eq!(causes(&pair.talk()), [EpochCause::OtherMachine]);
    assert_eq!(causes(&pair.talk()), []);
    fs::remove_file(pair.path("robot").join("replica.head")).unwrap();
    assert_eq!(causes(&pair.talk()), [EpochCause::HeadForgotten]);
    assert_eq!(causes(&pair.talk()), []);
}

#[test]
fn a_robot_that_was_installed_anew_names_the_life_before_it() {
    let mut pair = Pair::new();
    pair.talk();
    for file in ["replica.db", "replica.db-wal", "replica.db-shm"] {
        let path = pair.path("robot").join(file);
        assert!(!path.exists() || fs::remove_file(path).is_ok());
    }
    let records = pair.talk();
    let began = records.first().and_then(Record::fact);
    assert!(matches!(began, Some(Fact::EpochBegan { cause: EpochCause::Made, before: Some(_), .. })), "{began:?}");
    assert_eq!(pair.flags(), 1);
}

#[test]
fn a_head_that_lags_behind_as_after_a_crash_is_no_break() {
    let mut pair = Pair::new();
    pair.talk();
    let head = fs::read(pair.path("robot").join("replica.head")).unwrap();
    pair.talk();
    fs::write(pair.path("robot").join("replica.head"), head).unwrap();
    assert_eq!(causes(&pair.talk()), []);
}

#[test]
fn a_server_that_was_put_back_gets_again_what_it_had_acknowledged_under_the_same_numbers() {
    let mut pair = Pair::new();
    pair.talk();
    pair.set_aside("server");
    pair.talk();
    pair.talk();
    pair.put_back("server");
    assert_eq!(causes(&pair.talk()), []);
    assert_eq!(pair.flags(), 0);
}
