//! What a storage that fills up asks of the robot: thin telemetry, refuse work, reach a safe point, say why.

use super::{Robot, order_of};
use crate::change::{Change, WorkRow};
use crate::storage::StorageReading;
use shared::fact::Fact;
use shared::refusal::Code;
use shared::time::Instant;

impl Robot {
    /// Takes a measurement of the storage.
    pub(super) fn storage_measured(&mut self, reading: StorageReading) {
        self.storage.take(reading);
        if self.storage.should_thin() {
            self.ask_to_thin();
        }
    }

    /// A database was full: what could not be written is written by now, into the room of the reserve.
    pub(super) fn storage_filled(&mut self, now: Instant) {
        if self.storage.filled() {
            self.record(&Fact::StorageFull, now);
        }
    }

    /// Whether a new order is refused because there is too little room for its record.
    pub(super) fn is_refused_for_room(&self, work: &WorkRow) -> bool {
        self.orders.row(work.task).is_some_and(|row| self.storage.refuses(row.priority))
    }

    /// Forgets what the server has had for long enough.
    pub(super) fn forget_old_entries(&mut self, now: Instant) {
        if let Some(chain) = self.retention.due(&self.outbox.acked(), self.recorder.wall(now)) {
            self.out.change(Change::Pruned(chain));
        }
    }

    /// Whether another step may be taken in hand: while what it does can be recorded, or to put down what is held.
    pub(super) fn is_stored_for_work(&self) -> bool {
        self.storage.permits_work() || self.holds()
    }

    /// Tells why the work stands, once the safe point is reached.
    pub(super) fn tend_storage(&mut self, now: Instant) {
        let is_at_rest = self.execution.current().is_none();
        if self.is_stored_for_work() || !is_at_rest {
            return;
        }
        if let Some(order) = self.orders.next(false).map(|(_, work)| order_of(&work)) {
            self.block(order, Code::StorageFull, now);
        }
    }
}
