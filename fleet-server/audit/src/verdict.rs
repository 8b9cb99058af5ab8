//! How an audit ends, for people and for programs.

/// How an audit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that was checked holds; the lines say what that was, and what was not.
    Holds(Vec<String>),
    /// Proof that something was changed, or is missing inside.
    Tampered(String),
    /// Nothing was disproved, and something is missing.
    Incomplete(String),
    /// The file is not what it should be.
    Unreadable(String),
    /// A document that says what holds and what does not.
    Report {
        /// The document.
        text: String,
        /// As the others' codes; 4 for a promise that was broken, 5 for a part that the robot has not signed.
        exit: u8,
    },
    /// Everything was shown while it went on.
    Shown {
        /// How it ends: 0, 1 or 2 as above.
        code: u8,
        /// The last line.
        last: String,
    },
}

impl Verdict {
    /// 0 holds, 1 tampered, 2 incomplete, 3 unreadable, 4 a promise was broken, 5 a part is not signed by the robot.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Holds(_) => 0,
            Self::Tampered(_) => 1,
            Self::Incomplete(_) => 2,
            Self::Unreadable(_) => 3,
            Self::Shown { code, .. } => *code,
            Self::Report { exit, .. } => *exit,
        }
    }

    /// The same as one JSON document where that is wanted: `{"code", "exit", "words"}`, the code one of `holds`, `tampered`,
    /// `incomplete`, `unreadable`. What is a document already stays as it is.
    #[must_use]
    pub(crate) fn printed(self, as_json: bool) -> Self {
        let (code, words) = match &self {
            Self::Holds(lines) => ("holds", lines.clone()),
            Self::Tampered(words) => ("tampered", vec![words.clone()]),
            Self::Incomplete(words) => ("incomplete", vec![words.clone()]),
            Self::Unreadable(words) => ("unreadable", vec![words.clone()]),
            Self::Report { .. } | Self::Shown { .. } => return self,
        };
        let exit = self.exit_code();
        let text = serde_json::json!({ "code": code, "exit": exit, "words": words }).to_string();
        if as_json { Self::Report { text, exit } } else { self }
    }

    /// The same with what a further check says, unless this one has failed already.
    pub(crate) fn and_then(self, further: impl FnOnce() -> Self) -> Self {
        let Self::Holds(mut lines) = self else { return self };
        match further() {
            Self::Holds(more) => {
                lines.extend(more);
                Self::Holds(lines)
            }
            failed @ (Self::Tampered(_)
            | Self::Incomplete(_)
            | Self::Unreadable(_)
            | Self::Report { .. }
            | Self::Shown { .. }) => failed,
        }
    }

    /// What to print.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Holds(lines) => lines.clone(),
            Self::Tampered(words) => vec![format!("TAMPERED: {words}")],
            Self::Incomplete(words) => vec![format!("INCOMPLETE: {words}")],
            Self::Unreadable(words) => vec![format!("UNREADABLE: {words}")],
            Self::Report { text, .. } => vec![text.clone()],
            Self::Shown { last, .. } => vec![last.clone()],
        }
    }
}
