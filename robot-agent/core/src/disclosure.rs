//! When the robot says that it is a machine, and the clock that it says it with.

use interlock_link::Phase;
use shared::time::{Instant, Millis, WallTime};

/// 2019-01-01 UTC in milliseconds since 1970: where the beacon's time begins (ASTM F3411).
const BEGIN_MS: u64 = 1_546_300_800_000;

/// How far ahead of the newest time on disk a start goes when the wall clock is behind it, in tenths of a second: more
/// than lies between two writes of that time.
const AHEAD_DS: u64 = 300;

/// The beacon's time in tenths of a second since 2019, fixed to the monotonic clock when the agent starts and never set
/// back, whatever the wall clock does meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct BeaconClock {
    base_ds: u64,
    started: Instant,
}

impl BeaconClock {
    /// Starts at the wall clock, or beyond the newest time that may have been used before, whichever is later.
    #[must_use]
    pub fn start(wall: WallTime, used_ds: u64, now: Instant) -> Self {
        let wall_ds = wall.0.saturating_sub(BEGIN_MS) / 100;
        let base_ds = if wall_ds > used_ds { wall_ds } else { used_ds + AHEAD_DS };
        Self { base_ds, started: now }
    }

    /// The beacon's time at `now`.
    #[must_use]
    pub const fn time_ds(&self, now: Instant) -> u64 {
        self.base_ds + now.since(self.started).0 / 100
    }
}

/// How long to wait between two disclosures: a third of a second when the robot moves or could soon, a second otherwise.
/// It never stops: a robot that stands still is a machine too.
pub fn period(phase: Option<Phase>) -> Millis {
    match phase {
        Some(Phase::Energised | Phase::Stopping | Phase::Released | Phase::Standby) => Millis(300),
        Some(Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed | Phase::Locked) | None => Millis::secs(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_runs_back_over_a_restart() {
        let used = BeaconClock::start(WallTime(BEGIN_MS + 1_000_000), 0, Instant(0)).time_ds(Instant(29_000));
        let after = BeaconClock::start(WallTime(0), used - 290, Instant(0)).time_ds(Instant(0));
        assert!(after > used, "{after} after {used}");
        assert_eq!(BeaconClock::start(WallTime(BEGIN_MS + 500), 4, Instant(9)).time_ds(Instant(109)), 6);
    }
}
