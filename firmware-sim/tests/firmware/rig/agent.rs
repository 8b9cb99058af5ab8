//! The agent that a test plays.

use firmware_sim::clock;
use interlock_link::{
    Assembler, Body, Counters, FromInterlock, Ids, Receiver, Sender, Setpoint, Status, StepCount, ToInterlock, cobs,
};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// The agent's end of the link: beats every 50 ms and repeats what it wants.
pub struct Agent {
    stream: UnixStream,
    sender: Sender<ToInterlock>,
    pub receiver: Receiver<FromInterlock>,
    deframer: cobs::Deframer,
    beat_at_ms: u64,
    /// Longest time between two beats: how long the machine kept this test from being an agent.
    pub silence_ms_max: u64,
    pub arm: Option<u32>,
    pub setpoint: Option<Setpoint>,
    pub status: Option<Status>,
    pub body: Option<Body>,
    pub count: Option<StepCount>,
    pub counters: Option<Counters>,
    assembler: Assembler,
    /// Lines of the firmware's own record, in whatever order they came.
    pub lines: BTreeSet<String>,
}

impl Agent {
    pub fn connect(path: &Path, nonce: u64) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut agent = Self {
            stream,
            sender: Sender::agent(Ids::of_robot("r-1", nonce)),
            receiver: Receiver::agent(Ids::of_robot("r-1", nonce)),
            deframer: cobs::Deframer::new(),
            beat_at_ms: clock::now().0,
            silence_ms_max: 0,
            arm: None,
            setpoint: None,
            status: None,
            body: None,
            count: None,
            counters: None,
            assembler: Assembler::new(),
            lines: BTreeSet::new(),
        };
        agent.say(ToInterlock::Hello { nonce });
        agent
    }

    pub fn say(&mut self, word: ToInterlock) {
        let frame = self.sender.encode(word, self.receiver.firmware_ms(own_ms()));
        let mut bytes = [0; cobs::ENCODED_LEN];
        let length = cobs::encode(&frame, &mut bytes);
        let _full = self.stream.write(&bytes[..length]);
    }

    /// A word from an agent whose connection may be gone.
    pub fn shout(&mut self, word: ToInterlock) {
        let bytes = self.encode_many(word, 1);
        let _gone = self.stream.write(&bytes);
    }

    /// Many heartbeats at once, all of them valid; waits for room.
    pub fn flood(&mut self, frames: usize) {
        self.flood_with(ToInterlock::Heartbeat, frames);
    }

    /// Many times the same word, each valid and in sequence; waits for room.
    pub fn flood_with(&mut self, word: ToInterlock, frames: usize) {
        let bytes = self.encode_many(word, frames);
        self.stream.set_nonblocking(false).unwrap();
        self.stream.write_all(&bytes).unwrap();
        self.stream.set_nonblocking(true).unwrap();
    }

    /// Frames as they would be sent now.
    pub fn encode_many(&mut self, word: ToInterlock, frames: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..frames {
            let frame = self.sender.encode(word, self.receiver.firmware_ms(own_ms()));
            let mut encoded = [0; cobs::ENCODED_LEN];
            let length = cobs::encode(&frame, &mut encoded);
            bytes.extend_from_slice(&encoded[..length]);
        }
        bytes
    }

    pub fn say_bytes(&mut self, bytes: &[u8]) {
        let _full = self.stream.write(bytes);
    }

    pub fn turn(&mut self) {
        self.hear();
        let silence_ms = clock::now().0 - self.beat_at_ms;
        if silence_ms < 50 {
            return;
        }
        self.silence_ms_max = self.silence_ms_max.max(silence_ms);
        self.beat_at_ms += silence_ms;
        self.say(ToInterlock::Heartbeat);
        if let Some(epoch) = self.arm {
            self.say(ToInterlock::Arm { epoch });
        }
        if let Some(setpoint) = self.setpoint {
            self.say(ToInterlock::Setpoint(setpoint));
        }
    }

    fn hear(&mut self) {
        let mut bytes = [0; 4096];
        let length = match self.stream.read(&mut bytes) {
            Ok(length) => length,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                return;
            }
        };
        for byte in &bytes[..length] {
            let Some(frame) = self.deframer.push(*byte) else { continue };
            match self.receiver.decode(frame, own_ms()) {
                Ok(FromInterlock::Welcome { .. }) | Err(_) => {}
                Ok(FromInterlock::Status(status)) => self.status = Some(status),
                Ok(FromInterlock::Body(body)) => self.body = Some(body),
                Ok(FromInterlock::StepCount(count)) => self.count = Some(count),
                Ok(FromInterlock::Counters(counters)) => self.counters = Some(counters),
                Ok(FromInterlock::Record(fragment)) => {
                    if let Some((_, line)) = self.assembler.take(&fragment) {
                        self.lines.insert(String::from_utf8(line.to_vec()).unwrap());
                    }
                }
            }
        }
    }
}

fn own_ms() -> u32 {
    clock::now().0 as u32
}
