//! A robot's body and safety controller, as simple as the contract with the agent allows.
//!
//! The controller has a receiver of its own: it gives energy only while it hears the robot's disclosure and the agent's beat,
//! and takes it away after a controlled stop. It writes a record of its own.
//!
//! The body does the step that is asked for, counts its ends by order and step, and starts a step over when another was
//! named in between, or when a new session names it anew: an agent that asks twice is caught doing it twice.

mod power;

use super::controller_record::ControllerRecord;
use super::diary::Diary;
use super::ears::Ears;
use super::key_of;
use crate::verdict::history::{Deed, Truth};
use interlock_link::{Cause, Phase};
use robot_core::Activity;
use shared::seal::SigningKey;
use shared::task::Step;
use std::collections::BTreeMap;

/// How long a walk takes, and any other step.
const WALK_MS: u64 = 400;
const WORK_MS: u64 = 700;
/// How long the power stays away after the agent fell silent, or the button was pressed.
const STANDBY_MS: u64 = 2_000;
const TRIPPED_MS: u64 = 3_000;
/// How long the controller bears the silence of the agent.
const HEARTBEAT_MS: u64 = 300;
/// How long a controlled stop takes.
const STOPPING_MS: u64 = 300;

/// The body, its controller, and its log of the truth.
pub struct Body {
    /// What the body did.
    pub truth: Vec<Truth>,
    asked: Option<Activity>,
    worked_on: Option<(u64, u8)>,
    worked_ms: u64,
    is_finished: bool,
    is_new_session: bool,
    counts: BTreeMap<(u64, u8), u8>,
    phase: Phase,
    cause: Cause,
    trip_epoch: u32,
    back_ms: u64,
    /// When the agent fell silent, while it is.
    silent_ms: Option<u64>,
    ears: Ears,
    /// Goes on with what is not heard: a fault to plant.
    is_deaf_to_silence: bool,
    is_moving: bool,
    record: ControllerRecord,
    /// What was so, for whoever judges the report.
    pub diary: Diary,
    presses: u32,
    /// When the power came on, on the world's clock; `None` while it is gone.
    power_ms: Option<u64>,
}

impl Body {
    /// A body whose power comes on at `now_ms`; a person will reset it.
    pub fn new(robot: &str, is_deaf_to_silence: bool, now_ms: u64) -> Self {
        let mut record = ControllerRecord::new(controllers_key(robot));
        record.wake(1);
        Self {
            truth: Vec::new(),
            asked: None,
            worked_on: None,
            worked_ms: 0,
            is_finished: false,
            is_new_session: true,
            counts: BTreeMap::new(),
            phase: Phase::Tripped,
            cause: Cause::PowerUp,
            trip_epoch: 1,
            back_ms: TRIPPED_MS,
            silent_ms: Some(now_ms),
            ears: Ears::default(),
            is_deaf_to_silence,
            is_moving: false,
            record,
            diary: Diary::default(),
            presses: 0,
            power_ms: Some(now_ms),
        }
    }

    /// The agent has died: its beat is gone. The body goes on with what it does until that is noticed.
    pub const fn lose_agent(&mut self, now_ms: u64) {
        self.asked = None;
        self.is_new_session = true;
        self.silent_ms = Some(now_ms);
    }

    /// Another agent greets: a new session stops what still goes on.
    pub fn meet_agent(&mut self, now_ms: u64) {
        self.silent_ms = None;
        if matches!(self.phase, Phase::Energised) {
            self.stop(Cause::Session, now_ms);
        }
    }

    /// A person presses the button, and will release and reset.
    pub fn press(&mut self, now_ms: u64) {
        if self.power_ms.is_none() {
            return;
        }
        self.presses += 1;
        self.trip(Phase::Tripped, Cause::Button, now_ms + TRIPPED_MS);
        self.write("trip", now_ms);
        self.is_moving = false;
    }

    /// A person takes the receiver's antenna off, or puts it on again.
    pub fn set_muted(&mut self, is_muted: bool) {
        self.diary.mutes += u64::from(is_muted && !self.ears.is_muted);
        self.ears.is_muted = is_muted;
    }

    /// Whether the antenna is off.
    pub const fn is_muted(&self) -> bool {
        self.ears.is_muted
    }

    /// The robot's disclosure is on the air.
    pub fn hear(&mut self, now_ms: u64) {
        if self.ears.hear(now_ms) {
            self.diary.heard(now_ms);
            self.record.hear(self.mono_ms(now_ms));
        }
    }

