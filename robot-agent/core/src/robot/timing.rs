//! The time that the robot discloses: held against the server's signed calendar, set right where two agree, and told to people
//! while nobody would believe it.

use super::Robot;
use crate::beacon_clock::{BeaconClock, Judged, ServerTime};
use crate::endorsement::NotTaken;
use crate::outbound::Tell;
use shared::fact::Fact;
use shared::time::{Instant, Millis, WallTime};
use shared::wire::robot_to_fleet::Disbelieved;

/// How long a robot that sends may be unheard before that is the fault of its receiver's marks: longer than between two
/// disclosures.
const UNHEARD_FOR: Millis = Millis::secs(5);

impl Robot {
    /// The server's calendar, as its answer to this connection's hello has it. A hello is said anew every two seconds, so the
    /// answer cannot have been held back for longer.
    pub(super) fn hear_time(&mut self, wall_ms: Option<u64>, now: Instant) {
        let Some(wall_ms) = wall_ms else { return };
        self.server_time = Some(ServerTime { wall: WallTime(wall_ms), read: now });
        self.out.tell(Tell::Clock(self.beacon, self.server_time));
    }

    /// Sets the beacon's time where the robot's calendar and the server's agree that it is off.
    pub(super) fn tend_clock(&mut self, now: Instant) {
        if self.judge_clock(now) == Judged::Settable {
            self.set_clock(self.recorder.wall(now), now);
        }
        if self.open.is_heard() {
            self.went_back = None;
        }
    }

    /// An endorsement that a person carried here is the CA's signed word for the time: it was issued before now. If it is newer
    /// than the one the robot has, and the robot's calendar lies within it while the beacon's time is off, the beacon's time is
    /// set to the calendar.
    ///
    /// # Errors
    /// As [`endorse`](Self::endorse).
    pub(super) fn endorse_by_hand(&mut self, pack: &[u8], now: Instant) -> Result<u32, NotTaken> {
        let own = self.recorder.wall(now);
        if self.beacon.is_off(own, now) && self.endorsement.vouches_for(pack, own) && self.server_time.is_none() {
            self.set_clock(own, now);
        }
        self.endorse(pack, now)
    }

    /// Why nobody would believe what it discloses, as far as it knows.
    pub(super) fn disbelieved(&self, now: Instant) -> Option<Disbelieved> {
        let is_sent = self.seen.disclosed.is_some();
        let receiver_ahead =
            self.went_back.is_some_and(|since| now.since(since) > UNHEARD_FOR) && !self.open.is_heard();
        match self.judge_clock(now) {
            Judged::Off | Judged::Settable => Some(Disbelieved::ClockOff),
            Judged::Right => (is_sent && receiver_ahead).then_some(Disbelieved::ReceiverAhead),
        }
    }

    fn judge_clock(&self, now: Instant) -> Judged {
        let server = self.server_time.map(|server| server.at(now));
        self.beacon.judge(self.recorder.wall(now), server, now)
    }

    /// The fact and the new mark are one commit; the control loop discloses by the new time once it is on disk. What was said by
    /// the wrong time stays in the marks of the robot's own receiver until its next power-up.
    fn set_clock(&mut self, wall: WallTime, now: Instant) {
        let from = self.beacon.time(now).to_wall();
        self.beacon = BeaconClock::set_to(wall, now);
        self.record(&Fact::BeaconTimeSet { from_ms: from.0, to_ms: wall.0 }, now);
        self.save_beacon_time(now);
        self.went_back = (wall < from).then_some(now);
        self.endorsement.stand(self.beacon.time(now).secs());
        self.out.tell(Tell::Clock(self.beacon, self.server_time));
        if !self.endorsement.sits() {
            self.tell_endorsement();
        }
    }
}
