//! The replica of the feed: rows in their order, chunks of a snapshot, what it all should hash to, and what cannot be used.

use super::Robot;
use crate::aside::{AsideRow, Readable};
use crate::change::Change;
use crate::edits::op_of;
use crate::feed::FeedCursor;
use crate::intake::{Offered, SnapshotMark};
use shared::fact::{DeadCause, Fact};
use shared::field::OpId;
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::task::TaskRow;
use shared::time::Instant;
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{FeedMessage, FeedWord, Row, RowBytes};
use shared::wire::robot_to_fleet::Session;
use shared::wire::snapshot::{Announcement, Chunk, Progress, RowsHash, Shard, ShardHash};
use shared::wire::to_bytes;
use shared::wire::topic::Up;
use std::collections::BTreeSet;

impl Robot {
    /// What this robot understands beyond the first version. One that could not read what it was given has no replica to
    /// compare, and one that could not read a chunk gets its rows one after the other.
    pub(super) fn abilities(&self) -> Abilities {
        let mut can = Abilities::UNPACKS.and(Abilities::NOTES);
        if !self.refuses_snapshots {
            can = can.and(Abilities::SNAPSHOTS);
        }
        if !self.aside.lacks_rows() {
            can = can.and(Abilities::HASHES);
        }
        can
    }

    pub(super) fn feed_message(&mut self, message: FeedMessage, now: Instant) {
        match message {
            FeedMessage::Rows(feed) => self.feed(feed, now),
            FeedMessage::Word(FeedWord::Chunk { server_epoch, chunk }) => self.chunk(server_epoch, &chunk, now),
            FeedMessage::Word(FeedWord::Hashes { server_epoch, announcement }) => {
                self.compare_hashes(server_epoch, &announcement);
            }
        }
    }

    // ---- chunks of a snapshot

    fn chunk(&mut self, server_epoch: u64, chunk: &Chunk, now: Instant) {
        match self.intake.offered(server_epoch, chunk, self.feed) {
            Offered::Fresh => match chunk.packed.open() {
                Ok((tasks, others)) => self.take_chunk(chunk, tasks, &others, now),
                Err(_) => self.refuse_chunk(chunk, now),
            },
            Offered::Known(progress) => self.tell_progress(progress),
            Offered::Foreign => self.session.greet_again(),
            Offered::Void => {}
        }
    }

    /// Applies a chunk, whole, in the commit that notes it.
    fn take_chunk(&mut self, chunk: &Chunk, tasks: Vec<TaskRow>, others: &[RowBytes], now: Instant) {
        if let Some(mark) = self.intake.begin(self.feed.server_epoch, chunk) {
            self.out.change(Change::SnapshotBegun(mark));
        }
        let stood: Vec<TaskId> = tasks.iter().map(|row| row.id).collect();
        for row in tasks {
            self.known_row(Row::Task { row }, now);
        }
        if self.is_level(chunk.as_of) {
            self.orders.asked_about(&stood).into_iter().for_each(|asked| self.answer(asked, now));
        }
        others.iter().for_each(|row| self.row(row, now));
        self.out.change(Change::SnapshotChunk { number: chunk.number, tasks: stood.clone() });
        match self.intake.applied(chunk.number, stood) {
            Some((mark, all)) => self.finish_snapshot(mark, &all, now),
            None => self.intake.progress().into_iter().for_each(|progress| self.tell_progress(progress)),
        }
    }

    /// What stood in no chunk is gone, and the cursor stands where the snapshot was taken.
    fn finish_snapshot(&mut self, mark: SnapshotMark, stood: &BTreeSet<TaskId>, now: Instant) {
        let gone: Vec<TaskRow> = self.orders.rows().filter(|row| !stood.contains(&row.id)).cloned().collect();
        for row in gone {
            self.revoke(row.id);
            self.keep_begun_work(row, now);
        }
        let SnapshotMark { server_epoch, snapshot, as_of, of } = mark;
        self.feed = FeedCursor { server_epoch, cursor: as_of };
        self.out.change(Change::SnapshotEnded { whole: true });
        self.out.change(Change::Cursor { server_epoch, cursor: as_of });
        self.set_mixed(false);
        self.settle_acknowledged();
        self.answer_what_holds(now);
        self.tell_progress(Progress { snapshot, chunks: of });
    }

    /// A snapshot shows what came of every edit that was acknowledged, and has no row that says so.
    fn settle_acknowledged(&mut self) {
        let acknowledged = self.acknowledged_edits();
        self.settle_edits(acknowledged);
    }

    /// A welcome tells in one word what the server has taken and which row is its newest: what became of an edit that it had
    /// taken stands up to that row. Who has come so far and was not told may have passed the row in a snapshot, while the
    /// edit still waited for its acknowledgement.
    pub(super) fn settle_what_passed(&mut self) {
        if self.is_level(self.feed.cursor) {
            let taken = std::mem::take(&mut self.taken);
            self.settle_edits(taken);
        }
    }

