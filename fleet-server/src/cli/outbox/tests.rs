//! Outboxes that are closed, torn, grown long and copied.

use super::*;
use serde_json::json;
use shared::field::FieldValue;

fn task() -> TaskId {
    TaskId::from_bytes([3; 16])
}

fn priority(priority: u8) -> OpAct {
    OpAct::Set { value: FieldValue::Priority(priority) }
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("outbox.jsonl")
}

fn acts(outbox: &Outbox) -> Vec<(u64, OpAct)> {
    outbox.unsent().map(|unsent| (unsent.op.seq, unsent.op.act.clone())).collect()
}

#[test]
fn what_was_kept_is_there_after_the_process_and_what_was_answered_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    let client = outbox.client().clone();
    outbox.set(task(), priority(1)).unwrap();
    outbox.set(task(), priority(2)).unwrap();
    drop(outbox);
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    assert_eq!((outbox.client(), acts(&outbox)), (&client, vec![(1, priority(1)), (2, priority(2))]));
    let rows = json!([{ "id": task(), "code": "T-00001", "title": "x" }]);
    let answer = json!({ "results": [{ "seq": 1 }], "cursor": "c", "whole": true, "stamp": 9, "rows": rows });
    outbox.answered(&answer).unwrap();
    drop(outbox);
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    assert_eq!(acts(&outbox), [(2, priority(2))]);
    assert_eq!(outbox.known().find("T-00001"), Some(task()));
    outbox.set(task(), priority(3)).unwrap();
    let batch = outbox.batch();
    assert_eq!((batch.ops[1].seq, batch.ops[1].seen, batch.cursor.as_deref()), (3, Hlc(9), Some("c")));
    assert!(batch.ops[1].written.unwrap().hlc > batch.ops[0].written.unwrap().hlc);
    assert_ne!(batch.ops[0].id, batch.ops[1].id);
}

#[test]
fn a_torn_line_was_promised_to_nobody_and_a_spoiled_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    outbox.set(task(), priority(1)).unwrap();
    drop(outbox);
    let whole = std::fs::read(path(&folder)).unwrap();
    for cut in 1..whole.len() {
        std::fs::write(path(&folder), &whole[..cut]).unwrap();
        let mut outbox = Outbox::open(&path(&folder)).unwrap();
        assert_eq!(acts(&outbox), [], "cut at {cut}");
        outbox.set(task(), priority(5)).unwrap();
        drop(outbox);
        assert_eq!(acts(&Outbox::open(&path(&folder)).unwrap()), [(1, priority(5))]);
    }
    std::fs::write(path(&folder), "nonsense\n").unwrap();
    assert!(Outbox::open(&path(&folder)).is_err());
    assert!(Outbox::open(&folder.path().join("no").join("where")).is_err());
}

#[test]
fn a_long_file_is_written_anew_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    outbox.set(task(), priority(1)).unwrap();
    outbox.set(task(), priority(2)).unwrap();
    let title = "x".repeat(1024 * 1024);
    let rows = json!([{ "id": task(), "code": "T-00001", "title": title }]);
    for _ in 0..5 {
        let answer = json!({ "results": [{ "seq": 1 }], "cursor": "c", "whole": false, "stamp": 9, "rows": rows });
        outbox.answered(&answer).unwrap();
    }
    let (client, known, unsent) = (outbox.client().clone(), outbox.known().clone(), acts(&outbox));
    drop(outbox);
    let long = std::fs::metadata(path(&folder)).unwrap().len();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    assert!(std::fs::metadata(path(&folder)).unwrap().len() < long / 3);
    outbox.set(task(), priority(3)).unwrap();
    drop(outbox);
    let outbox = Outbox::open(&path(&folder)).unwrap();
    assert_eq!((outbox.client(), outbox.known()), (&client, &known));
    assert_eq!(acts(&outbox), [unsent, vec![(3, priority(3))]].concat());
}

#[test]
fn notes_are_edited_upon_what_was_not_sent_yet() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    let to = |text: &'static str| move |old: &str, _| shared::checklist::difference(old, text);
    outbox.edit(task(), to("Bring it")).unwrap();
    outbox.edit(task(), to("Bring the kit")).unwrap();
    outbox.edit(task(), to("Bring the kit")).unwrap();
    assert_eq!(acts(&outbox).len(), 2, "what changes nothing is not kept");
    drop(outbox);
    let outbox = Outbox::open(&path(&folder)).unwrap();
    assert_eq!(outbox.note(task()).unwrap().content().text, "Bring the kit");
    assert_eq!(outbox.note(TaskId::from_bytes([4; 16])).unwrap().content().text, "");
}

#[test]
fn an_outbox_that_the_server_does_not_know_goes_on_under_a_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&path(&folder)).unwrap();
    for number in 1..=3 {
        outbox.set(task(), priority(number)).unwrap();
    }
    outbox.answered(&json!({ "results": [{ "seq": 1 }], "rows": [] })).unwrap();
    let (before, ids) = (outbox.client().clone(), outbox.unsent().map(|u| u.op.id).collect::<Vec<_>>());
    outbox.rename().unwrap();
    drop(outbox);
    let outbox = Outbox::open(&path(&folder)).unwrap();
    assert_ne!(outbox.client(), &before);
    assert_eq!(acts(&outbox), [(1, priority(2)), (2, priority(3))]);
    assert_eq!(outbox.unsent().map(|u| u.op.id).collect::<Vec<_>>(), ids);
}
