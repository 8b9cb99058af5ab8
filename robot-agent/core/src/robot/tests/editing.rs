//! A person at the robot edits a task out of reach: it is in the journal before it is shown, and stays shown until it is
//! settled.

use super::*;
use crate::robot::{LocalEdit, ShownTask};
use shared::contribution::Blob;
use shared::field::FieldValue;

fn edit(bench: &mut Bench, task: &str, edit: LocalEdit) -> Result<ShownTask, Code> {
    bench.input(Input::Local(LocalToken(1), LocalAsk::Task(task.into(), edit)));
    match bench.answers.pop() {
        Some(LocalAnswer::Task(shown)) => shown.map(|shown| *shown),
        other => panic!("{other:?}"),
    }
}

fn say(bench: &mut Bench, rows: &[Row]) {
    let rows: Vec<RowBytes> = rows.iter().map(|row| RowBytes(shared::wire::to_bytes(row))).collect();
    let count = rows.len() as u64;
    bench.say(Down::Feed, &Feed { server_epoch: 5, from: bench.cursor, rows });
    bench.cursor += count;
}

#[test]
fn an_edit_is_recorded_shown_at_once_and_gone_when_the_server_has_spoken() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    let title = LocalEdit::Set(FieldValue::Title("Mine".into()));
    let shown = edit(&mut bench, "T-00001", title).unwrap();
    assert_eq!((shown.row.title.as_str(), shown.waiting), ("Mine", 1));
    edit(&mut bench, "T-00001", LocalEdit::Append("mind the step".into())).unwrap();
    let shown = edit(&mut bench, "T-00001", LocalEdit::Check { item: "seal it".into(), done: true }).unwrap();
    assert_eq!((shown.note.text.as_str(), shown.note.items.len(), shown.waiting), ("mind the step", 1, 3));
    let written = bench.facts[bench.facts.len() - 3..].to_vec();
    let [Fact::FieldWritten { write }, Fact::NoteUpdate { write: said }, Fact::NoteUpdate { write: ticked }] =
        &written[..]
    else {
        panic!("{written:?}")
    };
    let settled = |op| Row::Settled { op, stamp: Hlc(9), why: None };
    let theirs = TaskRow { title: "Theirs".into(), ..row(1, 1) };
    say(&mut bench, &[Row::Task { row: theirs }, settled(write.op)]);
    assert_eq!(edit(&mut bench, "T-00001", LocalEdit::Show).unwrap().row.title, "Theirs");
    let note = |rev, bytes: &Blob| Row::Note {
        task: row(1, 1).id,
        rev,
        whole: rev == 1,
        part: 0,
        of: 1,
        bytes: bytes.clone(),
    };
    say(&mut bench, &[note(1, &said.update), settled(said.op), note(2, &ticked.update), settled(ticked.op)]);
    let shown = edit(&mut bench, "T-00001", LocalEdit::Show).unwrap();
    assert_eq!((shown.note.text.as_str(), shown.note.items.len(), shown.waiting), ("mind the step", 1, 0));
    say(&mut bench, &[Row::Revoke { task: row(1, 1).id }]);
    assert_eq!(edit(&mut bench, "T-00001", LocalEdit::Show), Err(Code::NotFound));
}

#[test]
fn what_cannot_be_is_refused_and_not_recorded() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    let before = bench.facts.len();
    assert_eq!(edit(&mut bench, "T-00009", LocalEdit::Show), Err(Code::NotFound));
    assert_eq!(edit(&mut bench, "T-00001", LocalEdit::Set(FieldValue::Priority(9))), Err(Code::BadBody));
    let long = LocalEdit::Text("x".repeat(40_000));
    assert_eq!(edit(&mut bench, "T-00001", long), Err(Code::NoteTooLong));
    assert!(edit(&mut bench, "T-00001", LocalEdit::Text(String::new())).is_ok(), "and changes nothing");
    assert_eq!(bench.facts.len(), before);
}
