//! What a bystander keeps: disclosures as they were heard, and the pairs of them that prove something.

use super::endorsement::Endorsement;
use super::presence::Presence;
use super::receiver::fell;
use super::reject::Reject;
use super::time::BeaconTime;
use crate::seal::PublicKey;

/// One disclosure as it was heard, with the endorsement that it is believed by. It needs nothing else to be checked but
/// the CA's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// When, by the listener's clock. Only the listener vouches for it.
    pub heard: BeaconTime,
    /// Why the key counts.
    pub link: Endorsement,
    /// What was said.
    pub presence: Presence,
}

impl Capture {
    /// Whether it proves that a robot of this CA said this, at whatever time it was heard.
    ///
    /// # Errors
    /// [`Reject`] with the first reason that applies.
    pub fn check(&self, ca: &PublicKey) -> Result<(), Reject> {
        self.link.check(ca)?;
        if !self.link.covers(self.presence.time.secs()) {
            return Err(Reject::Unendorsed);
        }
        self.presence.check(&self.link.key)
    }
}

/// What two disclosures under one key prove together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Two histories: one number of the journal with two heads, or two statements of one moment. The key is in two
    /// robots, or a journal was rewritten.
    Clone,
    /// The journal's number fell while time went on. It was rolled back or lost, or the key is in two robots.
    Rollback,
    /// An older disclosure was heard after a newer one: somebody plays a recording. When each was heard is the
    /// listener's word.
    Replay,
}

impl FindingKind {
    const ALL: [Self; 3] = [Self::Clone, Self::Rollback, Self::Replay];

    /// What these two prove, the one heard first being named first.
    #[must_use]
    pub fn between(first: &Capture, second: &Capture) -> Option<Self> {
        let (a, b) = (&first.presence, &second.presence);
        let (early, late) = if a.time <= b.time { (a, b) } else { (b, a) };
        let is_one_moment_twice = a.time == b.time && a != b;
        match () {
            () if a.id != b.id => None,
            () if is_one_moment_twice || (a.cseq == b.cseq && a.head != b.head) => Some(Self::Clone),
            () if fell(early.cseq, late.cseq) => Some(Self::Rollback),
            () if b.time < a.time && first.heard <= second.heard => Some(Self::Replay),
            () => None,
        }
    }

    /// The finding as one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clone => "clone",
            Self::Rollback => "rollback",
            Self::Replay => "replay",
        }
    }

    /// The finding of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The finding as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Clone => "one key tells two histories: it is in two robots, or a journal was rewritten",
            Self::Rollback => "the journal's number fell: it was rolled back or lost, or the key is in two robots",
            Self::Replay => {
                "an older disclosure was heard after a newer one, by the listener's word: somebody plays a recording"
            }
        }
    }
}

/// Two captures that prove something together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The one heard first.
    pub first: Capture,
    /// The one heard after it.
    pub second: Capture,
}

/// Why two captures do not prove what is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFinding {
    /// The first capture does not hold.
    #[error("the first capture does not hold: {0}")]
    First(Reject),
    /// The second capture does not hold.
    #[error("the second capture does not hold: {0}")]
    Second(Reject),
    /// Both hold and prove something else, or nothing.
    #[error("both captures hold and do not prove a {}", .0.word())]
    NotProven(FindingKind),
}

impl Finding {
    /// What these two prove, if anything; their signatures are not checked.
    #[must_use]
    pub fn of(first: &Capture, second: &Capture) -> Option<Self> {
        let kind = FindingKind::between(first, second)?;
        Some(Self { kind, first: first.clone(), second: second.clone() })
    }

    /// Whether it proves what it claims, to somebody who knows nothing but the CA's key.
    ///
    /// # Errors
    /// [`BadFinding`].
    pub fn check(&self, ca: &PublicKey) -> Result<(), BadFinding> {
        self.first.check(ca).map_err(BadFinding::First)?;
        self.second.check(ca).map_err(BadFinding::Second)?;
        let proven = FindingKind::between(&self.first, &self.second) == Some(self.kind);
        if proven { Ok(()) } else { Err(BadFinding::NotProven(self.kind)) }
    }
}
