//! Edits by outboxes and robots: taken once, in every order of arrival the same, told back, and kept over a restart.

use crate::fixture::{
    FakeRobot, SERVER_EPOCH, WALL, drain_with_merges, feed_words, feeds, fleet, given, robot, row, state, task_id,
};
use crate::{Answer, Change, Command, Event, Fleet, Input, Loaded, OpAnswer, Refusal, Tell, Token};
use shared::checklist::Content;
use shared::contribution::{Blob, MergeAsk, Merged, NoteWrite};
use shared::fact::Fact;
use shared::field::{FieldValue, FieldWrite, OpId};
use shared::hlc::Hlc;
use shared::id::{ClientId, TaskId};
use shared::machine::Machine;
use shared::op::{Bytes, Op, OpAct, OpBatch, OpResult, OpTime};
use shared::refusal::Code;
use shared::time::Instant;
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{FeedWord, Row};
use shared::wire::from_bytes;

struct Desk {
    fleet: Fleet,
    changes: Vec<Change>,
    tells: Vec<Tell>,
    merges: Vec<(u64, MergeAsk)>,
}

impl Desk {
    fn new(loaded: Loaded) -> Self {
        Self { fleet: fleet(loaded), changes: vec![], tells: vec![], merges: vec![] }
    }

    fn handle(&mut self, event: Event) {
        self.fleet.handle(Input { wall: WALL, event }, Instant(1000));
        let (changes, tells, merges) = drain_with_merges(&mut self.fleet);
        self.changes.extend(changes);
        self.tells.extend(tells);
        self.merges.extend(merges);
    }

    fn ops(&mut self, client: &str, ops: Vec<Op>) -> Option<Result<Vec<OpAnswer>, Refusal>> {
        self.tells.clear();
        let command = Command::Ops(batch(client, ops));
        self.handle(Event::Command { token: Token(7), command });
        self.answer()
    }

    fn answer(&mut self) -> Option<Result<Vec<OpAnswer>, Refusal>> {
        self.tells.drain(..).find_map(|tell| {
            let Tell::Answer { result, .. } = tell else { return None };
            match result {
                Ok(Answer::Ops(answers)) => Some(Ok(answers)),
                Ok(Answer::Task { .. } | Answer::Imported(_) | Answer::Sync(_) | Answer::Requested { .. }) => None,
                Err(refusal) => Some(Err(refusal)),
            }
        })
    }

    fn results(&mut self, client: &str, ops: Vec<Op>) -> Vec<OpResult> {
        self.ops(client, ops).unwrap().unwrap().iter().map(|answer| answer.result).collect()
    }

    fn rows(&self, to: &str) -> Vec<Row> {
        let rows =
            self.changes.iter().filter_map(|change| if let Change::FeedRow(row) = change { Some(row) } else { None });
        rows.filter(|row| row.robot == robot(to)).filter_map(|row| from_bytes(&row.row).ok()).collect()
    }
}

fn batch(client: &str, ops: Vec<Op>) -> OpBatch {
    let client = ClientId::parse(client).unwrap();
    OpBatch { client, boot: Some(1), mono_ms: Some(5000), wall_ms: Some(WALL.0), ops, cursor: None }
}

/// Written this long before the batch is sent.
fn op(seq: u64, task: u8, age_ms: u64, act: OpAct) -> Op {
    let written = Some(OpTime { hlc: Hlc(1), boot: 1, mono_ms: 5000 - age_ms });
    let id = act.id(&ClientId::parse("any").unwrap(), age_ms, seq, Hlc(1));
    Op { seq, id, task: task_id(task), written, seen: Hlc::default(), act }
}

fn set(value: FieldValue) -> OpAct {
    OpAct::Set { value }
}

fn title(text: &str) -> OpAct {
    set(FieldValue::Title(text.into()))
}

fn queued() -> Loaded {
    Loaded { tasks: vec![crate::change::TaskRecord { row: row(1), given_to: None }], ..Loaded::default() }
}

fn dispatched() -> Loaded {
    Loaded { tasks: vec![given(row(1), "r-1")], ..Loaded::default() }
}

