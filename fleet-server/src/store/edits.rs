//! The rows of what is edited: fields, operations, notes.

use super::load::{Why, get, number, read, robot};
use super::rows::{integer, put};
use super::{Fault, attempt};
use fleet_core::change::{Loaded, NoteRow};
use fleet_core::{OpAnswer, OpRow};
use rusqlite::{Connection, Row};
use shared::checklist::Content;
use shared::contribution::Job;
use shared::field::{OpId, Written};
use shared::id::{ClientId, RobotId, TaskId};
use shared::note_log::NoteLog;
use shared::refusal::Code;
use shared::wire::{Decode, from_bytes, to_bytes};
use std::collections::BTreeMap;

/// Writes the last write of a field.
pub fn field(connection: &Connection, task: TaskId, written: &Written) -> Result<(), Fault> {
    let sql = "INSERT INTO field VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET written = excluded.written";
    put(connection, sql, &[task.bytes(), &written.value.field().as_str(), &to_bytes(written)])
}

/// Writes an operation, and what became of it.
pub fn op(connection: &Connection, row: &OpRow) -> Result<(), Fault> {
    let sql = "INSERT INTO op VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET result = excluded.result";
    let OpAnswer { seq, id, result } = &row.answer;
    put(connection, sql, &[&row.client.as_str(), &integer(*seq), &id.0, &to_bytes(result)])
}

/// Writes a contribution that waits.
pub fn job(connection: &Connection, number: u64, job: &Job) -> Result<(), Fault> {
    put(connection, "INSERT INTO note_job VALUES (?1, ?2)", &[&integer(number), &to_bytes(job)])
}

/// Removes one that waits no more.
pub fn job_done(connection: &Connection, number: u64) -> Result<(), Fault> {
    put(connection, "DELETE FROM note_job WHERE number = ?1", &[&integer(number)])
}

/// Keeps one that was not taken.
pub fn refused(connection: &Connection, number: u64, why: Code, job: &Job) -> Result<(), Fault> {
    let sql = "INSERT INTO note_refused VALUES (?1, ?2, ?3)";
    put(connection, sql, &[&integer(number), &why.number(), &to_bytes(job)])
}

/// Writes what is new in a note; the updates before go where they were folded.
pub fn note(connection: &Connection, row: &NoteRow) -> Result<(), Fault> {
    let (task, rev, content) = (row.task.bytes(), integer(row.rev), to_bytes(&row.content));
    let Some(folded) = &row.folded else {
        put(connection, "INSERT INTO note_update VALUES (?1, ?2, ?3)", &[task, &rev, &row.update])?;
        let sql = "INSERT INTO note VALUES (?1, ?2, x'', ?3)
                   ON CONFLICT DO UPDATE SET rev = excluded.rev, content = excluded.content";
        return put(connection, sql, &[task, &rev, &content]);
    };
    put(connection, "DELETE FROM note_update WHERE task = ?1", &[task])?;
    let sql = "INSERT INTO note VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
               SET rev = excluded.rev, snapshot = excluded.snapshot, content = excluded.content";
    put(connection, sql, &[task, &rev, folded, &content])
}

/// Writes up to where a note stands in a feed.
pub fn shown(connection: &Connection, robot: &RobotId, task: TaskId, rev: u64) -> Result<(), Fault> {
    if rev == 0 {
        let sql = "DELETE FROM note_shown WHERE robot = ?1 AND task = ?2";
        return put(connection, sql, &[&robot.as_str(), task.bytes()]);
    }
    let sql = "INSERT INTO note_shown VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET rev = excluded.rev";
    put(connection, sql, &[&robot.as_str(), task.bytes(), &integer(rev)])
}

/// Reads all of it back.
pub fn load(connection: &Connection, loaded: Loaded) -> Result<Loaded, Fault> {
    let newest = "SELECT coalesce(max(number), 0) FROM
                  (SELECT number FROM note_job UNION ALL SELECT number FROM note_refused)";
    let newest = connection.query_row(newest, [], |row| row.get::<_, i64>(0)).map_err(attempt("read a number"))?;
    Ok(Loaded {
        fields: read(connection, "field", "SELECT task, written FROM field", |row| Ok((task(row, 0)?, cbor(row, 1)?)))?,
        ops: read(connection, "operation", "SELECT client, seq, id, result FROM op", op_row)?,
        notes: notes(connection)?,
        note_jobs: read(connection, "contribution", "SELECT number, job FROM note_job", |row| {
            Ok((number(row, 0)?, cbor(row, 1)?))
        })?,
        newest_note_job: newest.cast_unsigned(),
        notes_shown: read(connection, "note's place", "SELECT robot, task, rev FROM note_shown", |row| {
            Ok((robot(row, 0)?, task(row, 1)?, number(row, 2)?))
        })?,
        ..loaded
    })
}

