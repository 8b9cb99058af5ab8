//! A note as the feed has brought it: the bytes of the server, whole and in parts.

use shared::contribution::Blob;
use shared::note_log::KeptNote;

/// A part of a note, or of what is new in it, as a row of the feed carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which revision it leads to.
    pub rev: u64,
    /// Whether it takes the place of everything before.
    pub whole: bool,
    /// Its number, from 0.
    pub part: u32,
    /// How many there are.
    pub of: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteCopy(KeptNote);

impl NoteCopy {
    /// What the replica gave back.
    pub const fn of(kept: KeptNote) -> Self {
        Self(kept)
    }

    /// What the replica keeps.
    pub fn kept(&self) -> KeptNote {
        self.0.clone()
    }

    /// The parts that together are the note.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.parts.iter().map(|part| part.0.as_slice())
    }

    /// Takes a part; the parts of one revision come in their order, because the rows of a feed do. The server folds its
    /// own note from time to time and sends the whole then, so the parts here stay few.
    pub fn take(&mut self, part: Part) {
        let kept = &mut self.0;
        if part.part == 0 {
            kept.torn = Blob::default();
        }
        kept.torn.0.extend(&part.bytes);
        if part.part + 1 < part.of {
            return;
        }
        if part.whole {
            kept.parts.clear();
        }
        kept.rev = part.rev;
        kept.parts.push(std::mem::take(&mut kept.torn));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_put_together_and_a_whole_one_takes_the_place_of_all_before() {
        let part = |rev, whole, part, of, byte| Part { rev, whole, part, of, bytes: vec![byte] };
        let mut copy = NoteCopy::default();
        copy.take(part(1, true, 0, 2, 1));
        assert_eq!(copy.parts().count(), 0);
        let mut copy = NoteCopy::of(copy.kept());
        copy.take(part(1, true, 1, 2, 2));
        copy.take(part(2, false, 0, 1, 3));
        assert_eq!(copy.parts().collect::<Vec<_>>(), [&[1, 2][..], &[3]]);
        copy.take(part(9, true, 0, 1, 4));
        assert_eq!((copy.parts().collect::<Vec<_>>(), copy.kept().rev), (vec![&[4][..]], 9));
    }
}
