//! What a site leaves on disk, read while it runs and after its end.

use super::Site;
use crate::clock::until;
use crate::history;
use crate::verdict::history::{Deed, History};
use crate::verdict::{doubling, equality, loss, motion, work};
use anyhow::{Context, Result, ensure};
use shared::id::RobotId;
use shared::time::{Instant, Millis};

/// How long a robot may take to begin to move, on a busy machine.
const MOVING_WITHIN: Millis = Millis::secs(20);

impl Site {
    /// Everything that is on disk now.
    ///
    /// # Errors
    /// When a part is missing.
    pub fn history(&self) -> Result<History> {
        history::read(&self.layout.dir)
    }

    /// What the robot's body did, so far.
    ///
    /// # Errors
    /// When a part is missing.
    pub fn deeds(&self, robot: &str) -> Result<Vec<(Instant, Deed)>> {
        let history = self.history()?;
        let robot = history.robots.get(&RobotId::parse(robot)?).context("the history has every robot")?;
        Ok(robot.truth.iter().map(|truth| (Instant(truth.t_ms), truth.what.clone())).collect())
    }

    /// Waits until a robot's body has moved after `from`.
    ///
    /// # Errors
    /// When it has not within the time.
    pub fn wait_until_moving(&self, robot: &str, from: Instant) -> Result<()> {
        let moved = |(at, what): &(Instant, Deed)| *at > from && matches!(what, Deed::Moved { d_mm } if *d_mm > 0);
        until(&format!("{robot} moves"), MOVING_WITHIN, || self.deeds(robot).ok()?.iter().any(moved).then_some(()))
    }

    /// Whether a robot's body has moved after `from`, a grace for the torque to go included.
    ///
    /// # Errors
    /// When a part is missing.
    pub fn has_moved_since(&self, robot: &str, from: Instant) -> Result<bool> {
        let from = from + Millis(130);
        let moved = |(at, what): &(Instant, Deed)| *at > from && matches!(what, Deed::Moved { d_mm } if *d_mm > 0);
        Ok(self.deeds(robot)?.iter().any(moved))
    }

    /// Waits until the server has these tasks as done, nothing waits for an acknowledgement, and all copies are equal.
    ///
    /// # Errors
    /// When that is not so within the time; what is missing is in the error.
    pub fn wait_until_done_and_equal(&self, tasks: usize, within: Millis) -> Result<()> {
        let missing = |history: &History| {
            let (done, unacked) = (work::tasks_done(history), loss::unacked(history));
            format!("{done} of {tasks} tasks are done, {unacked} entries wait, {:?}", equality::differences(history))
        };
        let settled = |history: &History| {
            let is_equal = loss::unacked(history) == 0 && equality::differences(history).is_empty();
            is_equal && work::tasks_done(history) == tasks
        };
        until("all is done and equal", within, || self.history().ok().filter(settled))
            .map(drop)
            .with_context(|| self.history().map_or_else(|error| format!("{error:#}"), |history| missing(&history)))
    }

    /// Ends every process as a power cut would, and checks that nothing was lost, doubled, moved or told untruly.
    ///
    /// # Errors
    /// With everything that was found.
    pub fn finish(mut self) -> Result<History> {
        self.running.clear();
        let history = self.history()?;
        let found = [loss::lost(&history), doubling::doubled(&history), motion::motion_while_tripped(&history)];
        let found = [found.concat(), work::untrue(&history), equality::differences(&history)].concat();
        ensure!(found.is_empty(), "{} things are wrong:\n{}", found.len(), found.join("\n"));
        self.finished = true;
        Ok(history)
    }
}
