//! Telemetry: a sample each second, the next batch of them, and what the server has.

use super::Robot;
use crate::change::Change;
use crate::outbound::Tell;
use crate::telemetry::{Answered, FLIGHT_LEN_MAX, Keep, KeptItem, Numbers, Sampler, TelemetryLane};
use crate::telemetry::{TelemetryLoaded, Wait, Wanted, lost, thin};
use shared::fact::Fact;
use shared::journal::Epoch;
use shared::time::Instant;
use shared::wire::telemetry::{Condition, Item, Sample, Span, TelemetryBatch};
use shared::wire::topic::Up;
use shared::zone::Point;

/// Items that are thinned at once.
const THIN_MAX: u32 = 4096;

/// Everything about the history of measurements.
#[derive(Debug)]
pub(super) struct History {
    sampler: Sampler,
    numbers: Numbers,
    lane: TelemetryLane,
    /// Up to which place of the file this round of thinning has come.
    thinned_to: u64,
}

impl History {
    /// Goes on with what the file has, and counts anew in an epoch that nobody has used.
    pub(super) fn start(loaded: TelemetryLoaded, epoch: Epoch, now: Instant) -> Self {
        let lane = TelemetryLane::new(loaded.file.items);
        Self { sampler: Sampler::new(now), numbers: Numbers::begin(epoch), lane, thinned_to: 0 }
    }

    pub(super) fn welcomed(&mut self, is_kept: bool) {
        self.lane.welcomed(is_kept);
    }

    pub(super) const fn unacked(&self) -> u64 {
        self.lane.len()
    }

    #[cfg(test)]
    pub(super) const fn numbers_epoch(&self) -> Epoch {
        self.numbers.epoch()
    }

    pub(super) const fn next_sample(&self) -> Instant {
        self.sampler.poll_timeout()
    }

    pub(super) fn next_batch(&self) -> Option<Instant> {
        match self.lane.wait() {
            Wait::Until(at) => Some(at),
            Wait::Idle => None,
        }
    }
}

impl Robot {
    /// Names what the process before has cost. Its reservation stays until this one uses a number, so a crash before the loss
    /// is kept finds it again.
    pub(super) fn begin_history(&mut self, loaded: TelemetryLoaded, now: Instant) {
        if let Some((epoch, span)) = lost(loaded.reservation, loaded.file) {
            self.keep(epoch, Item { span, sample: None }, now);
        }
    }

    /// Takes a sample when one is due.
    pub(super) fn measure(&mut self, now: Instant) {
        if !self.history.sampler.is_due(now) {
            return;
        }
        let epoch = self.history.numbers.epoch();
        let (number, reserved) = self.history.numbers.draw();
        if let Some(reserved) = reserved {
            self.out.change(Change::Telemetry(reserved));
        }
        let sample = Some(self.sample(now));
        self.keep(epoch, Item { span: Span::one(number), sample }, now);
    }

    fn keep(&mut self, epoch: Epoch, item: Item, now: Instant) {
        self.out.keep(Keep::Item { epoch, item });
        self.history.lane.kept(now);
    }

    fn sample(&self, now: Instant) -> Sample {
        let (body, current) = (self.seen.body, self.execution.current());
        Sample {
            boot: self.recorder.boot(),
            mono_ms: now.0,
            wall_ms: self.recorder.wall(now).0,
            at: body.map(|body| Point { x_cm: body.x_cm, y_cm: body.y_cm }),
            battery_permille: body.map(|body| body.battery_permille),
            condition: Condition {
                phase: self.watch.now().map(|interlock| interlock.phase),
                doing: body.map(|body| body.act as u8),
                moving: body.map(|body| body.moving),
                holds: body.map(|body| body.held),
                order: current.map(|current| current.order),
                step: current.map(|current| current.step),
                awaits_person: self.watch.awaits_person(),
                heard: self.seen.status.map(|status| status.beacon_heard),
            },
        }
    }

    /// Asks for what is to be sent, when it is time. Said behind the batches of the journal.
    pub(super) fn ask_for_telemetry(&mut self, now: Instant) {
        if let Some(wanted) = self.history.lane.wanted(now) {
            self.out.tell(Tell::Telemetry(wanted));
        }
    }

    /// Takes what was read from the file.
    pub(super) fn telemetry(&mut self, wanted: Wanted, read: &[KeptItem], now: Instant) {
        match wanted {
            Wanted::ToSend { .. } => self.send_telemetry(read, now),
            Wanted::ToThin { most, .. } => self.thin_telemetry(read, most, now),
        }
    }

    fn send_telemetry(&mut self, read: &[KeptItem], now: Instant) {
        if !self.session.is_welcome() {
            return;
        }
        let Some((epoch, mut items)) = self.history.lane.batch(read) else { return };
        let payload = loop {
            let payload = self.sealed(&TelemetryBatch::of(epoch, self.recorder.boot(), now.0, &items));
            if payload.len() <= FLIGHT_LEN_MAX || items.len() <= 1 {
                break payload;
            }
            items.truncate(items.len() / 2);
        };
        self.history.lane.sent(epoch, &items, now);
        self.out.tell(Tell::Publish { channel: Up::Telemetry, payload });
    }

    /// The server has telemetry up to here.
    pub(super) fn telemetry_stored(&mut self, epoch: Epoch, seq: u64, now: Instant) {
        match self.history.lane.answered(epoch, seq, now) {
            Answered::Has => self.out.keep(Keep::Forget { epoch, seq }),
            Answered::Nothing => {}
        }
    }

    /// Asks for what is to be thinned next.
    pub(super) fn ask_to_thin(&mut self) {
        let after = self.history.thinned_to;
        self.out.tell(Tell::Telemetry(Wanted::ToThin { after, most: THIN_MAX }));
    }

    /// Halves the resolution of these items, and says so in the record. At the newest item the next round begins at the oldest.
    fn thin_telemetry(&mut self, read: &[KeptItem], most: u32, now: Instant) {
        let is_last = read.len() < usize::try_from(most).expect("a few thousand");
        self.history.thinned_to = read.last().filter(|_| !is_last).map_or(0, |kept| kept.place);
        let lane = &self.history.lane;
        let free = read.iter().filter(|kept| !lane.is_under_way(kept.epoch, kept.item.span.last));
        let free: Vec<KeptItem> = free.copied().collect();
        let thinned = thin(&free);
        let (Some(first), Some(last)) = (free.first(), free.last()) else { return };
        if thinned.dropped.is_empty() {
            return;
        }
        let dropped = thinned.dropped.len() as u64;
        let fact = Fact::Thinned { first: first.item.span.first, last: last.item.span.last, dropped };
        self.record(&fact, now);
        self.history.lane.thinned(dropped);
        self.out.keep(Keep::Thin(thinned));
    }

    /// The process ends in order: the newest number is on the disk.
    pub(super) fn end_history(&mut self) {
        if let Some(ended) = self.history.numbers.ended() {
            self.out.change(Change::Telemetry(ended));
        }
    }
}
