//! After a press of the button: a safety officer's clearance, through the server or at the robot itself.

use super::{LocalAnswer, LocalAsk, LocalToken, Robot};
use crate::change::Change;
use crate::outbound::Tell;
use shared::clearance::{BadClearance, Challenge, Clearance};
use shared::fact::Fact;
use shared::time::Instant;

impl Robot {
    /// A permission that was given is taken back: the press may have become known after it.
    pub(super) fn require_clearance(&mut self) {
        self.clearance.require();
        self.out.change(Change::ClearanceDue(true));
        self.may_arm = None;
        self.out.forbid_arm();
    }

    /// Tells the control loop once for each trip epoch that it may ask to be armed, unless a clearance is due or nobody
    /// knows whether one is.
    pub(super) fn tell_may_arm(&mut self) {
        let Some(trip_epoch) = self.watch.now().map(|now| now.trip_epoch) else { return };
        let is_free = self.presses.is_known() && !self.clearance.is_due();
        if is_free && self.may_arm != Some(trip_epoch) {
            self.may_arm = Some(trip_epoch);
            self.out.tell(Tell::MayArm { trip_epoch });
        }
    }

    /// The challenge that waits, for whoever asks.
    pub(super) fn waiting_challenge(&mut self, now: Instant) -> Option<Challenge> {
        let trip_epoch = self.watch.now()?.trip_epoch;
        self.clearance.challenge(trip_epoch, now)
    }

    pub(super) fn local(&mut self, token: LocalToken, ask: LocalAsk, now: Instant) {
        let answer = match ask {
            LocalAsk::Challenge => LocalAnswer::Challenge(self.waiting_challenge(now)),
            LocalAsk::Clear(clearance) => LocalAnswer::Cleared(self.clear(&clearance, now)),
            LocalAsk::Endorse(pack) => LocalAnswer::Endorsed(self.endorse_by_hand(&pack, now)),
            LocalAsk::Task(name, edit) => LocalAnswer::Task(self.edit_task(&name, edit, now).map(Box::new)),
        };
        self.out.tell(Tell::Local { token, answer });
    }

    /// Takes an officer's answer: recorded first, then the control loop may ask to be armed.
    pub(super) fn clear(&mut self, clearance: &Clearance, now: Instant) -> Result<(), BadClearance> {
        clearance.check(&self.identity.ca_key, &self.identity.robot, self.recorder.wall(now))?;
        let trip_epoch = self.watch.now().map(|now| now.trip_epoch);
        self.clearance.answer(clearance, trip_epoch, now)?;
        self.out.change(Change::ClearanceDue(false));
        let officer = clearance.endorsement.officer.clone();
        self.record(&Fact::Cleared { trip_epoch: clearance.challenge.trip_epoch, officer }, now);
        self.tell_may_arm();
        Ok(())
    }
}
