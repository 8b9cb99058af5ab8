//! The robot below its agent: the real interlock, relays, receiver, link and body, stepped by the world's clock.
//!
//! What `firmware-sim` does in a process is done here in the same order: hear, listen, decide, command, drive, speak.

use firmware_sim::body::goal::{Goal, Torque};
use firmware_sim::body::physics::{Body, Memory};
use firmware_sim::plant::Plant;
use interlock::{Interlock, Limits, Mail, Motion, Pins, Status, Stored};
use interlock_link::{Counters, FromInterlock, Ids, Inbox, Sender, StepCount};
use shared::beacon::{Heard, Receiver};
use shared::seal::PublicKey;
use shared::time::Instant;
use shared::zone::Point;
use std::collections::VecDeque;

/// A frame of the link.
pub type Frame = [u8; interlock_link::FRAME_LEN];

/// Length of a tick, in milliseconds.
pub const TICK_MS: u64 = 5;
/// Between two reports of the interlock, and two of the body.
const STATUS_EVERY_MS: u64 = 50;
const BODY_EVERY_MS: u64 = 100;

/// The safety controller with its motors and its body.
pub struct Firmware {
    /// Button, reset and relays: a person's hands reach them.
    pub plant: Plant,
    /// When the receiver last took a disclosure of its own robot.
    pub heard_ms: Option<u64>,
    /// When the body last changed its place.
    pub moved_ms: Option<u64>,
    core: Interlock,
    receiver: Receiver,
    is_heard: bool,
    inbox: Inbox,
    sender: Sender<FromInterlock>,
    session: u32,
    body: Body,
    goal: Goal,
    was_allowed: bool,
    is_fresh: bool,
    line: VecDeque<Torque>,
    said: (Option<Status>, u64, u64),
    place_mm: (f64, f64),
}

impl Firmware {
    /// The power has just come on. The body follows its line so many ticks late.
    pub fn power_up(name: &str, own: PublicKey, ca: PublicKey, line_lag: usize) -> Self {
        let stored = Stored { epoch_mark: 0, fault_pending: false };
        let ids = Ids::of_robot(name, 0);
        Self {
            plant: Plant::default(),
            heard_ms: None,
            moved_ms: None,
            core: Interlock::power_up(Limits::SHIPPED, stored),
            receiver: Receiver::new(own, ca),
            is_heard: false,
            inbox: Inbox::new(ids),
            sender: Sender::firmware(ids),
            session: 0,
            body: Body::new(Memory { battery_permille: 1000.0, ..Memory::default() }),
            goal: Goal::default(),
            was_allowed: false,
            is_fresh: false,
            line: VecDeque::from(vec![Torque::Off; line_lag]),
            said: (None, 0, 0),
            place_mm: (0.0, 0.0),
        }
    }

    /// What the interlock says of itself.
    pub fn status(&self) -> Status {
        self.core.status()
    }

    /// Whether the body is moving.
    pub fn is_moving(&self) -> bool {
        self.body.is_moving()
    }

    /// Where the body is.
    pub fn place(&self) -> Point {
        let cm = |mm: f64| (mm / 10.0).round() as i16;
        Point { x_cm: cm(self.place_mm.0), y_cm: cm(self.place_mm.1) }
    }

    /// A packet reaches the antenna.
    pub fn hear(&mut self, packet: &[u8], now_ms: u64) {
        if let Ok(Heard::Presence(_)) = self.receiver.hear(packet, Instant(now_ms)) {
            self.is_heard = true;
            self.heard_ms = Some(now_ms);
        }
    }

    /// One tick with the agent's frames; returns the frames to the agent.
    pub fn tick(&mut self, frames: &[Frame], now_ms: u64) -> Vec<Frame> {
        frames.iter().for_each(|frame| self.inbox.push(frame, wire_ms(now_ms)));
        let hello = self.inbox.take_hello();
        let mail = self.inbox.take();
        let motion = self.decide(mail);
        self.drive(motion, now_ms);
        self.speak(hello, now_ms)
    }

