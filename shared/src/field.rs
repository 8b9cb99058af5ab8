//! The fields of a task that people and robots write, also while they are apart: for each field the last writer wins.
//!
//! *Last* is told by the hybrid clock as the server corrected it; the writer's number breaks ties, and the operation's
//! identity what is left, so any two writes have an order and replicas that have met the same writes hold the same values.
//! Who carries out a task is no such field once the order may be on a robot: it is decided by one writer, with a fence.
//!
//! Leaves to others: the stamp (`fleet-core`), whether a value makes sense for the task as it stands (`fleet-core`).

use crate::hlc::Hlc;
use crate::id::{RobotId, TaskId, ZoneId};
use crate::seal::{Hash, from_hex, to_hex};
use crate::task::TaskRow;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Field {
    /// What the task is about.
    #[n(0)]
    Title,
    /// 1 (first) to 5 (last).
    #[n(1)]
    Priority,
    /// When it should be done.
    #[n(2)]
    Due,
    /// Where it is done.
    #[n(3)]
    Zone,
    /// For kitting: where the kit is fetched.
    #[n(4)]
    From,
    /// Who is to do it.
    #[n(5)]
    Wanted,
    /// A person wants it withdrawn.
    #[n(6)]
    Cancel,
}

impl Field {
    /// Its word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Priority => "priority",
            Self::Due => "due",
            Self::Zone => "zone",
            Self::From => "from",
            Self::Wanted => "wanted",
            Self::Cancel => "cancel",
        }
    }
}

