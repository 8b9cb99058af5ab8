//! One lane of the outbox: what waits in it, and what an acknowledgement does to it.

use super::{Acked, BATCH_ENTRIES_MAX, BatchParts, RESEND};
use shared::journal::{Epoch, Lane, Record};
use shared::seal::Hash;
use shared::time::Instant;
use shared::wire::robot_to_fleet::{BATCH_LEN_MAX, Carried, Mark};
use std::collections::VecDeque;

/// The unacknowledged tail of one lane.
#[derive(Debug)]
pub struct LaneTail {
    /// How far the lane is acknowledged.
    pub acked: Mark,
    /// How many entries behind `acked` are being read back from the replica; `unacked` begins behind them.
    pub recalled: u64,
    /// What waits, oldest first.
    pub unacked: VecDeque<Record>,
    /// When a batch was last sent that is not answered yet.
    pub sent: Option<Instant>,
}

impl LaneTail {
    /// An empty tail of which nothing is acknowledged.
    pub fn new(lane: Lane) -> Self {
        let acked = Mark { lane, seq: 0, hash: Hash::default() };
        Self { acked, recalled: 0, unacked: VecDeque::new(), sent: None }
    }

    /// The number of the lane's newest entry.
    pub fn newest(&self) -> u64 {
        self.acked.seq + self.recalled + self.unacked.len() as u64
    }

    /// Takes an acknowledgement of this lane.
    pub fn ack(&mut self, mark: &Mark) -> Acked {
        if mark.seq < self.acked.seq {
            return Acked::Older;
        }
        if mark == &self.acked || self.recalled > 0 {
            return Acked::Nothing;
        }
        let ours = self.hash_at(mark.seq);
        if ours != Some(mark.hash) {
            return Acked::Foreign { ours };
        }
        self.unacked.drain(..usize::try_from(mark.seq - self.acked.seq).expect("an index that was just used"));
        self.acked = *mark;
        self.sent = None;
        Acked::Moved
    }

    fn hash_at(&self, seq: u64) -> Option<Hash> {
        let Some(behind) = seq.checked_sub(self.acked.seq + 1) else { return Some(self.acked.hash) };
        self.unacked.get(usize::try_from(behind).ok()?).map(|record| record.hash)
    }

    /// Takes what was recalled; false when it does not close the gap.
    pub fn fill(&mut self, records: Vec<Record>) -> bool {
        let (at, behind): (Vec<_>, Vec<_>) = records.into_iter().partition(|r| r.entry.lane_seq <= self.acked.seq);
        let is_ours = self.acked.seq == 0 || at.last().is_some_and(|record| record.hash == self.acked.hash);
        let wanted = self.acked.seq + 1..=self.acked.seq + self.recalled;
        let is_whole = behind.iter().map(|record| record.entry.lane_seq).eq(wanted);
        for record in behind.into_iter().rev() {
            self.unacked.push_front(record);
        }
        self.recalled = 0;
        is_ours && is_whole
    }

    /// When a batch is due, if anything waits that can be sent.
    pub fn due_at(&self) -> Option<Instant> {
        let something_waits = self.recalled == 0 && !self.unacked.is_empty();
        something_waits.then(|| self.sent.map_or(Instant(0), |sent| sent + RESEND))
    }

    /// Whether a batch should be sent now.
    pub fn is_due(&self, now: Instant) -> bool {
        self.due_at().is_some_and(|due| due <= now)
    }

    /// The next batch, as large as it may be.
    pub fn batch(&self, epoch: Epoch) -> BatchParts {
        let mut room = BATCH_LEN_MAX;
        let fits = |record: &&Record| {
            let size = record.entry_bytes.len() + record.body.len() + 16;
            let taken = room >= size;
            room = room.saturating_sub(size);
            taken
        };
        let entries = self.unacked.iter().take(BATCH_ENTRIES_MAX).take_while(fits).map(Carried::from).collect();
        BatchParts { epoch, lane: self.acked.lane, first: self.acked.seq + 1, entries }
    }
}
