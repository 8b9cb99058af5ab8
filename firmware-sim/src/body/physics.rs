//! What a body does under torque: walks in a straight line, works for a time, drains and charges its battery.
//!
//! Pure: time comes in as lengths, what is worth writing down comes out as [`Deed`]s. The body counts how often it
//! finished each step of each order; it never forgets, and it does again what it is told again. Whether a step should
//! be done again is the agent's to decide, and a wrong decision shows here.
//!
//! Terms: a step is *named* by a goal; naming asks, `Act::Rest` names without wanting anything done; a step is *begun*
//! with the first torque spent on it.

mod task;

use super::goal::{Deed, Goal, Torque};
use interlock_link::Act;
use std::collections::BTreeMap;
use task::Task;

/// Highest walking speed, in millimetres a second.
pub const SPEED_MM_S_MAX: f64 = 1500.0;
/// With an empty battery the body still walks this fast, so that it can reach a charger by itself.
pub const SPEED_RESERVE_MM_S: f64 = 300.0;
/// Change of speed, in millimetres a second per second: standing within 300 ms from full speed, the length of the
/// firmware's category 1 window.
pub const ACCELERATION_MM_S2: f64 = 6000.0;
/// A walk ends this close to its target, in millimetres; the agent is promised 50.
pub const ARRIVAL_MM: f64 = 20.0;

const SPEED_LAST_STEP_MM_S: f64 = 100.0;
const DRAIN_STANDING_PERMILLE_S: f64 = 1.0;
const DRAIN_MOVING_PERMILLE_S: f64 = 2.5;
const CHARGE_PERMILLE_S: f64 = 40.0;
const BATTERY_PERMILLE_MAX: f64 = 1000.0;

/// What a body keeps over a power cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Millimetres east.
    pub x_mm: f64,
    /// Millimetres north.
    pub y_mm: f64,
    /// Charge, 0 to 1000.
    pub battery_permille: f64,
    /// Whether the hands hold something.
    pub held: bool,
    /// How often each step of each order was finished.
    pub counts: BTreeMap<(u64, u8), u8>,
}

/// A body. Getters take `&self`; [`name`](Body::name) and [`advance`](Body::advance) change it.
#[derive(Debug)]
pub struct Body {
    memory: Memory,
    task: Task,
    /// What the hands and legs follow now; differs from the task's goal only in `act` and while resting.
    act: Act,
    speed_mm_s: f64,
    heading: (f64, f64),
}

impl Body {
    /// A body that stands still with this memory.
    #[must_use]
    pub fn new(memory: Memory) -> Self {
        Self { memory, task: Task::default(), act: Act::Rest, speed_mm_s: 0.0, heading: (0.0, 0.0) }
    }