    fn decide(&mut self, mail: Mail) -> Motion {
        self.plant.advance(u32::try_from(TICK_MS).expect("a tick is short"));
        let ([ch_a, ch_b], [mirror_1, mirror_2]) = (self.plant.channels(), self.plant.mirrors());
        let beacon_heard = std::mem::take(&mut self.is_heard);
        let reset = self.plant.reset.is_pressed;
        let outputs = self.core.step(Pins { ch_a, ch_b, reset, mirror_1, mirror_2, beacon_heard }, mail);
        self.plant.command([outputs.relay_1, outputs.relay_2]);
        outputs.motion
    }

    /// A setpoint moves the body only if it came while motion was allowed.
    fn drive(&mut self, motion: Motion, now_ms: u64) {
        if let Some(said) = self.inbox.take_setpoint() {
            let session = self.session;
            let interlock_link::Setpoint { act, step, order, x_cm, y_cm, amount } = said;
            self.goal = Goal { order, step, act, x_cm, y_cm, amount, session };
            self.is_fresh |= self.was_allowed;
        }
        self.was_allowed = motion == Motion::Full;
        self.is_fresh &= self.was_allowed;
        self.line.push_back(if self.plant.has_power() { torque(motion, self.is_fresh) } else { Torque::Off });
        let torque = self.line.pop_front().unwrap_or_default();
        self.body.name(self.goal);
        self.body.advance(torque, TICK_MS as f64);
        let place = (self.body.memory().x_mm, self.body.memory().y_mm);
        if place != self.place_mm {
            self.place_mm = place;
            self.moved_ms = Some(now_ms);
        }
    }

    fn speak(&mut self, hello: Option<u64>, now_ms: u64) -> Vec<Frame> {
        let mut words = vec![];
        if let Some(nonce) = hello {
            self.session += 1;
            words.push(FromInterlock::Welcome { nonce });
        }
        if self.inbox.session().is_some() {
            words.extend(self.due(now_ms));
        }
        words.into_iter().map(|word| self.sender.encode(word, wire_ms(now_ms))).collect()
    }

    fn due(&mut self, now_ms: u64) -> Vec<FromInterlock> {
        let (mut words, status) = (vec![], self.status());
        let key = |status: &Status| (status.phase, status.cause, status.trip_epoch);
        let (said, status_ms, body_ms) = &mut self.said;
        if said.as_ref().map(key) != Some(key(&status)) || now_ms >= *status_ms + STATUS_EVERY_MS {
            (*said, *status_ms) = (Some(status), now_ms);
            words.push(FromInterlock::Status(status));
            // The one press of a trial is the button's test, which does not count.
            words.push(FromInterlock::Counters(Counters { presses: 0, boots: 1, energised_s: 0 }));
        }
        if now_ms >= *body_ms + BODY_EVERY_MS {
            *body_ms = now_ms;
            words.extend(report(&self.body));
        }
        words
    }
}

fn report(body: &Body) -> [FromInterlock; 2] {
    let (memory, (order, step)) = (body.memory(), body.named());
    let cm = |mm: f64| (mm / 10.0) as i16;
    let said = interlock_link::Body {
        x_cm: cm(memory.x_mm),
        y_cm: cm(memory.y_mm),
        battery_permille: memory.battery_permille as u16,
        act: body.act(),
        held: memory.held,
        moving: body.is_moving(),
    };
    let progress_permille = body.progress_permille();
    let count = StepCount { order, step, count: body.count(), progress_permille };
    [FromInterlock::Body(said), FromInterlock::StepCount(count)]
}

const fn torque(motion: Motion, is_fresh: bool) -> Torque {
    match motion {
        Motion::None => Torque::Off,
        Motion::Full if is_fresh => Torque::On,
        Motion::RampDown | Motion::Full => Torque::Ramp,
    }
}

/// The clock as frames carry it: its low 32 bits.
pub const fn wire_ms(now_ms: u64) -> u32 {
    now_ms as u32
}
