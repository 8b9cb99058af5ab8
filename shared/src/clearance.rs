//! A safety officer's word that a robot may be armed again after its button was pressed.
//!
//! It is the agent's rule, not the firmware's: it gives no energy and undoes no stop. It keeps a robot whose button was
//! pressed and reset from standing up before somebody who may decide that has looked.
//!
//! Terms: the *challenge* is made by the robot and answered once; an *endorsement* is the site CA's word that a key is an
//! officer's. Works without a network: whoever can show the challenge to an officer's key can answer it.

use crate::id::RobotId;
use crate::seal::{Context, PublicKey, Signature, SigningKey};
use crate::time::WallTime;
use crate::wire::{Decode, Encode, from_bytes, to_bytes};

/// Longest name of an officer, in bytes.
const NAME_LEN_MAX: usize = 80;

/// What a robot asks to be answered: made anew when it is used or a minute old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Challenge {
    /// The trip that is to be cleared.
    #[n(0)]
    pub trip_epoch: u32,
    /// Random.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub random: [u8; 16],
}

/// The site CA's word that a key belongs to a safety officer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Endorsement {
    /// Who, for the record.
    #[n(0)]
    pub officer: String,
    /// The officer's key.
    #[n(1)]
    pub key: PublicKey,
    /// Until when, milliseconds since 1970.
    #[n(2)]
    pub valid_until_ms: u64,
    /// The CA's signature over the three above.
    #[n(3)]
    pub signature: Signature,
}

impl Endorsement {
    /// Endorses a key.
    #[must_use]
    pub fn issue(ca: &SigningKey, officer: &str, key: PublicKey, valid_until: WallTime) -> Self {
        let signature = ca.sign(Context::Officer, &endorsed_bytes(officer, &key, valid_until.0));
        Self { officer: officer.to_owned(), key, valid_until_ms: valid_until.0, signature }
    }

    fn check(&self, ca: &PublicKey, wall: WallTime) -> Result<(), BadClearance> {
        let bytes = endorsed_bytes(&self.officer, &self.key, self.valid_until_ms);
        ca.verify(Context::Officer, &bytes, &self.signature).map_err(|_| BadClearance::NotEndorsed)?;
        if self.officer.len() > NAME_LEN_MAX {
            return Err(BadClearance::Form(format!("the officer's name has {} bytes", self.officer.len())));
        }
        if wall.0 > self.valid_until_ms {
            return Err(BadClearance::Expired { valid_until_ms: self.valid_until_ms, now_ms: wall.0 });
        }
        Ok(())
    }
}

/// An officer's answer to one challenge of one robot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Clearance {
    /// Which robot.
    #[n(0)]
    pub robot: RobotId,
    /// The challenge that is answered.
    #[n(1)]
    pub challenge: Challenge,
    /// Whose answer it is.
    #[n(2)]
    pub endorsement: Endorsement,
    /// The officer's signature over robot and challenge.
    #[n(3)]
    pub signature: Signature,
}

/// Why a clearance does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadClearance {
    /// The bytes are not a clearance.
    #[error("this is not a clearance: {0}")]
    Form(String),
    /// It is for another robot.
    #[error("the clearance is for {found}, this is {wanted}")]
    OtherRobot {
        /// Whom it names.
        found: RobotId,
        /// Who was asked.
        wanted: RobotId,
    },
    /// The key that signed is not endorsed by this site's CA.
    #[error("the key is not endorsed by this site's CA as a safety officer's")]
    NotEndorsed,
    /// The endorsement has run out.
    #[error("the officer's endorsement ended at {valid_until_ms}, now is {now_ms} (milliseconds since 1970)")]
    Expired {
        /// Its end.
        valid_until_ms: u64,
        /// The time at the robot.
        now_ms: u64,
    },
    /// The signature is not the officer's over this challenge.
    #[error("the signature does not belong to the officer's key and this challenge")]
    Signature,
    /// The challenge was used, has been replaced, or was never made here.
    #[error("the challenge was used or has been replaced; ask for the new one")]
    Stale,
    /// Nothing is to be cleared.
    #[error("no clearance is due")]
    NotDue,
}

