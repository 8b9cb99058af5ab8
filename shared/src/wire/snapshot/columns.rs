//! Task rows turned on their side: one column a field.
//!
//! Identities stand byte by byte (all first bytes, then all second ones), because those made in one minute begin alike.
//! What repeats is written once and named by its place. Numbers that grow are written as steps from one to the next.

use crate::id::{RobotId, TaskId, ZoneId};
use crate::refusal::Code;
use crate::task::{Step, TaskKind, TaskRow, TaskState};
use crate::wire::snapshot::CHUNK_TASKS_MAX;
use crate::wire::to_bytes;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Most steps of an order in a column: a step's place is counted in a byte.
const STEPS_MAX: usize = 256;

/// The fields of many tasks. Every column has as many places as there are tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TaskColumns {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    id: Vec<u8>,
    #[n(1)]
    number: Vec<i64>,
    #[n(2)]
    title: Texts,
    #[n(3)]
    kind: Vec<TaskKind>,
    #[n(4)]
    zone: Words<ZoneId>,
    #[n(5)]
    from: Words<Option<ZoneId>>,
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    priority: Vec<u8>,
    #[n(7)]
    due_ms: Vec<Option<i64>>,
    #[n(8)]
    state: Vec<TaskState>,
    #[n(9)]
    robot: Words<Option<RobotId>>,
    #[n(10)]
    fence: Vec<u64>,
    #[n(11)]
    steps: Words<Vec<Step>>,
    #[n(12)]
    #[cbor(with = "minicbor::bytes")]
    steps_done: Vec<u8>,
    #[n(13)]
    cancel_wanted: Vec<bool>,
    #[n(14)]
    why: Vec<Option<Code>>,
    #[n(15)]
    late: Vec<bool>,
}

/// Texts one after the other, and how many bytes each has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Texts {
    #[n(0)]
    lens: Vec<u32>,
    #[n(1)]
    all: String,
}

/// Each value once, and which one stands at each place.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Words<T> {
    #[n(0)]
    values: Vec<T>,
    #[n(1)]
    places: Vec<u32>,
}

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self { values: vec![], places: vec![] }
    }
}

