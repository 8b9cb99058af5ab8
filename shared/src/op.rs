//! Operations of people's programs, which keep them in an outbox of their own until the server has answered: the body of
//! `POST /v1/ops`.
//!
//! Terms: a *client* is one outbox, named once; its operations are numbered from 1 without a hole. A number is taken once.

use crate::checklist::Edit;
use crate::contribution::Contribution;
use crate::field::{FieldValue, OpId};
use crate::hlc::Hlc;
use crate::id::{ClientId, TaskId};
use crate::refusal::Code;
use crate::seal::{from_hex, to_hex};
use crate::{contribution, wire};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Most operations in a batch.
pub const BATCH_OPS_MAX: usize = 256;

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpBatch {
    /// Whose operations.
    pub client: ClientId,
    /// The boot of the computer that sends, where the program can tell.
    #[serde(default)]
    pub boot: Option<u64>,
    /// When it is sent, on that boot's monotonic clock, in milliseconds.
    #[serde(default)]
    pub mono_ms: Option<u64>,
    /// The sender's calendar at that moment, milliseconds since 1970.
    #[serde(default)]
    pub wall_ms: Option<u64>,
    /// The operations, in order.
    pub ops: Vec<Op>,
    /// Up to where the client knows the site's tasks; nothing for not at all.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Its number in the outbox, from 1.
    pub seq: u64,
    /// Its identity.
    pub id: OpId,
    /// Of which task.
    pub task: TaskId,
    /// When it was written. Without it the time of arrival counts.
    #[serde(default)]
    pub written: Option<OpTime>,
    /// The newest stamp of the server that the writer had seen.
    #[serde(default)]
    pub seen: Hlc,
    /// What is to be done.
    pub act: OpAct,
}

/// When an operation was written, on the writer's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpTime {
    /// The writer's hybrid clock.
    pub hlc: Hlc,
    /// The boot of its computer.
    pub boot: u64,
    /// That boot's monotonic clock, in milliseconds.
    pub mono_ms: u64,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", tag = "op")]
pub enum OpAct {
    /// Writes a field.
    #[n(0)]
    Set {
        /// Which, and what.
        #[n(0)]
        #[serde(flatten)]
        value: FieldValue,
    },
    /// Contributes an update to the note.
    #[n(1)]
    Note {
        /// The update, written under the operation's number.
        #[n(0)]
        update: Bytes,
    },
    /// Edits the note as it was seen.
    #[n(2)]
    EditNote {
        /// The note's parts as they were seen.
        #[n(0)]
        base: Vec<Bytes>,
        /// What was done to it.
        #[n(1)]
        edits: Vec<Edit>,
    },
}

impl OpAct {
    /// What it contributes to the note, if anything.
    #[must_use]
    pub fn contribution(&self) -> Option<Contribution> {
        match self {
            Self::Set { .. } => None,
            Self::Note { update } => Some(Contribution::Update { update: update.0.clone() }),
            Self::EditNote { base, edits } => {
                let base = base.iter().map(|part| part.0.clone()).collect();
                Some(Contribution::Edits { base, edits: edits.clone() })
            }
        }
    }

    /// Its identity under a number of an outbox.
    #[must_use]
    pub fn id(&self, client: &ClientId, epoch: u64, seq: u64, hlc: Hlc) -> OpId {
        OpId::of(client.as_str(), epoch, seq, hlc, &wire::to_bytes(self))
    }
}

/// Bytes as hexadecimal digits in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(try_from = "String", into = "String")]
#[cbor(transparent)]
pub struct Bytes(#[n(0)] pub contribution::Blob);

impl TryFrom<String> for Bytes {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        from_hex(&text)
            .map(|bytes| Self(contribution::Blob(bytes)))
            .map_err(|_| "these are no hexadecimal digits".into())
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> String {
        to_hex(&bytes.0.0)
    }
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum OpResult {
    /// It was done; it counts as written at this stamp.
    #[n(0)]
    Done {
        /// The corrected stamp.
        #[n(0)]
        stamp: Hlc,
    },
    /// It was taken, and a later write of the same field stands.
    #[n(1)]
    Older {
        /// The corrected stamp.
        #[n(0)]
        stamp: Hlc,
    },
    /// It makes no sense for the task as it stands; nothing has changed.
    #[n(2)]
    Refused {
        /// Why.
        #[n(0)]
        code: Code,
    },
    /// It is on the server's disk and is being merged.
    #[n(3)]
    Taken {
        /// The corrected stamp.
        #[n(0)]
        stamp: Hlc,
    },
}

impl OpResult {
    /// When it counts as written, if it was taken.
    #[must_use]
    pub const fn stamp(&self) -> Option<Hlc> {
        match self {
            Self::Done { stamp } | Self::Older { stamp } | Self::Taken { stamp } => Some(*stamp),
            Self::Refused { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_as_it_was_written() {
        let text = r#"{"client":"weber-1","ops":[
            {"seq":1,"id":"00000000000000000000000000000001","task":"01234567-89ab-7def-8123-456789abcdef",
             "act":{"op":"set","field":"due","value":null}},
            {"seq":2,"id":"00000000000000000000000000000002","task":"01234567-89ab-7def-8123-456789abcdef",
             "act":{"op":"set","field":"cancel"}},
            {"seq":3,"id":"00000000000000000000000000000003","task":"01234567-89ab-7def-8123-456789abcdef",
             "act":{"op":"edit_note","base":["00ff"],"edits":[{"edit":"insert","at":0,"text":"x"}]}}]}"#;
        let batch: OpBatch = serde_json::from_str(text).unwrap();
        assert_eq!(batch.ops[0].act, OpAct::Set { value: FieldValue::Due(None) });
        assert_eq!(batch.ops[1].act, OpAct::Set { value: FieldValue::Cancel });
        assert!(batch.ops[0].act.contribution().is_none() && batch.ops[2].act.contribution().is_some());
        let again = serde_json::to_string(&batch).unwrap();
        assert_eq!(serde_json::from_str::<OpBatch>(&again).unwrap(), batch);
        for bad in [r#"{"client":"A B","ops":[]}"#, r#"{"client":"a","ops":[],"more":1}"#] {
            assert!(serde_json::from_str::<OpBatch>(bad).is_err());
        }
    }

    #[test]
    fn an_operation_has_another_identity_when_it_says_something_else() {
        let client = ClientId::parse("weber-1").unwrap();
        let id = |priority| OpAct::Set { value: FieldValue::Priority(priority) }.id(&client, 1, 1, Hlc(5));
        assert_ne!(id(1), id(2));
        assert_eq!(id(1), id(1));
    }
}
