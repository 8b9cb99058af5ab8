//! What a look at an exported journal cannot show: said as plainly as what it shows.

use serde_json::{Value, json};

/// One thing that was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unchecked {
    /// Who wrote it: nothing in an export is signed by the robot.
    Author,
    /// Who wrote it: a capture's signature would show it up to this entry.
    AuthorOfHead {
        /// The number of the captured entry.
        number: u64,
    },
    /// What stood before the export begins.
    Beginning {
        /// The last entry before it.
        behind: u64,
        /// That entry's hash, in hexadecimal digits.
        head: String,
    },
    /// Whether entries are missing at the end.
    End,
    /// Who signed the safety controller's events.
    ControllerSignatures,
}

impl Unchecked {
    /// As one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::AuthorOfHead { .. } => "author_of_head",
            Self::Beginning { .. } => "beginning",
            Self::End => "end",
            Self::ControllerSignatures => "controller_signatures",
        }
    }

    /// As a line for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Author => "not checked: who wrote it. An export from the robot carries no signatures; use the server's copy, whose \
                 batches the robot has signed (fleet audit disclosure --key ROBOT=HEX), or a captured head (--head)"
                .into(),
            Self::AuthorOfHead { number } => format!(
                "not checked: who wrote it. The robot has signed entries 1 to {number} if it has signed the capture (fleet-audit evidence \
                 checks that); for anything behind them use the server's copy, whose batches it has signed"
            ),
            Self::Beginning { behind, head } => format!(
                "not checked: entries 1 to {behind}, which the robot has forgotten. The server keeps them: its copy has to have the hash \
                 {head} at entry {behind}"
            ),
            Self::End => "not checked: whether entries are missing at the end (give --head from a beacon)".into(),
            Self::ControllerSignatures => "not checked: who has signed the safety controller's events (give --firmware-key)".into(),
        }
    }

    /// Word and sentence.
    pub fn document(&self) -> Value {
        json!({"what": self.word(), "says": self.sentence()})
    }
}
