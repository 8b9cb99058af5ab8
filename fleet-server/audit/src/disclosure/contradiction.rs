//! What the agent's record leaves out: the safety controller's signed lines tell of it, or what stands before and behind it in
//! the record does.
//!
//! The controller is the stronger witness, because whoever holds the journal cannot make its lines up. Where both speak of one
//! moment, the report counts by the controller and names the contradiction. What an agent that died had not yet put on the disk
//! is no contradiction: a witness is accused only of what it must have told long before its last entry.

/// A kind of thing that an agent has to write, and that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Omitted {
    /// That it was not heard.
    Gap,
    /// That it was heard.
    Hearing,
    /// That the body moved.
    Motion,
    /// That the body came to rest.
    Rest,
    /// That the motors had power.
    Energy,
    /// That a process started.
    Start,
    /// With which key it disclosed.
    Key,
    /// Until when a process that died had lived. A record of an older version never had it.
    LastSign,
}

impl Omitted {
    /// Its word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Hearing => "hearing",
            Self::Motion => "motion",
            Self::Rest => "rest",
            Self::Energy => "energy",
            Self::Start => "start",
            Self::Key => "key",
            Self::LastSign => "last_sign",
        }
    }

    /// For people, behind "the agent's record leaves out".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Gap => "that it was not heard",
            Self::Hearing => "that it was heard",
            Self::Motion => "that it moved",
            Self::Rest => "that its motion ended",
            Self::Energy => "that its motors had power",
            Self::Start => "that an agent started",
            Self::Key => "with which key it disclosed",
            Self::LastSign => "until when the agent before lived (as one of an older version does)",
        }
    }

    /// Whether an honest record of an older version leaves it out, too: then something is missing, and nobody is accused.
    #[must_use]
    pub const fn may_be_old(self) -> bool {
        matches!(self, Self::LastSign)
    }
}

/// Something that is left out, and about when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// When, in milliseconds: of the boot's clock inside of a boot, else since 1970.
    pub at_ms: u64,
    /// What.
    pub omitted: Omitted,
}
