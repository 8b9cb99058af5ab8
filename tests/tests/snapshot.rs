//! A snapshot that is cut off in the middle: both real cores, and a wire that breaks behind the first chunk.
//!
//! The story: a row of the robot's replica is spoiled, without anything that would tell. The server's sum finds it, and the rows come
//! anew, in several chunks. The connection breaks behind the first one; the spoiled row stands in the last. The robot's
//! cursor was never behind, so nothing but the hello's own word about the snapshot tells that something is missing.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use fleet_core::change::{FeedEnds, FeedRow, TaskRecord};
use fleet_core::{Event, Fleet, Output as FleetOutput, Site, Tell as FleetTell};
use robot_agent::replica::Replica;
use robot_core::{Change, Identity, Input, Loaded, Output, Robot, Secrets, Tell};
use shared::id::{RobotId, SiteId, TaskId, ZoneId};
use shared::journal::{Boot, Epoch};
use shared::machine::Machine as _;
use shared::seal::{Context, Hash, SigningKey};
use shared::task::{TaskKind, TaskRow, TaskState};
use shared::time::{Instant, Millis, WallTime};
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{FeedMessage, FeedWord, Row};
use shared::wire::to_bytes;
use shared::wire::topic::{Channel, Down, Topic, Up};
use shared::zone::{Hall, Point};
use std::collections::{BTreeMap, VecDeque};

const WALL: WallTime = WallTime(1_795_000_000_000);
const SERVER_EPOCH: u64 = 77;
/// More than stand in one chunk.
const TASKS: u32 = 1_000;

fn me() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed(&[byte; 32])
}

/// A task that was done; nothing moves in this story.
fn task(number: u32) -> TaskRow {
    TaskRow {
        id: TaskId::v7(WallTime(u64::from(number)), [0; 10]),
        number,
        title: format!("Look at cell {number}"),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("cell-a").unwrap(),
        from: None,
        priority: 3,
        due_ms: None,
        state: TaskState::Done,
        robot: Some(me()),
        fence: 1,
        steps: vec![],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    }
}

fn bytes(row: TaskRow) -> Vec<u8> {
    to_bytes(&Row::Task { row })
}

/// The oldest task stands in the last chunk.
fn spoiled() -> TaskRow {
    TaskRow { title: "Something else".into(), ..task(1) }
}

fn server() -> Fleet {
    let row = |number: u32| FeedRow { robot: me(), seq: number.into(), row: bytes(task(number)), made: WALL };
    let loaded = fleet_core::Loaded {
        server_epoch: SERVER_EPOCH,
        tasks: (1..=TASKS).map(|number| TaskRecord { row: task(number), given_to: Some(me()) }).collect(),
        feed: (TASKS - 200..=TASKS).map(row).collect(),
        feed_ends: vec![FeedEnds { robot: me(), first: u64::from(TASKS) - 200, head: TASKS.into() }],
        ..fleet_core::Loaded::default()
    };
    let hall = Hall { title: "Hall".into(), size: Point { x_cm: 100, y_cm: 100 }, zones: vec![] };
    let (id, robots) = (SiteId::parse("hall-1").unwrap(), BTreeMap::from([(me(), key(1).public())]));
    Fleet::new(Site { id, key: key(2), hall, robots, endorser: None }, loaded)
}

fn robot() -> Robot {
    let dir = tempfile::tempdir().unwrap();
    let replica = Replica::open_on(Hash([1; 32]), &dir.path().join("replica.db"), &me(), Epoch(1)).unwrap();
    let tasks = std::iter::once(spoiled()).chain((2..=TASKS).map(task)).collect();
    let loaded = Loaded { tasks, server_epoch: SERVER_EPOCH, cursor: TASKS.into(), ..replica.load(&me()).unwrap() };
    let identity = Identity { robot: me(), key: key(1), site_key: key(2).public(), ca_key: key(3).public() };
    Robot::start(identity, loaded, Boot(1), Secrets { seed: 1, challenge: [0; 32] }, WALL, Instant(0))
}

/// Both sides and the wire between them.
struct Talk {
    robot: Robot,
    fleet: Fleet,
    now: Instant,
    up: VecDeque<(Up, Vec<u8>)>,
    down: VecDeque<(Down, Vec<u8>)>,
    /// The robot's rows, as it committed them anew.
    written: BTreeMap<TaskId, Vec<u8>>,
    chunks: u32,
}

