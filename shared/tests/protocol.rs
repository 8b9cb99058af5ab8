//! The examples of `docs/PROTOCOL.md` are what this program sends, byte for byte, and they say what the page says.
//!
//! Run with `PROTOCOL=write` to put the examples into the page anew after a deliberate change.
#![cfg(feature = "wire")]
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use minicbor::Decoder;
use minicbor::data::Type;
use shared::clearance::{Challenge, Clearance, Endorsement};
use shared::contribution::{Blob, NoteWrite};
use shared::fact::{Fact, Interlock, InterlockPhase, TripCause};
use shared::field::{FieldValue, FieldWrite, OpId};
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::journal::{Boot, Chain, Epoch, Lane, Record, Stamp};
use shared::refusal::Code;
use shared::seal::{Context, PublicKey, SigningKey, from_hex, to_hex};
use shared::task::{OrderRef, Step, TaskKind, TaskRow, TaskState};
use shared::time::{Instant, WallTime};
use shared::wire::ability::Abilities;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{Ack, Feed, FeedMessage, FeedWord, Now, Row, RowBytes};
use shared::wire::robot_to_fleet::{Batch, Carried, Connection, ConnectionWord, Mark, Session, State};
use shared::wire::snapshot::{Announcement, Chunk, Progress, RowsHash, Shard, ShardHash, cut};
use shared::wire::telemetry::{Condition, Item, Sample, Span, TelemetryBatch};
use shared::wire::{Decode, Encode, from_bytes, to_bytes};
use shared::zone::Point;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PROTOCOL.md");

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn robot_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn site_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

fn order() -> OrderRef {
    OrderRef { task: TaskId::from_bytes([3; 16]), fence: 1 }
}

fn task() -> TaskRow {
    TaskRow {
        id: order().task,
        number: 7,
        title: "Look at cell A".into(),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("cell-a").unwrap(),
        from: None,
        priority: 3,
        due_ms: Some(1_795_000_000_000),
        state: TaskState::Dispatched,
        robot: Some(robot()),
        fence: 1,
        steps: vec![Step::WalkTo { to: Point { x_cm: 900, y_cm: 100 } }, Step::Inspect { work_ds: 30 }],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    }
}

fn records() -> (Epoch, [Record; 2]) {
    let mut chain = Chain::begin(&robot(), Epoch(5));
    let stamp =
        |mono| Stamp { boot: Boot(9), mono: Instant(mono), hlc: Hlc::default().next(WallTime(1_795_000_000_000)) };
    let now = Interlock { phase: InterlockPhase::Tripped, cause: TripCause::Button, trip_epoch: 4 };
    let first = chain.append(&Fact::Interlock { now }, stamp(1000));
    (chain.epoch, [first, chain.append(&Fact::Accepted { order: order() }, stamp(1500))])
}

fn batch() -> Batch {
    let (epoch, [_, accepted]) = records();
    let entries = vec![Carried::from(&accepted)];
    Batch { epoch, lane: Lane::Work, first: 1, last: 1, boot: Boot(9), mono_ms: 2000, entries }
}

fn mark() -> Mark {
    Mark { lane: Lane::Work, seq: 1, hash: records().1[1].hash }
}

fn hello() -> Session {
    let can = Some(Abilities::UNPACKS.and(Abilities::SNAPSHOTS).and(Abilities::HASHES));
    Session::Hello {
        epoch: Epoch(5),
        boot: Boot(9),
        mono_ms: 1900,
        server_epoch: 77,
        cursor: 12,
        nonce: 42,
        can,
        acked: Some(vec![mark()]),
        snapshot: Some(Progress { snapshot: 8, chunks: 1 }),
    }
}

fn state() -> State {
    State {
        boot: Boot(9),
        mono_ms: 2000,
        at: Some(Point { x_cm: 420, y_cm: 100 }),
        battery_permille: Some(871),
        interlock: Some(Interlock { phase: InterlockPhase::Energised, cause: TripCause::PowerUp, trip_epoch: 4 }),
        order: Some(order()),
        step: Some(0),
        awaits_person: false,
        unacked: 2,
        cursor: 12,
        disclosed_ms_ago: Some(120),
        clearance: None,
        endorsed_until: Some(240_000_000),
        heard_ms_ago: Some(0),
        oldest_unacked_ms: Some(500),
        telemetry_unacked: Some(3),
        storage_permille: Some(120),
        disbelieved: None,
    }
}

