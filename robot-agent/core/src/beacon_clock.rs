//! The clock that a robot discloses with: fixed to the monotonic clock when the agent starts, and not set back by a restart.
//!
//! It is set to the calendar only where that and another witness agree that it was off: the server's signed time, or the CA's.
//! Bystanders with a right clock took nothing that was said by the wrong one.
//!
//! A receiver takes a disclosure only if its time is above the last one, so a clock that ran back over a restart would
//! silence the robot. In one boot of the computer the monotonic clock carries the time over a restart exactly; over a boot
//! only what is on disk and the wall clock are left.

use shared::beacon::BeaconTime;
use shared::journal::Boot;
use shared::time::{Instant, Millis, WallTime};

/// Between two writes of the beacon's time.
pub const SAVE_EVERY: Millis = Millis::secs(10);

/// How far a start in another boot goes beyond the time on disk when the wall clock is not further, in tenths of a second:
/// more than lies between two writes, and the two seconds after which a driver that writes nothing stops the robot.
const AHEAD_DS: u64 = 150;

/// How far the beacon's time may be from the wall clock before the robot says that its disclosure is faulty, in tenths of
/// a second. Receivers allow each other as much.
const OFF_DS_MAX: u64 = 50;

/// 2026-01-01 UTC in seconds since 2019. This program is younger: an earlier clock was never set.
const BUILT_S: u32 = 220_924_800;

/// What the replica keeps of the clock: a moment that was used on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconMark {
    /// In which boot.
    pub boot: Boot,
    /// When, on that boot's monotonic clock.
    pub mono: Instant,
    /// What the beacon's clock showed, in tenths of a second since 2019.
    pub time_ds: u64,
    /// When the robot's own firmware had last heard it, in tenths of a second since 2019.
    pub heard_ds: Option<u64>,
}

/// What the calendars say of the beacon's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Receivers believe it.
    Right,
    /// Nobody would, and nobody knows better for certain.
    Off,
    /// Nobody would, and the robot's own calendar agrees with the server's: it may be set to that.
    Settable,
}

/// The server's calendar, as it last signed it in answer to a hello of this process, carried on by the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    /// What it showed.
    pub wall: WallTime,
    /// When the robot read it.
    pub read: Instant,
}

impl ServerTime {
    /// The server's calendar now.
    #[must_use]
    pub const fn at(&self, now: Instant) -> WallTime {
        WallTime(self.wall.0.saturating_add(now.since(self.read).0))
    }
}

/// The beacon's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconClock {
    base_ds: u64,
    started: Instant,
}

impl BeaconClock {
    /// Starts at the wall clock, or after the newest time that may have been used before, whichever is later.
    #[must_use]
    pub fn start(wall: WallTime, mark: Option<BeaconMark>, boot: Boot, now: Instant) -> Self {
        let after_mark = mark.map_or(0, |mark| match mark.boot == boot {
            true => mark.time_ds + now.since(mark.mono).0.div_ceil(100) + 1,
            false => mark.time_ds + AHEAD_DS,
        });
        Self { base_ds: BeaconTime::from_wall(wall).ds().max(after_mark), started: now }
    }

    /// The beacon's time at `now`.
    #[must_use]
    pub const fn time(&self, now: Instant) -> BeaconTime {
        BeaconTime::from_ds(self.base_ds.saturating_add(now.since(self.started).0 / 100))
    }

    /// The first moment at which the clock shows this second or a later one.
    #[must_use]
    pub const fn instant_of(&self, secs: u32) -> Instant {
        let ahead_ms = (secs as u64 * 10).saturating_sub(self.base_ds).saturating_mul(100);
        Instant(self.started.0.saturating_add(ahead_ms))
    }

    /// The same clock set to a calendar.
    #[must_use]
    pub fn set_to(wall: WallTime, now: Instant) -> Self {
        Self { base_ds: BeaconTime::from_wall(wall).ds(), started: now }
    }

    /// What the calendars say of it: the server's, where its signed time is known, outranks the robot's own.
    #[must_use]
    pub fn judge(&self, own: WallTime, server: Option<WallTime>, now: Instant) -> Judged {
        let Some(server) = server else { return if self.is_off(own, now) { Judged::Off } else { Judged::Right } };
        let agree = own.0.abs_diff(server.0) <= OFF_DS_MAX * 100;
        match self.is_off(server, now) {
            false => Judged::Right,
            true if agree && !Self::set_to(own, now).is_off(own, now) => Judged::Settable,
            true => Judged::Off,
        }
    }