    /// Whether its motors have energy in a phase in which it may be heard more often.
    pub const fn is_energised(&self) -> bool {
        matches!(self.phase, Phase::Energised | Phase::Stopping)
    }

    /// The controller's lines behind the first `told`.
    pub fn lines(&self, told: usize) -> &[String] {
        self.record.behind(told)
    }

    fn stop(&mut self, cause: Cause, now_ms: u64) {
        self.trip(Phase::Stopping, cause, now_ms + STOPPING_MS);
        self.write("stopping", now_ms);
    }

    const fn trip(&mut self, phase: Phase, cause: Cause, back_ms: u64) {
        self.phase = phase;
        self.cause = cause;
        self.back_ms = back_ms;
        self.trip_epoch += 1;
    }

    /// The controller's own step: takes energy away after a silence, gives it back when all is well.
    fn control(&mut self, now_ms: u64) {
        let is_due = now_ms >= self.back_ms;
        let is_well = self.silent_ms.is_none() && self.ears.is_heard(now_ms);
        match self.phase {
            Phase::Energised if self.silent_ms.is_some_and(|since| now_ms >= since + HEARTBEAT_MS) => {
                self.stop(Cause::Heartbeat, now_ms);
            }
            Phase::Energised if !self.ears.is_heard(now_ms) && !self.is_deaf_to_silence => {
                self.stop(Cause::Beacon, now_ms)
            }
            Phase::Stopping if is_due => {
                self.phase = Phase::Standby;
                self.back_ms = now_ms + STANDBY_MS;
                self.write("standby", now_ms);
            }
            Phase::Tripped | Phase::Standby if is_due && is_well => {
                self.phase = Phase::Energised;
                self.write("energised", now_ms);
            }
            _ => {}
        }
    }

    /// The agent's control loop asks for this; `None` asks for rest.
    pub fn ask(&mut self, activity: Option<Activity>) {
        self.asked = activity;
        let is_question = activity.is_some_and(|activity| activity.act.is_none());
        if is_question && std::mem::take(&mut self.is_new_session) {
            self.worked_on = None;
        }
    }

    /// Lives for `ms`.
    pub fn live(&mut self, now_ms: u64, ms: u64) {
        if self.power_ms.is_none() {
            return;
        }
        self.control(now_ms);
        self.act(now_ms, ms);
        self.record.see_body(self.is_moving, self.mono_ms(now_ms));
        self.diary.note(self.is_energised(), self.is_moving, now_ms, ms);
    }

    /// The body does what is asked; without a word it goes on with its last motion until its energy goes.
    fn act(&mut self, now_ms: u64, ms: u64) {
        let goes_on = self.is_energised() && (self.silent_ms.is_some() || matches!(self.phase, Phase::Stopping));
        self.is_moving &= goes_on;
        let wanted = self.asked.filter(|asked| asked.trip_epoch == self.trip_epoch);
        let Some((activity, step)) = wanted.and_then(|asked| Some((asked, asked.act?))) else { return };
        if matches!(self.phase, Phase::Energised) {
            self.work((activity.order, activity.step), step, now_ms, ms);
        }
    }

    fn work(&mut self, named: (u64, u8), what: Step, now_ms: u64, ms: u64) {
        let (order, step) = named;
        if self.worked_on != Some(named) {
            (self.worked_on, self.worked_ms, self.is_finished) = (Some(named), 0, false);
            self.truth.push(Truth { t_ms: now_ms, what: Deed::Begun { order, step } });
        }
        let (act, takes_ms) = act_of(what);
        self.worked_ms += ms;
        if self.worked_ms >= takes_ms && !self.is_finished {
            self.is_finished = true;
            *self.counts.entry(named).or_default() += 1;
            self.truth.push(Truth { t_ms: now_ms, what: Deed::Finished { order, step, act: act.to_owned() } });
        }
        self.is_moving = !self.is_finished;
    }
}

/// The key of a robot's safety controller.
pub fn controllers_key(robot: &str) -> SigningKey {
    key_of(&format!("the controller of {robot}"))
}

const fn act_of(step: Step) -> (&'static str, u64) {
    match step {
        Step::WalkTo { .. } => ("walk", WALK_MS),
        Step::Pick { .. } => ("pick", WORK_MS),
        Step::Place { .. } => ("place", WORK_MS),
        Step::Inspect { .. } => ("inspect", WORK_MS),
        Step::TendMachine { .. } => ("tend", WORK_MS),
        Step::Charge { .. } => ("charge", WORK_MS),
    }
}
