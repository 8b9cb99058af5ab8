//! Whether a safety officer has to clear a trip before this robot asks to be armed, and the challenge that waits.
//!
//! A press of the button makes a clearance due, across restarts, until one was recorded. The challenge is replaced after a
//! minute of the robot's own clock and whenever somebody tried to answer it, so that it can be answered once.

use shared::clearance::{BadClearance, Challenge, Clearance};
use shared::seal::Hash;
use shared::time::{Instant, Millis};

/// How long a challenge waits.
const CHALLENGE_MAX_AGE: Millis = Millis::secs(60);

/// What is due, and the challenge that waits for an answer.
#[derive(Debug)]
pub struct ClearanceDesk {
    due: bool,
    secret: [u8; 32],
    made: u64,
    waiting: Option<(Challenge, Instant)>,
}

impl ClearanceDesk {
    /// Takes up what the replica knew. `secret` is random and makes the challenges unforeseeable.
    pub const fn new(due: bool, secret: [u8; 32]) -> Self {
        Self { due, secret, made: 0, waiting: None }
    }

    /// Whether a clearance is due.
    pub const fn is_due(&self) -> bool {
        self.due
    }

    /// The button was pressed.
    pub const fn require(&mut self) {
        self.due = true;
        self.waiting = None;
    }

    /// The challenge that waits, if a clearance is due; made anew when it is too old or for another trip.
    pub fn challenge(&mut self, trip_epoch: u32, now: Instant) -> Option<Challenge> {
        if !self.due {
            return None;
        }
        let waiting = self
            .waiting
            .filter(|(challenge, at)| challenge.trip_epoch == trip_epoch && now.since(*at) < CHALLENGE_MAX_AGE);
        let (challenge, at) = waiting.unwrap_or_else(|| (self.make(trip_epoch), now));
        self.waiting = Some((challenge, at));
        Some(challenge)
    }

    /// Takes an answer whose signatures were checked. Whatever comes of it, its challenge is used up. `trip_epoch` is the
    /// newest trip, if it is known: no other can be cleared.
    ///
    /// # Errors
    /// [`BadClearance::NotDue`] or [`BadClearance::Stale`].
    pub fn answer(&mut self, clearance: &Clearance, trip_epoch: Option<u32>, now: Instant) -> Result<(), BadClearance> {
        if !self.due {
            return Err(BadClearance::NotDue);
        }
        let waiting = self.waiting.take().filter(|(_, at)| now.since(*at) < CHALLENGE_MAX_AGE);
        let is_waiting = waiting.is_some_and(|(challenge, _)| challenge == clearance.challenge);
        if !is_waiting || trip_epoch != Some(clearance.challenge.trip_epoch) {
            return Err(BadClearance::Stale);
        }
        self.due = false;
        Ok(())
    }

    fn make(&mut self, trip_epoch: u32) -> Challenge {
        self.made += 1;
        let hash = Hash::of(&[b"challenge/v1\0", &self.secret, &self.made.to_be_bytes()]);
        Challenge { trip_epoch, random: hash.0[..16].try_into().expect("16 of 32 bytes") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::clearance::Endorsement;
    use shared::id::RobotId;
    use shared::seal::SigningKey;
    use shared::time::WallTime;

    fn answer(challenge: Challenge) -> Clearance {
        let key = SigningKey::from_seed(&[1; 32]);
        let endorsement = Endorsement::issue(&key, "M. Ito", key.public(), WallTime(1));
        Clearance::answer(&key, endorsement, &RobotId::parse("r-1").unwrap(), challenge)
    }

    #[test]
    fn a_challenge_is_answered_once_within_its_minute() {
        let mut desk = ClearanceDesk::new(true, [7; 32]);
        let challenge = desk.challenge(4, Instant(0)).unwrap();
        assert_eq!(desk.challenge(4, Instant(59_999)), Some(challenge));
        assert_eq!(desk.answer(&answer(challenge), Some(4), Instant(60_000)), Err(BadClearance::Stale));
        let fresh = desk.challenge(4, Instant(60_000)).unwrap();
        assert_ne!(fresh, challenge);
        assert_eq!(desk.answer(&answer(fresh), Some(4), Instant(60_001)), Ok(()));
        assert_eq!((desk.is_due(), desk.challenge(4, Instant(60_002))), (false, None));
        assert_eq!(desk.answer(&answer(fresh), Some(4), Instant(60_003)), Err(BadClearance::NotDue));
    }

    #[test]
    fn a_wrong_answer_and_another_trip_use_the_challenge_up() {
        let mut desk = ClearanceDesk::new(true, [7; 32]);
        let challenge = desk.challenge(4, Instant(0)).unwrap();
        let wrong = Challenge { random: [0; 16], ..challenge };
        assert_eq!(desk.answer(&answer(wrong), Some(4), Instant(1)), Err(BadClearance::Stale));
        assert_eq!(desk.answer(&answer(challenge), Some(4), Instant(1)), Err(BadClearance::Stale));
        let fourth = desk.challenge(4, Instant(2)).unwrap();
        let fifth = desk.challenge(5, Instant(2)).unwrap();
        assert!(fourth != challenge && fifth != fourth);
        assert_eq!(desk.answer(&answer(fourth), Some(4), Instant(3)), Err(BadClearance::Stale));
        let fourth = desk.challenge(4, Instant(4)).unwrap();
        assert_eq!(desk.answer(&answer(fourth), Some(5), Instant(5)), Err(BadClearance::Stale), "the power was cycled");
        let fourth = desk.challenge(4, Instant(6)).unwrap();
        assert_eq!(desk.answer(&answer(fourth), None, Instant(7)), Err(BadClearance::Stale), "the trip is unknown");
        desk.require();
        assert!(desk.is_due());
    }
}
