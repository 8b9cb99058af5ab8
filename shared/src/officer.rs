//! The file a safety officer carries: the key and the CA's endorsement of it, as two lines of hexadecimal digits.
//!
//! Reading and writing the file is the shells' business; both sides use the same form.

use crate::clearance::{Challenge, Clearance, Endorsement};
use crate::id::RobotId;
use crate::seal::{SigningKey, from_hex, to_hex};
use crate::wire::{from_bytes, to_bytes};

/// A safety officer: a key, and the site CA's word for it.
#[derive(Clone, Debug)]
pub struct Officer {
    key: SigningKey,
    endorsement: Endorsement,
}

/// A text that is not an officer's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a safety officer's file: {0}")]
pub struct BadOfficer(String);

impl Officer {
    /// The text of an officer's file.
    #[must_use]
    pub fn to_text(seed: &[u8; 32], endorsement: &Endorsement) -> String {
        format!("{}\n{}\n", to_hex(seed), to_hex(&to_bytes(endorsement)))
    }

    /// Reads an officer's file.
    ///
    /// # Errors
    /// [`BadOfficer`] when a line is missing or is something else, or the endorsement is for another key.
    pub fn parse(text: &str) -> Result<Self, BadOfficer> {
        let mut lines = text.lines().map(str::trim);
        let mut bytes = |what: &str| {
            let line = lines.next().ok_or_else(|| BadOfficer(format!("the line with the {what} is missing")))?;
            from_hex(line).map_err(|e| BadOfficer(format!("the {what}: {e}")))
        };
        let seed: [u8; 32] = bytes("key")?
            .try_into()
            .map_err(|seed: Vec<u8>| BadOfficer(format!("the key has {} bytes", seed.len())))?;
        let endorsement: Endorsement =
            from_bytes(&bytes("endorsement")?).map_err(|e| BadOfficer(format!("the endorsement: {e}")))?;
        let key = SigningKey::from_seed(&seed);
        if key.public() != endorsement.key {
            return Err(BadOfficer("the endorsement is for another key".into()));
        }
        Ok(Self { key, endorsement })
    }

    /// Answers a robot's challenge.
    #[must_use]
    pub fn clear(&self, robot: &RobotId, challenge: Challenge) -> Clearance {
        Clearance::answer(&self.key, self.endorsement.clone(), robot, challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::WallTime;

    #[test]
    fn an_officers_file_comes_back_and_another_text_is_refused() {
        let ca = SigningKey::from_seed(&[1; 32]);
        let key = SigningKey::from_seed(&[2; 32]).public();
        let endorsement = Endorsement::issue(&ca, "M. Ito", key, WallTime(9));
        let text = Officer::to_text(&[2; 32], &endorsement);
        let robot = RobotId::parse("r-1").unwrap();
        let challenge = Challenge { trip_epoch: 1, random: [0; 16] };
        let clearance = Officer::parse(&text).unwrap().clear(&robot, challenge);
        assert_eq!(clearance.check(&ca.public(), &robot, WallTime(9)), Ok(()));
        assert!(Officer::parse(&Officer::to_text(&[3; 32], &endorsement)).is_err());
        for bad in ["", "00", "zz\n00\n", &text[..70]] {
            assert!(Officer::parse(bad).is_err(), "{bad:?}");
        }
    }
}
