//! The endorsement of the robot's key: taken from the server or from a person at the robot, and what its end asks of the
//! work in hand.

use super::Robot;
use crate::change::Change;
use crate::endorsement::{NotTaken, Stage, Validity};
use crate::outbound::Tell;
use crate::retreat::{Seat, Way};
use shared::fact::Fact;
use shared::time::Instant;

impl Robot {
    /// The endorsement in a row of the feed.
    pub(super) fn endorsement_row(&mut self, pack: &[u8], now: Instant) {
        match self.endorse(pack, now) {
            // The server gives out what it last gave out when its database began anew.
            Ok(_) | Err(NotTaken::NotLonger) => {}
            // A robot whose clock is behind the server's: the row comes once, so it is kept until its time has come.
            Err(NotTaken::NotBegun) => self.keep_for_later(pack),
            Err(NotTaken::Pack(_) | NotTaken::OtherKey | NotTaken::Ended) => self.malformed += 1,
        }
    }

    fn keep_for_later(&mut self, pack: &[u8]) {
        let Some(later) = self.endorsement.keep_for_later(pack) else { return };
        self.out.change(Change::Endorsement { id: later.id().0, until: later.not_after_s, pack: pack.to_vec() });
    }

    /// Takes an endorsement in place of the one there is: recorded and kept first, then it goes on the air.
    ///
    /// # Errors
    /// [`NotTaken`] with the first reason that applies.
    pub(super) fn endorse(&mut self, pack: &[u8], now: Instant) -> Result<u32, NotTaken> {
        let taken = self.endorsement.take(pack, self.beacon.time(now).secs())?;
        let (until, id) = (taken.not_after_s, taken.id().0);
        self.out.change(Change::Endorsement { id, until, pack: pack.to_vec() });
        self.record(&Fact::Endorsed { until, id }, now);
        self.tell_endorsement();
        Ok(until)
    }

    /// Tells the control loop which endorsement there is, if there is one.
    pub(super) fn tell_endorsement(&mut self) {
        let Some(kept) = self.endorsement.kept() else { return };
        let validity = Validity { from_s: kept.not_before_s, until_s: kept.not_after_s };
        self.out.tell(Tell::Endorsed { validity, pack: kept.to_pack().to_vec() });
    }

    /// Carries out what the stage of the endorsement asks: half an hour before its end the step in hand is ended, what is
    /// held is put down, and the robot walks to its safe point and sits; a little later it sits as it is. At the end itself
    /// the control loop acts.
    pub(super) fn tend_endorsement(&mut self, now: Instant) {
        let now_s = self.beacon.time(now).secs();
        while let Some(begun) = self.endorsement.begun(now_s) {
            // One that has ended in the meantime is not taken, and the next may be.
            let _ended = self.endorse(&begun.to_pack(), now);
        }
        if let Some(stage) = self.endorsement.news(now_s) {
            self.out.tell(Tell::Stage(stage));
        }
        let stage = self.endorsement.stage(now_s);
        match stage {
            Stage::Fresh | Stage::RenewalDue | Stage::EndsSoon => self.turn_back(),
            Stage::SitDown if self.execution.current().is_some() || self.holds() => {}
            Stage::SitDown if !self.endorsement.sits() => self.retreat(now),
            Stage::SitAtOnce => self.sit(stage, Some(Seat::OnTheWay), now),
            Stage::SitDown | Stage::Ended | Stage::NotYet | Stage::Missing => self.sit(stage, None, now),
        }
    }

    /// Walks to the safe point, and sits there.
    fn retreat(&mut self, now: Instant) {
        match self.retreat.next(self.seen.body, self.watch.may_move()) {
            Way::Begin(activity) => self.out.tell(Tell::Act(activity)),
            Way::Walking => {}
            Way::End(seat) => self.sit(Stage::SitDown, Some(seat), now),
        }
    }

    /// There is a new endorsement: a walk to the safe point is given up.
    fn turn_back(&mut self) {
        if self.retreat.is_going_on() {
            self.retreat.end();
            self.rest();
        }
    }

    /// Whether another step may be taken in hand: while there is an endorsement to work under, or to put down what is held.
    pub(super) fn is_endorsed_for_work(&self, now: Instant) -> bool {
        let stage = self.endorsement.stage(self.beacon.time(now).secs());
        !self.endorsement.sits() && (stage.permits_work() || self.holds())
    }

    fn holds(&self) -> bool {
        self.seen.body.is_some_and(|body| body.held)
    }

    fn sit(&mut self, stage: Stage, seat: Option<Seat>, now: Instant) {
        if self.execution.current().is_some() || self.retreat.is_going_on() {
            self.retreat.end();
            self.rest();
        }
        if self.endorsement.sit() {
            self.out.tell(Tell::SitDown);
            seat.into_iter().for_each(|seat| self.out.tell(Tell::Seated(seat)));
        }
        let next = self.orders.next(false).map(|(_, work)| super::order_of(&work));
        if let (Some(order), Some(why)) = (next, stage.code()) {
            self.block(order, why, now);
        }
    }
}
