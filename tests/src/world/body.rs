//! A robot's body and safety controller, as simple as the contract with the agent allows.
//!
//! The body does the step that is asked for, counts its ends by order and step, and starts a step over when another was
//! named in between, or when a new session names it anew: an agent that asks twice is caught doing it twice.

use crate::verdict::history::{Deed, Truth};
use interlock_link::{Act, Body as Report, Cause, Counters, Phase, Status, StepCount};
use robot_core::{Activity, Seen};
use shared::task::Step;
use shared::time::Instant;
use std::collections::BTreeMap;

/// How long a walk takes, and any other step.
const WALK_MS: u64 = 400;
const WORK_MS: u64 = 700;
/// How long the power stays away after the agent fell silent, or the button was pressed.
const STANDBY_MS: u64 = 2_000;
const TRIPPED_MS: u64 = 3_000;

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
    presses: u32,
}

impl Body {
    /// A body whose power has just come on; a person will reset it.
    pub const fn new() -> Self {
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
            presses: 0,
        }
    }

    /// The agent has died: a protective stop.
    pub const fn lose_agent(&mut self, now_ms: u64) {
        self.asked = None;
        self.is_new_session = true;
        if matches!(self.phase, Phase::Energised) {
            self.trip(Phase::Standby, Cause::Heartbeat, now_ms + STANDBY_MS);
        }
    }

    /// A person presses the button, and will release and reset.
    pub const fn press(&mut self, now_ms: u64) {
        self.presses += 1;
        self.trip(Phase::Tripped, Cause::Button, now_ms + TRIPPED_MS);
    }

    const fn trip(&mut self, phase: Phase, cause: Cause, back_ms: u64) {
        self.phase = phase;
        self.cause = cause;
        self.back_ms = back_ms;
        self.trip_epoch += 1;
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
        if now_ms >= self.back_ms && !matches!(self.phase, Phase::Energised) {
            self.phase = Phase::Energised;
        }
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
    }

    /// What the agent sees.
    pub fn seen(&self, now: Instant) -> Seen {
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
            beacon_heard: true,
            button_open: false,
            reset_pressed: false,
            proof_tested: true,
            energised,
            returns_left: 3,
        };
        let body = Report { x_cm: 1, y_cm: 1, battery_permille: 900, act: Act::Rest, held: false, moving: false };
        let counters = Some(Counters { presses: self.presses, boots: 1, energised_s: 0 });
        Seen { status: Some(status), body: Some(body), count, counters, disclosed: Some(now) }
    }
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
