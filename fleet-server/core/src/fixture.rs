//! A small site and a robot that can sign, for the tests of this package.

use crate::change::TaskRecord;
use crate::{Change, Event, Fleet, Input, Loaded, Output, Site, Tell};
use shared::contribution::MergeAsk;
use shared::fact::{Fact, Interlock, InterlockPhase, TripCause};
use shared::hlc::Hlc;
use shared::id::{RobotId, SiteId, TaskId, ZoneId};
use shared::journal::{Boot, Chain, Entry, Epoch, Lane, Record, Stamp};
use shared::machine::Machine;
use shared::seal::{Context, Hash, SigningKey};
use shared::task::{TaskKind, TaskRow, TaskState};
use shared::time::{Instant, WallTime};
use shared::wire::ability::Abilities;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{Ack, Feed, FeedMessage, FeedWord, Now};
use shared::wire::robot_to_fleet::{Batch, Carried, Connection, ConnectionWord, Mark, Session, State};
use shared::wire::telemetry::TelemetryBatch;
use shared::wire::topic::{Channel, Down, Topic, Up};
use shared::wire::{from_bytes, to_bytes};
use shared::zone::{Hall, Point, Zone};

/// The wall clock of every test.
pub const WALL: WallTime = WallTime(1_795_000_000_000);
/// The life of the server's database in every test.
pub const SERVER_EPOCH: u64 = 77;

pub fn robot(name: &str) -> RobotId {
    RobotId::parse(name).unwrap()
}

