//! What the server has not acknowledged: the unacknowledged tail of the journal, lane by lane.
//!
//! One batch of a lane is under way at a time; without an acknowledgement it is sent again from the first entry that is
//! missing. An acknowledgement counts only when its hash is that of our own entry. A server that was put back to an earlier
//! day lacks entries that it had acknowledged: they are *recalled* from the replica, and the lane waits for them.

mod tail;

use shared::fact::Fact;
use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::time::{Instant, Millis};
use shared::wire::robot_to_fleet::{Batch, Carried, Mark};
use std::ops::RangeInclusive;
use tail::LaneTail;

/// How long a batch may stay unanswered before it is sent again. Longer than a round trip over a bad link, shorter
/// than a person's patience.
pub const RESEND: Millis = Millis::secs(2);

/// Most entries in one batch.
const BATCH_ENTRIES_MAX: usize = 256;

/// The unacknowledged tail of each lane.
#[derive(Debug)]
pub struct Outbox {
    lanes: [LaneTail; 3],
}

impl Outbox {
    /// Takes up where the replica left off.
    pub fn new(acked: &[Mark], unacked: Vec<Record>) -> Self {
        let mut outbox = Self { lanes: Lane::ALL.map(LaneTail::new) };
        for mark in acked {
            outbox.lanes[mark.lane.index()].acked = *mark;
        }
        for record in unacked {
            outbox.push(record);
        }
        outbox
    }

    /// Adds the newest entry of its lane.
    pub fn push(&mut self, record: Record) {
        let tail = &mut self.lanes[record.entry.lane.index()];
        assert_eq!(record.entry.lane_seq, tail.newest() + 1, "a lane has no holes");
        tail.unacked.push_back(record);
    }

    /// How many entries wait for an acknowledgement.
    pub fn len(&self) -> u64 {
        self.lanes.iter().map(|tail| tail.recalled + tail.unacked.len() as u64).sum()
    }

    /// What stands in the entries that wait; `None` while some are read back.
    pub fn facts(&self) -> Option<Vec<Fact>> {
        let is_whole = self.lanes.iter().all(|tail| tail.recalled == 0);
        let unacked = self.lanes.iter().flat_map(|tail| &tail.unacked);
        is_whole.then(|| unacked.filter_map(Record::fact).collect())
    }

    /// Age of the oldest entry that waits, in milliseconds. One of an earlier boot is at least as old as this boot.
    pub fn oldest_ms(&self, boot: Boot, now: Instant) -> Option<u64> {
        let oldest = |tail: &LaneTail| tail.unacked.front().map(|record| age_ms(record, boot, now));
        self.lanes.iter().filter_map(oldest).max()
    }

    /// How far each lane is acknowledged.
    pub fn acked(&self) -> Vec<Mark> {
        self.lanes.iter().map(|tail| tail.acked).collect()
    }

    /// Takes an acknowledgement. Returns whether it moved anything; a hash that is not ours moves nothing.
    pub fn ack(&mut self, mark: &Mark) -> Acked {
        self.lanes[mark.lane.index()].ack(mark)
    }

    /// Goes back to what the server has after it was put back; returns the numbers to recall from the replica, the mark's own
    /// first.
    pub fn recall(&mut self, mark: &Mark) -> RangeInclusive<u64> {
        let tail = &mut self.lanes[mark.lane.index()];
        assert!(mark.seq < tail.acked.seq, "only what was acknowledged is recalled");
        let range = mark.seq..=tail.acked.seq;
        tail.recalled += tail.acked.seq - mark.seq;
        tail.acked = *mark;
        tail.sent = None;
        range
    }

    /// Takes what was recalled. False when it does not close the gap: entries are missing, or the one at the mark is
    /// another; then [`take_all`](Self::take_all) has what there is.
    pub fn recalled(&mut self, lane: Lane, records: Vec<Record>) -> bool {
        self.lanes[lane.index()].fill(records)
    }

    /// Empties every lane: the entries that the server may lack, in the order in which they were written.
    pub fn take_all(&mut self) -> Vec<Record> {
        let mut all: Vec<Record> = self.lanes.iter_mut().flat_map(|tail| std::mem::take(&mut tail.unacked)).collect();
        all.sort_by_key(|record| record.entry.cseq);
        *self = Self::new(&[], vec![]);
        all
    }

    /// Forgets that anything is under way: after a new connection everything is offered again.
    pub fn forget_sent(&mut self) {
        for tail in &mut self.lanes {
            tail.sent = None;
        }
    }

    /// The next batch that should be sent now, safety first: `room` bytes of entries at most, or a single one that is larger.
    /// Marks it as sent.
    pub fn next_batch(&mut self, epoch: Epoch, room: usize, now: Instant) -> Option<BatchParts> {
        let tail = self.lanes.iter_mut().find(|tail| tail.is_due(now))?;
        tail.sent = Some(now);
        Some(tail.batch(epoch, room))
    }

    /// When a batch will be due again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(LaneTail::due_at).min()
    }
}

fn age_ms(record: &Record, boot: Boot, now: Instant) -> u64 {
    let written = if record.entry.boot == boot { record.entry.mono_ms } else { 0 };
    now.0.saturating_sub(written)
}

/// What an acknowledgement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acked {
    /// Entries up to here may be forgotten.
    Moved,
    /// Nothing new.
    Nothing,
    /// Less than was acknowledged before: a late word, or a server that was put back.
    Older,
    /// The server holds another entry under this number, or one we never wrote.
    Foreign {
        /// Our own hash under that number, if we have it.
        ours: Option<Hash>,
    },
}

/// A batch without the stamps that the sender adds.
#[derive(Debug)]
pub struct BatchParts {
    epoch: Epoch,
    lane: Lane,
    first: u64,
    entries: Vec<Carried>,
}

impl BatchParts {
    /// Which lane it belongs to.
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    /// The batch as it is signed and sent.
    pub fn stamped(self, boot: Boot, now: Instant) -> Batch {
        let last = self.first + self.entries.len() as u64 - 1;
        let Self { epoch, lane, first, entries } = self;
        Batch { epoch, lane, first, last, boot, mono_ms: now.0, entries }
    }
}

#[cfg(test)]
mod tests;
