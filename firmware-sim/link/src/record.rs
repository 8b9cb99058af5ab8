//! Lines of the safety controller's own record, cut to fit into frames and put together again.
//!
//! A frame may be lost, and the controller is never told: it says every line again and again. So a line with a hole is
//! thrown away whole and waited for.

use crate::frame::{Frame, Reject};
use crate::payload::{Reader, Writer};

/// Bytes of a line in one frame.
pub const FRAGMENT_LEN: usize = 11;
/// Longest line that can be told, in bytes.
pub const LINE_LEN_MAX: usize = 128 * FRAGMENT_LEN;

/// Number and place.
const HEAD_LEN: u8 = 5;
/// Bit of the place that says that nothing follows.
const LAST: u8 = 0x80;

/// A part of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fragment {
    number: u32,
    place: u8,
    is_last: bool,
    len: u8,
    bytes: [u8; FRAGMENT_LEN],
}

impl Fragment {
    /// The part at `place`, from 0, of a line; `None` behind its end, and for a line that is too long to be told.
    /// `number` is that of the event, its low 32 bits.
    #[must_use]
    pub fn cut(number: u32, line: &[u8], place: u8) -> Option<Self> {
        let rest = line.get(usize::from(place) * FRAGMENT_LEN..).filter(|rest| !rest.is_empty())?;
        if line.len() > LINE_LEN_MAX {
            return None;
        }
        let mut bytes = [0; FRAGMENT_LEN];
        let len = rest.len().min(FRAGMENT_LEN);
        bytes[..len].copy_from_slice(&rest[..len]);
        Some(Self { number, place, is_last: rest.len() <= FRAGMENT_LEN, len: len as u8, bytes })
    }

    /// Whether the line ends with it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.is_last
    }
}

pub(crate) fn write(fragment: &Fragment) -> Writer {
    let Fragment { number, place, is_last, len, bytes } = fragment;
    let place = if *is_last { place | LAST } else { *place };
    Writer::new().put(&number.to_le_bytes()).put(&[place]).put(&bytes[..usize::from(*len)])
}

pub(crate) fn read(frame: &Frame) -> Result<Fragment, Reject> {
    frame.expect_len(frame.len)?;
    let mut payload = Reader::new(&frame.payload);
    let (number, place, bytes) = (payload.u32(), payload.u8(), payload.take());
    let is_last = place & LAST != 0;
    let len = frame.len.checked_sub(HEAD_LEN).ok_or(Reject::Payload)?;
    let fits = if is_last { (1..=FRAGMENT_LEN).contains(&usize::from(len)) } else { usize::from(len) == FRAGMENT_LEN };
    if fits { Ok(Fragment { number, place: place & !LAST, is_last, len, bytes }) } else { Err(Reject::Payload) }
}

/// Puts the fragments of one line after the other together.
#[derive(Clone, Debug)]
pub struct Assembler {
    number: u32,
    /// Place that comes next; `None` while nothing can be continued.
    next: Option<u8>,
    len: usize,
    bytes: [u8; LINE_LEN_MAX],
}

impl Assembler {
    /// Nothing taken yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { number: 0, next: None, len: 0, bytes: [0; LINE_LEN_MAX] }
    }

    /// Takes the next fragment that came in; with the last of a line, its number (low 32 bits) and the whole line.
    /// Whether it is a good one is not judged here: it carries its own hash and signature.
    pub fn take(&mut self, fragment: &Fragment) -> Option<(u32, &[u8])> {
        if fragment.place == 0 {
            (self.number, self.next, self.len) = (fragment.number, Some(0), 0);
        }
        let is_next = self.next == Some(fragment.place) && self.number == fragment.number;
        let end = self.len + usize::from(fragment.len);
        let room = self.bytes.get_mut(self.len..end).filter(|_| is_next);
        let Some((room, bytes)) = room.zip(fragment.bytes.get(..usize::from(fragment.len))) else {
            self.next = None;
            return None;
        };
        room.copy_from_slice(bytes);
        self.len = end;
        self.next = if fragment.is_last { None } else { fragment.place.checked_add(1) };
        fragment.is_last.then(|| (self.number, &self.bytes[..self.len]))
    }
}

impl Default for Assembler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(number: u32, line: &[u8]) -> impl Iterator<Item = Fragment> {
        (0..=u8::MAX).map_while(move |place| Fragment::cut(number, line, place))
    }

    fn line(len: usize) -> [u8; LINE_LEN_MAX + 1] {
        core::array::from_fn(|i| if i < len { (i % 251) as u8 + 1 } else { 0 })
    }

    #[test]
    fn a_line_of_any_length_comes_back_whole() {
        let mut assembler = Assembler::new();
        for len in 1..=LINE_LEN_MAX {
            let line = &line(len)[..len];
            let mut taken = 0;
            for fragment in cut(7, line) {
                let whole = assembler.take(&fragment);
                assert_eq!(whole.is_some(), fragment.is_last());
                assert!(whole.is_none_or(|(number, bytes)| number == 7 && bytes == line));
                taken += usize::from(whole.is_some());
            }
            assert_eq!(taken, 1, "{len}");
        }
        assert_eq!(Fragment::cut(7, &line(0), 0), None, "too long");
        assert_eq!(Fragment::cut(7, &[], 0), None);
    }

    #[test]
    fn a_line_with_a_hole_is_thrown_away_and_the_next_is_whole() {
        let (first, second) = (line(50), line(60));
        for lost in 0..5 {
            let mut assembler = Assembler::new();
            let holed = cut(1, &first[..50]).enumerate().filter(|(place, _)| *place != lost);
            for (_, fragment) in holed {
                assert_eq!(assembler.take(&fragment), None);
            }
            let whole = cut(2, &second[..60]).filter(|fragment| assembler.take(fragment).is_some()).count();
            assert_eq!(whole, 1);
        }
    }

    #[test]
    fn two_lines_never_become_one() {
        let (first, second) = (line(50), line(60));
        let mut assembler = Assembler::new();
        let (mut a, b) = (cut(1, &first[..50]), cut(2, &second[..60]));
        assert_eq!(assembler.take(&a.next().unwrap()), None);
        for fragment in b.skip(1) {
            assert_eq!(assembler.take(&fragment), None);
        }
    }
}
