//! Operations of people's outboxes: each number is taken once, without a hole, and answered the same however often it comes.

use super::clock::written_at;
use crate::change::{Change, Loaded};
use crate::fleet::Fleet;
use crate::round::At;
use crate::tell::{Answer, Refusal, Token};
use shared::contribution::Author;
use shared::field::{FieldStamp, OpId, origin_of};
use shared::id::ClientId;
use shared::op::{BATCH_OPS_MAX, Op, OpAct, OpBatch, OpResult};
use shared::refusal::Code;
use std::collections::BTreeMap;

/// What became of an operation, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpAnswer {
    /// Its number in the outbox.
    pub seq: u64,
    /// Its identity.
    pub id: OpId,
    /// What became of it.
    pub result: OpResult,
}

/// An operation that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpRow {
    /// Whose.
    pub client: ClientId,
    /// What became of it.
    pub answer: OpAnswer,
}

/// Every outbox that was met, and who waits for notes to be merged.
#[derive(Debug, Default)]
pub struct Outboxes {
    taken: BTreeMap<ClientId, BTreeMap<u64, OpAnswer>>,
    waiting: BTreeMap<Token, (ClientId, Vec<u64>)>,
}

impl Outboxes {
    /// What the store gave back.
    pub fn new(loaded: &mut Loaded) -> Self {
        let mut outboxes = Self::default();
        std::mem::take(&mut loaded.ops).into_iter().for_each(|row| outboxes.set(row));
        outboxes
    }

    fn set(&mut self, row: OpRow) {
        self.taken.entry(row.client).or_default().insert(row.answer.seq, row.answer);
    }

    fn last(&self, client: &ClientId) -> u64 {
        self.taken.get(client).and_then(|ops| ops.last_key_value()).map_or(0, |(seq, _)| *seq)
    }

    fn answer(&self, client: &ClientId, seq: u64) -> Option<OpAnswer> {
        self.taken.get(client)?.get(&seq).copied()
    }

    fn answers(&self, client: &ClientId, seqs: &[u64]) -> Vec<OpAnswer> {
        seqs.iter().filter_map(|seq| self.answer(client, *seq)).collect()
    }

    /// Whether the batch continues what was taken, and repeats it where it does not.
    fn check(&self, batch: &OpBatch) -> Result<(), Refusal> {
        if batch.ops.is_empty() || batch.ops.len() > BATCH_OPS_MAX {
            let detail = format!("A batch has 1 to {BATCH_OPS_MAX} operations.");
            return Err(Refusal::field(Code::BadBody, "ops", detail));
        }
        let last = self.last(&batch.client);
        let first = batch.ops[0].seq;
        if first == 0 || first > last + 1 {
            let detail = format!("Operations up to {last} are here, the batch begins with {first}.");
            return Err(Refusal::field(Code::OpsMissing, "seq", detail));
        }
        (first..).zip(&batch.ops).try_for_each(|(seq, op)| self.check_one(&batch.client, seq, op))
    }

    fn check_one(&self, client: &ClientId, seq: u64, op: &Op) -> Result<(), Refusal> {
        if op.seq != seq {
            let detail = format!("Behind operation {} stands {}.", seq.saturating_sub(1), op.seq);
            return Err(Refusal::field(Code::OpsMissing, "seq", detail));
        }
        match self.answer(client, seq) {
            Some(there) if there.id != op.id => {
                let detail = format!("Operation {seq} of {client} is {} here, and {} was sent.", there.id, op.id);
                Err(Refusal::field(Code::OutboxForked, "client", detail))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Fleet {
    /// Takes a batch. It is answered when all of it has been decided; merging notes takes a moment longer.
    pub(crate) fn ops(&mut self, token: Token, batch: &OpBatch, at: At) {
        if let Err(refusal) = self.editing.outboxes.check(batch) {
            return self.round.answer(token, Err(refusal));
        }
        let last = self.editing.outboxes.last(&batch.client);
        for op in batch.ops.iter().filter(|op| op.seq > last) {
            let result = self.op(batch, op, at);
            self.set_op(OpRow { client: batch.client.clone(), answer: OpAnswer { seq: op.seq, id: op.id, result } });
        }
        let seqs = batch.ops.iter().map(|op| op.seq).collect();
        self.editing.outboxes.waiting.insert(token, (batch.client.clone(), seqs));
        self.answer_ops();
    }

    fn set_op(&mut self, row: OpRow) {
        self.round.change(Change::Op(row.clone()));
        self.editing.outboxes.set(row);
    }

    fn op(&mut self, batch: &OpBatch, op: &Op, at: At) -> OpResult {
        let origin = origin_of(batch.client.as_str());
        let wall = written_at(op.written, batch, at.wall);
        let hlc = self.editing.writers.next(origin, wall, op.seen, at.wall);
        let stamp = FieldStamp { hlc, origin, op: op.id };
        match (&op.act, op.act.contribution()) {
            (OpAct::Set { value }, _) => self.write_field(op.task, value, stamp, at),
            (OpAct::Note { .. } | OpAct::EditNote { .. }, Some(contribution)) => {
                let author = Author::Client { client: batch.client.clone(), seq: op.seq };
                self.contribute(op.task, op.id, author, stamp.hlc, contribution)
            }
            (OpAct::Note { .. } | OpAct::EditNote { .. }, None) => OpResult::Refused { code: Code::BadBody },
        }
    }

    /// What became of an operation whose note was merged.
    pub(super) fn settle_op(&mut self, client: ClientId, seq: u64, result: OpResult) {
        let Some(answer) = self.editing.outboxes.answer(&client, seq) else { return };
        self.set_op(OpRow { client, answer: OpAnswer { result, ..answer } });
        self.answer_ops();
    }

    /// Answers everybody whose operations are all decided.
    fn answer_ops(&mut self) {
        let outboxes = &mut self.editing.outboxes;
        let is_open = |answer: &OpAnswer| matches!(answer.result, OpResult::Taken { .. });
        let decided = |(client, seqs): &(ClientId, Vec<u64>)| !outboxes.answers(client, seqs).iter().any(is_open);
        let tokens: Vec<Token> =
            outboxes.waiting.iter().filter(|(_, who)| decided(who)).map(|(token, _)| *token).collect();
        for token in tokens {
            if let Some((client, seqs)) = outboxes.waiting.remove(&token) {
                self.round.answer(token, Ok(Answer::Ops(outboxes.answers(&client, &seqs))));
            }
        }
    }
}
