//! A task's note, which many edit apart: one yrs document, and the only file that names `yrs`.
//!
//! The text is a sequence whose characters keep their identity; the checklist is a map by the name of the item, so an item
//! that two people add is one. Every operation writes under a number of its own (53 bits of its identity): no number is
//! ever used by two replicas, not even by a cloned one, and a refused operation leaves no hole that later ones of the same
//! writer would wait for.
//!
//! yrs is no judge of hostile bytes: on some it panics, on some it asked for more memory than there is. So [`merge`] checks
//! lengths first and afterwards whether the result stands by itself, and a server calls it in a process of its own.
//! What a robot or a program of the operator's opens was written anew by that process.

use crate::checklist::{Content, Edit, ITEM_LEN_MAX, Item, item_id};
use crate::contribution::{Blob, Contribution, MergeAsk, Merged};
use crate::field::OpId;
use crate::note_log::NOTE_LEN_MAX;
use crate::refusal::Code;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode as _;
use yrs::{
    Any, Doc, GetString as _, Map as _, MapRef, OffsetKind, Options, Out, ReadTxn, StateVector, Text as _, TextRef,
    Transact as _, TransactionMut, Update,
};

/// Most bytes of one update.
pub const UPDATE_LEN_MAX: usize = 32 * 1024;
/// Most edits of one operation.
const EDITS_MAX: usize = 1024;
/// Most items of a checklist.
const ITEMS_MAX: u32 = 1000;

/// A note, opened for one operation.
#[derive(Debug)]
pub struct Note {
    doc: Doc,
    text: TextRef,
    items: MapRef,
    done: MapRef,
    since: MapRef,
}

/// Why bytes are no note, or an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// Longer than is ever taken.
    #[error("the note or its update would be longer than is taken")]
    TooLong,
    /// Not the bytes of an update.
    #[error("the update cannot be read: {0}")]
    Unreadable(String),
    /// It rests on something that is not here.
    #[error("the update rests on something that is not here")]
    Missing,
    /// It writes under the number of another operation.
    #[error("the update writes under the name of another operation")]
    Forged,
    /// A place outside the text, or an item that is none.
    #[error("an edit lies outside the note, or its item has no fitting text")]
    Outside,
}

impl BadNote {
    /// The code that people are told.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::TooLong => Code::NoteTooLong,
            Self::Unreadable(_) | Self::Missing | Self::Forged | Self::Outside => Code::BadNote,
        }
    }
}

/// The number under which an operation writes: 53 bits, as the format has them.
#[must_use]
pub fn author(op: OpId) -> u64 {
    let bits = u64::from_be_bytes(op.0[..8].try_into().expect("8 of 16 bytes"));
    (bits >> 11).max(1)
}

