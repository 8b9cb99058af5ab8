//! What the server has not acknowledged: the unacknowledged tail of the journal, lane by lane.
//!
//! One batch of a lane is under way at a time; without an acknowledgement it is sent again from the first entry that is
//! missing. An acknowledgement counts only when its hash is that of our own entry.

use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::time::{Instant, Millis};
use shared::wire::robot_to_fleet::{BATCH_LEN_MAX, Batch, Carried, Mark};
use std::collections::VecDeque;

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
    lane: Lane,
    acked: u64,
    unacked: VecDeque<Record>,
    sent: Option<Instant>,
}

impl Outbox {
    /// Takes up where the replica left off.
    pub fn new(acked: &[Mark], unacked: Vec<Record>) -> Self {
        let tail = |lane| LaneTail { lane, acked: 0, unacked: VecDeque::new(), sent: None };
        let mut outbox = Self { lanes: Lane::ALL.map(tail) };
        for mark in acked {
            outbox.lanes[mark.lane.index()].acked = mark.seq;
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
        self.lanes.iter().map(|tail| tail.unacked.len() as u64).sum()
    }

    /// Age of the oldest entry that waits, in milliseconds. One of an earlier boot is at least as old as this boot.
    pub fn oldest_ms(&self, boot: Boot, now: Instant) -> Option<u64> {
        let oldest = |tail: &LaneTail| tail.unacked.front().map(|record| age_ms(record, boot, now));
        self.lanes.iter().filter_map(oldest).max()
    }

    /// Takes an acknowledgement. Returns whether it moved anything; a hash that is not ours moves nothing.
    pub fn ack(&mut self, mark: &Mark) -> Acked {
        self.lanes[mark.lane.index()].ack(mark)
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
    /// Nothing new: an old acknowledgement, or one of zero.
    Nothing,
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
    fn newest(&self) -> u64 {
        self.acked + self.unacked.len() as u64
    }

    fn ack(&mut self, mark: &Mark) -> Acked {
        if mark.seq <= self.acked {
            return Acked::Nothing;
        }
        let ours = self.unacked.get(usize::try_from(mark.seq - self.acked - 1).unwrap_or(usize::MAX)).map(|r| r.hash);
        if ours != Some(mark.hash) {
            return Acked::Foreign { ours };
        }
        self.unacked.drain(..usize::try_from(mark.seq - self.acked).expect("an index that was just used"));
        self.acked = mark.seq;
        self.sent = None;
        Acked::Moved
    }

    fn due_at(&self) -> Option<Instant> {
        let nothing_waits = self.unacked.is_empty();
        (!nothing_waits).then(|| self.sent.map_or(Instant(0), |sent| sent + RESEND))
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
        BatchParts { epoch, lane: self.lane, first: self.acked + 1, entries }
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
    fn a_long_backlog_is_cut_into_batches_that_fit() {
        let (mut outbox, _) = outbox_with(2000);
        let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
        assert_eq!(batch.first, 1);
        assert!(batch.last < 2000);
        assert!(shared::wire::to_bytes(&batch).len() <= BATCH_LEN_MAX);
    }
}
