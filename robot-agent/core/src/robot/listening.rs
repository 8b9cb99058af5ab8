//! What the server says, and what it changes: acknowledgements, rows, orders, withdrawals, resume.
//!
//! Nothing is obeyed that the site's key has not signed for this robot.

use super::{Robot, order_of};
use crate::change::{Change, WorkRow};
use crate::feed::{self, FeedCursor, Fresh, Read};
use crate::orders::{Asked, holds_after};
use shared::fact::{DeadCause, Fact};
use shared::id::TaskId;
use shared::journal::Boot;
use shared::refusal::Code;
use shared::seal::Context;
use shared::task::TaskRow;
use shared::time::{Instant, Millis};
use shared::wire::ability::Abilities;
use shared::wire::envelope::{Malformed, Sealed};
use shared::wire::fleet_to_robot::{Ack, Feed, FeedMessage, Now, Row, RowBytes};
use shared::wire::robot_to_fleet::Session;
use shared::wire::topic::{Down, Up};
use shared::wire::{Decode, to_bytes};

/// How old a `down/now` message may be on the robot's own clock.
const NOW_MAX_AGE: Millis = Millis::secs(3);

impl Robot {
    pub(super) fn message(&mut self, channel: Down, bytes: &[u8], now: Instant) {
        let taken = match channel {
            Down::Ack => self.open::<Ack>(bytes).map(|ack| self.ack(ack, now)),
            Down::Feed => self.open::<FeedMessage>(bytes).map(|message| self.feed_message(message, now)),
            Down::Now => self.open::<Now>(bytes).map(|word| self.now_word(word, now)),
        };
        if taken.is_err() {
            self.malformed += 1;
        }
    }

    fn open<T: for<'b> Decode<'b, ()>>(&self, bytes: &[u8]) -> Result<T, Malformed> {
        Sealed::open(bytes, &self.identity.site_key, Context::Down, &self.identity.robot)
    }

    fn ack(&mut self, ack: Ack, now: Instant) {
        match ack {
            Ack::Stored { epoch, mark, stamp } => {
                self.watchdog.heard();
                self.recorder.see_stamp(stamp.unwrap_or_default(), &mut self.out);
                if epoch == self.recorder.chain().epoch {
                    self.stored(&mark, now);
                }
            }
            Ack::Welcome { nonce, server_epoch, marks, feed_head, can, wall_ms } => {
                if self.session.welcomed(nonce) {
                    self.watchdog.heard();
                    self.hear_time(wall_ms, now);
                    self.server_unpacks = can.is_some_and(|can| can.has(Abilities::UNPACKS));
                    self.history.welcomed(can.is_some_and(|can| can.has(Abilities::TELEMETRY)));
                    self.outbox.forget_sent();
                    self.compare(&marks, now);
                    self.meet(server_epoch, can.is_some_and(|can| can.has(Abilities::SNAPSHOTS)));
                    self.feed_head = Some(feed_head);
                    self.answer_what_holds(now);
                    self.taken = self.acknowledged_edits();
                    self.settle_what_passed();
                }
            }
            Ack::Telemetry { epoch, seq } => {
                self.watchdog.heard();
                self.telemetry_stored(epoch, seq, now);
            }
        }
    }

    /// Another life of the server's database: its feed is numbered anew.
    fn meet(&mut self, server_epoch: u64, has_snapshots: bool) {
        if server_epoch != self.feed.server_epoch {
            self.set_mixed(self.feed.server_epoch != 0 && has_snapshots);
            self.feed = FeedCursor { server_epoch, cursor: 0 };
            self.out.change(Change::Cursor { server_epoch, cursor: 0 });
            self.orders.drop_questions();
            self.abandon_snapshot();
        }
    }

    pub(super) fn feed(&mut self, message: Feed, now: Instant) {
        match self.feed.fresh(message) {
            Fresh::Gap => self.session.greet_again(),
            Fresh::Known => self.tell_applied(),
            Fresh::Rows(rows, cursor) => {
                self.abandon_snapshot();
                rows.iter().for_each(|row| self.row(row, now));
                self.feed.cursor = cursor;
                self.out.change(Change::Cursor { server_epoch: self.feed.server_epoch, cursor });
                self.answer_what_holds(now);
                self.settle_what_passed();
                self.tell_applied();
            }
        }
    }

    fn tell_applied(&mut self) {
        let FeedCursor { server_epoch, cursor } = self.feed;
        self.publish(Up::Session, &Session::Applied { server_epoch, cursor });
    }

