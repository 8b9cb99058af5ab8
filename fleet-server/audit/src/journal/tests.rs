//! Exports as they should be, cut, rewritten, with something behind them, and without their beginning.

use super::*;
use shared::audit::{Anchor, AnchoredExport};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::seal::{Hash, to_hex};
use shared::time::Instant;
use shared::wire::robot_to_fleet::Carried;
use shared::wire::to_bytes;

const STAMP: Stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };

/// A whole journal, and the head behind each of its entries.
fn whole(numbers: &[u64]) -> (JournalExport, Vec<String>) {
    let robot = RobotId::parse("r-1").unwrap();
    let mut chain = Chain::begin(&robot, Epoch(1));
    let mut heads = vec![];
    let mut entries = vec![];
    for number in numbers {
        entries.push(Carried::from(&chain.append(&Fact::Resumed { number: *number }, STAMP)));
        heads.push(to_hex(&chain.head.0[..16]));
    }
    (JournalExport { v: 1, robot, epoch: Epoch(1), entries }, heads)
}

fn anchored() -> AnchoredExport {
    let robot = RobotId::parse("r-1").unwrap();
    let mut chain = Chain::begin(&robot, Epoch(1));
    chain.append(&Fact::AgentStarted { clean: true }, STAMP);
    let anchor = Anchor::of(&chain);
    let entries = (1..=3).map(|number| Carried::from(&chain.append(&Fact::Resumed { number }, STAMP))).collect();
    AnchoredExport { v: 2, robot, epoch: Epoch(1), entries, anchor }
}

fn audit(bytes: &[u8], head: Option<&str>, json: bool) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("r-1.journal");
    std::fs::write(&file, bytes).unwrap();
    Args { file, head: head.map(|head| head.parse().unwrap()), firmware_key: None, json }.run()
}

fn said(verdict: &Verdict, words: &str) -> bool {
    verdict.lines().iter().any(|line| line.contains(words))
}

#[test]
fn a_head_that_was_captured_at_any_entry_shows_that_the_journal_holds_it() {
    let (export, heads) = whole(&[1, 2, 3]);
    let bytes = to_bytes(&export);
    for (n, head) in (1..).zip(&heads) {
        let verdict = audit(&bytes, Some(head), false);
        assert_eq!(verdict.exit_code(), 0, "{verdict:?}");
        assert!(said(&verdict, &format!("the capture commits to entry {n} of 3, and the journal holds it")));
        assert_eq!(said(&verdict, "nothing is missing at the end"), n == 3);
        assert_eq!(audit(&bytes, Some(&format!("{n}:{head}")), false).exit_code(), 0);
        assert_eq!(audit(&bytes, Some(&format!("{}:{head}", n + 1)), false).exit_code(), 7);
    }
}

#[test]
fn a_head_that_stands_nowhere_is_told_with_a_code_of_its_own() {
    let (_, heads) = whole(&[1, 2, 3]);
    for other in [vec![1, 9, 3], vec![1, 2]] {
        let verdict = audit(&to_bytes(&whole(&other).0), Some(&heads[2]), false);
        assert_eq!(verdict.exit_code(), 7);
        let words = "no entry of this journal has that head: rewritten, or the export ends before it";
        assert!(said(&verdict, words) && said(&verdict, "FLT-1704"), "{verdict:?}");
    }
    let cut = audit(&to_bytes(&whole(&[1, 2]).0), Some(&format!("3:{}", heads[2])), false);
    assert!(said(&cut, "the export ends at entry 2"), "{cut:?}");
}

#[test]
fn what_was_not_checked_is_said_in_words_and_in_the_document() {
    let bytes = to_bytes(&whole(&[1, 2, 3]).0);
    assert!(said(
        &audit(&bytes, None, false),
        "not checked: who wrote it. An export from the robot carries no signatures"
    ));
    let Verdict::Report { text, exit: 0 } = audit(&bytes, None, true) else { panic!("one document") };
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((document["status"].as_str(), document["last"].as_u64()), (Some("holds"), Some(3)));
    assert_eq!(
        (&document["not_checked"][0]["what"], &document["not_checked"][1]["what"]),
        (&json!("author"), &json!("end"))
    );
}

#[test]
fn whatever_stands_behind_an_export_is_refused() {
    let bytes = to_bytes(&whole(&[1, 2, 3]).0);
    for behind in [&[0][..], &b"garbage"[..], &bytes] {
        for export in [&bytes, &to_bytes(&anchored())] {
            let verdict = audit(&[export, behind].concat(), None, false);
            assert_eq!(verdict.exit_code(), 3, "{verdict:?}");
            assert!(said(&verdict, "something stands behind its end"), "{verdict:?}");
        }
    }
}

#[test]
fn a_changed_entry_is_tampering_and_any_other_file_unreadable_also_as_a_document() {
    let (mut changed, _) = whole(&[1, 2, 3]);
    changed.entries[1].body[1] ^= 1;
    assert_eq!(audit(&to_bytes(&changed), None, false).exit_code(), 1);
    let Verdict::Report { text, exit: 1 } = audit(&to_bytes(&changed), None, true) else { panic!("one document") };
    assert!(text.contains("\"status\":\"tampered\"") && text.contains("FLT-1701"), "{text}");
    let newer = JournalExport { v: 9, ..whole(&[1]).0 };
    assert_eq!(audit(&to_bytes(&newer), None, false).exit_code(), 3, "nothing was compared, so nothing is accused");
    let nowhere = Args { file: "/dev/zero".into(), head: None, firmware_key: None, json: false };
    assert_eq!(nowhere.run().exit_code(), 3);
}

#[test]
fn a_journal_without_its_beginning_holds_and_names_what_was_not_checked() {
    let verdict = audit(&to_bytes(&anchored()), None, false);
    assert!(said(&verdict, "3 entries form one chain behind entry 1"), "{verdict:?}");
    assert!(said(&verdict, "not checked: entries 1 to 1"));
    let anchor = Anchor { head: Hash([9; 32]), ..anchored().anchor };
    assert_eq!(audit(&to_bytes(&AnchoredExport { anchor, ..anchored() }), None, false).exit_code(), 1);
    let at_the_anchor = to_hex(&anchored().anchor.head.0[..16]);
    assert!(said(&audit(&to_bytes(&anchored()), Some(&at_the_anchor), false), "entry 1 of 4"));
    assert_eq!(audit(&to_bytes(&anchored()), Some(&"00".repeat(32)), false).exit_code(), 7);
}
