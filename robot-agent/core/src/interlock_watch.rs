//! What the interlock did, and whether a person has to let the work go on.
//!
//! A trip of the person class (button, power-up, fault) leaves a mark that outlives every restart: work waits until a
//! person resumes it, even after the interlock is closed again. This mark is no part of the interlock's own promise; it
//! keeps a robot that may move from going on unasked.

use interlock_link::{Cause, Phase, Status};
use shared::fact::{Interlock, InterlockPhase, TripCause};

/// The newest status, the last trip that was recorded, and the mark.
#[derive(Debug)]
pub struct InterlockWatch {
    status: Option<Status>,
    recorded: Option<Interlock>,
    trip_epoch: u32,
    awaits_person: bool,
}

/// What a new status means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// The phase or the trip is another than the one recorded.
    pub changed: Option<Interlock>,
    /// A trip that only a person ends, not seen before.
    pub stopped_for_person: bool,
    /// The trip was a press of the button.
    pub button_pressed: bool,
}

impl InterlockWatch {
    /// Takes up what the replica knew.
    pub const fn new(trip_epoch: u32, awaits_person: bool) -> Self {
        Self { status: None, recorded: None, trip_epoch, awaits_person }
    }

    /// Takes what the control loop saw; `None` when the firmware was not heard lately.
    pub fn see(&mut self, status: Option<Status>) -> Noted {
        self.status = status;
        let Some(now) = self.now() else { return Noted::default() };
        let changed = (self.recorded != Some(now)).then_some(now);
        let new_trip = now.trip_epoch != self.trip_epoch;
        let stopped_for_person = new_trip && now.cause.needs_person();
        self.recorded = Some(now);
        self.trip_epoch = now.trip_epoch;
        self.awaits_person |= stopped_for_person;
        let button_pressed = new_trip && now.cause == TripCause::Button;
        Noted { changed, stopped_for_person, button_pressed }
    }

    /// The interlock in the words of the record; `None` when it is unknown.
    pub fn now(&self) -> Option<Interlock> {
        let status = self.status?;
        let (phase, cause) = (phase_word(status.phase), cause_word(status.cause));
        Some(Interlock { phase, cause, trip_epoch: status.trip_epoch })
    }

    /// Whether work waits for a person.
    pub const fn awaits_person(&self) -> bool {
        self.awaits_person
    }

    /// Lets the work wait for a person. False when it waits already.
    pub const fn hold(&mut self) -> bool {
        let is_new = !self.awaits_person;
        self.awaits_person = true;
        is_new
    }

    /// A person lets the work go on. Refused (false) unless something waits and the motors have power: permission given
    /// ahead of a reset would start the robot by the reset.
    pub fn resume(&mut self) -> bool {
        let resumed = self.awaits_person && self.energised_epoch().is_some();
        if resumed {
            self.awaits_person = false;
        }
        resumed
    }

    /// The trip epoch under which motion may be asked for now.
    pub fn may_move(&self) -> Option<u32> {
        if self.awaits_person { None } else { self.energised_epoch() }
    }

    fn energised_epoch(&self) -> Option<u32> {
        self.status.filter(|status| status.phase == Phase::Energised).map(|status| status.trip_epoch)
    }
}

const fn phase_word(phase: Phase) -> InterlockPhase {
    match phase {
        Phase::Tripped => InterlockPhase::Tripped,
        Phase::ResetArmed => InterlockPhase::ResetArmed,
        Phase::ResetPressed => InterlockPhase::ResetPressed,
        Phase::Released => InterlockPhase::Released,
        Phase::Energised => InterlockPhase::Energised,
        Phase::Stopping => InterlockPhase::Stopping,
        Phase::Standby => InterlockPhase::Standby,
        Phase::Locked => InterlockPhase::Locked,
    }
}

const fn cause_word(cause: Cause) -> TripCause {
    match cause {
        Cause::PowerUp => TripCause::PowerUp,
        Cause::Button => TripCause::Button,
        Cause::Discrepancy => TripCause::Discrepancy,
        Cause::Mirror => TripCause::Mirror,
        Cause::StopLatched => TripCause::StopLatched,
        Cause::Stop => TripCause::Stop,
        Cause::Heartbeat => TripCause::Heartbeat,
        Cause::Beacon => TripCause::Beacon,
        Cause::Link => TripCause::Link,
        Cause::Session => TripCause::Session,
        Cause::StandbyTimeout => TripCause::StandbyTimeout,
        Cause::TooManyReturns => TripCause::TooManyReturns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::tests::status;

    #[test]
    fn a_button_leaves_a_mark_that_only_a_person_takes_away_and_only_when_energised() {
        let mut watch = InterlockWatch::new(1, false);
        assert!(!watch.see(Some(status(Phase::Energised, Cause::PowerUp, 1))).stopped_for_person);
        assert_eq!(watch.may_move(), Some(1));
        assert!(watch.see(Some(status(Phase::Tripped, Cause::Button, 2))).stopped_for_person);
        assert!(!watch.resume());
        assert!(!watch.see(Some(status(Phase::Energised, Cause::Button, 2))).stopped_for_person);
        assert_eq!(watch.may_move(), None);
        assert!(watch.resume());
        assert_eq!(watch.may_move(), Some(2));
    }

    #[test]
    fn a_machine_class_stop_leaves_no_mark() {
        let mut watch = InterlockWatch::new(1, false);
        watch.see(Some(status(Phase::Standby, Cause::Heartbeat, 2)));
        watch.see(Some(status(Phase::Energised, Cause::Heartbeat, 2)));
        assert_eq!(watch.may_move(), Some(2));
    }

    #[test]
    fn a_trip_while_the_agent_was_away_is_noticed() {
        let mut watch = InterlockWatch::new(4, false);
        assert!(watch.see(Some(status(Phase::Released, Cause::Button, 6))).stopped_for_person);
    }

    #[test]
    fn an_unknown_interlock_permits_nothing() {
        let mut watch = InterlockWatch::new(1, false);
        watch.see(Some(status(Phase::Energised, Cause::PowerUp, 1)));
        watch.see(None);
        assert_eq!((watch.may_move(), watch.now()), (None, None));
    }
}
