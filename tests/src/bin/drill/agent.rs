//! An agent that shouts: a hundred thousand frames a second, if the machine carries them.
//!
//! Ordinarily all of them are valid and in sequence, and one in three asks for power with the newest epoch, whatever the
//! phase. While it is hostile they are spoiled, cut short, repeated, or ask with every other epoch.

use anyhow::{Context, Result};
use interlock_link::{Act, FromInterlock, Ids, Receiver, Sender, Setpoint, ToInterlock, cobs};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tests::clock::now;

/// Frames that are due each millisecond: some more than the 100,000 a second that the firmware is to be flooded with.
const FRAMES_A_MS: u64 = 110;
/// How often those that are due are written, all of them at once.
const BURST_EVERY: Duration = Duration::from_millis(5);
/// Frames of a burst at most. What a busy machine kept from being sent in 20 ms is made up for, and no more: the flood
/// stays near its rate and never becomes one long jam.
const BURST_MAX: u64 = 20 * FRAMES_A_MS;
/// The body walks to and fro: this far away it never arrives before it is sent back.
const FAR_CM: i16 = 32_000;

/// What the person and the agent's thread share.
#[derive(Debug, Default)]
pub struct Mood {
    /// Whether the frames are hostile now.
    pub is_hostile: AtomicBool,
    /// Whether the drill is over.
    pub is_over: AtomicBool,
}

struct Agent {
    stream: UnixStream,
    sender: Sender<ToInterlock>,
    receiver: Receiver<FromInterlock>,
    deframer: cobs::Deframer,
    epoch: u32,
    unsent: Vec<u8>,
    said: u32,
    /// Until when all that was due is put.
    put_ms: u64,
}

/// Connects and starts the thread.
pub fn start(link: &Path, robot: &str, mood: Arc<Mood>, frames: Arc<AtomicU64>) -> Result<()> {
    let stream = UnixStream::connect(link).context("the link takes no agent")?;
    stream.set_nonblocking(true)?;
    let ids = Ids::of_robot(robot, now().0);
    let (sender, receiver) = (Sender::agent(ids), Receiver::agent(ids));
    let deframer = cobs::Deframer::new();
    let mut agent =
        Agent { stream, sender, receiver, deframer, epoch: 0, unsent: Vec::new(), said: 0, put_ms: now().0 };
    agent.put(ToInterlock::Hello { nonce: ids.nonce });
    thread::spawn(move || {
        while !mood.is_over.load(Ordering::Relaxed) && agent.turn(&mood, &frames).is_ok() {
            thread::sleep(BURST_EVERY);
        }
    });
    Ok(())
}

impl Agent {
    fn turn(&mut self, mood: &Mood, frames: &AtomicU64) -> std::io::Result<()> {
        self.hear()?;
        if self.unsent.is_empty() && self.receiver.is_open() {
            let is_hostile = mood.is_hostile.load(Ordering::Relaxed);
            let burst = self.due();
            (0..burst).for_each(|_| if is_hostile { self.put_hostile() } else { self.put_valid() });
            frames.fetch_add(burst, Ordering::Relaxed);
        }
        self.flush()
    }

    fn due(&mut self) -> u64 {
        let from_ms = std::mem::replace(&mut self.put_ms, now().0);
        (self.put_ms.saturating_sub(from_ms) * FRAMES_A_MS).min(BURST_MAX)
    }

    fn put_valid(&mut self) {
        self.said = self.said.wrapping_add(1);
        let far = if self.said & 0x4_0000 == 0 { FAR_CM } else { -FAR_CM };
        let word = match self.said % 3 {
            0 => ToInterlock::Heartbeat,
            1 => ToInterlock::Arm { epoch: self.epoch },
            _ => ToInterlock::Setpoint(Setpoint { act: Act::Walk, step: 0, order: 1, x_cm: far, y_cm: 0, amount: 0 }),
        };
        self.put(word);
    }

    fn put_hostile(&mut self) {
        self.said = self.said.wrapping_add(1);
        let epochs = [self.epoch, self.epoch.wrapping_sub(1), self.epoch.wrapping_add(1), 0, u32::MAX];
        let epoch = epochs[self.said as usize % epochs.len()];
        let mut frame = self.frame(ToInterlock::Arm { epoch });
        match self.said % 7 {
            0 | 1 => frame[self.said as usize % 32] ^= 1 << (self.said % 8),
            2 => frame.fill(self.said as u8),
            3 => self.unsent.extend([1, 0]),
            4 => self.put_frame(&frame),
            _ => {}
        }
        self.put_frame(&frame);
    }

    fn put(&mut self, word: ToInterlock) {
        let frame = self.frame(word);
        self.put_frame(&frame);
    }

    fn frame(&mut self, word: ToInterlock) -> [u8; 32] {
        self.sender.encode(word, self.receiver.firmware_ms(own_ms()))
    }

    fn put_frame(&mut self, frame: &[u8; 32]) {
        let mut bytes = [0; cobs::ENCODED_LEN];
        let length = cobs::encode(frame, &mut bytes);
        self.unsent.extend_from_slice(&bytes[..length]);
    }

    /// Writes as much as the firmware takes; no frame is ever cut, however long that lasts.
    fn flush(&mut self) -> std::io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn hear(&mut self) -> std::io::Result<()> {
        let mut bytes = [0; 4096];
        let length = match self.stream.read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        for byte in &bytes[..length] {
            let Some(frame) = self.deframer.push(*byte) else { continue };
            if let Ok(FromInterlock::Status(status)) = self.receiver.decode(frame, own_ms()) {
                self.epoch = status.trip_epoch;
            }
        }
        Ok(())
    }
}

fn own_ms() -> u32 {
    now().0 as u32
}
