//! Robots' history of measurements: how far each lane has been taken, and how much of it is kept.
//!
//! It is no evidence. It is kept for as long as the configuration says, and in as much room; what is older goes first, by the hour.
//!
//! Leaves to others: the rows (`store`), the rule of the lane's numbers (`ingest`).

use shared::id::RobotId;
use shared::journal::Epoch;
use shared::time::WallTime;
use std::collections::BTreeMap;

const HOUR_MS: u64 = 3600 * 1000;

/// How long telemetry is kept, and in how much room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelemetryKept {
    /// Days after its arrival.
    pub days: u16,
    /// Bytes of all robots together.
    pub len: u64,
}

impl Default for TelemetryKept {
    /// Thirty days, as the feed: what an incident a month ago is looked up in. Four gibibytes hold them for some hundred robots, at a
    /// few bytes a sample, and fit beside the evidence on any server's disk.
    fn default() -> Self {
        Self { days: 30, len: 4 << 30 }
    }
}

/// What is known of all robots' telemetry.
#[derive(Debug, Default)]
pub struct Telemetry {
    marks: BTreeMap<(RobotId, Epoch), u64>,
    hours: BTreeMap<u64, u64>,
    kept: TelemetryKept,
}

impl Telemetry {
    /// What the store gave back: the newest number of each lane, and the bytes that came in each hour.
    pub fn new(marks: Vec<(RobotId, Epoch, u64)>, hours: Vec<(u64, u64)>) -> Self {
        let marks = marks.into_iter().map(|(robot, epoch, seq)| ((robot, epoch), seq)).collect();
        Self { marks, hours: hours.into_iter().collect(), kept: TelemetryKept::default() }
    }

    /// From now on this much is kept.
    pub const fn keep(&mut self, kept: TelemetryKept) {
        self.kept = kept;
    }

    /// The newest number of a lane that was taken; 0 for none.
    pub fn mark(&self, robot: &RobotId, epoch: Epoch) -> u64 {
        self.marks.get(&(robot.clone(), epoch)).copied().unwrap_or(0)
    }

    /// A lane was taken up to here, with so many bytes.
    pub fn take(&mut self, robot: &RobotId, epoch: Epoch, seq: u64, len: u64, wall: WallTime) {
        assert!(seq > self.mark(robot, epoch), "a number is taken once");
        self.marks.insert((robot.clone(), epoch), seq);
        *self.hours.entry(wall.0 / HOUR_MS).or_default() += len;
    }

    /// What came before this moment is to be forgotten now, in milliseconds since 1970; `None` when nothing is. The newest hour
    /// always stays.
    pub fn expired(&mut self, wall: WallTime) -> Option<WallTime> {
        let oldest = (wall.0 / HOUR_MS).saturating_sub(u64::from(self.kept.days) * 24);
        let mut total: u64 = self.hours.values().sum();
        let before = self.hours.len();
        while self.hours.len() > 1
            && let Some(entry) = self.hours.first_entry()
            && (*entry.key() < oldest || total > self.kept.len)
        {
            total = total.saturating_sub(entry.remove());
        }
        let first = self.hours.first_key_value().map(|(hour, _)| WallTime(hour * HOUR_MS));
        first.filter(|_| self.hours.len() < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::robot;

    fn filled(kept: TelemetryKept) -> Telemetry {
        let mut telemetry = Telemetry::new(vec![], vec![]);
        telemetry.keep(kept);
        for hour in 1..=100 {
            telemetry.take(&robot("r-1"), Epoch(1), hour, 10, WallTime(hour * HOUR_MS));
        }
        telemetry
    }

    #[test]
    fn what_is_too_old_goes_by_the_hour_and_once() {
        let mut telemetry = filled(TelemetryKept { days: 2, len: u64::MAX });
        assert_eq!(telemetry.expired(WallTime(48 * HOUR_MS)), None);
        assert_eq!(telemetry.expired(WallTime(100 * HOUR_MS + 5)), Some(WallTime(52 * HOUR_MS)));
        assert_eq!(telemetry.expired(WallTime(100 * HOUR_MS + 5)), None);
        assert_eq!(telemetry.expired(WallTime(9000 * HOUR_MS)), Some(WallTime(100 * HOUR_MS)), "the newest hour stays");
    }

    #[test]
    fn what_is_too_much_goes_oldest_first() {
        let mut telemetry = filled(TelemetryKept { days: 365, len: 300 });
        assert_eq!(telemetry.expired(WallTime(100 * HOUR_MS)), Some(WallTime(71 * HOUR_MS)));
        assert_eq!(telemetry.hours.values().sum::<u64>(), 300);
        assert_eq!(telemetry.mark(&robot("r-1"), Epoch(1)), 100, "what is forgotten is not taken again");
    }
}
