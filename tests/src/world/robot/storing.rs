//! The storage of a robot of the world: measured as the shell does, filled and limited as a test wants it.

use super::{At, Node};
use anyhow::{Result, bail};
use robot_agent::replica::{Limits, Room};
use robot_core::{Edge, Input, Robot};
use shared::machine::Machine;
use shared::time::Instant;

/// Between two measurements of the storage.
const MEASURED_EVERY_MS: u64 = 5_000;

impl Node {
    /// The shell measures the storage.
    pub(super) fn measure(&mut self, at: &mut At<'_>) -> Result<()> {
        let Some((_, vault)) = self.agent.as_mut().filter(|_| at.now_ms >= self.measured_ms + MEASURED_EVERY_MS) else {
            return Ok(());
        };
        self.measured_ms = at.now_ms;
        let reading = vault.measure()?;
        self.handle(Input::Storage(reading), at)
    }

    /// Another quota, from the next start on.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Writes entries of the journal until they nearly fill the quota.
    pub fn write_evidence(&mut self, quota: u64, at: &mut At<'_>) -> Result<()> {
        const ENTRIES: usize = 8;
        let Some((_, vault)) = &self.agent else { return Ok(()) };
        if vault.replica().used()? >= quota / 100 * 97 {
            return Ok(());
        }
        let edges = vec![Edge::MotionBegan { at: self.mono(at.now_ms) }; ENTRIES];
        self.handle(Input::Witnessed(edges), at)
    }

    /// How many entries of its journal the server has not acknowledged.
    pub fn unacked(&self) -> Result<usize> {
        let Some((_, vault)) = &self.agent else { bail!("{}: its agent does not run", self.id) };
        Ok(vault.load(&self.id)?.unacked.len())
    }

    /// How many entries its journal has.
    pub fn written(&self) -> Result<u64> {
        let Some((_, vault)) = &self.agent else { bail!("{}: its agent does not run", self.id) };
        Ok(vault.load(&self.id)?.chain.cseq)
    }
}

/// A full database is told to the robot at once.
pub(super) fn note(robot: &mut Robot, room: Room, now: Instant) {
    match room {
        Room::Enough => {}
        Room::Reserve => robot.handle(Input::StorageFull, now),
    }
}