    /// Applies a row, or keeps it aside: none holds up the next.
    pub(super) fn row(&mut self, bytes: &RowBytes, now: Instant) {
        match feed::read(bytes) {
            Read::Known(Row::Task { row }) => self.task_row(row, bytes.0.clone()),
            Read::Known(row) => self.known_row(row, now),
            Read::Newer => self.park(&bytes.0),
            Read::Bad => self.bury(DeadCause::BadRow, &bytes.0, now),
        }
    }

    pub(super) fn known_row(&mut self, row: Row, now: Instant) {
        let bytes = if matches!(row, Row::Task { .. }) { to_bytes(&row) } else { vec![] };
        match row {
            Row::Task { row } => self.task_row(row, bytes),
            Row::Revoke { task } => self.revoke(task),
            Row::Endorsement { pack } => self.endorsement_row(&pack, now),
            Row::Note { .. } | Row::Settled { .. } | Row::Stamp { .. } => self.edit_row(row),
        }
    }

    /// Applies a task's row, which is kept as the bytes it came in.
    pub(super) fn task_row(&mut self, row: TaskRow, bytes: Vec<u8>) {
        self.out.change(Change::Task { id: row.id, row: bytes });
        self.orders.take(row);
    }

    /// Whether rows of the feed up to this one are what holds now. Before that they may tell of orders that were done or
    /// taken away long ago: a robot that has lost its replica would take each of them once more, and begin the first.
    pub(super) fn is_level(&self, cursor: u64) -> bool {
        self.feed_head.is_some_and(|head| cursor >= head)
    }

    /// Answers every row that waits for it, once the feed is level with the server's.
    pub(super) fn answer_what_holds(&mut self, now: Instant) {
        if self.is_level(self.feed.cursor) {
            self.orders.asked().into_iter().for_each(|asked| self.answer(asked, now));
        }
    }

    pub(super) fn revoke(&mut self, task: TaskId) {
        self.orders.revoke(task);
        self.out.change(Change::Revoked(task));
        self.forget_note(task);
    }

    pub(super) fn answer(&mut self, asked: Asked, now: Instant) {
        match asked {
            Asked::Accept(work) if self.is_refused_for_room(&work) => {
                self.answer(Asked::Refuse(work, Code::StorageFull), now);
            }
            Asked::Accept(work) => {
                if self.is_in_hand(&work) {
                    self.rest();
                }
                self.store(work);
                self.record(&Fact::Accepted { order: order_of(&work) }, now);
            }
            Asked::Refuse(work, why) => {
                self.store(WorkRow { ended: true, ..work });
                self.record(&Fact::Refused { order: order_of(&work), why }, now);
            }
            Asked::Cancel(work) => self.cancel(work, now),
            Asked::Nothing => {}
        }
    }

    /// Ends a withdrawn order, unless the robot holds something: then it is put down first, which ends the order anyway.
    pub(super) fn cancel(&mut self, work: WorkRow, now: Instant) {
        if self.holds_something(&work) {
            return;
        }
        if self.is_in_hand(&work) {
            self.rest();
        }
        self.store(WorkRow { ended: true, begun: false, ..work });
        self.record(&Fact::Cancelled { order: order_of(&work) }, now);
    }

    fn holds_something(&self, work: &WorkRow) -> bool {
        let Some(row) = self.orders.row(work.task) else { return false };
        let reached = usize::from(work.steps_done) + usize::from(work.begun);
        holds_after(&row.steps[..reached.min(row.steps.len())]) || self.is_placing(work)
    }

    fn is_placing(&self, work: &WorkRow) -> bool {
        let Some(row) = self.orders.row(work.task) else { return false };
        work.begun && holds_after(&row.steps[..usize::from(work.steps_done).min(row.steps.len())])
    }

    fn is_in_hand(&self, work: &WorkRow) -> bool {
        self.execution.current().is_some_and(|current| current.order.task == work.task)
    }

    fn now_word(&mut self, word: Now, now: Instant) {
        match word {
            Now::Resume { number, boot, mono_ms } => {
                if self.is_timely(number, boot, Instant(mono_ms), now) && self.watch.resume() {
                    self.out.change(Change::AwaitsPerson(false));
                    self.record(&Fact::Resumed { number }, now);
                }
            }
            Now::Clear { number, boot, mono_ms, clearance } => {
                if self.is_timely(number, boot, Instant(mono_ms), now) && self.clear(&clearance, now).is_err() {
                    self.malformed += 1;
                }
            }
        }
    }

    /// Whether a word that holds now or not at all holds now. Its number is used up then.
    fn is_timely(&mut self, number: u64, boot: Boot, sent: Instant, now: Instant) -> bool {
        let is_current = boot == self.recorder.boot() && sent <= now && now.since(sent) <= NOW_MAX_AGE;
        let is_timely = is_current && number > self.now_number;
        if is_timely {
            self.now_number = number;
            self.out.change(Change::NowNumber(number));
        }
        is_timely
    }
}
