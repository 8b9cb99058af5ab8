//! Going on with the record, or beginning a new epoch of it: what is acknowledged, what is recalled, what is offered again.

use super::Robot;
use crate::change::Change;
use crate::continuity::Discontinuity;
use crate::outbound::Tell;
use crate::outbox::Acked;
use shared::fact::{EpochCause, Fact};
use shared::journal::{Chain, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::time::Instant;
use shared::wire::robot_to_fleet::Mark;

impl Robot {
    /// Takes an acknowledgement of the current epoch.
    pub(super) fn stored(&mut self, mark: &Mark, now: Instant) {
        match self.outbox.ack(mark) {
            Acked::Moved => self.out.change(Change::Acked(*mark)),
            Acked::Nothing | Acked::Older => {}
            Acked::Foreign { ours } => self.part_from_server(ours, now),
        }
    }

    /// Compares the server's watermarks with what it had acknowledged.
    pub(super) fn compare(&mut self, marks: &[Mark], now: Instant) {
        let epoch = self.recorder.chain().epoch;
        for mark in marks {
            match self.outbox.ack(mark) {
                Acked::Moved => self.out.change(Change::Acked(*mark)),
                Acked::Nothing => {}
                Acked::Older => self.recall(mark),
                Acked::Foreign { ours } => self.part_from_server(ours, now),
            }
            let epoch_is_over = self.recorder.chain().epoch != epoch;
            if epoch_is_over {
                return;
            }
        }
    }

    /// The server was put back to an earlier day. The watermark goes back with it before anything is sent again, so that a
    /// crash here finds the entries among the unacknowledged.
    fn recall(&mut self, mark: &Mark) {
        let range = self.outbox.recall(mark);
        self.out.change(Change::Acked(*mark));
        self.out.tell(Tell::Recall { lane: mark.lane, range });
    }

    /// Takes what the replica still has of a recalled stretch.
    pub(super) fn recalled(&mut self, lane: Lane, records: Vec<Record>, now: Instant) {
        let closes_the_gap = self.outbox.recalled(lane, records);
        if !closes_the_gap {
            self.leave_epoch(EpochCause::ServerBehind, now);
        }
    }

    /// The server knows another history under the numbers of this epoch: this database was put back or copied.
    fn part_from_server(&mut self, ours: Option<Hash>, now: Instant) {
        let cause = if ours.is_some() { EpochCause::ServerDiffers } else { EpochCause::ServerAhead };
        self.leave_epoch(cause, now);
    }

    fn leave_epoch(&mut self, cause: EpochCause, now: Instant) {
        let Chain { epoch, cseq, head, .. } = *self.recorder.chain();
        let parts: [&[u8]; 4] = [&self.epoch_seed.0, &epoch.0.to_be_bytes(), &cseq.to_be_bytes(), &head.0];
        let drawn = Hash::of(&parts).0[..8].try_into().expect("8 of 32 bytes");
        let fresh = Epoch(u64::from_be_bytes(drawn));
        self.begin_epoch(Discontinuity { cause, before: Some(epoch), fresh }, now);
        self.session.greet_in_another_epoch();
    }

    /// Begins an epoch and offers in it, each with its origin, what the server may lack of the one before. All of it is one
    /// commit: a crash before it leaves the old epoch, and the same doubt about it.
    pub(super) fn begin_epoch(&mut self, discontinuity: Discontinuity, now: Instant) {
        let Discontinuity { cause, before, fresh } = discontinuity;
        let old = self.recorder.chain().epoch;
        let again = self.outbox.take_all();
        if fresh != old {
            self.recorder.begin_epoch(Chain::begin(&self.identity.robot, fresh));
            self.out.change(Change::Epoch(fresh));
        }
        self.record(&Fact::EpochBegan { cause, before, again: again.len() as u64 }, now);
        for record in &again {
            self.recorder.offer_again(record, old, &mut self.outbox, &mut self.out);
        }
    }
}