fn notes(connection: &Connection) -> Result<Vec<(TaskId, NoteLog, Content)>, Fault> {
    let mut updates: BTreeMap<TaskId, Vec<Vec<u8>>> = BTreeMap::new();
    let sql = "SELECT task, bytes FROM note_update ORDER BY task, rev";
    for (task, bytes) in read(connection, "note's update", sql, |row| Ok((task(row, 0)?, get(row, 1)?)))? {
        updates.entry(task).or_default().push(bytes);
    }
    read(connection, "note", "SELECT task, rev, snapshot, content FROM note", |row| {
        let task = task(row, 0)?;
        let log = NoteLog {
            rev: number(row, 1)?,
            snapshot: get(row, 2)?,
            updates: updates.remove(&task).unwrap_or_default(),
        };
        Ok((task, log, cbor(row, 3)?))
    })
}

fn op_row(row: &Row<'_>) -> Result<OpRow, Why> {
    let client = ClientId::parse(&get::<String>(row, 0)?).map_err(|e| e.to_string())?;
    let answer = OpAnswer { seq: number(row, 1)?, id: OpId(get(row, 2)?), result: cbor(row, 3)? };
    Ok(OpRow { client, answer })
}

fn task(row: &Row<'_>, column: usize) -> Result<TaskId, Why> {
    get(row, column).map(TaskId::from_bytes)
}

fn cbor<T: for<'b> Decode<'b, ()>>(row: &Row<'_>, column: usize) -> Result<T, Why> {
    from_bytes(&get::<Vec<u8>>(row, column)?).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use crate::store::Store;
    use fleet_core::change::NoteRow;
    use fleet_core::{Change, OpAnswer, OpRow};
    use shared::checklist::{Content, Item};
    use shared::contribution::{Author, Blob, Contribution, Job};
    use shared::field::{FieldStamp, FieldValue, OpId, Written};
    use shared::hlc::Hlc;
    use shared::id::{ClientId, RobotId, TaskId};
    use shared::note_log::NoteLog;
    use shared::op::OpResult;
    use shared::refusal::Code;

    #[test]
    fn what_was_edited_comes_back_after_the_process_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (task, robot) = (TaskId::from_bytes([3; 16]), RobotId::parse("r-1").unwrap());
        let client = ClientId::parse("weber").unwrap();
        let stamp = FieldStamp { hlc: Hlc(u64::MAX >> 3), origin: u32::MAX, op: OpId([1; 16]) };
        let written = Written { value: FieldValue::Due(None), stamp };
        let answer = |result| OpAnswer { seq: 1, id: OpId([1; 16]), result };
        let op = |result| Change::Op(OpRow { client: client.clone(), answer: answer(result) });
        let contribution = Contribution::Edits { base: vec![Blob(vec![1])], edits: vec![] };
        let author = Author::Client { client: client.clone(), seq: 1 };
        let job = Box::new(Job { task, op: OpId([1; 16]), author, stamp: Hlc(4), contribution });
        let item = Item { id: "x".into(), text: "y".into(), done: true };
        let content = Content { text: "text".into(), items: vec![item] };
        let note = |rev, folded| {
            Change::Note(Box::new(NoteRow { task, rev, update: vec![1], folded, content: content.clone() }))
        };
        let shown = |rev| Change::NoteShown { robot: robot.clone(), task, rev };
        let mut store = Store::open(folder.path(), 77).unwrap();
        let changes = [
            Change::Field { task, written: written.clone() },
            op(OpResult::Taken { stamp: Hlc(4) }),
            op(OpResult::Refused { code: Code::BadNote }),
            Change::NoteJob { number: 5, job: job.clone() },
            Change::NoteJob { number: 6, job: job.clone() },
            Change::NoteJobDone { number: 6 },
            Change::NoteRefused { number: 6, why: Code::BadNote, job: job.clone() },
            note(1, None),
            note(2, Some(vec![9])),
            note(3, None),
            shown(1),
            shown(3),
        ];
        store.commit(&changes).unwrap();
        drop(store);
        let mut store = Store::open(folder.path(), 78).unwrap();
        let loaded = store.load().unwrap();
        assert_eq!(loaded.fields, [(task, written)]);
        assert_eq!(loaded.ops, [OpRow { client, answer: answer(OpResult::Refused { code: Code::BadNote }) }]);
        assert_eq!((loaded.note_jobs, loaded.newest_note_job), (vec![(5, *job)], 6));
        let log = NoteLog { rev: 3, snapshot: vec![9], updates: vec![vec![1]] };
        assert_eq!(loaded.notes, [(task, log, content)]);
        assert_eq!(loaded.notes_shown, [(robot.clone(), task, 3)]);
        store.commit(&[shown(0)]).unwrap();
        assert_eq!(store.load().unwrap().notes_shown, []);
    }
}
