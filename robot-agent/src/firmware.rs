//! The link to the safety controller: one socket, written and read by the control loop's thread alone.
//!
//! Nothing here blocks: a firmware that does not read loses our words, and then stops the robot by itself.
//! Leaves to others: what is said (`robot_core::Control`), what a frame is (`interlock-link`).

use interlock_link::{FromInterlock, Ids, Receiver, Sender, ToInterlock, cobs};
use shared::id::RobotId;
use shared::time::{Instant, Millis};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Between two attempts to reach the firmware.
const CONNECT_AGAIN: Millis = Millis(250);

/// The socket, or the wish for one.
pub struct Link {
    path: PathBuf,
    robot: RobotId,
    open: Option<Open>,
    tried: Option<Instant>,
    rejected: u64,
}

struct Open {
    socket: UnixStream,
    sender: Sender<ToInterlock>,
    receiver: Receiver<FromInterlock>,
    deframer: cobs::Deframer,
}

/// What became of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new session; the nonce names it.
    Linked {
        /// Random.
        nonce: u64,
    },
    /// The socket is gone.
    Unlinked,
}

impl Link {
    /// Not connected yet.
    pub const fn new(path: PathBuf, robot: RobotId) -> Self {
        Self { path, robot, open: None, tried: None, rejected: 0 }
    }

    /// Frames from the firmware that were dropped.
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Connects when there is no connection and the last attempt is long enough ago. `nonce` names the new session.
    pub fn connect(&mut self, nonce: impl FnOnce() -> u64, now: Instant) -> Option<Event> {
        let waits = self.tried.is_some_and(|at| now.since(at) < CONNECT_AGAIN);
        if self.open.is_some() || waits {
            return None;
        }
        self.tried = Some(now);
        let socket = UnixStream::connect(&self.path).ok()?;
        socket.set_nonblocking(true).ok()?;
        let nonce = nonce();
        let ids = Ids::of_robot(self.robot.as_str(), nonce);
        let (sender, receiver) = (Sender::agent(ids), Receiver::agent(ids));
        self.open = Some(Open { socket, sender, receiver, deframer: cobs::Deframer::new() });
        Some(Event::Linked { nonce })
    }

    /// Reads what has come, at most 64 KiB, and hands each good word to `take`, with the time at which it was read.
    ///
    /// The clock is read *after* the bytes, so that they can seem older than they are and never younger. A thread that was
    /// held up between the two would otherwise take the firmware's clock to run ahead, and both ends would drop every
    /// further frame of the session.
    pub fn read(&mut self, clock: impl Fn() -> Instant, mut take: impl FnMut(FromInterlock, Instant)) -> Option<Event> {
        let open = self.open.as_mut()?;
        let mut bytes = [0; 4096];
        for _ in 0..16 {
            match open.socket.read(&mut bytes) {
                Ok(0) => return self.close(),
                Ok(count) => self.rejected += open.take(&bytes[..count], clock(), &mut take),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return None,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.close(),
            }
        }
        None
    }

    /// Says the words. A socket that takes no more loses the rest of them; a broken one is closed.
    pub fn write(&mut self, words: &[ToInterlock], now: Instant) -> Option<Event> {
        let open = self.open.as_mut()?;
        let bytes = open.frames(words, now);
        match open.socket.write(&bytes) {
            Ok(count) if count == bytes.len() => None,
            Ok(_) => self.close(),
            Err(e) if e.kind() == ErrorKind::WouldBlock => None,
            Err(_) => self.close(),
        }
    }

    fn close(&mut self) -> Option<Event> {
        self.open = None;
        Some(Event::Unlinked)
    }
}

impl Open {
    fn take(&mut self, bytes: &[u8], now: Instant, take: &mut impl FnMut(FromInterlock, Instant)) -> u64 {
        let mut rejected = 0;
        for byte in bytes {
            let Some(frame) = self.deframer.push(*byte) else { continue };
            match self.receiver.decode(frame, ms(now)) {
                Ok(word) => take(word, now),
                Err(_) => rejected += 1,
            }
        }
        rejected
    }

    fn frames(&mut self, words: &[ToInterlock], now: Instant) -> Vec<u8> {
        let t_ms = self.receiver.firmware_ms(ms(now));
        let mut bytes = Vec::with_capacity(words.len() * cobs::ENCODED_LEN + 1);
        for word in words {
            let mut out = [0; cobs::ENCODED_LEN];
            let len = cobs::encode(&self.sender.encode(*word, t_ms), &mut out);
            bytes.extend_from_slice(&out[..len]);
        }
        bytes
    }
}

/// The link's clocks are 32 bits wide and wrap.
#[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are what is wanted")]
const fn ms(now: Instant) -> u32 {
    now.0 as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use interlock_link::Counters;
    use std::os::unix::net::UnixListener;

    /// A link in a session, and its firmware's end.
    struct Bench {
        link: Link,
        firmware: UnixStream,
        sender: Sender<FromInterlock>,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("link.sock");
            let listener = UnixListener::bind(&path).unwrap();
            let mut link = Link::new(path, RobotId::parse("r-1").unwrap());
            assert_eq!(link.connect(|| 7, Instant(0)), Some(Event::Linked { nonce: 7 }));
            let firmware = listener.accept().unwrap().0;
            Self { link, firmware, sender: Sender::firmware(Ids::of_robot("r-1", 0)), _folder: folder }
        }

        fn say(&mut self, word: FromInterlock, firmware_ms: u32) {
            let mut out = [0; cobs::ENCODED_LEN];
            let len = cobs::encode(&self.sender.encode(word, firmware_ms), &mut out);
            self.firmware.write_all(&out[..len]).unwrap();
        }

        fn count(&mut self, firmware_ms: u32) {
            self.say(FromInterlock::Counters(Counters::default()), firmware_ms);
        }

        fn heard(&mut self, at: u64) -> Vec<Instant> {
            let mut heard = vec![];
            assert_eq!(self.link.read(|| Instant(at), |_, at| heard.push(at)), None);
            heard
        }
    }

    #[test]
    fn the_clock_is_read_after_the_bytes_so_that_a_loop_that_was_held_up_takes_nothing_for_younger_than_it_is() {
        let mut bench = Bench::open();
        assert_eq!(bench.link.read(|| panic!("the clock was read before the bytes"), |_, _| ()), None);
        bench.say(FromInterlock::Welcome { nonce: 7 }, 5_000);
        assert_eq!(bench.heard(1_000).len(), 1);
        bench.count(5_050);
        bench.count(5_340);
        assert_eq!(bench.heard(1_350), [Instant(1_350)], "one of them is 300 ms old");
        bench.count(5_400);
        assert_eq!(bench.heard(1_400).len(), 1);
        assert!(bench.link.open.unwrap().receiver.firmware_ms(1_400) <= 5_400);
        assert_eq!(bench.link.rejected, 1);
    }

    #[test]
    fn a_firmware_that_is_gone_ends_the_link() {
        let mut bench = Bench::open();
        drop(bench.firmware);
        assert_eq!(bench.link.read(|| Instant(1), |_, _| ()), Some(Event::Unlinked));
        assert_eq!(bench.link.read(|| Instant(1), |_, _| ()), None);
    }
}