impl Note {
    /// The note of these parts, to be edited by one operation.
    ///
    /// # Errors
    /// [`BadNote`] when the parts are none.
    pub fn open<'a>(parts: impl IntoIterator<Item = &'a [u8]>, op: OpId) -> Result<Self, BadNote> {
        // A fixed name, because yrs draws one at random where none is given.
        let mut options = Options::with_guid_and_client_id("note".into(), ClientID::new(author(op)));
        options.offset_kind = OffsetKind::Bytes;
        let doc = Doc::with_options(options);
        let (text, items) = (doc.get_or_insert_text("text"), doc.get_or_insert_map("items"));
        let (done, since) = (doc.get_or_insert_map("done"), doc.get_or_insert_map("since"));
        let note = Self { doc, text, items, done, since };
        for part in parts {
            note.take(read(part, NOTE_LEN_MAX)?)?;
        }
        Ok(note)
    }

    /// Takes an update and returns what of it is new.
    fn take(&self, update: Update) -> Result<Vec<u8>, BadNote> {
        let mut transaction = self.doc.transact_mut();
        transaction.apply_update(update).map_err(|e| BadNote::Unreadable(e.to_string()))?;
        if transaction.has_missing_updates() { Err(BadNote::Missing) } else { Ok(transaction.encode_update_v2()) }
    }

    /// Makes edits, in their order, and returns the update that tells others of them.
    ///
    /// # Errors
    /// [`BadNote`] when one lies outside the note; what came before it stays in this copy, which is then to be dropped.
    pub fn edit(&self, edits: &[Edit]) -> Result<Vec<u8>, BadNote> {
        if edits.len() > EDITS_MAX {
            return Err(BadNote::TooLong);
        }
        let mut transaction = self.doc.transact_mut();
        edits.iter().try_for_each(|edit| self.edit_once(&mut transaction, edit))?;
        let update = transaction.encode_update_v2();
        if update.len() > UPDATE_LEN_MAX { Err(BadNote::TooLong) } else { Ok(update) }
    }

    fn edit_once(&self, transaction: &mut TransactionMut<'_>, edit: &Edit) -> Result<(), BadNote> {
        match edit {
            Edit::Insert { at, text } => {
                let at = self.place(transaction, *at)?;
                self.text.insert(transaction, at, text);
            }
            Edit::Delete { at, len } => {
                let end = at.checked_add(*len).ok_or(BadNote::Outside)?;
                let (from, to) = (self.place(transaction, *at)?, self.place(transaction, end)?);
                self.text.remove_range(transaction, from, to - from);
            }
            Edit::Check { text, done, at_ms } => self.check(transaction, text.trim(), *done, *at_ms)?,
        }
        Ok(())
    }

    fn check(&self, to: &mut TransactionMut<'_>, text: &str, done: bool, at_ms: u64) -> Result<(), BadNote> {
        let is_fit = (1..=ITEM_LEN_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        let id = item_id(text);
        let is_there = self.items.contains_key(to, &id);
        if !is_fit || (!is_there && self.items.len(to) >= ITEMS_MAX) {
            return Err(BadNote::Outside);
        }
        if !is_there {
            self.items.insert(to, id.as_str(), text);
            self.since.insert(to, id.as_str(), format!("{at_ms:020}"));
        }
        self.done.insert(to, id.as_str(), done);
        Ok(())
    }

    /// The place in bytes of a character, or of the end.
    fn place(&self, of: &impl ReadTxn, at: u32) -> Result<u32, BadNote> {
        let text = self.text.get_string(of);
        let at = usize::try_from(at).map_err(|_| BadNote::Outside)?;
        let ends = std::iter::once(text.len());
        let place = text.char_indices().map(|(place, _)| place).chain(ends).nth(at).ok_or(BadNote::Outside)?;
        u32::try_from(place).map_err(|_| BadNote::TooLong)
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> Content {
        let transaction = self.doc.transact();
        let since = |id: &str| match self.since.get(&transaction, id) {
            Some(Out::Any(Any::String(padded))) => padded.to_string(),
            Some(_) | None => String::new(),
        };
        let item = |(id, text): (&str, Out)| {
            let Out::Any(Any::String(text)) = text else { return None };
            let done = matches!(self.done.get(&transaction, id), Some(Out::Any(Any::Bool(true))));
            Some((since(id), Item { id: id.to_owned(), text: text.to_string(), done }))
        };
        let mut items: Vec<(String, Item)> = self.items.iter(&transaction).filter_map(item).collect();
        items.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        let items = items.into_iter().map(|(_, item)| item).collect();
        Content { text: self.text.get_string(&transaction), items }
    }

    /// All of it as one update.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v2(&StateVector::default())
    }

    fn versions(&self) -> StateVector {
        self.doc.transact().state_vector()
    }
}

fn read(update: &[u8], len_max: usize) -> Result<Update, BadNote> {
    if update.len() > len_max {
        return Err(BadNote::TooLong);
    }
    Update::decode_v2(update).map_err(|e| BadNote::Unreadable(e.to_string()))
}

/// Merges a contribution into a note. To be called where a panic, a loop or an exhausted memory harms nobody.
#[must_use]
pub fn merge(ask: &MergeAsk) -> Merged {
    merged(ask).unwrap_or_else(|bad| Merged::Refused { why: bad.code() })
}

fn merged(ask: &MergeAsk) -> Result<Merged, BadNote> {
    let note = Note::open(ask.parts.iter().map(|part| part.0.as_slice()), ask.op)?;
    let before = (note.versions(), note.state());
    let update = match &ask.contribution {
        Contribution::Update { update } => update.0.clone(),
        Contribution::Edits { base, edits } => edited(base, ask.op, edits)?,
    };
    let update = read(&update, UPDATE_LEN_MAX)?;
    is_own(&update, ask.op)?;
    let delta = note.take(update)?;
    let state = note.state();
    if state.len() > NOTE_LEN_MAX {
        return Err(BadNote::TooLong);
    }
    if state == before.1 && note.versions() == before.0 {
        return Ok(Merged::Same);
    }
    // What is handed on was written anew, and is read once more before anybody else has to.
    Note::open([state.as_slice()], ask.op)?;
    Ok(Merged::Changed { delta: Blob(delta), state: Blob(state), content: note.content() })
}

fn edited(base: &[Blob], op: OpId, edits: &[Edit]) -> Result<Vec<u8>, BadNote> {
    Note::open(base.iter().map(|part| part.0.as_slice()), op)?.edit(edits)
}

/// Whoever contributes may take away what others wrote, and may not write in their names.
fn is_own(update: &Update, op: OpId) -> Result<(), BadNote> {
    let own = ClientID::new(author(op));
    let is_own = update.insertions(true).client_ids().all(|client| client == own);
    if is_own { Ok(()) } else { Err(BadNote::Forged) }
}

#[cfg(test)]
mod tests;
