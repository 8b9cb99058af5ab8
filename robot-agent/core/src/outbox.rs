//! What the server has not acknowledged: the unacknowledged tail of the journal, lane by lane.
//!
//! One batch of a lane is under way at a time; without an acknowledgement it is sent again from the first entry that is
//! missing. An acknowledgement counts only when its hash is that of our own entry. A server that was put back to an earlier
//! day lacks entries that it had acknowledged: they are *recalled* from the replica, and the lane waits for them.

use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::time::{Instant, Millis};
use shared::wire::robot_to_fleet::{BATCH_LEN_MAX, Batch, Carried, Mark};
use std::collections::VecDeque;
use std::ops::RangeInclusive;

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

#[derive(Debug)]
struct LaneTail {
    acked: Mark,
    /// How many entries behind `acked` are being read back from the replica; `unacked` begins behind them.
    recalled: u64,
    unacked: VecDeque<Record>,
    sent: Option<Instant>,
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

    /// The next batch that should be sent now, safety first. Marks it as sent.
    pub fn next_batch(&mut self, epoch: Epoch, now: Instant) -> Option<BatchParts> {
        let tail = self.lanes.iter_mut().find(|tail| tail.is_due(now))?;
        tail.sent = Some(now);
        Some(tail.batch(epoch))
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

impl LaneTail {
    fn new(lane: Lane) -> Self {
        let acked = Mark { lane, seq: 0, hash: Hash::default() };
        Self { acked, recalled: 0, unacked: VecDeque::new(), sent: None }
    }

    fn newest(&self) -> u64 {
        self.acked.seq + self.recalled + self.unacked.len() as u64
    }

    fn ack(&mut self, mark: &Mark) -> Acked {
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

    fn fill(&mut self, records: Vec<Record>) -> bool {
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

    fn due_at(&self) -> Option<Instant> {
        let something_waits = self.recalled == 0 && !self.unacked.is_empty();
        something_waits.then(|| self.sent.map_or(Instant(0), |sent| sent + RESEND))
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due_at().is_some_and(|due| due <= now)
    }

    fn batch(&self, epoch: Epoch) -> BatchParts {
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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::fact::Fact;
    use shared::hlc::Hlc;
    use shared::id::RobotId;
    use shared::journal::{Chain, Stamp};

    fn outbox_with(count: u64) -> (Outbox, Chain) {
        let mut chain = Chain::begin(&RobotId::parse("r-1").unwrap(), Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        let records = (0..count).map(|number| chain.append(&Fact::Resumed { number }, stamp)).collect();
        (Outbox::new(&[], records), chain)
    }

    fn mark(seq: u64, hash: Hash) -> Mark {
        Mark { lane: Lane::Safety, seq, hash }
    }

    #[test]
    fn a_batch_is_sent_again_until_its_own_hash_is_acknowledged() {
        let (mut outbox, chain) = outbox_with(3);
        let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
        assert_eq!((batch.first, batch.last), (1, 3));
        assert!(outbox.next_batch(Epoch(1), Instant(1999)).is_none());
        assert!(outbox.next_batch(Epoch(1), Instant(2000)).is_some());
        assert!(matches!(outbox.ack(&mark(3, Hash([9; 32]))), Acked::Foreign { ours: Some(_) }));
        assert_eq!(outbox.len(), 3);
        assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Moved);
        assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Nothing);
        assert_eq!((outbox.len(), outbox.poll_timeout()), (0, None));
    }

    #[test]
    fn the_oldest_entry_tells_its_age_and_one_of_an_earlier_boot_that_of_this_boot() {
        let (outbox, _) = outbox_with(2);
        assert_eq!(outbox.oldest_ms(Boot(1), Instant(501)), Some(500));
        assert_eq!(outbox.oldest_ms(Boot(2), Instant(501)), Some(501));
        assert_eq!(outbox_with(0).0.oldest_ms(Boot(1), Instant(501)), None);
    }

    #[test]
    fn an_acknowledgement_of_what_was_never_written_moves_nothing() {
        let (mut outbox, _) = outbox_with(2);
        assert_eq!(outbox.ack(&mark(u64::MAX, Hash::default())), Acked::Foreign { ours: None });
        assert_eq!(outbox.len(), 2);
    }

    #[test]
    fn a_server_that_was_put_back_gets_again_what_it_had_acknowledged() {
        let (mut outbox, mut chain) = outbox_with(3);
        let records = outbox.next_batch(Epoch(1), Instant(0)).unwrap().entries;
        let records: Vec<Record> = records.into_iter().map(|c| Record::read(c.entry, c.body).unwrap()).collect();
        let put_back = mark(1, records[0].hash);
        assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Moved);
        assert_eq!(outbox.ack(&put_back), Acked::Older);
        assert_eq!(outbox.recall(&put_back), 1..=3);
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        outbox.push(chain.append(&Fact::Resumed { number: 9 }, stamp));
        assert!(outbox.next_batch(Epoch(1), Instant(0)).is_none(), "the lane waits for what is recalled");
        assert!(outbox.recalled(Lane::Safety, records));
        let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
        assert_eq!((batch.first, batch.last), (2, 4));
    }

    #[test]
    fn what_the_replica_does_not_keep_any_more_closes_no_gap() {
        let (mut outbox, chain) = outbox_with(3);
        let all = outbox.take_all();
        let mut outbox = Outbox::new(&[mark(3, chain.head)], vec![]);
        outbox.recall(&mark(1, all[0].hash));
        assert!(!outbox.recalled(Lane::Safety, all[2..].to_vec()));
        assert_eq!(outbox.take_all(), all[2..], "what there is can be offered again in another epoch");
        let mut outbox = Outbox::new(&[mark(3, chain.head)], vec![]);
        outbox.recall(&mark(1, Hash([9; 32])));
        assert!(!outbox.recalled(Lane::Safety, all), "the server has another first entry");
    }

    #[test]
    fn the_same_number_with_another_hash_is_foreign_even_where_all_is_acknowledged() {
        let (mut outbox, chain) = outbox_with(2);
        outbox.ack(&mark(2, chain.head));
        assert!(matches!(outbox.ack(&mark(2, Hash([9; 32]))), Acked::Foreign { ours: Some(_) }));
    }

    #[test]
    fn a_long_backlog_is_cut_into_batches_that_fit() {
        let (mut outbox, _) = outbox_with(2000);
        let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
        assert_eq!(batch.first, 1);
        assert!(batch.last < 2000);
        assert!(shared::wire::to_bytes(&batch).len() <= BATCH_LEN_MAX);
    }
}
