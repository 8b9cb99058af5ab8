//! One connection at the panel: bytes in until a line is whole, one answer out for each line.

use super::LINE_LEN_MAX;
use super::status::PanelStatus;
use shared::time::Instant;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Receiver;

/// Somebody at the panel.
#[derive(Debug)]
pub(super) struct Guest {
    stream: UnixStream,
    unread: Vec<u8>,
    /// When it connected, or asked for something last.
    pub(super) active_at: Instant,
    /// Where the answer to its last line comes from.
    pub(super) awaited: Option<Receiver<PanelStatus>>,
    is_at_end: bool,
}

/// What a guest has said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A line, with its end or at the end of the connection.
    Line(Vec<u8>),
    /// More than a line may have.
    TooMuch,
    /// Nothing whole yet.
    Nothing,
    /// Nothing, and it has gone.
    Gone,
}

impl Guest {
    /// `stream` never waits.
    pub(super) const fn new(stream: UnixStream, now: Instant) -> Self {
        Self { stream, unread: Vec::new(), active_at: now, awaited: None, is_at_end: false }
    }

    pub(super) const fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// Whether it can be heard without new bytes.
    pub(super) fn has_more(&self) -> bool {
        self.is_at_end || self.unread.contains(&b'\n')
    }

    /// Takes what has arrived, one line at most; what follows stays for later.
    pub(super) fn hear(&mut self) -> Said {
        if !self.has_more() {
            self.read();
        }
        if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
            return Said::Line(self.unread.drain(..=end).collect());
        }
        if self.unread.len() >= LINE_LEN_MAX {
            return Said::TooMuch;
        }
        match (self.is_at_end, self.unread.is_empty()) {
            (true, true) => Said::Gone,
            (true, false) => Said::Line(std::mem::take(&mut self.unread)),
            (false, _) => Said::Nothing,
        }
    }

    fn read(&mut self) {
        let mut bytes = [0; LINE_LEN_MAX];
        let room = LINE_LEN_MAX - self.unread.len();
        match self.stream.read(&mut bytes[..room]) {
            Ok(0) => self.is_at_end = true,
            Ok(length) => self.unread.extend_from_slice(&bytes[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.is_at_end = true,
        }
    }

    /// Writes a line; `false` when the guest is gone, or has not read for so long that there is no room.
    pub(super) fn tell(&mut self, line: &str) -> bool {
        self.stream.write_all(line.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Guest, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Guest::new(ours, Instant(0)), theirs)
    }

    #[test]
    fn lines_come_one_by_one_and_the_last_needs_no_end() {
        let (mut guest, mut person) = pair();
        person.write_all(b"a").unwrap();
        assert_eq!(guest.hear(), Said::Nothing);
        person.write_all(b"b\nc\nd").unwrap();
        drop(person);
        assert_eq!(guest.hear(), Said::Line(b"ab\n".to_vec()));
        assert!(guest.has_more());
        assert_eq!(guest.hear(), Said::Line(b"c\n".to_vec()));
        assert_eq!(guest.hear(), Said::Line(b"d".to_vec()));
        assert_eq!(guest.hear(), Said::Gone);
    }

    #[test]
    fn a_line_without_an_end_is_too_much() {
        let (mut guest, mut person) = pair();
        person.write_all(&[b'x'; 4000]).unwrap();
        assert_eq!(guest.hear(), Said::TooMuch);
    }
}
