//! What is so passes; each falsehood that could be printed is found.

use super::seen::{Evidence, Look, Robot, Written};
use super::{Printed, Span, judge};
use serde_json::json;
use shared::id::{RobotId, SiteId};
use shared::journal::{Epoch, Lane};
use shared::seal::{Hash, to_hex};
use shared::time::{Instant, WallTime};
use shared::wire::topic::{Channel, Topic, Up};

const HEADER: &str = "ROBOT  OLDEST UNACKED  UNACKED  HEARD  BEHIND  CHAIN  CLOCK  BREAKS\n";

fn r1() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn span(from_ms: u64, to_ms: u64) -> Span {
    Span { from: Instant(from_ms), to: Instant(to_ms) }
}

fn hash(number: u64) -> Hash {
    Hash::of(&[b"entry", &number.to_be_bytes()])
}

/// A robot that wrote an entry each second from 1 s to 60 s. Each was acknowledged at once, but for those of the cut from
/// 30 s to 50 s, in which it also lacked three of eight rows.
fn evidence() -> Evidence {
    let journal: Vec<Written> =
        (1..=60).map(|n| Written { lane: Lane::Work, lane_seq: n, cseq: n, at: Instant(n * 1_000) }).collect();
    let look = |ms: u64| {
        let is_cut = (30_000..50_000).contains(&ms);
        let acked = if is_cut { 29 } else { (ms / 1_000).min(60) };
        Look { at: span(ms, ms + 10), epoch: Epoch(1), acked: [0, acked, 0], cursor: if is_cut { 5 } else { 8 } }
    };
    let robot = Robot {
        journal,
        looks: (0..900).map(|n| look(n * 100 + 50)).collect(),
        cuts: vec![span(30_000, 50_000)],
        disturbed: vec![Instant(30_000), Instant(50_000)],
        committed: (1..=60).map(|n| (hash(n), WallTime(n * 1_000))).collect(),
        hashes: (1..=60).map(|n| to_hex(&hash(n).0)).collect(),
    };
    let feeds = (0..90).map(|n| (span(n * 1_000, n * 1_000 + 10), [(r1(), 8)].into())).collect();
    Evidence { robots: [(r1(), robot)].into(), feeds }
}

fn of_status(at_ms: u64, row: &str) -> Vec<String> {
    with_breaks(at_ms, &format!("{row}  -"))
}

fn with_breaks(at_ms: u64, row: &str) -> Vec<String> {
    let statuses = vec![(span(at_ms, at_ms + 50), format!("{HEADER}{row}"))];
    judge(&Printed { statuses, ..Printed::default() }, &evidence()).untrue
}

fn of_explanation(at_ms: u64, reasons: &str) -> Vec<String> {
    let text = format!("r-1: {reasons}\n\nWhat happened last (milliseconds since 1970):\n  5  It greeted.");
    let explanations = vec![(span(at_ms, at_ms + 50), text)];
    judge(&Printed { explanations, ..Printed::default() }, &evidence()).untrue
}

/// A tap from 5 s to 25 s that shows what it should, after `change` has spoiled its lines.
fn of_tap(change: impl FnOnce(&mut Vec<serde_json::Value>)) -> (usize, Vec<String>) {
    let channel = Channel::Up(Up::Work);
    let topic = Topic { site: SiteId::parse("hall-1").unwrap(), robot: r1(), channel }.to_string();
    let line = |at_ms: u64, body| json!({"at_ms": at_ms, "topic": topic, "signature": "good", "body": body});
    let entry = |n: u64| line(n * 1_000, json!({"entries": [{"hash": to_hex(&hash(n).0)}]}));
    let mut lines: Vec<_> = (5..=25).map(entry).collect();
    lines.push(line(25_000, json!({"stored": {"mark": {"lane": "work", "seq": 9, "hash": to_hex(&hash(9).0)}}})));
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let taps = vec![format!("{text}fleet: the broker is gone\n{{\"torn")];
    let judged = judge(&Printed { taps, ..Printed::default() }, &evidence());
    (judged.tapped, judged.untrue)
}

fn is_found(found: &[String], words: &str) {
    assert!(found.iter().any(|found| found.contains(words)), "{words:?} is not in {found:?}");
}

