//! What can be broken about the hardware. A defect is put in and taken out by a person at the panel, and like any broken
//! part it outlives the power.

use serde::{Deserialize, Serialize};

/// One defect; the interlock is built to find any single one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// All parts are sound.
    #[default]
    None,
    /// Channel A of the button does not open any more.
    StuckA,
    /// Channel B of the button does not open any more.
    StuckB,
    /// The main contact of relay 1 is closed, and stays closed.
    #[serde(rename = "weld_1")]
    Weld1,
    /// The main contact of relay 2 is closed, and stays closed.
    #[serde(rename = "weld_2")]
    Weld2,
    /// The mirror contact of relay 1 is closed, and stays closed: it would hide a weld.
    #[serde(rename = "stuck_mirror_1")]
    StuckMirror1,
    /// The mirror contact of relay 2 is closed, and stays closed: it would hide a weld.
    #[serde(rename = "stuck_mirror_2")]
    StuckMirror2,
    /// The button's contacts bounce whenever it is moved.
    Bounce,
    /// The receiver's antenna is off: nothing is heard on the air.
    Mute,
    /// The air is full of noise: every packet arrives with errors.
    Jam,
    /// Something stands between the air and the receiver and passes every packet on late.
    Delay,
}

impl Defect {
    /// All defects.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::StuckA,
        Self::StuckB,
        Self::Weld1,
        Self::Weld2,
        Self::StuckMirror1,
        Self::StuckMirror2,
        Self::Bounce,
        Self::Mute,
        Self::Jam,
        Self::Delay,
    ];

    /// The word for the panel and for the file in which it outlives the firmware.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StuckA => "stuck_a",
            Self::StuckB => "stuck_b",
            Self::Weld1 => "weld_1",
            Self::Weld2 => "weld_2",
            Self::StuckMirror1 => "stuck_mirror_1",
            Self::StuckMirror2 => "stuck_mirror_2",
            Self::Bounce => "bounce",
            Self::Mute => "mute",
            Self::Jam => "jam",
            Self::Delay => "delay",
        }
    }

    /// The defect of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|defect| defect.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defect_has_the_same_word_everywhere() {
        for defect in Defect::ALL {
            assert_eq!(Defect::of_word(defect.word()), Some(defect));
            assert_eq!(serde_json::to_value(defect).unwrap(), defect.word());
        }
        assert_eq!(Defect::of_word("weld"), None);
    }
}