    /// What would be left after a power cycle.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What it follows now.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// Whether it is moving.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.speed_mm_s > 0.0
    }

    /// The order and step that are named.
    #[must_use]
    pub const fn named(&self) -> (u64, u8) {
        (self.task.goal.order, self.task.goal.step)
    }

    /// How often the named step was finished, since ever.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.memory.counts.get(&self.named()).copied().unwrap_or(0)
    }

    /// How much of the named step is done, 0 to 1000.
    #[must_use]
    pub fn progress_permille(&self) -> u16 {
        let task = &self.task;
        if task.finished {
            return 1000;
        }
        let share = match task.goal.act {
            Act::Walk if task.begun => 1.0 - self.distance_mm() / task.distance_mm.max(1.0),
            Act::Pick | Act::Place | Act::Inspect | Act::Tend => task.worked_ms / task.work_ms().max(1.0),
            Act::Charge => self.memory.battery_permille / task.charge_permille().max(1.0),
            Act::Walk | Act::Rest | Act::Crouch => 0.0,
        };
        (share * 1000.0).clamp(0.0, 999.0) as u16
    }

    /// Takes the newest goal. The same goal may come a thousand times: a step is begun anew only when another one was
    /// named before, or when a new session of the agent named it again after a rest.
    pub fn name(&mut self, goal: Goal) {
        self.act = goal.act;
        let another = (goal.order, goal.step) != self.named();
        let new_session = goal.session != self.task.goal.session;
        if another || (new_session && goal.act != Act::Rest && self.task.rested_in_new_session) {
            self.task = Task { goal, ..Task::default() };
        } else if goal.act == Act::Rest {
            self.task.rested_in_new_session |= new_session;
        } else {
            self.task.goal = goal;
        }
    }

    /// Lets `dt_ms` milliseconds pass under this torque.
    pub fn advance(&mut self, torque: Torque, dt_ms: f64) -> Vec<Deed> {
        match torque {
            Torque::Off => {
                self.speed_mm_s = 0.0;
                Vec::new()
            }
            Torque::Ramp => {
                self.slow_down(dt_ms);
                self.drain(dt_ms);
                Vec::new()
            }
            Torque::On => self.follow(dt_ms),
        }
    }

    fn follow(&mut self, dt_ms: f64) -> Vec<Deed> {
        let mut deeds = Vec::new();
        self.begin(&mut deeds);
        match self.act {
            Act::Walk if !self.task.finished => self.walk(dt_ms),
            Act::Charge if !self.task.finished => self.charge(dt_ms),
            Act::Pick | Act::Place | Act::Inspect | Act::Tend => self.work(dt_ms),
            Act::Rest | Act::Crouch | Act::Walk | Act::Charge => self.slow_down(dt_ms),
        }
        self.drain(dt_ms);
        self.finish(&mut deeds);
        deeds
    }

    fn begin(&mut self, deeds: &mut Vec<Deed>) {
        if self.task.begun || matches!(self.act, Act::Rest | Act::Crouch) {
            return;
        }
        self.task.begun = true;
        self.task.distance_mm = self.distance_mm();
        let (order, step) = self.named();
        deeds.push(Deed::Begun { order, step, act: self.act });
    }

    fn walk(&mut self, dt_ms: f64) {
        let distance = self.distance_mm();
        let (x, y) = self.target_mm();
        if distance > 0.0 {
            self.heading = ((x - self.memory.x_mm) / distance, (y - self.memory.y_mm) / distance);
        }
        let can_stop_from = (2.0 * ACCELERATION_MM_S2 * distance).sqrt();
        let wanted = self.speed_max().min(can_stop_from).max(SPEED_LAST_STEP_MM_S);
        self.speed_mm_s = wanted.min(self.speed_mm_s + ACCELERATION_MM_S2 * dt_ms / 1000.0);
        self.stride(distance.min(self.speed_mm_s * dt_ms / 1000.0));
    }

    fn work(&mut self, dt_ms: f64) {
        if self.is_moving() {
            self.slow_down(dt_ms);
        } else {
            self.task.worked_ms += dt_ms;
        }
    }

    fn charge(&mut self, dt_ms: f64) {
        self.slow_down(dt_ms);
        let charged = self.memory.battery_permille + CHARGE_PERMILLE_S * dt_ms / 1000.0;
        self.memory.battery_permille = charged.min(BATTERY_PERMILLE_MAX);
    }

    fn finish(&mut self, deeds: &mut Vec<Deed>) {
        if self.task.finished || !self.is_done() {
            return;
        }
        self.task.finished = true;
        self.speed_mm_s = 0.0;
        self.memory.held = held_after(self.act, self.memory.held);
        let (order, step) = self.named();
        let count = self.count().saturating_add(1);
        self.memory.counts.insert((order, step), count);
        deeds.push(Deed::Finished { order, step, act: self.act, count });
    }

    fn is_done(&self) -> bool {
        match self.act {
            Act::Walk => self.distance_mm() <= ARRIVAL_MM,
            Act::Pick | Act::Place | Act::Inspect | Act::Tend => self.task.worked_ms >= self.task.work_ms(),
            Act::Charge => self.memory.battery_permille >= self.task.charge_permille(),
            Act::Rest | Act::Crouch => false,
        }
    }

    fn slow_down(&mut self, dt_ms: f64) {
        self.speed_mm_s = (self.speed_mm_s - ACCELERATION_MM_S2 * dt_ms / 1000.0).max(0.0);
        self.stride(self.speed_mm_s * dt_ms / 1000.0);
    }

    fn stride(&mut self, length_mm: f64) {
        self.memory.x_mm += self.heading.0 * length_mm;
        self.memory.y_mm += self.heading.1 * length_mm;
    }

    fn drain(&mut self, dt_ms: f64) {
        if self.act == Act::Charge && !self.task.finished {
            return;
        }
        let rate = if self.is_moving() { DRAIN_MOVING_PERMILLE_S } else { DRAIN_STANDING_PERMILLE_S };
        self.memory.battery_permille = (self.memory.battery_permille - rate * dt_ms / 1000.0).max(0.0);
    }

    fn speed_max(&self) -> f64 {
        if self.memory.battery_permille > 0.0 { SPEED_MM_S_MAX } else { SPEED_RESERVE_MM_S }
    }

    fn target_mm(&self) -> (f64, f64) {
        (f64::from(self.task.goal.x_cm) * 10.0, f64::from(self.task.goal.y_cm) * 10.0)
    }

    fn distance_mm(&self) -> f64 {
        let (x, y) = self.target_mm();
        (x - self.memory.x_mm).hypot(y - self.memory.y_mm)
    }
}

/// Whether the hands hold something once `act` is finished.
#[must_use]
pub const fn held_after(act: Act, held: bool) -> bool {
    match act {
        Act::Pick => true,
        Act::Place => false,
        Act::Rest | Act::Walk | Act::Inspect | Act::Tend | Act::Charge | Act::Crouch => held,
    }
}

#[cfg(test)]
mod tests;