fn telemetry() -> TelemetryBatch {
    let sample = |second: u64| Sample {
        boot: Boot(9),
        mono_ms: second * 1000,
        wall_ms: 1_795_000_000_000 + second * 1000,
        at: Some(Point { x_cm: 420 + second as i16, y_cm: 100 }),
        battery_permille: Some(871),
        condition: Condition {
            phase: Some(InterlockPhase::Energised),
            doing: Some(1),
            moving: Some(true),
            holds: Some(false),
            order: Some(order()),
            step: Some(0),
            awaits_person: false,
            heard: Some(true),
        },
    };
    let lost = Item { span: Span { first: 7, last: 4096 }, sample: None };
    let items = [4097, 4098].map(|number| Item { span: Span::one(number), sample: Some(sample(number - 4096)) });
    TelemetryBatch::of(Epoch(5), Boot(9), 3000, &[&[lost][..], &items].concat())
}

fn field_write() -> FieldWrite {
    let value = FieldValue::Priority(1);
    FieldWrite { op: OpId([4; 16]), task: order().task, value, seen: Hlc(1_795_000_000_000 << 16) }
}

fn note_write() -> NoteWrite {
    NoteWrite { op: OpId([4; 16]), task: order().task, update: Blob(vec![0xd1; 4]) }
}

fn note_row() -> Row {
    Row::Note { task: order().task, rev: 1, whole: true, part: 0, of: 1, bytes: Blob(vec![0xd1; 4]) }
}

