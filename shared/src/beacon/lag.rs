//! How far a robot's disclosures come behind the promptest one of this power-up.
//!
//! The sender's clock and the receiver's run alike, so the difference between what a disclosure says and when it is heard
//! is largest for the one that was shortest on its way. A recorder that plays everything a while later makes it fall; a
//! clock that jumps ahead, as after a restart of the agent, only makes it rise.

use super::time::BeaconTime;
use crate::time::Instant;

/// By how much the difference may have fallen, in milliseconds: as long as a robot may be unheard. The air tells tenths of
/// a second, cut off, so what is refused was under way for 1.4 s at least, and what is taken for 1.6 s at most.
const LATE_MS: i64 = 1500;

/// What two quartz clocks differ by at most: a millisecond in so many. Without it a robot that stays on for weeks would be
/// refused because its clock is the slower one.
const DRIFT_ONCE_IN: u64 = 5000;

/// The promptest disclosure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lag {
    /// Its difference, and when it was heard.
    promptest: Option<(i64, Instant)>,
}

impl Lag {
    /// Whether a disclosure of this time, heard now, was under way for too long.
    pub(super) fn is_late(self, time: BeaconTime, now: Instant) -> bool {
        self.least(now).is_some_and(|least| ahead_ms(time, now) < least - LATE_MS)
    }

    /// A disclosure of this time is taken now.
    pub(super) fn note(&mut self, time: BeaconTime, now: Instant) {
        let ahead = ahead_ms(time, now);
        if self.least(now).is_none_or(|least| ahead >= least) {
            self.promptest = Some((ahead, now));
        }
    }

    /// The largest difference, less what the clocks may have drifted apart since.
    fn least(self, now: Instant) -> Option<i64> {
        let (ahead, at) = self.promptest?;
        Some(ahead.saturating_sub_unsigned(now.since(at).0 / DRIFT_ONCE_IN))
    }
}

/// The disclosure's time less the own clock's, in milliseconds. Only its changes mean anything.
const fn ahead_ms(time: BeaconTime, now: Instant) -> i64 {
    (time.ds() as i64 * 100).saturating_sub_unsigned(now.0)
}