#[test]
fn a_batch_takes_effect_once_and_a_gap_and_a_fork_are_refused_with_their_numbers() {
    let mut desk = Desk::new(queued());
    let first = op(1, 1, 10, title("One"));
    let results = desk.results("a", vec![first.clone(), op(2, 1, 5, set(FieldValue::Priority(1)))]);
    assert!(results.iter().all(|result| matches!(result, OpResult::Done { .. })), "{results:?}");
    desk.changes.clear();
    assert_eq!(desk.results("a", vec![first.clone()]), results[..1]);
    assert_eq!(desk.changes, [], "a repeated operation changes nothing");
    let gap = desk.ops("a", vec![op(4, 1, 1, title("Four"))]).unwrap().unwrap_err();
    assert_eq!(gap.code, Code::OpsMissing);
    assert!(gap.detail.contains("up to 2") && gap.detail.contains("begins with 4"), "{}", gap.detail);
    let forked = desk.ops("a", vec![op(1, 1, 10, title("Other")), op(2, 1, 5, title("x"))]).unwrap().unwrap_err();
    assert_eq!(forked.code, Code::OutboxForked);
    let holed = desk.ops("a", vec![op(3, 1, 1, title("x")), op(5, 1, 1, title("x"))]).unwrap().unwrap_err();
    assert_eq!(holed.code, Code::OpsMissing);
    assert_eq!(desk.changes, []);
    let row = desk.fleet.task(task_id(1)).unwrap();
    assert_eq!((row.title.as_str(), row.priority), ("One", 1));
}

/// Two outboxes and a robot; whoever wrote a field last keeps it, whoever arrives first.
#[test]
fn fields_merge_by_when_they_were_written_not_by_when_they_arrive() {
    let act = |writer: usize, desk: &mut Desk, pen: &mut FakeRobot| match writer {
        0 => drop(desk.ops("a", vec![op(1, 1, 300, title("A")), op(2, 1, 100, set(FieldValue::Priority(1)))])),
        1 => drop(desk.ops("b", vec![op(1, 1, 200, title("B")), op(2, 1, 200, set(FieldValue::Due(Some(9))))])),
        _ => {
            // Its entries are as old as the batch: written now.
            let write = |value, number| FieldWrite { op: OpId([number; 16]), task: task_id(1), value, seen: Hlc(0) };
            let record = pen.write(&Fact::FieldWritten { write: write(FieldValue::Due(Some(7)), 1) });
            desk.handle(pen.batch(&[record]));
        }
    };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut desk, mut pen) = (Desk::new(dispatched()), FakeRobot::new("r-1", 1));
        order.iter().for_each(|writer| act(*writer, &mut desk, &mut pen));
        let row = desk.fleet.task(task_id(1)).unwrap();
        assert_eq!((row.title.as_str(), row.priority, row.due_ms), ("B", 1, Some(7)), "{order:?}");
    }
}

#[test]
fn a_write_that_makes_no_sense_is_refused_with_its_code_and_changes_nothing() {
    let mut desk = Desk::new(dispatched());
    let before = desk.fleet.task(task_id(1)).unwrap().clone();
    let zone = |name: &str| set(FieldValue::Zone(shared::id::ZoneId::parse(name).unwrap()));
    let acts = [zone("store"), zone("moon"), set(FieldValue::Wanted(robot("r-2"))), set(FieldValue::Priority(9))];
    let ops = acts.into_iter().zip(1..).map(|(act, seq)| op(seq, 1, 10, act)).chain([op(5, 9, 1, title("x"))]);
    let results = desk.results("a", ops.collect());
    let codes = [Code::AlreadySent, Code::UnknownZone, Code::AlreadySent, Code::BadBody, Code::NotFound];
    assert_eq!(results, codes.map(|code| OpResult::Refused { code }));
    assert_eq!(*desk.fleet.task(task_id(1)).unwrap(), before);
}

