//! What a note says, and the edits that people make to it: plain values, whatever keeps the note.
//!
//! A note has a text and a checklist. An item is named by what it says, in small letters and with single blanks, so two
//! people who write down the same thing while they are apart have written down one item.
//!
//! Leaves to others: merging edits that were made apart (`note`).

use crate::seal::{Hash, to_hex};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Longest item, in characters.
pub const ITEM_LEN_MAX: usize = 200;

/// The name of an item: 16 hexadecimal digits of a hash of what it says.
#[must_use]
pub fn item_id(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    to_hex(&Hash::of(&[b"item/v1\0", words.join(" ").as_bytes()]).0[..8])
}

/// An item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Item {
    /// Its name.
    #[n(0)]
    pub id: String,
    /// What it says.
    #[n(1)]
    pub text: String,
    /// Whether it is done.
    #[n(2)]
    pub done: bool,
}

/// What a note says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Content {
    /// Its text.
    #[n(0)]
    pub text: String,
    /// Its checklist, in the order in which items were added.
    #[n(1)]
    pub items: Vec<Item>,
}

/// One edit. Places and lengths are counted in characters (Unicode scalar values), not bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", tag = "edit", deny_unknown_fields)]
pub enum Edit {
    /// Puts text before the character at a place.
    #[n(0)]
    Insert {
        /// The place.
        #[n(0)]
        at: u32,
        /// What is put there.
        #[n(1)]
        text: String,
    },
    /// Takes characters out.
    #[n(1)]
    Delete {
        /// The place of the first.
        #[n(0)]
        at: u32,
        /// How many.
        #[n(1)]
        len: u32,
    },
    /// Ticks an item, or takes the tick away; adds the item where there is none.
    #[n(2)]
    Check {
        /// What the item says.
        #[n(0)]
        text: String,
        /// Whether it is done.
        #[n(1)]
        done: bool,
        /// When it was written, milliseconds since 1970: the order of new items.
        #[n(2)]
        #[serde(default)]
        at_ms: u64,
    },
}

/// The edits that make `after` of `before`: what lies between their common beginning and their common end is replaced.
#[must_use]
pub fn difference(before: &str, after: &str) -> Vec<Edit> {
    let (old, new): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let at = count(head);
    let delete = (!gone.is_empty()).then(|| Edit::Delete { at, len: count(gone.len()) });
    let insert = (!come.is_empty()).then(|| Edit::Insert { at, text: come.iter().collect() });
    delete.into_iter().chain(insert).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edits: &[Edit]) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for edit in edits {
            match edit {
                Edit::Insert { at, text } => drop(chars.splice(*at as usize..*at as usize, text.chars())),
                Edit::Delete { at, len } => drop(chars.drain(*at as usize..(*at + *len) as usize)),
                Edit::Check { .. } => {}
            }
        }
        chars.into_iter().collect()
    }

    #[test]
    fn the_difference_makes_one_text_of_the_other() {
        let texts = ["", "kit", "kit 7", "blue kit", "blau 🟦 kit", "🟦🟦", "aaa", "aa", "bab"];
        for (before, after) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
            assert_eq!(edited(before, &difference(before, after)), **after, "{before} -> {after}");
        }
        assert!(difference("same", "same").is_empty());
    }

    #[test]
    fn the_same_words_are_the_same_item() {
        assert_eq!(item_id(" Seal  the box"), item_id("seal the BOX"));
        assert_ne!(item_id("seal the box"), item_id("sealthebox"));
        assert_eq!(item_id("x").len(), 16);
    }
}
