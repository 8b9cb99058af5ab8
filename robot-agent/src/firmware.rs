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
