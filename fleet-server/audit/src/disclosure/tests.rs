//! From exported journals to what is printed.

use super::*;
use shared::fact::{Fact, GapCause, Interlock, InterlockPhase, TripCause};
use shared::hlc::Hlc;
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::time::{Instant, WallTime};
use shared::wire::robot_to_fleet::Carried;

const WALL_MS: u64 = 1_795_392_000_000;

fn phase(phase: InterlockPhase) -> Fact {
    Fact::Interlock { now: Interlock { phase, cause: TripCause::Beacon, trip_epoch: 1 } }
}

/// A robot that is muted while it moves. Its calendar jumps ahead by an hour in the middle.
fn export() -> JournalExport {
    let robot = RobotId::parse("r-1").unwrap();
    let mut chain = Chain::begin(&robot, Epoch(1));
    let facts = [
        (1_000, Fact::AgentStarted { clean: true }),
        (1_000, Fact::DisclosureStarted { id: [7; 16] }),
        (1_300, Fact::DisclosureHeard { mono_ms: 1_200 }),
        (2_000, phase(InterlockPhase::Energised)),
        (2_100, Fact::MotionBegan { mono_ms: 2_050 }),
        (7_600, Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms: 6_000 }),
        (7_600, phase(InterlockPhase::Stopping)),
        (7_700, Fact::MotionEnded { mono_ms: 7_650 }),
        (7_800, phase(InterlockPhase::Standby)),
        (20_000, Fact::DisclosureHeard { mono_ms: 19_950 }),
        (21_000, Fact::Resumed { number: 1 }),
    ];
    let stamp = |mono: u64| {
        let jump = if mono == 7_600 { 3_600_000 } else { 0 };
        Stamp { boot: Boot(1), mono: Instant(mono), hlc: Hlc::default().next(WallTime(WALL_MS + mono + jump)) }
    };
    let entries = facts.iter().map(|(mono, fact)| Carried::from(&chain.append(fact, stamp(*mono)))).collect();
    JournalExport { v: 1, robot, epoch: Epoch(1), entries }
}

fn args(json: bool, csv: bool) -> Args {
    Args { exports: vec![], robot: None, day: None, key: vec![], keys: None, firmware_key: vec![], json, csv }
}

fn printed(args: &Args, export: JournalExport) -> (String, u8) {
    match args.judge(&[Source::from(export)]) {
        Verdict::Report { text, exit } => (text, exit),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_muted_robot_as_a_table() {
    let (text, exit) = printed(&args(false, false), export());
    assert_eq!(exit, 0);
    let row: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["r-1", "2026-11-23", "5.800", "5.800", "5.600", "5.600", "0.000", "2"]);
    let gap = "r-1: gap from 2026-11-23T00:00:06.000Z to 2026-11-23T00:00:19.950Z, 13.950 s, energised for 1.800 s of it, \
               moving for 1.650 s: sent, and not heard";
    assert!(text.contains(gap), "{text}");
    assert!(text.contains("11 entries form one chain") && text.contains("signatures not checked"), "{text}");
}

#[test]
fn the_same_as_documents() {
    let (json, _) = printed(&args(true, false), export());
    let gap = "{\"from_ms\":1795392006000,\"to_ms\":1795392019950,\"open\":false,\"cause\":\"not_heard\",\
               \"energised_ms\":1800,\"moving_ms\":1650,\"earliest_ms\":1795392006000,\"latest_ms\":1795392006000}";
    assert!(json.contains(gap) && json.contains("\"moving\":[[1795392002050,1795392007650]]"), "{json}");
    let (csv, _) = printed(&args(false, true), export());
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.matches(',').count() == 13), "{csv}");
    let wanted = "r-1,2026-11-23,gap,2026-11-23T00:00:06.000Z,2026-11-23T00:00:19.950Z,not_heard,1800,,1650,,,,,";
    assert_eq!(rows[3], wanted);
}