impl Talk {
    fn begin() -> Self {
        let (up, down) = (VecDeque::new(), VecDeque::new());
        let mut talk =
            Self { robot: robot(), fleet: server(), now: Instant(0), up, down, written: BTreeMap::new(), chunks: 0 };
        talk.connect();
        talk
    }

    fn connect(&mut self) {
        self.robot.handle(Input::Connected, self.now);
        self.robot_does();
    }

    /// The connection breaks: what was under way is lost.
    fn disconnect(&mut self) {
        self.robot.handle(Input::Disconnected, self.now);
        self.robot_does();
        self.up.clear();
        self.down.clear();
    }

    /// Seconds pass until it is so.
    fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            self.now = self.now + Millis(1_000);
            self.fleet.handle_timeout(self.now);
            self.server_does();
            self.robot.handle_timeout(self.now);
            self.robot_does();
            while self.step() {
                if is_so(self) {
                    return;
                }
            }
        }
        panic!("a thousand seconds have passed, and it is not so: {what}");
    }

    /// One message arrives; false when none is under way.
    fn step(&mut self) -> bool {
        if let Some((channel, payload)) = self.up.pop_front() {
            let site = SiteId::parse("hall-1").unwrap();
            let topic = Topic { site, robot: me(), channel: Channel::Up(channel) }.to_string();
            let event = Event::Message { topic, payload };
            self.fleet.handle(fleet_core::Input { wall: WallTime(WALL.0 + self.now.0), event }, self.now);
            self.server_does();
            return true;
        }
        let Some((channel, payload)) = self.down.pop_front() else { return false };
        self.chunks += u32::from(is_chunk(channel, &payload));
        self.robot.handle(Input::Message(channel, payload), self.now);
        self.robot_does();
        true
    }

    fn robot_does(&mut self) {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Commit(changes) => changes.into_iter().for_each(|change| {
                    if let Change::Task { id, row } = change {
                        self.written.insert(id, row);
                    }
                }),
                Output::Tell(Tell::Publish { channel, payload }) => self.up.push_back((channel, payload)),
                Output::Tell(_) | Output::Keep(_) | Output::Rest | Output::ForbidArm => {}
            }
        }
    }

    fn server_does(&mut self) {
        while let Some(output) = self.fleet.poll_output() {
            if let FleetOutput::Tell(FleetTell::Send { topic, letter, .. }) = output {
                let Channel::Down(channel) = topic.channel else { panic!("the server speaks down") };
                self.down.push_back((channel, letter.sealed()));
            }
        }
    }

    fn is_mended(&self) -> bool {
        self.written.get(&task(1).id) == Some(&bytes(task(1)))
    }
}

fn is_chunk(channel: Down, payload: &[u8]) -> bool {
    let word = || Sealed::open::<FeedMessage>(payload, &key(2).public(), Context::Down, &me());
    channel == Down::Feed && matches!(word(), Ok(FeedMessage::Word(FeedWord::Chunk { .. })))
}

#[test]
fn a_spoiled_row_is_mended_although_the_connection_broke_in_the_middle_of_the_snapshot() {
    let mut talk = Talk::begin();
    talk.until("the first chunk has come", |talk| talk.chunks == 1);
    talk.disconnect();
    assert!(!talk.written.is_empty() && !talk.is_mended(), "it stands in another chunk");
    talk.now = talk.now + Millis(5_000);
    talk.connect();
    // The next announcement of sums comes five minutes later; the snapshot goes on at once.
    let connected = talk.now;
    talk.until("the row is mended", Talk::is_mended);
    assert!(talk.now.since(connected) < Millis(60_000), "after {:?}", talk.now.since(connected));
    talk.until("the server knows", |talk| talk.fleet.snapshot(&me()).is_none());
    assert_eq!(talk.fleet.feed_position(&me()), (TASKS.into(), Some(TASKS.into())));
}

#[test]
fn a_spoiled_row_is_mended_although_the_server_was_started_anew_in_the_middle_of_the_snapshot() {
    let mut talk = Talk::begin();
    talk.until("the first chunk has come", |talk| talk.chunks == 1);
    talk.disconnect();
    talk.fleet = server();
    talk.connect();
    let connected = talk.now;
    talk.until("the row is mended", Talk::is_mended);
    assert!(talk.now.since(connected) < Millis(60_000), "after {:?}", talk.now.since(connected));
}
