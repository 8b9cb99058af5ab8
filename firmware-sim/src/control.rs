//! The control thread: one tick every 5 ms, in which the pins are read, the interlock decides, the relays follow.
//!
//! It waits for nothing but the next tick (and, at a power-up, for the disk): the three faces, the motor's keeper and the
//! recorder are other threads, and every channel to them is bounded and never waited for. The steps of a tick, in this
//! order: what a person did, what was heard on the air, what the agent said, what the body reports; then the core; then
//! relays, motor line, answers.
//!
//! A tick that comes late is made up for by ticks in which nobody said anything, so that every limit of the interlock
//! is time and not luck. More than 20 ms late, and the motor line is dropped for that tick (SR-19).

mod agent;
mod cut;
mod hands;
mod motion;
mod show;
mod teller;
mod trace;
mod watch;

use crate::air::{Antenna, Heard};
use crate::clock;
use crate::dropped::Dropped;
use crate::link::Link;
use crate::motor::FromBody;
use crate::panel::Ask;
use crate::panel::request::Act;
use crate::plant::Plant;
use crate::record::nv::Nv;
use crate::record::{Entry, Recorder};
use crate::tick::TICK_MS;
use agent::Agent;
use cut::{Cut, Sample};
use interlock::{Interlock, Limits, Mail, Outputs, Pins};
use motion::Motors;
use shared::time::{Instant, Millis};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use watch::Watch;

/// A tick later than this drops the motor line, in milliseconds (SR-19).
pub const LATE_MS_MAX: u64 = 20;

/// Silent ticks made up for after a long sleep; longer than every limit of the interlock.
const SILENT_TICKS_MAX: u64 = 240_000;
const NV_EVERY_MS: u64 = 10_000;

/// The channels to everything outside the control thread.
#[derive(Debug)]
pub struct Faces {
    /// The agent's.
    pub link: Link,
    /// The person's.
    pub panel: Receiver<Ask>,
    /// The air's.
    pub air: Receiver<Heard>,
    /// What lies before it.
    pub antenna: Arc<Antenna>,
    /// The body's.
    pub body: Receiver<FromBody>,
    /// The recorder's.
    pub recorder: Recorder,
    /// What the faces threw away.
    pub dropped: Arc<Dropped>,
}

/// Everything the control thread owns.
#[derive(Debug)]
pub struct Control {
    robot: String,
    core: Interlock,
    plant: Plant,
    cut: Cut,
    watch: Watch,
    agent: Agent,
    motors: Motors,
    panel: Receiver<Ask>,
    air: Receiver<Heard>,
    antenna: Arc<Antenna>,
    recorder: Recorder,
    dropped: Arc<Dropped>,
    nv: Nv,
    nv_kept: Nv,
    nv_kept_at: Instant,
    late_ticks: u64,
    late_ms_max: u64,
}

impl Control {
    /// Powers the interlock up with what was stored. `nv` must be on disk with the interlock's new mark before this
    /// runs; see [`first_store`].
    #[must_use]
    pub fn new(robot: String, nv: Nv, plant: Plant, motors: crate::config::Start, faces: Faces) -> Self {
        let core = Interlock::power_up(Limits::SHIPPED, nv.stored());
        let nv = nv.with(core.to_store());
        let now = clock::now();
        Self {
            core,
            plant,
            cut: Cut::default(),
            watch: Watch::new(nv.boots),
            agent: Agent::new(&robot, faces.link, faces.recorder.lines_at_start()),
            motors: Motors::new(motors, faces.body),
            panel: faces.panel,
            air: faces.air,
            antenna: faces.antenna,
            recorder: faces.recorder,
            dropped: faces.dropped,
            nv,
            nv_kept: nv,
            nv_kept_at: now,
            late_ticks: 0,
            late_ms_max: 0,
            robot,
        }
    }

    /// Ticks for ever.
    pub fn run(mut self) -> ! {
        self.watch.powered_up(&self.core.status(), clock::now(), &self.recorder);
        let mut due = clock::now();
        loop {
            due = due + Millis(TICK_MS);
            clock::sleep_until(due);
            let late_ms = clock::now().since(due).0;
            let silent_ticks = late_ms / TICK_MS;
            for _ in 0..silent_ticks.min(SILENT_TICKS_MAX) {
                self.pass(false, Mail::default());
            }
            due = due + Millis(silent_ticks * TICK_MS);
            self.note_lateness(late_ms);
            self.tick(is_on_time(late_ms));
        }
    }