#[test]
fn a_robot_is_told_what_became_of_its_edit_behind_the_row_that_shows_it() {
    let (mut desk, mut pen) = (Desk::new(dispatched()), FakeRobot::new("r-1", 1));
    desk.handle(pen.hello_of(0, 0, Abilities::NOTES));
    let write = |value, number| Fact::FieldWritten {
        write: FieldWrite { op: OpId([number; 16]), task: task_id(1), value, seen: Hlc(0) },
    };
    let records = [
        pen.write(&write(FieldValue::Title("Robot".into()), 1)),
        pen.write(&write(FieldValue::Zone(shared::id::ZoneId::parse("store").unwrap()), 2)),
    ];
    desk.handle(pen.batch(&records));
    let rows = desk.rows("r-1");
    let Row::Task { row } = &rows[0] else { panic!("{rows:?}") };
    assert_eq!(row.title, "Robot");
    let told: Vec<(u8, Option<Code>)> = rows
        .iter()
        .filter_map(|row| if let Row::Settled { op, why, .. } = row { Some((op.0[0], *why)) } else { None })
        .collect();
    assert_eq!(told, [(1, None), (2, Some(Code::AlreadySent))]);
    let flags = desk.changes.iter().filter(|change| matches!(change, Change::Flag(_))).count();
    assert_eq!(flags, 1);
}

#[test]
fn a_robot_that_is_sent_the_whole_instead_of_its_rows_is_told_what_became_of_its_edit() {
    let (mut desk, mut pen) = (Desk::new(dispatched()), FakeRobot::new("r-1", 1));
    let can = Abilities::NOTES.and(Abilities::SNAPSHOTS);
    desk.handle(pen.hello_of(0, 0, can));
    let write = FieldWrite { op: OpId([1; 16]), task: task_id(1), value: FieldValue::Priority(1), seen: Hlc(0) };
    let record = pen.write(&Fact::FieldWritten { write });
    desk.handle(pen.batch(&[record]));
    (1..=300).for_each(|seq| drop(desk.ops("a", vec![op(seq, 1, 10, title(&format!("{seq}")))])));
    desk.handle(pen.hello_of(SERVER_EPOCH, 0, can));
    let chunks = feed_words(&desk.tells, "r-1").into_iter().filter_map(|word| match word {
        FeedWord::Chunk { chunk, .. } => Some(chunk.packed.open().unwrap().1),
        FeedWord::Hashes { .. } => None,
    });
    let rows: Vec<Row> = chunks.flatten().map(|row| from_bytes(&row.0).unwrap()).collect();
    assert!(matches!(rows[..], [Row::Settled { op: OpId([1, ..]), why: None, .. }]), "{rows:?}");
}

#[test]
fn a_robot_is_told_the_newest_stamp_of_what_people_wrote_once_for_all_of_it() {
    let tasks = (1..=9).map(|number| given(row(number), "r-1")).collect();
    let (mut desk, pen) = (Desk::new(Loaded { tasks, ..Loaded::default() }), FakeRobot::new("r-1", 1));
    desk.handle(pen.hello_of(0, 0, Abilities::NOTES));
    let ops: Vec<Op> = (1..=9u8).map(|number| op(number.into(), number, 10, title("x"))).collect();
    let newest = desk.results("a", ops).iter().filter_map(OpResult::stamp).max();
    let stamps = desk.rows("r-1").into_iter().filter_map(|row| match row {
        Row::Stamp { stamp } => Some(stamp),
        Row::Task { .. } | Row::Revoke { .. } | Row::Endorsement { .. } | Row::Note { .. } | Row::Settled { .. } => {
            None
        }
    });
    assert_eq!(stamps.collect::<Vec<_>>(), newest.into_iter().collect::<Vec<_>>());
}

#[test]
fn whoever_was_not_given_the_task_may_not_edit_it() {
    let (mut desk, mut pen) = (Desk::new(dispatched()), FakeRobot::new("r-2", 2));
    let write = FieldWrite { op: OpId([1; 16]), task: task_id(1), value: FieldValue::Priority(1), seen: Hlc(0) };
    let record = pen.write(&Fact::FieldWritten { write });
    desk.handle(pen.batch(&[record]));
    assert_eq!(desk.fleet.task(task_id(1)).unwrap().priority, 3);
    assert!(matches!(desk.rows("r-2")[..], [Row::Settled { why: Some(Code::NotFound), .. }]));
}

fn note(bytes: &[u8]) -> OpAct {
    OpAct::Note { update: Bytes(Blob(bytes.to_vec())) }
}

fn changed(text: &str) -> Merged {
    let (delta, state) = (Blob(text.into()), Blob(format!("all of {text}").into_bytes()));
    Merged::Changed { delta, state, content: Content { text: text.into(), items: vec![] } }
}

