//! One connection of an agent: bytes in, bytes out, nothing kept for long.

use interlock_link::{FRAME_LEN, cobs};
use rustix::event::PollFlags;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// Bytes that wait for an agent that does not read: about a second of all that the firmware says.
const UNREAD_LEN_MAX: usize = 60 * cobs::ENCODED_LEN;
/// Bytes taken in one turn, so that the thread looks at its other ends between.
const READ_LEN: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Connection {
    stream: UnixStream,
    deframer: cobs::Deframer,
    unsent: VecDeque<u8>,
}

impl Connection {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, deframer: cobs::Deframer::new(), unsent: VecDeque::new() }
    }

    pub(super) const fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// What is worth waking up for.
    pub(super) fn wanted(&self) -> PollFlags {
        if self.unsent.is_empty() { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT }
    }

    /// Puts a whole frame behind those that wait; `false` when there is no room for it.
    pub(super) fn queue(&mut self, frame: &[u8; FRAME_LEN]) -> bool {
        if self.unsent.len() + cobs::ENCODED_LEN > UNREAD_LEN_MAX {
            return false;
        }
        let mut bytes = [0; cobs::ENCODED_LEN];
        let length = cobs::encode(frame, &mut bytes);
        self.unsent.extend(&bytes[..length]);
        true
    }

    /// Writes as much as the agent takes; `true` when that was everything. An end shows when reading.
    pub(super) fn flush(&mut self) -> bool {
        while !self.unsent.is_empty() {
            match self.stream.write(self.unsent.as_slices().0) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Takes what has arrived and hands each cut on; `false` at the end of the connection.
    pub(super) fn read(&mut self, mut each: impl FnMut(&[u8])) -> bool {
        let mut bytes = [0; READ_LEN];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(length) => {
                for byte in &bytes[..length] {
                    if let Some(cut) = self.deframer.push(*byte) {
                        each(cut);
                    }
                }
                true
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_and_an_unread_one_is_refused() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        theirs.set_nonblocking(true).unwrap();
        let (mut out, mut back) = (Connection::new(ours), Connection::new(theirs));
        let frame = std::array::from_fn(|i| u8::try_from(i % 5).unwrap());
        assert!(out.queue(&frame));
        out.flush();
        let mut cuts = Vec::new();
        assert!(back.read(|cut| cuts.push(cut.to_vec())));
        assert_eq!(cuts, vec![frame.to_vec()]);
        let queued = (0..1000).take_while(|_| out.queue(&frame)).count();
        assert_eq!(queued, 60);
        drop(out);
        assert!(!back.read(|_| {}));
    }
}