/// One example: its name, its bytes, whether its bytes come back from what they decode to, and whether they do from bytes to
/// which a newer version has added something.
struct Example(&'static str, Vec<u8>, bool, bool);

fn example<T: Encode<()> + for<'b> Decode<'b, ()>>(name: &'static str, value: &T) -> Example {
    let bytes = to_bytes(value);
    let comes_back =
        |from: &[u8]| from_bytes::<T>(from).map(|value| to_bytes(&value)).is_ok_and(|again| again == bytes);
    let (is_same, skips) = (comes_back(&bytes), comes_back(&of_a_newer_version(&bytes)));
    Example(name, bytes.clone(), is_same, skips)
}

/// A map with a key more, or a choice of kinds with fields more. No example has so many that its length takes two bytes.
fn of_a_newer_version(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::new(bytes);
    let (at, more): (usize, &[u8]) = match decoder.datatype().unwrap() {
        Type::Map => (0, &[0x18, 0x63, 0x01]),
        _ => {
            decoder.array().unwrap();
            decoder.u16().unwrap();
            // An example may leave out one field at its end.
            (decoder.position(), &[0xf6, 0x01])
        }
    };
    let mut grown = [bytes, more].concat();
    grown[at] += if at == 0 { 1 } else { 2 };
    grown
}

fn examples() -> Vec<Example> {
    let (epoch, [interlock, accepted]) = records();
    let again = Chain::begin(&robot(), Epoch(6)).append_again(epoch, &accepted);
    let row = RowBytes(to_bytes(&Row::Task { row: task() }));
    let feed = Feed { server_epoch: 77, from: 12, rows: vec![row] };
    let packed = cut(&[task()], &[], &[]).remove(0);
    let chunk = Chunk { snapshot: 8, as_of: 13, number: 0, of: 1, packed };
    let own = ShardHash { shard: Shard::OwnTasks, rows: 1, hash: RowsHash::of_tasks(&[task()]) };
    let announcement = Announcement { at: 13, shards: vec![own] };
    let can = Some(Abilities::UNPACKS.and(Abilities::SNAPSHOTS).and(Abilities::HASHES));
    let sealed = |bytes: Vec<u8>| from_bytes::<Sealed>(&bytes).unwrap();
    let up = |session: &Session| Sealed::seal(&robot_key(), Context::Up, &robot(), session);
    let long = Batch { last: 12, entries: vec![Carried::from(&accepted); 12], ..batch() };
    let packed_batch = Sealed::seal_packed(&robot_key(), Context::Up, &robot(), &long);
    let stored = Ack::Stored { epoch, mark: mark(), stamp: Some(Hlc(1_795_000_000_000 << 16)) };
    vec![
        example("envelope", &sealed(up(&Session::Applied { server_epoch: 77, cursor: 13 }))),
        example("packed envelope", &sealed(packed_batch)),
        example("entry", &interlock.entry),
        example("entry offered again", &again.entry),
        example("fact", &Fact::Accepted { order: order() }),
        example("field written", &Fact::FieldWritten { write: field_write() }),
        example("note update", &Fact::NoteUpdate { write: note_write() }),
        example("batch", &batch()),
        example("telemetry", &telemetry()),
        example("state", &state()),
        example("connection", &ConnectionWord { word: Connection::Online, link: 0x1122_3344_5566_7788 }),
        example("hello", &hello()),
        example("applied", &Session::Applied { server_epoch: 77, cursor: 13 }),
        example("chunk applied", &Session::Chunk { server_epoch: 77, at: Progress { snapshot: 8, chunks: 1 } }),
        example("differs", &Session::Differs { server_epoch: 77, shard: Shard::OwnTasks }),
        example(
            "welcome",
            &Ack::Welcome { nonce: 42, server_epoch: 77, marks: vec![mark()], feed_head: 13, can, wall_ms: None },
        ),
        example("stored", &stored),
        example("telemetry stored", &Ack::Telemetry { epoch, seq: 4098 }),
        example("task row", &Row::Task { row: task() }),
        example("revoke row", &Row::Revoke { task: order().task }),
        example("endorsement row", &Row::Endorsement { pack: vec![0xf1; 8] }),
        example("note row", &note_row()),
        example("settled row", &Row::Settled { op: OpId([4; 16]), stamp: Hlc(1_795_000_000_000 << 16), why: None }),
        example("stamp row", &Row::Stamp { stamp: Hlc(1_795_000_000_000 << 16) }),
        example("feed", &FeedMessage::Rows(feed)),
        example("chunk", &FeedMessage::Word(FeedWord::Chunk { server_epoch: 77, chunk })),
        example("hashes", &FeedMessage::Word(FeedWord::Hashes { server_epoch: 77, announcement })),
        example("resume", &Now::Resume { number: 3, boot: Boot(9), mono_ms: 2000 }),
    ]
}

fn shown(Example(name, bytes, ..): &Example) -> String {
    let hex = to_hex(bytes);
    let lines: Vec<&str> = hex.as_bytes().chunks(96).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("**{name}**\n```text\n{}\n\n{}\n```\n", lines.join("\n"), diagnostic(&mut Decoder::new(bytes)))
}

/// A value in diagnostic notation (RFC 8949, 8), of the kinds that this protocol uses.
fn diagnostic(d: &mut Decoder<'_>) -> String {
    match d.datatype().unwrap() {
        Type::Bool => d.bool().unwrap().to_string(),
        Type::Null => d.null().map(|()| "null".to_owned()).unwrap(),
        Type::Bytes => format!("h'{}'", to_hex(d.bytes().unwrap())),
        Type::String => format!("{:?}", d.str().unwrap()),
        Type::Array => {
            let count = d.array().unwrap().unwrap();
            let items: Vec<String> = (0..count).map(|_| diagnostic(d)).collect();
            format!("[{}]", items.join(", "))
        }
        Type::Map => {
            let count = d.map().unwrap().unwrap();
            let pairs: Vec<String> = (0..count).map(|_| format!("{}: {}", diagnostic(d), diagnostic(d))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => d.int().unwrap().to_string(),
    }
}

const BEGIN: &str = "<!-- examples: written by shared/tests/protocol.rs -->\n";
const END: &str = "<!-- end of examples -->";

#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of this test; nothing else here reads the environment")]
fn the_examples_of_the_page_are_what_is_sent() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let wanted: String = examples().iter().map(shown).collect::<Vec<_>>().join("\n");
    if std::env::var("PROTOCOL").is_ok_and(|word| word == "write") {
        return std::fs::write(PAGE, [before, BEGIN, &wanted, END, after].concat()).unwrap();
    }
    assert_eq!(found, wanted, "run the test with PROTOCOL=write after a deliberate change");
}

#[test]
fn every_example_comes_back_to_the_same_bytes() {
    for Example(name, _, is_same, _) in examples() {
        assert!(is_same, "{name}");
    }
}

#[test]
fn a_key_or_a_field_of_a_newer_version_is_skipped_in_every_example() {
    let stopped: Vec<&str> = examples().iter().filter(|example| !example.3).map(|example| example.0).collect();
    assert_eq!(stopped, Vec::<&str>::new());
}

#[test]
fn the_codes_of_the_page_are_those_of_the_list_with_their_words() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (_, section) = page.split_once("\n## Codes\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| 1"))
        .map(|row| row.trim_matches(['|', ' ']).split(" | ").collect())
        .collect();
    assert!(!rows.is_empty());
    for row in rows {
        let code = Code::ALL.iter().find(|code| code.number().to_string() == row[0]);
        assert_eq!(code.map(|code| code.sentence()), Some(row[2]), "{row:?}");
    }
}

