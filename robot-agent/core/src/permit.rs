//! The permission to ask for motion.

use interlock_link::{Phase, Status};
use shared::time::{Instant, Millis};

/// How old a status may be and still permit motion: four of the firmware's reports.
const FRESH: Millis = Millis(200);

/// The status, if it is fresh enough to act on.
pub fn fresh(status: Option<(Status, Instant)>, now: Instant) -> Option<Status> {
    status.filter(|(_, at)| now.since(*at) <= FRESH).map(|(status, _)| status)
}

/// Proof that the firmware has just reported an energised interlock, in the trip epoch in which the motion was decided.
///
/// Only the control loop makes one, for one cycle, and every word that asks for motion needs one. It gives no energy:
/// the firmware ignores a setpoint unless motion is allowed. It keeps the agent from asking.
#[derive(Debug)]
pub struct MotionPermit {
    _made_here: (),
}

impl MotionPermit {
    /// A permit for a motion that was decided in `decided_epoch`, from the newest status and its time of arrival.
    ///
    /// `None` when the status is missing, old, not energised, or of another epoch: a motion decided before a trip is
    /// not asked for after it.
    pub(crate) fn from_status(status: Option<(Status, Instant)>, decided_epoch: u32, now: Instant) -> Option<Self> {
        let status = fresh(status, now)?;
        let allows = status.phase == Phase::Energised && status.trip_epoch == decided_epoch;
        allows.then_some(Self { _made_here: () })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use interlock_link::Cause;

    /// A healthy status in this phase.
    pub fn status(phase: Phase, cause: Cause, trip_epoch: u32) -> Status {
        Status {
            phase,
            cause,
            trip_epoch,
            standby_ok: phase == Phase::Standby,
            beacon_heard: true,
            button_open: false,
            reset_pressed: false,
            proof_tested: true,
            energised: phase == Phase::Energised,
            returns_left: 3,
        }
    }

    #[test]
    fn only_a_fresh_energised_status_of_the_same_epoch_permits() {
        let permits = |phase, epoch, at| {
            let seen = Some((status(phase, Cause::PowerUp, epoch), Instant(at)));
            MotionPermit::from_status(seen, 7, Instant(1000)).is_some()
        };
        assert!(permits(Phase::Energised, 7, 800));
        assert!(!permits(Phase::Energised, 7, 799));
        assert!(!permits(Phase::Energised, 8, 1000));
        for phase in [Phase::Tripped, Phase::Released, Phase::Stopping, Phase::Standby, Phase::Locked] {
            assert!(!permits(phase, 7, 1000));
        }
        assert!(MotionPermit::from_status(None, 7, Instant(1000)).is_none());
    }
}
