//! The power of a body's machine, and what its agent sees by the machine's clock.

use super::{Body, TRIPPED_MS};
use interlock_link::{Act, Body as Report, Cause, Counters, Phase, Status, StepCount};
use robot_core::Seen;
use shared::time::Instant;

impl Body {
    /// The power of the whole machine goes: nothing is on, and nobody writes that.
    pub fn lose_power(&mut self, now_ms: u64) {
        self.lose_agent(now_ms);
        self.power_ms = None;
        self.phase = Phase::Tripped;
        (self.is_moving, self.worked_on, self.ears.last_ms) = (false, None, None);
    }

    /// The power is back: the controller starts as it always does.
    pub fn power_up(&mut self, now_ms: u64) {
        self.power_ms = Some(now_ms);
        self.trip(Phase::Tripped, Cause::PowerUp, now_ms + TRIPPED_MS);
        self.record.wake(self.trip_epoch);
    }

    /// The machine's own clock.
    pub(super) fn mono_ms(&self, now_ms: u64) -> u64 {
        now_ms - self.power_ms.unwrap_or(now_ms)
    }

    pub(super) fn write(&mut self, ev: &str, now_ms: u64) {
        self.record.add(ev, self.cause, self.trip_epoch, self.mono_ms(now_ms));
    }

    /// Whether its receiver has heard the robot in time, and when it did last.
    pub fn heard(&self, now_ms: u64) -> (bool, Option<u64>) {
        (self.ears.is_heard(now_ms), self.ears.last_ms)
    }

    /// What the agent sees, by the machine's clock.
    pub fn seen(&self, now_ms: u64) -> Seen {
        let energised = matches!(self.phase, Phase::Energised);
        let count = self.asked.map(|asked| {
            let count = self.counts.get(&(asked.order, asked.step)).copied().unwrap_or(0);
            StepCount { order: asked.order, step: asked.step, count, progress_permille: 0 }
        });
        let status = Status {
            phase: self.phase,
            cause: self.cause,
            trip_epoch: self.trip_epoch,
            standby_ok: false,
            beacon_heard: self.ears.is_heard(now_ms),
            button_open: false,
            reset_pressed: false,
            proof_tested: true,
            energised,
            returns_left: 3,
        };
        let body =
            Report { x_cm: 1, y_cm: 1, battery_permille: 900, act: Act::Rest, held: false, moving: self.is_moving };
        let now = Instant(self.mono_ms(now_ms));
        let heard =
            self.ears.last_ms.map(|at| if self.ears.is_heard(now_ms) { now } else { Instant(self.mono_ms(at)) });
        let counters = Some(Counters { presses: self.presses, boots: 1, energised_s: 0 });
        let (status, body) = (Some(status), Some(body));
        Seen { status, body, count, counters, disclosed: Some(now), heard }
    }
}