/// A field with what is written into it. A withdrawal is only ever wished, never taken back: a robot that has heard of it
/// has given the order up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", tag = "field", content = "value")]
pub enum FieldValue {
    /// What the task is about, at most 200 characters.
    #[n(0)]
    Title(#[n(0)] String),
    /// 1 (first) to 5 (last).
    #[n(1)]
    Priority(#[n(0)] u8),
    /// Milliseconds since 1970; nothing for no hurry.
    #[n(2)]
    Due(#[n(0)] Option<u64>),
    /// Where it is done.
    #[n(3)]
    Zone(#[n(0)] ZoneId),
    /// For kitting: where the kit is fetched.
    #[n(4)]
    From(#[n(0)] ZoneId),
    /// Who is to do it.
    #[n(5)]
    Wanted(#[n(0)] RobotId),
    /// A person wants it withdrawn.
    #[n(6)]
    Cancel,
}

impl FieldValue {
    /// Which field it is for.
    #[must_use]
    pub const fn field(&self) -> Field {
        match self {
            Self::Title(_) => Field::Title,
            Self::Priority(_) => Field::Priority,
            Self::Due(_) => Field::Due,
            Self::Zone(_) => Field::Zone,
            Self::From(_) => Field::From,
            Self::Wanted(_) => Field::Wanted,
            Self::Cancel => Field::Cancel,
        }
    }

    /// Shows the value in a copy of the task, where the server has not spoken yet. Who has the order is never shown from a
    /// wish.
    pub fn show_in(&self, row: &mut TaskRow) {
        match self {
            Self::Title(title) => row.title.clone_from(title),
            Self::Priority(priority) => row.priority = *priority,
            Self::Due(due_ms) => row.due_ms = *due_ms,
            Self::Zone(zone) => row.zone = zone.clone(),
            Self::From(from) => row.from = Some(from.clone()),
            Self::Wanted(_) => {}
            Self::Cancel => row.cancel_wanted = true,
        }
    }
}

/// Identity of an operation, wherever it was made: 128 bits of a hash of who made it, as which one, and what it says. Two
/// that differ in anything have different identities, so not even a cloned replica gives one away twice.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OpId(pub [u8; 16]);

/// Why a text is not an operation's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operation's identity is 32 hexadecimal digits")]
pub struct BadOpId;

impl OpId {
    /// The identity of what `content` says: the number `seq` in the life `epoch` of the replica `maker`, at the stamp `hlc`.
    #[must_use]
    pub fn of(maker: &str, epoch: u64, seq: u64, hlc: Hlc, content: &[u8]) -> Self {
        let numbers = [epoch.to_be_bytes(), seq.to_be_bytes(), hlc.0.to_be_bytes()].concat();
        let hash = Hash::of(&[b"operation/v1\0", maker.as_bytes(), b"\0", &numbers, content]);
        Self(hash.0[..16].try_into().expect("16 of 32 bytes"))
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for OpId {
    type Error = BadOpId;
    fn try_from(text: String) -> Result<Self, BadOpId> {
        let bytes = from_hex(&text).map_err(|_| BadOpId)?;
        bytes.try_into().map(Self).map_err(|_| BadOpId)
    }
}

impl From<OpId> for String {
    fn from(id: OpId) -> String {
        id.to_string()
    }
}

impl<C> Encode<C> for OpId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for OpId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.bytes()?.try_into().map(Self).map_err(minicbor::decode::Error::custom)
    }
}

/// The number of a writer, which breaks ties between stamps: 32 bits of a hash of its name.
#[must_use]
pub fn origin_of(writer: &str) -> u32 {
    let hash = Hash::of(&[b"origin/v1\0", writer.as_bytes()]);
    u32::from_be_bytes(hash.0[..4].try_into().expect("4 of 32 bytes"))
}

/// When a field was written and by whom; later ones compare greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct FieldStamp {
    /// The corrected stamp.
    #[n(0)]
    pub hlc: Hlc,
    /// The writer's number.
    #[n(1)]
    pub origin: u32,
    /// The operation.
    #[n(2)]
    pub op: OpId,
}

/// A value with its stamp.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Written {
    /// What was written.
    #[n(0)]
    pub value: FieldValue,
    /// When and by whom.
    #[n(1)]
    pub stamp: FieldStamp,
}

/// The fields of one task that were written, each by its last writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<Field, Written>);

impl Fields {
    /// Whether a write with this stamp would be the last one of its field.
    #[must_use]
    pub fn would_win(&self, field: Field, stamp: &FieldStamp) -> bool {
        self.0.get(&field).is_none_or(|there| *stamp > there.stamp)
    }

    /// Takes a write. Returns whether it is the last one of its field now, and was not before.
    pub fn take(&mut self, written: Written) -> bool {
        let field = written.value.field();
        let wins = self.would_win(field, &written.stamp);
        if wins {
            self.0.insert(field, written);
        }
        wins
    }

    /// Takes every write of another replica.
    pub fn merge(&mut self, other: &Self) {
        for written in other.0.values() {
            self.take(written.clone());
        }
    }

    /// The last write of each field.
    pub fn iter(&self) -> impl Iterator<Item = &Written> {
        self.0.values()
    }
}

/// Checks that hold for a value whatever the task: what is wrong with it, in words.
///
/// # Errors
/// One sentence about what is wrong.
pub fn check(value: &FieldValue) -> Result<(), String> {
    match value {
        FieldValue::Title(title) => check_title(title),
        FieldValue::Priority(priority) if !(1..=5).contains(priority) => {
            Err(format!("A priority is 1 to 5, this is {priority}."))
        }
        FieldValue::Priority(_)
        | FieldValue::Due(_)
        | FieldValue::Zone(_)
        | FieldValue::From(_)
        | FieldValue::Wanted(_)
        | FieldValue::Cancel => Ok(()),
    }
}

/// Longest title, in characters.
pub const TITLE_LEN_MAX: usize = 200;

fn check_title(title: &str) -> Result<(), String> {
    let is_fit = (1..=TITLE_LEN_MAX).contains(&title.chars().count()) && !title.chars().any(char::is_control);
    if is_fit { Ok(()) } else { Err(format!("A title has 1 to {TITLE_LEN_MAX} characters and no control characters.")) }
}

/// A field written by a robot, or at a robot by a person: the body of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FieldWrite {
    /// Which operation.
    #[n(0)]
    pub op: OpId,
    /// Of which task.
    #[n(1)]
    pub task: TaskId,
    /// What is written.
    #[n(2)]
    pub value: FieldValue,
    /// The newest stamp of the server that the writer had seen: what was seen and then edited comes later.
    #[n(3)]
    pub seen: Hlc,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: FieldValue, hlc: u64, origin: u32, op: u8) -> Written {
        Written { value, stamp: FieldStamp { hlc: Hlc(hlc), origin, op: OpId([op; 16]) } }
    }

    /// Six writes of two fields, with equal stamps, equal writers and a later one that was made first.
    fn writes() -> Vec<Written> {
        let title = |text: &str| FieldValue::Title(text.to_owned());
        vec![
            written(title("a"), 5, 1, 1),
            written(title("b"), 5, 2, 2),
            written(title("c"), 4, 9, 3),
            written(FieldValue::Priority(1), 5, 1, 4),
            written(FieldValue::Priority(2), 5, 1, 5),
            written(FieldValue::Due(None), 1, 1, 6),
        ]
    }

    fn of<'a>(writes: impl IntoIterator<Item = &'a Written>) -> Fields {
        let mut fields = Fields::default();
        for written in writes {
            fields.take(written.clone());
        }
        fields
    }

    fn permutations(items: &[Written]) -> Vec<Vec<Written>> {
        let Some((first, rest)) = items.split_first() else { return vec![vec![]] };
        let inserted = |rest: Vec<Written>| {
            (0..=rest.len()).map(move |at| [&rest[..at], std::slice::from_ref(first), &rest[at..]].concat())
        };
        permutations(rest).into_iter().flat_map(inserted).collect()
    }

    #[test]
    fn every_order_of_arrival_ends_the_same_and_a_repetition_changes_nothing() {
        let wanted = of(&writes());
        let values: Vec<&FieldValue> = wanted.iter().map(|written| &written.value).collect();
        assert_eq!(values, [&FieldValue::Title("b".into()), &FieldValue::Priority(2), &FieldValue::Due(None)]);
        let orders = permutations(&writes());
        assert_eq!(orders.len(), 720);
        for order in orders {
            assert_eq!(of(&order), wanted, "{order:?}");
            assert_eq!(of(order.iter().chain(&order)), wanted);
        }
    }

    #[test]
    fn a_merge_is_commutative_associative_and_idempotent() {
        let all = writes();
        let part = |mask: usize| of(all.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, w)| w));
        let merged = |a: &Fields, b: &Fields| {
            let mut sum = a.clone();
            sum.merge(b);
            sum
        };
        for (a, b) in (0..64).flat_map(|a| (0..64).map(move |b| (a, b))) {
            assert_eq!(merged(&part(a), &part(b)), part(a | b));
            assert_eq!(merged(&part(a), &part(b)), merged(&part(b), &part(a)));
            let c = part(a ^ 0b10_1010);
            let (left, right) = (merged(&merged(&part(a), &part(b)), &c), merged(&part(a), &merged(&part(b), &c)));
            assert_eq!(left, right);
        }
        assert_eq!(merged(&part(63), &part(63)), part(63));
    }

    #[test]
    fn operations_that_differ_in_anything_have_different_names_and_texts_come_back() {
        let id = |epoch, seq, hlc, content: &[u8]| OpId::of("r-1", epoch, seq, Hlc(hlc), content);
        let first = id(1, 2, 3, b"x");
        assert!(
            [id(2, 2, 3, b"x"), id(1, 3, 3, b"x"), id(1, 2, 4, b"x"), id(1, 2, 3, b"y")].iter().all(|o| *o != first)
        );
        assert_eq!(OpId::try_from(first.to_string()), Ok(first));
        assert_eq!(OpId::try_from("00".to_owned()), Err(BadOpId));
    }

    #[test]
    fn what_no_task_can_have_is_refused_in_words() {
        assert!(check(&FieldValue::Priority(6)).is_err() && check(&FieldValue::Title("a\nb".into())).is_err());
        assert!(check(&FieldValue::Title(String::new())).is_err() && check(&FieldValue::Priority(5)).is_ok());
    }
}