/// The bytes under both signatures are put together here as the page tells it, and what comes of it is taken by what the robot
/// checks with.
#[test]
fn a_clearance_that_is_made_as_the_page_says_counts() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    for purpose in [Context::Officer, Context::Clearance] {
        let name = std::str::from_utf8(purpose.prefix()).unwrap().strip_suffix('\0').unwrap();
        assert!(page.contains(&format!("`{name}` 00, ")), "{name}");
    }
    let [ca, officer] = [3, 4].map(|seed| SigningKey::from_seed(&[seed; 32]));
    let (key, until): (PublicKey, u64) = (officer.public(), 1_795_000_000_000);
    let endorsed = [&key.0[..], &until.to_be_bytes(), "M. Itō".as_bytes()].concat();
    let signature = ca.sign(Context::Officer, &endorsed);
    let endorsement = Endorsement { officer: "M. Itō".into(), key, valid_until_ms: until, signature };
    // {0: 7, 1: sixteen nines}
    let asked = [&[0xa2, 0x00, 0x07, 0x01, 0x50][..], &[9; 16]].concat();
    let signature = officer.sign(Context::Clearance, &[b"r-1\0", &asked[..]].concat());
    let challenge = Challenge { trip_epoch: 7, random: [9; 16] };
    let clearance = Clearance { robot: robot(), challenge, endorsement, signature };
    assert_eq!(clearance.check(&ca.public(), &robot(), WallTime(until)), Ok(()));
    assert!(clearance.check(&ca.public(), &robot(), WallTime(until + 1)).is_err());
}

#[test]
fn what_the_page_shows_opens_with_the_keys_it_names() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    for name in ["envelope", "packed envelope"] {
        let (_, rest) = page.split_once(&format!("**{name}**\n```text\n")).unwrap();
        let (hex, _) = rest.split_once("\n\n").unwrap();
        let bytes = from_hex(&hex.replace('\n', "")).unwrap();
        assert!(Sealed::open_bytes(&bytes, &robot_key().public(), Context::Up, &robot()).is_ok(), "{name}");
    }
    for key in [robot_key(), site_key()] {
        assert!(page.contains(&key.public().to_text()), "the page names the examples' keys");
    }
}

#[test]
fn every_kind_has_its_rule_on_the_page() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let rules = [
        "sealed",
        "batch",
        "carried",
        "entry",
        "origin",
        "fact",
        "telemetry",
        "part",
        "block",
        "condition",
        "state",
        "mark",
        "session",
        "connection-word",
        "ack",
        "feed",
        "feed-word",
        "row",
        "task-row",
        "step",
        "now",
        "chunk",
        "packed",
        "rows",
        "task-columns",
        "announcement",
        "journal-export",
        "abilities",
        "point",
        "interlock",
        "order-ref",
        "challenge",
        "clearance",
        "endorsement",
        "field-write",
        "note-write",
        "field-value",
        "op-id",
        "known-fact",
        "known-row",
        "new-fact",
        "more",
        "rest",
    ];
    for rule in rules {
        assert!(page.lines().any(|line| line.starts_with(&format!("{rule} ="))), "no rule for {rule}");
    }
}