impl Clearance {
    /// Answers a challenge.
    #[must_use]
    pub fn answer(officer: &SigningKey, endorsement: Endorsement, robot: &RobotId, challenge: Challenge) -> Self {
        let signature = officer.sign(Context::Clearance, &answered_bytes(robot, &challenge));
        Self { robot: robot.clone(), challenge, endorsement, signature }
    }

    /// Reads one from bytes.
    ///
    /// # Errors
    /// [`BadClearance::Form`] when the bytes are something else.
    pub fn read(bytes: &[u8]) -> Result<Self, BadClearance> {
        from_bytes(bytes).map_err(|e| BadClearance::Form(e.to_string()))
    }

    /// Checks everything but whether the challenge is the one that waits.
    ///
    /// # Errors
    /// [`BadClearance`] with the first reason that applies.
    pub fn check(&self, ca: &PublicKey, robot: &RobotId, wall: WallTime) -> Result<(), BadClearance> {
        if &self.robot != robot {
            return Err(BadClearance::OtherRobot { found: self.robot.clone(), wanted: robot.clone() });
        }
        self.endorsement.check(ca, wall)?;
        let bytes = answered_bytes(robot, &self.challenge);
        let key = &self.endorsement.key;
        key.verify(Context::Clearance, &bytes, &self.signature).map_err(|_| BadClearance::Signature)
    }
}

fn endorsed_bytes(officer: &str, key: &PublicKey, valid_until_ms: u64) -> Vec<u8> {
    [&key.0[..], &valid_until_ms.to_be_bytes(), officer.as_bytes()].concat()
}

fn answered_bytes(robot: &RobotId, challenge: &Challenge) -> Vec<u8> {
    [robot.as_str().as_bytes(), b"\0", &to_bytes(challenge)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn robot(name: &str) -> RobotId {
        RobotId::parse(name).unwrap()
    }

    const CHALLENGE: Challenge = Challenge { trip_epoch: 7, random: [3; 16] };

    fn clearance() -> Clearance {
        let endorsement = Endorsement::issue(&key(1), "M. Ito", key(2).public(), WallTime(1000));
        Clearance::answer(&key(2), endorsement, &robot("r-1"), CHALLENGE)
    }

    #[test]
    fn it_counts_for_its_robot_its_site_and_its_time_only() {
        let check = |ca: u8, name, wall| clearance().check(&key(ca).public(), &robot(name), WallTime(wall));
        assert_eq!(check(1, "r-1", 1000), Ok(()));
        assert!(matches!(check(1, "r-2", 0), Err(BadClearance::OtherRobot { .. })));
        assert_eq!(check(9, "r-1", 0), Err(BadClearance::NotEndorsed));
        assert!(matches!(check(1, "r-1", 1001), Err(BadClearance::Expired { .. })));
    }

    #[test]
    fn a_key_without_endorsement_and_a_changed_challenge_do_not_count() {
        let check = |clearance: Clearance| clearance.check(&key(1).public(), &robot("r-1"), WallTime(0));
        let other = Challenge { trip_epoch: 8, ..CHALLENGE };
        assert_eq!(check(Clearance { challenge: other, ..clearance() }), Err(BadClearance::Signature));
        let stolen = Clearance::answer(&key(5), clearance().endorsement, &robot("r-1"), CHALLENGE);
        assert_eq!(check(stolen), Err(BadClearance::Signature));
        let own = Endorsement::issue(&key(5), "nobody", key(5).public(), WallTime(1000));
        assert_eq!(check(Clearance::answer(&key(5), own, &robot("r-1"), CHALLENGE)), Err(BadClearance::NotEndorsed));
    }

    #[test]
    fn it_comes_back_from_its_bytes_and_no_spoiled_byte_counts() {
        let bytes = to_bytes(&clearance());
        assert_eq!(Clearance::read(&bytes), Ok(clearance()));
        for i in 0..bytes.len() {
            let mut spoiled = bytes.clone();
            spoiled[i] ^= 1;
            let counts = Clearance::read(&spoiled)
                .is_ok_and(|read| read.check(&key(1).public(), &robot("r-1"), WallTime(0)).is_ok());
            assert!(!counts, "byte {i}");
        }
    }
}
