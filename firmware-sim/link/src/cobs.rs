//! Consistent overhead byte stuffing: frames without a zero inside, each ended by one, so that a receiver that joins
//! in the middle or lost a byte finds the next frame.

use crate::frame::FRAME_LEN;

/// Longest encoding of a frame: one byte of overhead and the delimiter.
pub const ENCODED_LEN: usize = FRAME_LEN + 2;

/// Writes the frame's encoding with its delimiter, and returns its length (always [`ENCODED_LEN`]).
pub fn encode(frame: &[u8; FRAME_LEN], out: &mut [u8; ENCODED_LEN]) -> usize {
    let mut code_at = 0;
    let mut code = 1;
    for (i, byte) in frame.iter().enumerate() {
        if *byte == 0 {
            out[code_at] = code;
            code_at = i + 1;
            code = 1;
        } else {
            out[i + 1] = *byte;
            code += 1;
        }
    }
    out[code_at] = code;
    out[ENCODED_LEN - 1] = 0;
    ENCODED_LEN
}

/// Cuts a stream of bytes into frames. Holds at most one frame, whatever comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deframer {
    bytes: [u8; FRAME_LEN + 1],
    len: usize,
    /// Bytes until the next code byte; 0 = the next byte is one.
    left: u8,
    /// Whether a byte of this frame has come.
    begun: bool,
}

impl Default for Deframer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deframer {
    /// Before the first byte.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; FRAME_LEN + 1], len: 0, left: 0, begun: false }
    }

    /// Takes one byte of the stream. At each delimiter it returns what stood before it, which has 32 bytes if it can
    /// be a frame and another length if it cannot (too long, broken off): the receiver counts that as a wrong length.
    /// Delimiters in a row are idle time and no frame.
    pub fn push(&mut self, byte: u8) -> Option<&[u8]> {
        if byte == 0 {
            return self.finish();
        }
        if self.left > 0 {
            self.keep(byte);
            self.left -= 1;
        } else {
            if self.begun {
                self.keep(0);
            }
            self.begun = true;
            self.left = byte - 1;
        }
        None
    }

    fn finish(&mut self) -> Option<&[u8]> {
        let done = *self;
        (self.len, self.left, self.begun) = (0, 0, false);
        let len = if done.left == 0 { done.len } else { 0 };
        done.begun.then(|| &self.bytes[..len])
    }

    /// One byte too many is kept as a mark that the frame is too long; further ones are forgotten.
    fn keep(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(stream: &[u8]) -> impl Iterator<Item = ([u8; 33], usize)> + '_ {
        let mut deframer = Deframer::new();
        stream.iter().filter_map(move |byte| {
            let frame = deframer.push(*byte)?;
            let mut copy = [0; 33];
            copy[..frame.len()].copy_from_slice(frame);
            Some((copy, frame.len()))
        })
    }

    #[test]
    fn a_frame_comes_back_with_zeros_anywhere() {
        for pattern in 0..=u16::MAX {
            let mut frame = [0; FRAME_LEN];
            for (i, byte) in frame.iter_mut().enumerate() {
                *byte = if (pattern >> (i % 16)) & 1 == 1 { 7 } else { 0 };
            }
            let mut out = [9; ENCODED_LEN];
            assert_eq!(encode(&frame, &mut out), ENCODED_LEN);
            assert!(out[..ENCODED_LEN - 1].iter().all(|byte| *byte != 0));
            let mut expected = [0; 33];
            expected[..32].copy_from_slice(&frame);
            assert!(frames(&out).eq([(expected, 32)]));
        }
    }

    #[test]
    fn after_a_lost_byte_the_next_frame_is_found() {
        let frame = [5; FRAME_LEN];
        let mut out = [0; ENCODED_LEN];
        encode(&frame, &mut out);
        let mut stream = [0; 100];
        stream[..33].copy_from_slice(&out[1..]);
        stream[33..67].copy_from_slice(&out);
        let mut found = frames(&stream);
        assert_ne!(found.next().unwrap().1, 32);
        assert_eq!(found.next().unwrap().1, 32);
        assert!(found.next().is_none());
    }

    #[test]
    fn too_long_and_broken_off_are_no_frames() {
        let mut long = [1; 200];
        long[199] = 0;
        assert_eq!(frames(&long).next().unwrap().1, 33);
        assert_eq!(frames(&[9, 1, 0]).next().unwrap().1, 0);
        assert!(frames(&[0, 0, 0]).next().is_none());
    }
}