    fn tick(&mut self, is_on_time: bool) {
        let now = clock::now();
        let asks = self.take_asks(now);
        let is_heard = self.air.try_iter().fold(false, |_, Heard| true);
        if is_heard {
            self.watch.hear(now);
        }
        let mail = self.agent.listen(now, &self.recorder);
        if self.motors.listen(&self.recorder) {
            self.power_up_again(now);
        }
        self.watch.see_body(self.motors.body().moving, now);
        let outputs = self.pass(is_heard, mail);
        self.motors.follow(self.agent.take_setpoint(), self.agent.session(), now);
        self.motors.drive(outputs.motion, is_on_time && self.plant.has_power(), now);
        self.agent.speak(&self.core.status(), &self.motors, &self.recorder, now);
        self.keep_nv(now);
        self.answer(asks, now);
        self.recorder.watch();
    }

    /// One tick of the hardware and the core.
    fn pass(&mut self, beacon_heard: bool, mail: Mail) -> Outputs {
        self.plant.advance(TICK_MS as u32);
        let (pins, was_on, now) = (self.pins(beacon_heard), self.core.outputs().relay_1, clock::now());
        let outputs = self.core.step(pins, mail);
        self.plant.command([outputs.relay_1, outputs.relay_2]);
        let (is_demanded, is_on, has_power) = (pins.demand(), outputs.relay_1, self.plant.has_power());
        self.cut.look(Sample { is_demanded, was_on, is_on, has_power }, now);
        if is_on {
            self.nv.energised_ms += TICK_MS;
        }
        if self.watch.look(&self.core.status(), now, &self.recorder) {
            self.nv.presses = self.nv.presses.saturating_add(1);
        }
        outputs
    }

    fn pins(&self, beacon_heard: bool) -> Pins {
        let [ch_a, ch_b] = self.plant.channels();
        // The feedback of a motor part that is given up is missing like that of a relay, so the interlock locks.
        let [mirror_1, mirror_2] = self.plant.mirrors().map(|is_closed| is_closed && !self.motors.is_given_up());
        Pins { ch_a, ch_b, reset: self.plant.reset.is_pressed, mirror_1, mirror_2, beacon_heard }
    }

    fn note_lateness(&mut self, late_ms: u64) {
        self.late_ms_max = self.late_ms_max.max(late_ms);
        self.late_ticks += u64::from(!is_on_time(late_ms));
    }

    fn answer(&self, asks: Vec<Ask>, now: Instant) {
        if asks.is_empty() {
            return;
        }
        let status = self.status(now);
        for ask in asks {
            // A press or release counts as done for its person when it and its count are on disk.
            if matches!(ask.act, Act::Press | Act::Tap { .. } | Act::Release) {
                self.recorder.keep(Entry::Answer(Box::new(status.clone()), ask.answer));
                continue;
            }
            // Whoever asked and went away gets no answer.
            let _gone = ask.answer.try_send(status.clone());
        }
    }

    /// A mark, a fault or a press is kept at once, the hours of operation now and then.
    fn keep_nv(&mut self, now: Instant) {
        self.nv = self.nv.with(self.core.to_store());
        let is_urgent = self.nv.stored() != self.nv_kept.stored() || self.nv.presses != self.nv_kept.presses;
        let is_due = self.nv != self.nv_kept && now.since(self.nv_kept_at).0 >= NV_EVERY_MS;
        if is_urgent || is_due {
            self.recorder.keep(Entry::Nv(self.nv));
            self.nv_kept = self.nv;
            self.nv_kept_at = now;
        }
    }
}

/// Whether a tick so late may still renew the motor line (SR-19).
const fn is_on_time(late_ms: u64) -> bool {
    late_ms <= LATE_MS_MAX
}

/// What has to be on disk before the first tick: the mark that the interlock reserves at power-up.
#[must_use]
pub fn first_store(nv: Nv) -> Nv {
    nv.with(Interlock::power_up(Limits::SHIPPED, nv.stored()).to_store())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_more_than_20_ms_late_drops_the_motor_line() {
        assert!(is_on_time(0) && is_on_time(20));
        assert!(!is_on_time(21) && !is_on_time(u64::MAX));
    }
}