    /// Whether the time is one that receivers with a clock of their own would doubt.
    #[must_use]
    pub fn is_off(&self, wall: WallTime, now: Instant) -> bool {
        let time = self.time(now);
        time.ds().abs_diff(BeaconTime::from_wall(wall).ds()) > OFF_DS_MAX || time.secs() < BUILT_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In 2026, milliseconds since 1970.
    const WALL: WallTime = WallTime(1_795_000_000_000);

    fn mark(time: BeaconTime, boot: u64, mono: Instant) -> Option<BeaconMark> {
        Some(BeaconMark { boot: Boot(boot), mono, time_ds: time.ds(), heard_ds: None })
    }

    #[test]
    fn the_clock_never_runs_back_over_a_restart_whatever_the_wall_clock_does() {
        let first = BeaconClock::start(WALL, None, Boot(1), Instant(0));
        let saved = mark(first.time(Instant(20_000)), 1, Instant(20_000));
        let used = first.time(Instant(29_999));
        for wall in [WallTime(0), WALL, WallTime(WALL.0 + 25_000), WallTime(WALL.0 + 90_000)] {
            let again = BeaconClock::start(wall, saved, Boot(1), Instant(30_000));
            assert!(again.time(Instant(30_000)) > used, "{wall:?}");
            let rebooted = BeaconClock::start(wall, saved, Boot(2), Instant(0));
            assert!(rebooted.time(Instant(0)) > used, "{wall:?}");
        }
    }

    #[test]
    fn a_restart_with_a_true_wall_clock_is_not_off_by_more_than_a_moment() {
        let first = BeaconClock::start(WALL, None, Boot(1), Instant(0));
        let saved = mark(first.time(Instant(20_000)), 1, Instant(20_000));
        let again = BeaconClock::start(WallTime(WALL.0 + 21_000), saved, Boot(1), Instant(21_000));
        assert!(!again.is_off(WallTime(WALL.0 + 21_000), Instant(21_000)));
        let off = again.time(Instant(21_000)).ds() - BeaconTime::from_wall(WALL).ds() - 210;
        assert!(off <= 2, "{off} tenths ahead");
    }

    #[test]
    fn a_clock_that_jumped_or_was_never_set_is_off() {
        let clock = BeaconClock::start(WALL, None, Boot(1), Instant(0));
        let at = |wall_ms: u64| clock.is_off(WallTime(wall_ms), Instant(10_000));
        assert!(!at(WALL.0 + 10_000) && !at(WALL.0 + 5_000) && !at(WALL.0 + 15_000));
        assert!(at(WALL.0 + 4_800) && at(WALL.0 + 15_200) && at(0));
        let unset = BeaconClock::start(WallTime(1_000), None, Boot(1), Instant(0));
        assert!(unset.is_off(WallTime(1_000), Instant(0)));
        let new_year = BeaconTime::from_secs(BUILT_S).to_wall();
        assert_eq!(new_year.0, 1_767_225_600_000, "2026-01-01 UTC");
    }

    #[test]
    fn a_calendar_that_was_a_day_ahead_at_a_start_can_be_set_back_once_two_agree() {
        const DAY_MS: u64 = 86_400_000;
        let ahead = BeaconClock::start(WallTime(WALL.0 + DAY_MS), None, Boot(1), Instant(0));
        assert_eq!(ahead.judge(WallTime(WALL.0 + DAY_MS), None, Instant(0)), Judged::Right, "offline it cannot know");
        assert_eq!(ahead.judge(WallTime(WALL.0 + DAY_MS), Some(WALL), Instant(0)), Judged::Off);
        assert_eq!(ahead.judge(WALL, None, Instant(0)), Judged::Off, "which of both is wrong nobody knows");
        assert_eq!(ahead.judge(WALL, Some(WALL), Instant(0)), Judged::Settable);
        assert_eq!(BeaconClock::set_to(WALL, Instant(0)).judge(WALL, Some(WALL), Instant(0)), Judged::Right);
        let right = BeaconClock::start(WALL, None, Boot(1), Instant(0));
        assert_eq!(right.judge(WallTime(0), Some(WALL), Instant(0)), Judged::Right, "what it discloses is so");
        let unset = BeaconClock::start(WallTime(0), None, Boot(1), Instant(0));
        assert_eq!(unset.judge(WallTime(0), Some(WallTime(0)), Instant(0)), Judged::Off, "two that were never set");
    }

    #[test]
    fn a_second_has_its_moment() {
        let clock = BeaconClock::start(WALL, None, Boot(1), Instant(500));
        let secs = clock.time(Instant(500)).secs();
        let at = clock.instant_of(secs + 7);
        assert!(clock.time(at).secs() == secs + 7 && clock.time(at - Millis(1)).secs() == secs + 6);
        assert_eq!(clock.instant_of(0), Instant(500));
    }
}
