//! What the robot tells without being asked: hello, batches, its newest state.

use super::Robot;
use crate::feed::FeedCursor;
use shared::time::Instant;
use shared::wire::robot_to_fleet::{BATCH_LEN_MAX, Session, State};
use shared::wire::topic::Up;

/// Bytes of a packet around the entries of a batch, with room to spare: topic, envelope and the batch's own numbers.
const AROUND_LEN: usize = 1024;

/// Most bytes of entries in a batch for a broker that takes packets of `len_max` bytes.
pub fn batch_room(len_max: u32) -> usize {
    let len_max = usize::try_from(len_max).unwrap_or(usize::MAX);
    len_max.saturating_sub(AROUND_LEN).min(BATCH_LEN_MAX)
}

impl Robot {
    pub(super) fn speak(&mut self, now: Instant) {
        if !self.session.is_connected() {
            return;
        }
        if let Some(nonce) = self.session.hello_due(now) {
            self.hello(nonce, now);
        }
        if self.session.is_welcome() {
            self.send_batches(now);
            self.ask_for_telemetry(now);
        }
        let state = self.state(now);
        if self.report.is_due(&state, now) {
            self.publish(Up::State, &state);
        }
    }

    fn hello(&mut self, nonce: u64, now: Instant) {
        let FeedCursor { server_epoch, cursor } = self.feed;
        let cursor = if self.is_mixed { 0 } else { cursor };
        let (epoch, boot) = (self.recorder.chain().epoch, self.recorder.boot());
        let (can, acked, snapshot) = (Some(self.abilities()), Some(self.outbox.acked()), self.intake.progress());
        let mono_ms = now.0;
        let hello = Session::Hello { epoch, boot, mono_ms, server_epoch, cursor, nonce, can, acked, snapshot };
        self.publish(Up::Session, &hello);
    }

    fn send_batches(&mut self, now: Instant) {
        while let Some(parts) = self.outbox.next_batch(self.recorder.chain().epoch, self.batch_room, now) {
            let channel = Up::from(parts.lane());
            let batch = parts.stamped(self.recorder.boot(), now);
            self.publish(channel, &batch);
        }
    }

    pub(super) fn state(&mut self, now: Instant) -> State {
        let current = self.execution.current();
        let clearance = self.waiting_challenge(now);
        State {
            boot: self.recorder.boot(),
            mono_ms: now.0,
            at: self.seen.body.map(|body| shared::zone::Point { x_cm: body.x_cm, y_cm: body.y_cm }),
            battery_permille: self.seen.body.map(|body| body.battery_permille),
            interlock: self.watch.now(),
            order: current.map(|current| current.order),
            step: current.map(|current| current.step),
            awaits_person: self.watch.awaits_person(),
            unacked: self.outbox.len(),
            cursor: self.feed.cursor,
            disclosed_ms_ago: self.seen.disclosed.map(|at| now.since(at).0),
            clearance,
            endorsed_until: self.endorsement.validity().map(|validity| validity.until_s),
            heard_ms_ago: self.open.heard.map(|at| now.since(at).0),
            oldest_unacked_ms: self.outbox.oldest_ms(self.recorder.boot(), now),
            telemetry_unacked: Some(self.history.unacked()),
            storage_permille: self.storage.permille(),
            disbelieved: self.disbelieved(now),
        }
    }
}