#[test]
fn the_exit_code_tells_tampering_a_hole_and_uncovered_motion_apart() {
    let mut changed = export();
    changed.entries[3].body[1] ^= 1;
    assert_eq!(printed(&args(false, false), changed).1, 1);
    let mut hole = export();
    hole.entries.remove(8);
    assert_eq!(printed(&args(false, false), hole).1, 6);
    let mut never_heard = export();
    never_heard.entries.truncate(1);
    assert_eq!(printed(&args(false, false), never_heard).1, 0);
    let robot = RobotId::parse("r-1").unwrap();
    let mut chain = Chain::begin(&robot, Epoch(1));
    let stamp = |mono: u64| Stamp { boot: Boot(1), mono: Instant(mono), hlc: Hlc::default().next(WallTime(WALL_MS)) };
    let facts = [(10, Fact::MotionBegan { mono_ms: 10 }), (90, Fact::MotionEnded { mono_ms: 90 })];
    let entries = facts.iter().map(|(mono, fact)| Carried::from(&chain.append(fact, stamp(*mono)))).collect();
    assert_eq!(printed(&args(false, false), JournalExport { v: 1, robot, epoch: Epoch(1), entries }).1, 4);
}

#[test]
fn another_day_and_another_robot_are_left_out() {
    let day = Args { day: Some(Day::parse("2026-11-22").unwrap()), ..args(false, true) };
    assert_eq!(printed(&day, export()).0.lines().count(), 1);
    let robot = Args { robot: Some(RobotId::parse("r-2").unwrap()), ..args(false, false) };
    assert_eq!(printed(&robot, export()).0, "No journal to report on.");
}

/// What came after the last signature may have been written by whoever holds the journal.
#[test]
fn entries_behind_the_last_signature_are_told_and_are_no_success() {
    let key = Some(shared::seal::SigningKey::from_seed(&[1; 32]).public());
    let source = Source { key, ..Source::from(export()) };
    let judged = |json| match args(json, false).judge(std::slice::from_ref(&source)) {
        Verdict::Report { text, exit } => (text, exit),
        other => panic!("{other:?}"),
    };
    let (text, exit) = judged(false);
    assert_eq!(exit, 5);
    assert!(
        text.contains("UNSIGNED: nothing shows who wrote these 11 entries")
            && text.contains("An export from the robot carries no signatures")
            && !text.contains("signed by the robot")
    );
    assert!(judged(true).0.contains("\"signatures\":\"partial\",\"signed_up_to\":0,\"unsigned\":11"));
}

/// One robot that lies about its clock must not take the auditor, or its server, with it.
#[test]
fn a_clock_out_of_all_reason_is_told_and_costs_nothing() {
    for mono in [1 << 62, u64::MAX] {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp =
            |boot, mono| Stamp { boot: Boot(boot), mono: Instant(mono), hlc: Hlc::default().next(WallTime(WALL_MS)) };
        let mut entries = vec![Carried::from(&chain.append(&Fact::AgentStarted { clean: true }, stamp(1, 40)))];
        entries.push(Carried::from(&chain.append(&phase(InterlockPhase::Energised), stamp(1, 50))));
        entries.push(Carried::from(&chain.append(&Fact::Resumed { number: 1 }, stamp(1, mono))));
        // Each of these could be, all of them together could not.
        let years = 15 * 365 * calendar::DAY_MS;
        entries.extend(
            (2..200).map(|boot| Carried::from(&chain.append(&Fact::AgentStarted { clean: true }, stamp(boot, years)))),
        );
        let (text, exit) = printed(&args(true, false), JournalExport { v: 1, robot, epoch: Epoch(1), entries });
        assert_eq!(exit, 6);
        assert!(text.contains("\"unbelievable\":198"), "{}", &text[..300.min(text.len())]);
    }
}

