//! The control thread: one tick every 5 ms, in which the pins are read, the interlock decides, the relays follow.
//!
//! It waits for nothing but the next tick: the three faces, the motor's keeper and the recorder are other threads, and
//! every channel to them is bounded and never waited for. The steps of a tick, in this order: what a person did, what
//! was heard on the air, what the agent said, what the body reports; then the core; then relays, motor line, answers.
//!
//! A tick that comes late is made up for by ticks in which nobody said anything, so that every limit of the interlock
//! is time and not luck. More than 20 ms late, and the motor line is dropped for that tick (SR-19).

mod agent;
mod motion;
mod show;
mod watch;

use crate::air::Heard;
use crate::clock;
use crate::dropped::Dropped;
use crate::link::Link;
use crate::motor::FromBody;
use crate::panel::Ask;
use crate::panel::request::Act;
use crate::plant::Plant;
use crate::record::nv::Nv;
use crate::record::{Entry, Recorder};
use agent::Agent;
use interlock::{Interlock, Limits, Mail, Outputs, Pins, Stored};
use motion::Motors;
use shared::time::{Instant, Millis};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use watch::Watch;

/// Length of a tick, in milliseconds.
pub const TICK_MS: u64 = 5;
/// A tick later than this drops the motor line, in milliseconds (SR-19).
pub const LATE_MS_MAX: u64 = 20;

/// Silent ticks made up for after a long sleep; longer than every limit of the interlock.
const SILENT_TICKS_MAX: u64 = 240_000;
const ASKS_PER_TICK: usize = 32;
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
    watch: Watch,
    agent: Agent,
    motors: Motors,
    panel: Receiver<Ask>,
    air: Receiver<Heard>,
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
            watch: Watch::new(nv.boots),
            agent: Agent::new(&robot, faces.link),
            motors: Motors::new(motors, faces.body),
            panel: faces.panel,
            air: faces.air,
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
            self.tick(late_ms <= LATE_MS_MAX);
        }
    }

    fn tick(&mut self, is_on_time: bool) {
        let now = clock::now();
        let asks = self.take_asks(now);
        let is_heard = self.air.try_iter().fold(false, |_, Heard| true);
        let mail = self.agent.listen(now, &self.recorder);
        if self.motors.listen(&self.recorder) {
            self.power_up_again(now);
        }
        let outputs = self.pass(is_heard, mail);
        self.motors.follow(self.agent.take_setpoint(), self.agent.session());
        self.motors.drive(outputs.motion, is_on_time && self.plant.has_power(), now);
        self.agent.speak(&self.core.status(), &self.motors, now);
        self.answer(asks, now);
        self.keep_nv(now);
    }

    /// One tick of the hardware and the core.
    fn pass(&mut self, beacon_heard: bool, mail: Mail) -> Outputs {
        self.plant.advance(TICK_MS as u32);
        let outputs = self.core.step(self.pins(beacon_heard), mail);
        self.plant.command([outputs.relay_1, outputs.relay_2]);
        if outputs.relay_1 {
            self.nv.energised_ms += TICK_MS;
        }
        self.watch.look(&self.core.status(), clock::now(), &self.recorder);
        outputs
    }

    fn pins(&self, beacon_heard: bool) -> Pins {
        let [ch_a, ch_b] = self.plant.button.channels();
        let [mirror_1, mirror_2] = self.plant.mirrors();
        Pins { ch_a, ch_b, reset: self.plant.reset.is_pressed, mirror_1, mirror_2, beacon_heard }
    }

    /// Takes what people ask for. At most one act of a hand in a tick, so that the core sees every position of the
    /// actuators, however short.
    fn take_asks(&mut self, now: Instant) -> Vec<Ask> {
        let mut asks = Vec::new();
        while asks.len() < ASKS_PER_TICK {
            let Ok(ask) = self.panel.try_recv() else { break };
            let is_hand = ask.act != Act::Status;
            self.act(ask.act, now);
            asks.push(ask);
            if is_hand {
                break;
            }
        }
        asks
    }

    fn act(&mut self, act: Act, now: Instant) {
        let before = self.plant;
        match act {
            Act::Status => {}
            Act::Press => self.plant.button.is_pressed = true,
            Act::Release => self.plant.button.is_pressed = false,
            Act::ResetPress => self.plant.reset.is_pressed = true,
            Act::ResetRelease => self.plant.reset.is_pressed = false,
        }
        if self.plant.button != before.button {
            self.recorder.keep(Entry::Button(self.plant.button));
        }
        self.watch.hands(&before, &self.plant, &self.core.status(), now, &self.recorder);
    }

    /// The motor part failed: the interlock starts as if the power had come on with a fault pending. So a person has
    /// to test the button and reset, whatever phase it was in; a lock-out stays a lock-out.
    fn power_up_again(&mut self, now: Instant) {
        self.watch.body_died(&self.core.status(), now, &self.recorder);
        if self.core.phase() == interlock::Phase::Locked {
            return;
        }
        let epoch_mark = self.core.to_store().epoch_mark;
        self.core = Interlock::power_up(Limits::SHIPPED, Stored { epoch_mark, fault_pending: true });
        self.watch.powered_up(&self.core.status(), now, &self.recorder);
    }

    fn note_lateness(&mut self, late_ms: u64) {
        self.late_ms_max = self.late_ms_max.max(late_ms);
        self.late_ticks += u64::from(late_ms > LATE_MS_MAX);
    }

    fn answer(&self, asks: Vec<Ask>, now: Instant) {
        if asks.is_empty() {
            return;
        }
        let status = self.status(now);
        for ask in asks {
            // Whoever asked and went away gets no answer.
            let _gone = ask.answer.try_send(status.clone());
        }
    }

    /// A mark or a fault is kept at once, the hours of operation now and then.
    fn keep_nv(&mut self, now: Instant) {
        self.nv = self.nv.with(self.core.to_store());
        let is_urgent = self.nv.stored() != self.nv_kept.stored();
        let is_due = self.nv != self.nv_kept && now.since(self.nv_kept_at).0 >= NV_EVERY_MS;
        if is_urgent || is_due {
            self.recorder.keep(Entry::Nv(self.nv));
            self.nv_kept = self.nv;
            self.nv_kept_at = now;
        }
    }
}

/// What has to be on disk before the first tick: the mark that the interlock reserves at power-up.
#[must_use]
pub fn first_store(nv: Nv) -> Nv {
    nv.with(Interlock::power_up(Limits::SHIPPED, nv.stored()).to_store())
}
