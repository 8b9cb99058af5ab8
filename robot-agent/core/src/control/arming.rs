//! When the control loop asks to be armed, and the notice it gives before it moves again by itself.
//!
//! It asks on nothing but a fresh status: whatever is old, or was read in a cycle that came late, ends a notice, so that
//! nobody is surprised by a robot that gave its notice before it hung. The firmware decides either way.

use interlock_link::{Phase, Status, ToInterlock};
use shared::time::{Instant, Millis};

/// Between two requests to arm.
const ARM_AGAIN: Millis = Millis(250);
/// How long the robot gives notice before it moves again by itself after a machine-class stop.
const NOTICE: Millis = Millis::secs(3);

/// Permission of the driver, the last request, and the notice that is being given.
#[derive(Debug, Default)]
pub struct Arming {
    permitted: Option<u32>,
    asked: Option<Instant>,
    notice_since: Option<Instant>,
}

impl Arming {
    /// The driver's word: the trip epoch in which the robot may ask; `None` when it may not, because a clearance is due.
    pub const fn permit(&mut self, trip_epoch: Option<u32>) {
        self.permitted = trip_epoch;
    }

    /// Whether the robot gives notice that it will move again.
    pub const fn gives_notice(&self) -> bool {
        self.notice_since.is_some()
    }

    /// The request that is due in this cycle: after a person's reset at once, from Standby after the notice. `status` is
    /// `None` when it is not fresh or this cycle may not speak.
    pub fn ask(&mut self, status: Option<Status>, now: Instant) -> Option<ToInterlock> {
        let status = status.filter(|status| self.permitted == Some(status.trip_epoch));
        let noticed = self.notice_is_over(status, now);
        let trip_epoch = status.filter(|status| status.phase == Phase::Released || noticed)?.trip_epoch;
        if self.asked.is_some_and(|at| now.since(at) < ARM_AGAIN) {
            return None;
        }
        self.asked = Some(now);
        Some(ToInterlock::Arm { epoch: trip_epoch })
    }

    fn notice_is_over(&mut self, status: Option<Status>, now: Instant) -> bool {
        let returns = |status: Status| status.phase == Phase::Standby && status.standby_ok && status.returns_left > 0;
        if !status.is_some_and(returns) {
            self.notice_since = None;
            return false;
        }
        now.since(*self.notice_since.get_or_insert(now)) >= NOTICE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::tests::status;
    use interlock_link::Cause;

    fn standby() -> Option<Status> {
        Some(status(Phase::Standby, Cause::Heartbeat, 8))
    }

    fn permitted() -> Arming {
        let mut arming = Arming::default();
        arming.permit(Some(8));
        arming
    }

    #[test]
    fn a_notice_that_was_broken_off_begins_anew() {
        let mut arming = permitted();
        assert_eq!(arming.ask(standby(), Instant(0)), None);
        assert_eq!(arming.ask(standby(), Instant(2950)), None);
        assert_eq!(arming.ask(None, Instant(3000)), None, "unknown, late or silent");
        assert!(!arming.gives_notice());
        assert_eq!(arming.ask(standby(), Instant(3050)), None);
        assert_eq!(arming.ask(standby(), Instant(6000)), None);
        assert_eq!(arming.ask(standby(), Instant(6050)), Some(ToInterlock::Arm { epoch: 8 }));
    }

    #[test]
    fn a_permission_that_was_taken_back_ends_the_notice_and_asks_nothing() {
        let mut arming = permitted();
        arming.ask(standby(), Instant(0));
        arming.permit(None);
        assert_eq!(arming.ask(standby(), Instant(9000)), None);
        assert!(!arming.gives_notice());
        assert_eq!(arming.ask(Some(status(Phase::Released, Cause::Button, 8)), Instant(9050)), None);
    }

    #[test]
    fn nothing_is_asked_while_the_interlock_would_not_take_it() {
        let mut arming = permitted();
        let mut exhausted = status(Phase::Standby, Cause::Heartbeat, 8);
        exhausted.returns_left = 0;
        let mut unwell = status(Phase::Standby, Cause::Heartbeat, 8);
        unwell.standby_ok = false;
        for tick in (0..200).map(|i| Instant(i * 50)) {
            for refused in [exhausted, unwell] {
                assert_eq!(arming.ask(Some(refused), tick), None);
            }
            for phase in [Phase::Tripped, Phase::ResetArmed, Phase::ResetPressed, Phase::Locked, Phase::Stopping] {
                assert_eq!(arming.ask(Some(status(phase, Cause::Button, 8)), tick), None);
            }
        }
    }
}
