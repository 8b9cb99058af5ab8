//! The step that a body is at.

use super::BATTERY_PERMILLE_MAX;
use crate::body::goal::Goal;

/// The one step that the body is at. Lost with the torque's process: half a walk or half a grip is begun again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Task {
    pub(super) goal: Goal,
    pub(super) rested_in_new_session: bool,
    pub(super) begun: bool,
    pub(super) finished: bool,
    pub(super) worked_ms: f64,
    pub(super) distance_mm: f64,
}

impl Task {
    pub(super) fn work_ms(&self) -> f64 {
        f64::from(self.goal.amount) * 100.0
    }

    pub(super) fn charge_permille(&self) -> f64 {
        (f64::from(self.goal.amount) * 10.0).min(BATTERY_PERMILLE_MAX)
    }
}