    fn settle_edits(&mut self, ops: BTreeSet<OpId>) {
        for op in ops {
            self.edits.settled(op, Hlc::default()).into_iter().for_each(|change| self.out.change(change));
        }
    }

    /// The open edits that were acknowledged; none while entries are read back, because one of them may be among those.
    pub(super) fn acknowledged_edits(&self) -> BTreeSet<OpId> {
        let Some(waiting) = self.outbox.facts() else { return BTreeSet::new() };
        let waiting: BTreeSet<OpId> = waiting.iter().filter_map(op_of).collect();
        self.edits.open_ops().into_iter().filter(|op| !waiting.contains(op)).collect()
    }

    /// Whether there are rows of another life of the server's database. Until a whole snapshot has shown which of them are gone,
    /// the robot greets as one that has no row of this life.
    pub(super) fn set_mixed(&mut self, is_mixed: bool) {
        if self.is_mixed != is_mixed {
            self.is_mixed = is_mixed;
            self.out.change(Change::Mixed(is_mixed));
        }
    }

    /// Work that was begun on a task that is gone is not done behind the server's back, and not forgotten: a server that was
    /// put back may have lost the task, and a person can make it anew.
    fn keep_begun_work(&mut self, row: TaskRow, now: Instant) {
        let Some(work) = self.orders.work(row.id) else { return };
        if !work.ended && (work.begun || work.steps_done > 0) {
            self.bury(DeadCause::RowGone, &to_bytes(&Row::Task { row }), now);
        }
    }

    /// Ends a snapshot that is applied in part: the server speaks of something else. What its chunks brought is newer than
    /// the cursor, so rows behind the cursor come again until they have passed it.
    pub(super) fn abandon_snapshot(&mut self) {
        if self.intake.abandon() {
            self.out.change(Change::SnapshotEnded { whole: false });
            self.session.greet_again();
        }
    }

    /// Of a chunk that cannot be read no row is known, so the snapshot never ends. The rows come one after the other instead.
    fn refuse_chunk(&mut self, chunk: &Chunk, now: Instant) {
        self.bury(DeadCause::BadChunk, &to_bytes(chunk), now);
        self.refuses_snapshots = true;
        self.abandon_snapshot();
        self.session.greet_again();
    }

    fn tell_progress(&mut self, at: Progress) {
        let server_epoch = self.feed.server_epoch;
        self.publish(Up::Session, &Session::Chunk { server_epoch, at });
    }

    // ---- hashes

    /// Compares the rows with what they should hash to, if that is said of the very row at which they stand.
    fn compare_hashes(&mut self, server_epoch: u64, announcement: &Announcement) {
        let is_here = self.feed == FeedCursor { server_epoch, cursor: announcement.at };
        if !is_here || self.intake.progress().is_some() {
            return;
        }
        for wanted in &announcement.shards {
            if self.shard_hash(wanted.shard) != *wanted {
                self.intake.want_anew();
                self.publish(Up::Session, &Session::Differs { server_epoch, shard: wanted.shard });
            }
        }
    }

    fn shard_hash(&self, shard: Shard) -> ShardHash {
        match shard {
            Shard::OwnTasks => {
                let (rows, hash) = (self.orders.rows().count() as u64, RowsHash::of_tasks(self.orders.rows()));
                ShardHash { shard, rows, hash }
            }
        }
    }

    // ---- what cannot be used

    /// Keeps a row of a newer version for that version.
    pub(super) fn park(&mut self, bytes: &[u8]) {
        self.keep_aside(bytes, None);
    }

    /// Keeps something that cannot be used, and says so.
    pub(super) fn bury(&mut self, cause: DeadCause, bytes: &[u8], now: Instant) {
        if let Some(AsideRow { hash, .. }) = self.keep_aside(bytes, Some(cause)) {
            self.record(&Fact::DeadLetter { cause, hash, len: bytes.len() as u64 }, now);
        }
    }

    fn keep_aside(&mut self, bytes: &[u8], dead: Option<DeadCause>) -> Option<AsideRow> {
        let row = self.aside.put(bytes, dead)?;
        self.out.change(Change::Aside(row.clone()));
        Some(row)
    }

    /// Applies at a start what an older version put aside and this one can read.
    pub(super) fn take_from_aside(&mut self, rows: &[AsideRow], now: Instant) {
        let Readable { rows, anew } = self.aside.take_readable(rows);
        for (hash, row) in rows {
            self.out.change(Change::TakenFromAside(hash));
            self.known_row(row, now);
        }
        if !anew.is_empty() {
            anew.into_iter().for_each(|hash| self.out.change(Change::TakenFromAside(hash)));
            self.read_feed_anew();
        }
    }

    fn read_feed_anew(&mut self) {
        self.feed.cursor = 0;
        self.out.change(Change::Cursor { server_epoch: self.feed.server_epoch, cursor: 0 });
    }
}
