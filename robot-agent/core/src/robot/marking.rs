//! Signs of life in the record while nothing happens, and after a process that left none of its end.
//!
//! An auditor can tell an idle robot from a dead one only by what is written. Both signs ride on the beacon's time, which is
//! on the disk every ten seconds anyway: a *mark* in the same commit, and after a death the newest such time itself.

use super::Robot;
use crate::beacon_clock::{BeaconMark, SAVE_EVERY};
use shared::fact::{Fact, InterlockPhase};
use shared::time::{Instant, Millis};

/// The longest that the record of a robot with energy goes without an entry. A mark is about 120 bytes here and in the
/// server, so a robot that stands with energy for a whole day costs 2,880 of them, a third of a megabyte. It costs no write of
/// its own: it goes with the beacon's time, into a commit that is made anyway. A robot without energy writes none: it cannot
/// move, and weekends are long.
pub(super) const MARK_EVERY: Millis = Millis::secs(30);

/// How long a commit may take before the control loop stops the robot, in milliseconds.
const COMMIT_MS_MAX: u64 = 2_000;

impl Robot {
    /// Writes a mark if the next occasion would be too late for it.
    pub(super) fn tend_mark(&mut self, now: Instant) {
        let is_due = self.recorder.newest().is_none_or(|newest| now + SAVE_EVERY > newest + MARK_EVERY);
        if is_due && self.has_energy() {
            self.record(&Fact::Mark, now);
        }
    }

    /// Stands before this process's own start, because it belongs to the time before it.
    pub(super) fn tell_of_the_process_before(&mut self, left: Option<BeaconMark>, now: Instant) {
        let Some(BeaconMark { boot, mono, .. }) = left else { return };
        self.record(&Fact::LivedUntil { boot, mono_ms: mono.0, within_ms: SAVE_EVERY.0 + COMMIT_MS_MAX }, now);
    }

    fn has_energy(&self) -> bool {
        let phase = self.watch.now().map(|interlock| interlock.phase);
        matches!(phase, Some(InterlockPhase::Energised | InterlockPhase::Stopping))
    }
}
