//! How an audit ends, for people and for programs.

use crate::exit;
use serde_json::{Value, json};
use shared::refusal::Code;

/// How an audit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that was checked holds; the lines say what that was, and what was not.
    Holds(Vec<String>),
    /// What is signed holds, and the claim needs more than that: the lines say which part is somebody's mere word.
    Claimed(Vec<String>),
    /// Proof that something was changed, or is missing inside.
    Tampered(String),
    /// Nothing was disproved, and something is missing.
    Incomplete(String),
    /// The journal holds and does not have the head that somebody captured.
    HeadNowhere(String),
    /// The file is not what it should be.
    Unreadable(String),
    /// A document that says what holds and what does not.
    Report {
        /// The document.
        text: String,
        /// As the others' codes; 4 for a promise that was broken, 5 for a part that the robot has not signed, 8 for a record that
        /// leaves something out.
        exit: u8,
    },
    /// Everything was shown while it went on.
    Shown {
        /// How it ends: one of the codes above.
        code: u8,
        /// The last line.
        last: String,
    },
}

impl Verdict {
    /// 0 holds, 1 tampered, 3 unreadable, 4 a promise was broken, 5 a part is not signed, 6 incomplete, 7 the head stands nowhere.
    /// 2 is for a command line that is wrong, 8 for an agent's record that leaves out what its controller tells.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Holds(_) => 0,
            Self::Tampered(_) => 1,
            Self::Unreadable(_) => 3,
            Self::Claimed(_) => exit::UNSIGNED,
            Self::Incomplete(_) => exit::INCOMPLETE,
            Self::HeadNowhere(_) => 7,
            Self::Shown { code, .. } => *code,
            Self::Report { exit, .. } => *exit,
        }
    }

    /// The stable code of what went wrong, if anything did.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Tampered(_) => Some(Code::Tampered),
            Self::Incomplete(_) => Some(Code::NotWhole),
            Self::HeadNowhere(_) => Some(Code::HeadNowhere),
            Self::Unreadable(_) => Some(Code::NotAuditable),
            Self::Holds(_) | Self::Claimed(_) | Self::Report { .. } | Self::Shown { .. } => None,
        }
    }

    /// The same with what a further check says, unless this one has failed already.
    pub(crate) fn and_then(self, further: impl FnOnce() -> Self) -> Self {
        let Self::Holds(mut lines) = self else { return self };
        match further() {
            Self::Holds(more) => {
                lines.extend(more);
                Self::Holds(lines)
            }
            other => other,
        }
    }

    /// What to print.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let failed = |word: &str, words: &str| {
            vec![self.code().map_or_else(String::new, |code| format!("{word}: {words} ({code})"))]
        };
        match self {
            Self::Holds(lines) | Self::Claimed(lines) => lines.clone(),
            Self::Tampered(words) => failed("TAMPERED", words),
            Self::Incomplete(words) => failed("INCOMPLETE", words),
            Self::HeadNowhere(words) => failed("NOT FOUND", words),
            Self::Unreadable(words) => failed("UNREADABLE", words),
            Self::Report { text, .. } => vec![text.clone()],
            Self::Shown { last, .. } => vec![last.clone()],
        }
    }

    /// The verdict as one word.
    const fn word(&self) -> &'static str {
        match self {
            Self::Holds(_) => "holds",
            Self::Claimed(_) => "claimed",
            Self::Tampered(_) => "tampered",
            Self::Incomplete(_) => "incomplete",
            Self::HeadNowhere(_) => "head_nowhere",
            Self::Unreadable(_) => "unreadable",
            Self::Report { .. } | Self::Shown { .. } => "shown",
        }
    }

    /// The verdict as one JSON document, with what else is known about what was checked.
    pub(crate) fn document(&self, about: Value) -> Self {
        let exit = self.exit_code();
        let mut document = json!({"status": self.word(), "exit": exit, "code": self.code(), "says": self.lines()});
        if let (Value::Object(document), Value::Object(about)) = (&mut document, about) {
            document.extend(about);
        }
        Self::Report { text: document.to_string(), exit }
    }

    /// The same as a document where one is wanted and it is none yet.
    #[must_use]
    pub fn printed(self, as_json: bool) -> Self {
        match self {
            Self::Report { .. } | Self::Shown { .. } => self,
            verdict if as_json => verdict.document(json!({})),
            verdict => verdict,
        }
    }
}