#[test]
fn what_was_so_is_found_to_be_so() {
    let true_rows = [
        (20_500, "r-1  none    0   400ms ago  0        verified to 20  ok"),
        (20_500, "r-1  none    0   1s ago     0        -               -"),
        (29_500, "r-1  0.5 s   1   200ms ago  0        verified to 28  ok"),
        (45_000, "r-1  none    0   15s ago    3        verified to 29  ok"),
        (45_000, "r-1  unknown  -  never      unknown  -               -"),
        // The words that waited in the network arrive, and are shown by the time of their arrival.
        (50_100, "r-1  15.0 s  6   20ms ago   3        verified to 29  ok"),
        (80_000, "r-1  none    0   300ms ago  0        verified to 60  ok"),
    ];
    for (at_ms, row) in true_rows {
        assert_eq!(of_status(at_ms, row), Vec::<String>::new(), "{row}");
    }
    let all_was_well = "At its last word, 0.3 s ago, everything that it wrote was acknowledged, and it had every row.";
    assert_eq!(of_explanation(20_500, all_was_well), Vec::<String>::new());
    let silent = "Nothing was heard of it for 15 s. The broker lost its connection. What it wrote since stands on its own \
                  disk, and comes when it is heard again. It has not applied the newest 3 rows of its feed.";
    assert_eq!(of_explanation(45_000, silent), Vec::<String>::new());
    let (wanted, found) = of_tap(|_| {});
    assert_eq!((wanted, found), (15, vec![]));
}

#[test]
fn a_robot_that_is_called_in_step_and_is_not_is_found() {
    is_found(&of_status(45_000, "r-1  none  0  3s ago  0  -  ok"), "entries waited");
    is_found(&of_status(45_000, "r-1  9.0 s  9  3s ago  3  -  ok"), "it has been cut off");
    is_found(&of_status(45_000, "r-1  none  0  15s ago  0  -  ok"), "it lacked 3 all the time");
    let all_was_well = "At its last word, 3.0 s ago, everything that it wrote was acknowledged, and it had every row.";
    let found = of_explanation(45_000, all_was_well);
    is_found(&found, "entries waited");
    is_found(&found, "it has been cut off");
    is_found(&found, "that is no reason");
    is_found(&found, "it lacked 3 all the time");
    is_found(
        &of_explanation(45_000, "It has not applied the newest 3 rows of its feed."),
        "entries waited, and that is no reason",
    );
}

#[test]
fn a_wrong_count_and_a_wrong_age_of_what_waits_are_found() {
    let waits = |oldest: &str, count: u64| of_status(45_000, &format!("r-1  {oldest}  {count}  1s ago  3  -  ok"));
    is_found(&waits("15.0 s", 2), "waited all the time");
    is_found(&waits("15.0 s", 40), "there were never more than");
    is_found(&waits("6.0 s", 12), "and one waits since 30000 ms");
    is_found(&waits("40.0 s", 12), "none that waits was written then");
    is_found(&waits("unknown", 12), "the age of the oldest is not told");
    let said = "At its last word, 1.0 s ago, 12 entries of its record were not acknowledged; the oldest is 3 s old.";
    is_found(&of_explanation(45_000, said), "and one waits since 30000 ms");
}

#[test]
fn silence_rows_and_a_damage_that_nobody_caused_are_found() {
    is_found(&of_status(85_000, "r-1  none  0  20s ago  0  -  ok"), "nothing was done to it");
    is_found(&of_status(85_000, "r-1  unknown  -  never  unknown  -  -"), "nothing was done to it");
    is_found(&of_explanation(85_000, "Nothing was heard of it for 20 s."), "nothing was done to it");
    is_found(&of_explanation(85_000, "It was not heard since the server started."), "nothing was done to it");
    is_found(&of_status(85_000, "r-1  none  0  1s ago  2  -  ok"), "never lacked more than 0");
    is_found(&of_status(20_500, "r-1  none  0  1s ago  0  verified to 33  ok"), "had written 20 entries");
    is_found(&of_status(20_500, "r-1  none  0  1s ago  0  broken after 9  ok"), "nobody has touched it");
    is_found(&with_breaks(20_500, "r-1  none  0  1s ago  0  verified to 9  ok  fork"), "nobody has exchanged a disk");
    is_found(
        &of_explanation(20_500, "Its record hangs together up to entry 9 and not beyond: an auditor should look."),
        "damaged",
    );
}

#[test]
fn what_cannot_be_read_is_not_taken_for_true() {
    is_found(&of_status(20_500, "r-1  soon  0  1s ago  0  -  ok"), "a row that cannot be read");
    is_found(&of_status(20_500, "r-9  none  0  1s ago  0  -  ok"), "no robot of this site");
    is_found(&of_explanation(20_500, "All is well."), "a sentence that is not known");
    is_found(&of_tap(|lines| lines.insert(0, json!({"at_ms": 1}))).1, "a line that cannot be read");
}

#[test]
fn a_tap_that_hides_invents_or_misjudges_is_found() {
    is_found(&of_tap(|lines| drop(lines.remove(8))).1, "the tap did not show it");
    let invented = to_hex(&hash(99).0);
    is_found(&of_tap(|lines| lines[8]["body"]["entries"][0]["hash"] = json!(invented)).1, "which never wrote it");
    is_found(&of_tap(|lines| lines[21]["body"]["stored"]["mark"]["hash"] = json!(invented)).1, "which never wrote it");
    is_found(&of_tap(|lines| lines[8]["signature"] = json!("not by the key")).1, "nobody forged one");
}
