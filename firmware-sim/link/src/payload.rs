//! The 16 bytes of a frame that depend on its kind. Numbers are little-endian.

/// Room for a word's content.
pub(crate) const PAYLOAD_LEN: usize = 16;

/// Puts values one behind the other; what does not fit is a bug and is caught by the round-trip tests.
#[derive(Clone, Copy)]
pub struct Writer {
    pub(crate) bytes: [u8; PAYLOAD_LEN],
    pub(crate) len: u8,
}

impl Writer {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; PAYLOAD_LEN], len: 0 }
    }

    pub(crate) fn put(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
                *place = *byte;
                self.len += 1;
            }
        }
        self
    }

    /// Up to 8 booleans, the first in the lowest bit.
    pub(crate) fn put_flags(self, flags: &[bool]) -> Self {
        let byte = flags.iter().rev().fold(0, |byte, flag| (byte << 1) | u8::from(*flag));
        self.put(&[byte])
    }
}

/// Takes values from the front; past the end it gives zeros, so that no input can make it panic.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8; PAYLOAD_LEN],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8; PAYLOAD_LEN]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        let from = self.at;
        self.at += N;
        core::array::from_fn(|i| self.bytes.get(from + i).copied().unwrap_or(0))
    }

    pub(crate) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.take())
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    pub(crate) fn i16(&mut self) -> i16 {
        i16::from_le_bytes(self.take())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    /// `N` booleans of one byte, or none if a bit beyond them is set.
    pub(crate) fn flags<const N: usize>(&mut self) -> Option<[bool; N]> {
        let byte = u32::from(self.u8());
        (byte >> N == 0).then(|| core::array::from_fn(|i| (byte >> i) & 1 == 1))
    }
}
