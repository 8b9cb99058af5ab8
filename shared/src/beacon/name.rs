//! What a robot is called on the air: text that a person reads, built by this code and by nobody's configuration.

use crate::id::RobotId;

/// The text of every disclosure before the robot's name.
const PREFIX: &[u8; 15] = b"HUMANOID ROBOT ";

/// Bytes of the Self ID text.
pub const TEXT_LEN: usize = 23;

/// Longest name that the text has room for.
pub const SHOWN_LEN_MAX: usize = TEXT_LEN - PREFIX.len();

/// What a machine is not called, whatever stands around it.
const HUMAN_WORDS: [&str; 9] = ["human", "person", "people", "woman", "staff", "guard", "nurse", "worker", "visitor"];

/// A robot's name that can be shown on the air and that nobody takes for a person's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineName(RobotId);

/// Why a robot's name cannot be shown on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unshowable {
    /// More characters than the text has room for.
    #[error("the name on the air has at most {SHOWN_LEN_MAX} characters")]
    Long,
    /// It has no digit: a name of letters alone can be a person's.
    #[error("a robot's name on the air has a digit, so that it is not taken for a person's")]
    NoDigit,
    /// It holds a word for a human.
    #[error("a robot's name on the air has no word for a human in it")]
    Human,
}

impl MachineName {
    /// Takes a robot's name. Its alphabet holds no space, no capital, no control, right-to-left or zero-width character.
    ///
    /// # Errors
    /// [`Unshowable`] when it is too long, or could be read as a person's.
    pub fn of(robot: &RobotId) -> Result<Self, Unshowable> {
        let text = robot.as_str();
        if text.len() > SHOWN_LEN_MAX {
            return Err(Unshowable::Long);
        }
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(Unshowable::NoDigit);
        }
        let letters: String = text.chars().filter(char::is_ascii_lowercase).collect();
        if HUMAN_WORDS.iter().any(|word| letters.contains(word)) {
            return Err(Unshowable::Human);
        }
        Ok(Self(robot.clone()))
    }

    /// The robot's name.
    #[must_use]
    pub const fn robot(&self) -> &RobotId {
        &self.0
    }

    /// What a person reads: `HUMANOID ROBOT r-0042`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(PREFIX), self.0)
    }

    /// The text as it stands in the message, filled up with zeros.
    pub(super) fn to_bytes(&self) -> [u8; TEXT_LEN] {
        let name = self.0.as_str().as_bytes();
        let mut bytes = [0; TEXT_LEN];
        bytes[..PREFIX.len()].copy_from_slice(PREFIX);
        bytes[PREFIX.len()..PREFIX.len() + name.len()].copy_from_slice(name);
        bytes
    }

    /// The name in a message's text; what follows its first zero is left to the canonical check.
    pub(super) fn from_bytes(bytes: &[u8; TEXT_LEN]) -> Option<Self> {
        let name = bytes.strip_prefix(PREFIX)?;
        let name = name.split(|byte| *byte == 0).next()?;
        let robot = RobotId::parse(std::str::from_utf8(name).ok()?).ok()?;
        Self::of(&robot).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<MachineName, Unshowable> {
        MachineName::of(&RobotId::parse(text).unwrap())
    }

    #[test]
    fn the_text_always_says_machine_and_comes_back() {
        let shown = name("r-0042").unwrap();
        assert_eq!(shown.text(), "HUMANOID ROBOT r-0042");
        assert_eq!(MachineName::from_bytes(&shown.to_bytes()), Some(shown));
        assert_eq!(name("r-234567").map(|name| name.text().len()), Ok(TEXT_LEN));
    }

    #[test]
    fn a_name_that_does_not_fit_or_reads_as_a_person_is_refused() {
        assert_eq!(name("r-2345678"), Err(Unshowable::Long));
        assert_eq!(name("maria"), Err(Unshowable::NoDigit));
        for human in ["human-1", "hu-man1", "person2", "1-guard"] {
            assert_eq!(name(human), Err(Unshowable::Human), "{human}");
        }
    }

    #[test]
    fn right_to_left_zero_width_and_control_characters_are_in_no_name() {
        for bad in
            ["r\u{202e}1", "r\u{200b}1", "r\u{200f}1", "r\u{2066}1", "r\u{feff}1", "r\u{1b}[1", "r 1", "R1", "r\0"]
        {
            assert!(RobotId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_text_that_another_wrote_is_no_machines() {
        for text in [
            &b"HUMAN Maria\0\0\0\0\0\0\0\0\0\0\0\0"[..],
            b"HUMANOID ROBOT maria\0\0\0",
            b"HUMANOID ROBOT R1\0\0\0\0\0\0",
        ] {
            assert_eq!(MachineName::from_bytes(text.try_into().unwrap()), None);
        }
    }
}