pub fn zone(name: &str) -> ZoneId {
    ZoneId::parse(name).unwrap()
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub fn task_id(number: u8) -> TaskId {
    TaskId::from_bytes([number; 16])
}

pub fn hall() -> Hall {
    let zone_at = |name: &str, x_cm, y_cm| Zone {
        id: zone(name),
        title: name.into(),
        from: Point { x_cm: x_cm - 50, y_cm: y_cm - 50 },
        to: Point { x_cm: x_cm + 50, y_cm: y_cm + 50 },
        station: Point { x_cm, y_cm },
    };
    let zones = vec![zone_at("store", 100, 100), zone_at("cell-a", 900, 100)];
    Hall { title: "Test hall".into(), size: Point { x_cm: 1000, y_cm: 1000 }, zones }
}

/// A task nobody has.
pub fn row(number: u8) -> TaskRow {
    TaskRow {
        id: task_id(number),
        number: number.into(),
        title: "Look at cell A".into(),
        kind: TaskKind::Inspection,
        zone: zone("cell-a"),
        from: None,
        priority: 3,
        due_ms: None,
        state: TaskState::Queued,
        robot: None,
        fence: 0,
        steps: vec![],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    }
}

/// The task as its robot has it, dispatched.
pub fn given(task: TaskRow, name: &str) -> TaskRecord {
    let assigned = crate::assignment::assign(&TaskRecord { row: task, given_to: None }, &robot(name)).unwrap();
    crate::assignment::dispatch(&assigned, &hall())
}

pub fn state(boot: u64, mono_ms: u64) -> State {
    State {
        boot: Boot(boot),
        mono_ms,
        at: Some(Point { x_cm: 5, y_cm: 6 }),
        battery_permille: Some(900),
        interlock: Some(Interlock { phase: InterlockPhase::Energised, cause: TripCause::PowerUp, trip_epoch: 7 }),
        order: None,
        step: None,
        awaits_person: false,
        unacked: 0,
        cursor: 0,
        disclosed_ms_ago: Some(10),
        clearance: None,
        endorsed_until: None,
        heard_ms_ago: None,
        oldest_unacked_ms: None,
        telemetry_unacked: None,
        storage_permille: None,
        disbelieved: None,
    }
}

/// A fleet of `r-1` and `r-2`, whose keys grow from 1 and 2; the site's from 9.
pub fn fleet(loaded: Loaded) -> Fleet {
    let robots = [(robot("r-1"), key(1).public()), (robot("r-2"), key(2).public())].into();
    let id = SiteId::parse("hall-1").unwrap();
    let site = Site { id, key: key(9), hall: hall(), robots, endorser: None };
    Fleet::new(site, Loaded { server_epoch: SERVER_EPOCH, ..loaded })
}

/// Hands one event in and takes everything out.
pub fn run(fleet: &mut Fleet, event: Event, now: Instant) -> (Vec<Change>, Vec<Tell>) {
    fleet.handle(Input { wall: WALL, event }, now);
    drain(fleet)
}

/// Takes everything out, and checks that commits stand before what is told.
pub fn drain(fleet: &mut Fleet) -> (Vec<Change>, Vec<Tell>) {
    let (changes, tells, merges) = drain_with_merges(fleet);
    assert_eq!(merges, [], "nobody merges notes here");
    (changes, tells)
}

/// The same where somebody merges notes.
pub fn drain_with_merges(fleet: &mut Fleet) -> (Vec<Change>, Vec<Tell>, Vec<(u64, MergeAsk)>) {
    let (mut changes, mut tells, mut merges) = (vec![], vec![], vec![]);
    while let Some(output) = fleet.poll_output() {
        match output {
            Output::Commit(rows) => {
                assert!(tells.is_empty(), "a commit came after something was told");
                changes.extend(rows);
            }
            Output::Tell(tell) => tells.push(tell),
            Output::Merge { number, ask } => merges.push((number, *ask)),
            Output::Read { robot, rows } => panic!("{robot} lacks {rows:?}, and there is no store"),
        }
    }
    (changes, tells, merges)
}

/// The acknowledgements to a robot among what was told.
pub fn acks(tells: &[Tell], to: &str) -> Vec<Ack> {
    sent(tells, to, Down::Ack).iter().map(|body| from_bytes(body).unwrap()).collect()
}

/// The feed messages to a robot among what was told.
pub fn feeds(tells: &[Tell], to: &str) -> Vec<Feed> {
    sent(tells, to, Down::Feed).iter().map(|body| from_bytes(body).unwrap()).collect()
}

/// What was told a robot about its feed beside the rows.
pub fn feed_words(tells: &[Tell], to: &str) -> Vec<FeedWord> {
    let messages = sent(tells, to, Down::Feed);
    let word = |body: &Vec<u8>| match from_bytes(body).unwrap() {
        FeedMessage::Word(word) => Some(word),
        FeedMessage::Rows(_) => None,
    };
    messages.iter().filter_map(word).collect()
}

/// The words to a robot among what was told that hold now or not at all.
pub fn nows(tells: &[Tell], to: &str) -> Vec<Now> {
    sent(tells, to, Down::Now).iter().map(|body| from_bytes(body).unwrap()).collect()
}

fn sent(tells: &[Tell], to: &str, channel: Down) -> Vec<Vec<u8>> {
    let wanted = |topic: &Topic| topic.robot == robot(to) && topic.channel == Channel::Down(channel);
    let payloads = tells.iter().filter_map(|tell| match tell {
        Tell::Send { topic, letter, .. } => wanted(topic).then(|| letter.clone().sealed()),
        Tell::Answer { .. } | Tell::TaskChanged(_) | Tell::RobotChanged(_) => None,
    });
    payloads.map(|bytes| Sealed::open_bytes(&bytes, &key(9).public(), Context::Down, &robot(to)).unwrap()).collect()
}

/// A robot's journal, and its pen.
pub struct FakeRobot {
    pub name: RobotId,
    pub key: SigningKey,
    pub chain: Chain,
    pub boot: Boot,
}

impl FakeRobot {
    pub fn new(name: &str, seed: u8) -> Self {
        let name = robot(name);
        Self { chain: Chain::begin(&name, Epoch(5)), name, key: key(seed), boot: Boot(1) }
    }

    pub fn topic(&self, channel: Up) -> String {
        let site = SiteId::parse("hall-1").unwrap();
        Topic { site, robot: self.name.clone(), channel: Channel::Up(channel) }.to_string()
    }

    pub fn write(&mut self, fact: &Fact) -> Record {
        let stamp = Stamp { boot: self.boot, mono: Instant(1000), hlc: Hlc::default().next(WALL) };
        self.chain.append(fact, stamp)
    }

    /// An entry whose body is whatever bytes it is.
    pub fn write_bytes(&mut self, lane: Lane, kind: u16, body: &[u8]) -> Record {
        let mut copy = self.chain.clone();
        let fact = if lane == Lane::Work { Fact::Done { order: row(1).order() } } else { Fact::Resumed { number: 1 } };
        let stamp = Stamp { boot: self.boot, mono: Instant(1000), hlc: Hlc::default().next(WALL) };
        let entry = Entry { kind, body_hash: Hash::of(&[body]), ..copy.append(&fact, stamp).entry };
        let record = Record::read(to_bytes(&entry), body.to_vec()).unwrap();
        self.chain.advance(&record);
        record
    }

    /// A batch of records of one lane.
    pub fn batch(&self, records: &[Record]) -> Event {
        let batch = self.batch_of(records);
        self.say(batch.lane.into(), |key, name| Sealed::seal(key, Context::Up, name, &batch))
    }

    /// A batch in a packed envelope.
    pub fn packed_batch(&self, records: &[Record]) -> Event {
        let batch = self.batch_of(records);
        self.say(batch.lane.into(), |key, name| Sealed::seal_packed(key, Context::Up, name, &batch))
    }

    /// The body of a batch.
    pub fn batch_of(&self, records: &[Record]) -> Batch {
        let (first, last) = (&records[0].entry, &records[records.len() - 1].entry);
        Batch {
            epoch: self.chain.epoch,
            lane: first.lane,
            first: first.lane_seq,
            last: last.lane_seq,
            boot: self.boot,
            mono_ms: 1000,
            entries: records.iter().map(Carried::from).collect(),
        }
    }

    /// A hello of the first version.
    pub fn hello(&self, server_epoch: u64, cursor: u64) -> Event {
        self.greet(server_epoch, cursor, None, None)
    }

    pub fn hello_of(&self, server_epoch: u64, cursor: u64, can: Abilities) -> Event {
        self.greet(server_epoch, cursor, Some(can), None)
    }

    pub fn hello_with(&self, server_epoch: u64, cursor: u64, acked: Vec<Mark>) -> Event {
        self.greet(server_epoch, cursor, None, Some(acked))
    }

    fn greet(&self, server_epoch: u64, cursor: u64, can: Option<Abilities>, acked: Option<Vec<Mark>>) -> Event {
        let (epoch, boot) = (self.chain.epoch, self.boot);
        let (nonce, snapshot) = (42, None);
        let hello = Session::Hello { epoch, boot, mono_ms: 1, server_epoch, cursor, nonce, can, acked, snapshot };
        self.session(&hello)
    }

    /// Any word about the conversation.
    pub fn session(&self, session: &Session) -> Event {
        self.say(Up::Session, |key, name| Sealed::seal(key, Context::Up, name, session))
    }

    pub fn applied(&self, cursor: u64) -> Event {
        self.session(&Session::Applied { server_epoch: SERVER_EPOCH, cursor })
    }

    pub fn telemetry(&self, batch: &TelemetryBatch) -> Event {
        self.say(Up::Telemetry, |key, name| Sealed::seal(key, Context::Up, name, batch))
    }

    pub fn state(&self, state: &State) -> Event {
        self.say(Up::State, |key, name| Sealed::seal(key, Context::Up, name, state))
    }

    pub fn connection(&self, word: Connection, link: u64) -> Event {
        self.say(Up::Connection, |key, name| Sealed::seal(key, Context::Up, name, &ConnectionWord { word, link }))
    }

    fn say(&self, channel: Up, seal: impl Fn(&SigningKey, &RobotId) -> Vec<u8>) -> Event {
        Event::Message { topic: self.topic(channel), payload: seal(&self.key, &self.name) }
    }
}