/// Why columns do not make rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadColumns {
    /// A column has more or fewer places than there are tasks, or there are more tasks than a chunk may have.
    #[error("the column {0} does not fit the number of tasks")]
    Length(&'static str),
    /// A place holds something that no task can have.
    #[error("the column {0} holds a value that no task has")]
    Value(&'static str),
}

impl TaskColumns {
    /// The columns of these rows.
    #[must_use]
    pub fn of(rows: &[TaskRow]) -> Self {
        let mut columns = Self { id: planes(rows), ..Self::default() };
        let (mut number, mut due) = (0, 0);
        let (mut zones, mut froms, mut robots, mut orders) = Default::default();
        for row in rows {
            // Every field is named, so that one that is added later cannot be forgotten here.
            let TaskRow {
                id: _,
                number: n,
                title,
                kind,
                zone,
                from,
                priority,
                due_ms,
                state,
                robot,
                fence,
                steps,
                steps_done,
                cancel_wanted,
                why,
                late,
            } = row;
            columns.number.push(step_to(&mut number, i64::from(*n)));
            columns.title.push(title);
            columns.kind.push(*kind);
            columns.zone.push(zone, &mut zones);
            columns.from.push(from, &mut froms);
            columns.priority.push(*priority);
            columns.due_ms.push(due_ms.map(|ms| step_to(&mut due, ms.cast_signed())));
            columns.state.push(*state);
            columns.robot.push(robot, &mut robots);
            columns.fence.push(*fence);
            columns.steps.push(steps, &mut orders);
            columns.steps_done.push(*steps_done);
            columns.cancel_wanted.push(*cancel_wanted);
            columns.why.push(*why);
            columns.late.push(*late);
        }
        columns
    }

    /// The rows of these columns.
    ///
    /// # Errors
    /// [`BadColumns`] when they do not fit each other.
    pub fn rows(&self) -> Result<Vec<TaskRow>, BadColumns> {
        let count = self.id.len() / 16;
        self.expect_places(count)?;
        let titles = self.title.texts(count)?;
        let (zone, from) = (self.zone.words("zone", count)?, self.from.words("from", count)?);
        let (robot, steps) = (self.robot.words("robot", count)?, self.steps.words("steps", count)?);
        if self.steps.values.iter().any(|steps| steps.len() > STEPS_MAX) {
            return Err(BadColumns::Value("steps"));
        }
        let (mut number, mut due) = (0, 0);
        let row = |i: usize| {
            Ok(TaskRow {
                id: TaskId::from_bytes(std::array::from_fn(|plane| self.id[plane * count + i])),
                number: u32::try_from(sum(&mut number, self.number[i])).map_err(|_| BadColumns::Value("number"))?,
                title: titles[i].to_owned(),
                kind: self.kind[i],
                zone: zone[i].clone(),
                from: from[i].clone(),
                priority: self.priority[i],
                due_ms: self.due_ms[i].map(|step| sum(&mut due, step).cast_unsigned()),
                state: self.state[i],
                robot: robot[i].clone(),
                fence: self.fence[i],
                steps: steps[i].clone(),
                steps_done: self.steps_done[i],
                cancel_wanted: self.cancel_wanted[i],
                why: self.why[i],
                late: self.late[i],
            })
        };
        (0..count).map(row).collect()
    }

    fn expect_places(&self, count: usize) -> Result<(), BadColumns> {
        let lengths = [
            ("number", self.number.len()),
            ("kind", self.kind.len()),
            ("priority", self.priority.len()),
            ("due_ms", self.due_ms.len()),
            ("state", self.state.len()),
            ("fence", self.fence.len()),
            ("steps_done", self.steps_done.len()),
            ("cancel_wanted", self.cancel_wanted.len()),
            ("why", self.why.len()),
            ("late", self.late.len()),
        ];
        let fits = self.id.len() == count * 16 && count <= CHUNK_TASKS_MAX;
        let bad = lengths.iter().find(|(_, length)| *length != count).map(|(name, _)| *name);
        match if fits { bad } else { Some("id") } {
            Some(name) => Err(BadColumns::Length(name)),
            None => Ok(()),
        }
    }
}

fn planes(rows: &[TaskRow]) -> Vec<u8> {
    (0..16).flat_map(|plane| rows.iter().map(move |row| row.id.bytes()[plane])).collect()
}

/// How far `value` is from the one before, which it becomes.
const fn step_to(before: &mut i64, value: i64) -> i64 {
    let step = value.wrapping_sub(*before);
    *before = value;
    step
}

const fn sum(before: &mut i64, step: i64) -> i64 {
    *before = before.wrapping_add(step);
    *before
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.lens.push(u32::try_from(text.len()).expect("a title has at most a few hundred bytes"));
        self.all.push_str(text);
    }

    fn texts(&self, count: usize) -> Result<Vec<&str>, BadColumns> {
        let mut rest = self.all.as_str();
        let mut take = |len: &u32| {
            let (text, after) = rest.split_at_checked(usize::try_from(*len).ok()?)?;
            rest = after;
            Some(text)
        };
        let texts: Option<Vec<&str>> = self.lens.iter().map(&mut take).collect();
        let texts = texts.ok_or(BadColumns::Value("title"))?;
        if texts.len() == count && rest.is_empty() { Ok(texts) } else { Err(BadColumns::Length("title")) }
    }
}

impl<T: Clone + Encode<()>> Words<T> {
    /// Adds a place; `known` remembers where each value stands.
    fn push(&mut self, value: &T, known: &mut BTreeMap<Vec<u8>, u32>) {
        let next = u32::try_from(self.values.len()).expect("fewer values than tasks in a chunk");
        let place = *known.entry(to_bytes(value)).or_insert(next);
        if place == next {
            self.values.push(value.clone());
        }
        self.places.push(place);
    }

    fn words(&self, name: &'static str, count: usize) -> Result<Vec<&T>, BadColumns> {
        if self.places.len() != count {
            return Err(BadColumns::Length(name));
        }
        let word = |place: &u32| self.values.get(usize::try_from(*place).ok()?);
        self.places.iter().map(|place| word(place).ok_or(BadColumns::Value(name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::snapshot::tests::tasks;

    #[test]
    fn columns_that_do_not_fit_each_other_make_no_rows() {
        let good = TaskColumns::of(&tasks(3));
        assert!(good.rows().is_ok());
        type Spoil = fn(&mut TaskColumns);
        let cases: [(&str, Spoil); 7] = [
            ("id", |columns| columns.id.push(0)),
            ("number", |columns| columns.number.push(0)),
            ("number", |columns| columns.number[0] = -5),
            ("title", |columns| columns.title.lens[0] += 1),
            ("title", |columns| columns.title.all.push('x')),
            ("zone", |columns| columns.zone.places[1] = 9),
            ("steps", |columns| columns.steps.values[0] = vec![Step::Inspect { work_ds: 1 }; 300]),
        ];
        for (name, spoil) in cases {
            let mut columns = good.clone();
            spoil(&mut columns);
            let (BadColumns::Length(found) | BadColumns::Value(found)) = columns.rows().unwrap_err();
            assert_eq!(found, name);
        }
    }
}