/// A server that makes up a journal can sign it with a key of its own and name that one.
#[test]
fn the_auditors_keys_outrank_the_servers_and_no_robot_is_no_success() {
    let public = |seed| shared::seal::SigningKey::from_seed(&[seed; 32]).public();
    let source = Source { key: Some(public(9)), ..Source::from(export()) };
    let judged = |args: Args| match args.judge(std::slice::from_ref(&source)) {
        Verdict::Report { text, exit } => (text, exit),
        other => panic!("{other:?}"),
    };
    assert!(judged(args(true, false)).0.contains("\"keys\":\"server\""));
    assert!(judged(args(false, false)).0.contains("Keys by the server's word"));
    let with =
        |texts: &[String]| Args { key: texts.iter().map(|text| text.parse().unwrap()).collect(), ..args(true, false) };
    let given = judged(with(&[format!("r-1={}", public(1).to_text())]));
    assert!(given.0.contains("\"keys\":\"given\"") && given.1 == 5, "{given:?}");
    let of_another = judged(with(&[format!("r-2={}", public(1).to_text())]));
    assert_eq!(of_another.1, 6, "r-1 has no key and r-2 no journal: {of_another:?}");
    let Verdict::Report { exit, .. } = args(false, false).judge(&[]) else { panic!("a report") };
    assert_eq!(exit, 6, "nothing was checked");
    let twice = with(&[format!("r-1={}", public(1).to_text()), format!("r-1={}", public(2).to_text())]);
    assert_eq!(twice.judge(&[]).exit_code(), 3);
    let words = twice.judge(&[]).lines().join("");
    assert!(words.contains("\"status\":\"unreadable\"") && words.contains("FLT-1703"), "{words}");
    assert!("r-1".parse::<keys::RobotKey>().is_err() && "r-1=xx".parse::<keys::RobotKey>().is_err());
}

#[test]
fn two_exports_of_one_epoch_are_one_journal_and_two_histories_are_tampering() {
    let mut earlier = export();
    earlier.entries.truncate(6);
    let both = |first: JournalExport| match args(true, false).judge(&[Source::from(first), Source::from(export())]) {
        Verdict::Report { text, exit } => (text, exit),
        other => panic!("{other:?}"),
    };
    assert_eq!(both(earlier.clone()), printed(&args(true, false), export()));
    let robot = RobotId::parse("r-1").unwrap();
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    let other = Chain::begin(&robot, Epoch(1)).append(&Fact::Resumed { number: 7 }, stamp);
    earlier.entries = vec![Carried::from(&other)];
    assert_eq!(both(earlier).1, 1);
}

/// The controller's lines outrank what the agent saw, so an agent must not be able to make one up or leave one out unseen.
#[test]
fn the_controllers_lines_are_checked_with_its_key_and_holes_are_told() {
    use shared::firmware_record::{Event, Happening};
    let key = shared::seal::SigningKey::from_seed(&[4; 32]);
    let robot = RobotId::parse("r-1").unwrap();
    let mut chain = Chain::begin(&robot, Epoch(1));
    let (mut head, mut entries) = (shared::seal::Hash::default(), vec![]);
    for n in 1..=3 {
        let what = Happening { t_ms: n, boot: 1, trip_epoch: 7, ev: "standby".into(), cause: "button".into() };
        let event = Event::seal(what, n, head, &key);
        head = event.hash();
        let stamp = Stamp { boot: Boot(1), mono: Instant(10 + n), hlc: Hlc::default().next(WallTime(WALL_MS)) };
        if n != 2 {
            entries.push(Carried::from(&chain.append(&Fact::Firmware { line: event.line() }, stamp)));
        }
    }
    let hole = JournalExport { v: 1, robot, epoch: Epoch(1), entries };
    let whole = JournalExport { entries: hole.entries[..1].to_vec(), ..hole.clone() };
    let (text, exit) = printed(&args(false, false), hole);
    assert!(exit == 6 && text.contains("INCOMPLETE: 1 between them are missing"), "{text}");
    let (text, exit) = printed(&args(false, false), whole.clone());
    assert!(exit == 0 && text.contains("firmware's lines not checked"), "{text}");
    let with = |seed: u8| {
        let public = shared::seal::SigningKey::from_seed(&[seed; 32]).public();
        Args { firmware_key: vec![format!("r-1={}", public.to_text()).parse().unwrap()], ..args(true, false) }
    };
    let (text, exit) = printed(&with(4), whole.clone());
    assert!(exit == 0 && text.contains("\"firmware\":\"signed\""), "{text}");
    assert_eq!(printed(&with(5), whole).1, 1, "somebody else has written it");
    let of_another = Args {
        firmware_key: vec![
            format!("r-7={}", shared::seal::SigningKey::from_seed(&[4; 32]).public().to_text()).parse().unwrap(),
        ],
        ..args(false, false)
    };
    let (text, exit) = printed(&of_another, export());
    assert!(exit == 6 && text.contains("r-7: INCOMPLETE: there is no journal of it"), "{text}");
    let (text, exit) = printed(&with(4), export());
    assert!(exit == 6 && text.contains("\"firmware\":\"none\""), "every controller writes its start: {text}");
}

