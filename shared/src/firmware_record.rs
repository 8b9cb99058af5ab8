//! One event of a safety controller's own record, in its one exact form.
//!
//! The controller numbers its events, chains each to the one before by its hash, and signs it. An agent only carries the
//! lines: whoever changes one breaks its hash, whoever makes one up lacks the key, and whoever leaves one out leaves a
//! number out ([`list`]).
//!
//! The hash covers the line without `hash` and `sig`; the signature covers the hash.
//!
//! Leaves to others: keeping the list (`firmware-sim`), the frames that carry a line (`interlock-link`), journalling it
//! (`robot-core`).

mod line;
pub mod list;
pub mod numbers;

use crate::seal::{Context, Hash, PublicKey, Signature, SigningKey};

const DOMAIN: &[u8] = b"firmware-event/v1\0";

/// Longest word of an event, in bytes.
pub const WORD_LEN_MAX: usize = 32;

/// First words of a list that does not continue the one before it: that one did not hold, or was gone.
pub const BEGINNINGS: [&str; 2] = ["list_damaged", "list_lost"];

/// What happened, before it has its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When, by the clock of the machine that the controller runs on, in milliseconds since its boot.
    pub t_ms: u64,
    /// The controller's start it happened in.
    pub boot: u64,
    /// The trip epoch it happened in.
    pub trip_epoch: u32,
    /// What, in one word of lower-case letters and underscores.
    pub ev: String,
    /// Why the energy was last taken away, in one such word.
    pub cause: String,
}

/// An event in its place. One that was made by [`Event::parse`] has the hash it names; whether it is signed by the right
/// key, and whether it follows another, has to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    n: u64,
    what: Happening,
    prev: Hash,
    hash: Hash,
    signature: Signature,
}

/// Why a line is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// It has not the one form that events have.
    #[error("the line has not the form of an event")]
    Form,
    /// Something in it was changed.
    #[error("event {n} does not have the hash that it names")]
    Hash {
        /// The number it gives itself.
        n: u64,
    },
}

impl Event {
    /// Seals an event as number `n` behind the one whose hash is `prev`.
    ///
    /// # Panics
    /// When a word has another form: the controller has a fixed set of them.
    #[must_use]
    pub fn seal(what: Happening, n: u64, prev: Hash, key: &SigningKey) -> Self {
        assert!(line::is_word(&what.ev) && line::is_word(&what.cause), "no word of an event: {what:?}");
        let hash = hash_of(n, &what, &prev);
        Self { n, what, prev, hash, signature: key.sign(Context::Firmware, &hash.0) }
    }

    /// Reads a line without its newline.
    ///
    /// # Errors
    /// [`BadEvent`] for whatever would not be written exactly like this.
    pub fn parse(text: &str) -> Result<Self, BadEvent> {
        let event = line::read(text).ok_or(BadEvent::Form)?;
        if event.hash == hash_of(event.n, &event.what, &event.prev) {
            Ok(event)
        } else {
            Err(BadEvent::Hash { n: event.n })
        }
    }

    /// The line, without a newline.
    #[must_use]
    pub fn line(&self) -> String {
        line::write(self)
    }

    /// Its number; never used for another event of the same controller.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// What happened.
    #[must_use]
    pub const fn what(&self) -> &Happening {
        &self.what
    }

    /// Its hash, which the next one names.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether the owner of this key has signed it.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verify(Context::Firmware, &self.hash.0, &self.signature).is_ok()
    }

    /// Whether it stands right behind the event with this number and hash.
    #[must_use]
    pub fn follows(&self, n: u64, hash: &Hash) -> bool {
        self.n.checked_sub(1) == Some(n) && self.prev == *hash
    }

    /// Whether it says that its list does not continue the one before.
    #[must_use]
    pub fn begins_anew(&self) -> bool {
        BEGINNINGS.contains(&self.what.ev.as_str())
    }
}

fn hash_of(n: u64, what: &Happening, prev: &Hash) -> Hash {
    Hash::of(&[DOMAIN, line::bare(n, what, prev).as_bytes()])
}

/// What the next list of a controller begins with when its list in these bytes did not hold: nobody can exchange them
/// unseen.
#[must_use]
pub fn hash_of_damaged(list: &[u8]) -> Hash {
    Hash::of(&[DOMAIN, list])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> Event {
        let what = Happening { t_ms: 5, boot: 2, trip_epoch: 7, ev: "trip".into(), cause: "button".into() };
        Event::seal(what, 3, Hash([9; 32]), &SigningKey::from_seed(&[4; 32]))
    }

    #[test]
    fn an_event_is_read_back_from_its_line_and_is_signed_by_its_key_only() {
        let event = sealed();
        assert_eq!(Event::parse(&event.line()), Ok(event.clone()));
        assert!(event.is_signed_by(&SigningKey::from_seed(&[4; 32]).public()));
        assert!(!event.is_signed_by(&SigningKey::from_seed(&[5; 32]).public()));
    }

    #[test]
    fn an_event_follows_its_number_and_its_hash() {
        let event = sealed();
        assert!(event.follows(2, &Hash([9; 32])));
        assert!(!event.follows(1, &Hash([9; 32])) && !event.follows(2, &Hash([8; 32])));
    }

    #[test]
    fn a_line_with_any_other_bit_is_no_event_or_not_signed() {
        let (line, key) = (sealed().line(), SigningKey::from_seed(&[4; 32]).public());
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            assert!(!Event::parse(&text).is_ok_and(|event| event.is_signed_by(&key)), "{text}");
        }
    }

    #[test]
    #[should_panic(expected = "no word")]
    fn a_word_that_could_break_the_line_is_never_sealed() {
        let what = Happening { ev: "a\",\"b".into(), ..sealed().what };
        let _event = Event::seal(what, 1, Hash::default(), &SigningKey::from_seed(&[4; 32]));
    }
}