fn note_text(desk: &Desk, task: TaskId) -> String {
    desk.fleet.note(task).map_or_else(String::new, |note| note.content.text.clone())
}

#[test]
fn contributions_are_merged_one_after_the_other_and_answered_when_all_are() {
    let (mut desk, mut pen) = (Desk::new(dispatched()), FakeRobot::new("r-1", 1));
    desk.handle(pen.hello_of(0, 0, Abilities::NOTES));
    assert!(desk.ops("a", vec![op(1, 1, 9, note(b"x")), op(2, 1, 8, title("T")), op(3, 1, 7, note(b"y"))]).is_none());
    let record = pen.write(&Fact::NoteUpdate {
        write: NoteWrite { op: OpId([9; 16]), task: task_id(1), update: Blob(b"z".to_vec()) },
    });
    desk.handle(pen.batch(&[record]));
    assert_eq!(desk.merges.len(), 1, "one at a time");
    let merge = |desk: &mut Desk, merged| {
        let (number, ask) = desk.merges.remove(0);
        desk.handle(Event::Merged { number, merged: Box::new(merged) });
        ask
    };
    assert_eq!(merge(&mut desk, changed("x")).parts, []);
    assert!(desk.answer().is_none());
    let ask = merge(&mut desk, Merged::Refused { why: Code::BadNote });
    assert_eq!(ask.parts, [Blob(b"x".to_vec())]);
    let results: Vec<OpResult> = desk.answer().unwrap().unwrap().iter().map(|answer| answer.result).collect();
    assert!(matches!(results[0], OpResult::Done { .. }) && matches!(results[1], OpResult::Done { .. }));
    assert_eq!(results[2], OpResult::Refused { code: Code::BadNote });
    merge(&mut desk, changed("xz"));
    assert_eq!(note_text(&desk, task_id(1)), "xz");
    let rows = desk.rows("r-1");
    let notes: Vec<(u64, bool)> = rows
        .iter()
        .filter_map(|row| if let Row::Note { rev, whole, .. } = row { Some((*rev, *whole)) } else { None })
        .collect();
    assert_eq!(notes, [(1, true), (2, false)]);
    assert!(matches!(rows.last(), Some(Row::Settled { op: OpId([9, ..]), why: None, .. })));
}

#[test]
fn what_waits_is_asked_for_again_after_a_restart_and_what_is_shown_is_not_shown_twice() {
    let mut desk = Desk::new(dispatched());
    let pen = FakeRobot::new("r-1", 1);
    assert!(desk.ops("a", vec![op(1, 1, 9, note(b"x"))]).is_none());
    let jobs = desk.changes.iter().filter_map(|change| {
        if let Change::NoteJob { number, job } = change { Some((*number, (**job).clone())) } else { None }
    });
    let ops = desk.changes.iter().filter_map(|c| if let Change::Op(row) = c { Some(row.clone()) } else { None });
    let loaded = Loaded { note_jobs: jobs.collect(), ops: ops.collect(), newest_note_job: 1, ..dispatched() };
    let mut again = Desk::new(loaded);
    assert_eq!(again.fleet.poll_timeout(), Some(Instant(0)));
    again.fleet.handle_timeout(Instant(0));
    again.merges = drain_with_merges(&mut again.fleet).2;
    assert!(again.ops("a", vec![op(1, 1, 9, note(b"x"))]).is_none(), "repeated, and not merged yet");
    again.handle(Event::Merged { number: 1, merged: Box::new(changed("x")) });
    assert!(matches!(again.answer(), Some(Ok(answers)) if matches!(answers[0].result, OpResult::Done { .. })));
    assert!(feeds(&again.tells, "r-1").is_empty(), "a robot that does not know notes is sent none");
    again.handle(pen.hello_of(0, 0, Abilities::NOTES));
    assert_eq!(again.rows("r-1").iter().filter(|row| matches!(row, Row::Note { .. })).count(), 1);
    again.handle(pen.state(&state(1, 9)));
    again.handle(pen.hello_of(0, 0, Abilities::NOTES));
    assert_eq!(again.rows("r-1").iter().filter(|row| matches!(row, Row::Note { .. })).count(), 1);
}