/// A journal whose agent wrote nothing of a mute: the controller's lines have it.
fn withheld(kept: impl Fn(&Fact) -> bool) -> JournalExport {
    use shared::firmware_record::{Event, Happening};
    let (robot, key) = (RobotId::parse("r-1").unwrap(), shared::seal::SigningKey::from_seed(&[4; 32]));
    let (mut n, mut head) = (0, shared::seal::Hash::default());
    let mut line = |t_ms, ev: &str, cause: &str| {
        n += 1;
        let what = Happening { t_ms, boot: 1, trip_epoch: 7, ev: ev.into(), cause: cause.into() };
        let event = Event::seal(what, n, head, &key);
        head = event.hash();
        Fact::Firmware { line: event.line() }
    };
    let facts = vec![
        (1_000, Fact::AgentStarted { clean: true }),
        (1_010, Fact::DisclosureStarted { id: [7; 16] }),
        (1_100, line(900, "power_up", "power_up")),
        (1_300, Fact::DisclosureHeard { mono_ms: 1_200 }),
        (2_000, phase(InterlockPhase::Energised)),
        (2_050, line(2_000, "energised", "power_up")),
        (2_100, Fact::MotionBegan { mono_ms: 2_050 }),
        (7_600, Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms: 6_000 }),
        (7_600, phase(InterlockPhase::Stopping)),
        (7_700, Fact::MotionEnded { mono_ms: 7_650 }),
        (7_800, phase(InterlockPhase::Standby)),
        (7_900, line(6_000, "heard", "beacon")),
        (7_900, line(7_500, "stopping", "beacon")),
        (7_900, line(7_650, "rests", "beacon")),
        (7_900, line(7_800, "standby", "beacon")),
        (20_000, Fact::DisclosureHeard { mono_ms: 19_950 }),
        (31_000, Fact::Resumed { number: 1 }),
    ];
    let stamp =
        |mono: u64| Stamp { boot: Boot(1), mono: Instant(mono), hlc: Hlc::default().next(WallTime(WALL_MS + mono)) };
    let mut chain = Chain::begin(&robot, Epoch(1));
    let facts = facts.iter().filter(|(_, fact)| kept(fact));
    let entries = facts.map(|(mono, fact)| Carried::from(&chain.append(fact, stamp(*mono)))).collect();
    JournalExport { v: 1, robot, epoch: Epoch(1), entries }
}

#[test]
fn a_gap_that_the_agents_record_leaves_out_is_told_by_the_controllers_lines_and_the_record_is_named() {
    let (text, exit) = printed(&args(true, false), withheld(|_| true));
    assert!(exit == 0 && text.contains("\"contradictions\":[]"), "an honest record: {text}");
    let gap = "\"from_ms\":1795392006000,\"to_ms\":1795392019950,\"open\":false,\"cause\":\"not_heard\"";
    assert!(text.contains(gap), "{text}");
    let (text, exit) = printed(&args(true, false), withheld(|fact| !matches!(fact, Fact::DisclosureGap { .. })));
    assert_eq!(exit, 8, "{text}");
    assert!(text.contains(gap) && text.contains("\"left_out\":\"gap\",\"at_ms\":1795392006000"), "{text}");
    let (table, _) = printed(&args(false, false), withheld(|fact| !matches!(fact, Fact::DisclosureGap { .. })));
    assert!(table.contains("CONTRADICTED") && table.contains("leaves out that it was not heard"), "{table}");
}

#[test]
fn each_kind_that_an_agent_leaves_out_is_named() {
    let without = |kinds: &[u16]| printed(&args(true, false), withheld(|fact| !kinds.contains(&fact.kind())));
    for (kinds, word) in [
        (&[0][..], "start"),
        (&[1], "energy"),
        (&[14], "key"),
        (&[15], "hearing"),
        (&[15, 16], "hearing"),
        (&[16], "gap"),
        (&[17], "motion"),
        (&[18], "rest"),
    ] {
        let (text, exit) = without(kinds);
        assert!(
            matches!(exit, 4 | 8) && text.contains(&format!("\"left_out\":\"{word}\"")),
            "{kinds:?}: {exit} {text}"
        );
    }
}
