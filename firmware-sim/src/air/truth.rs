//! The antenna's truth log: what a person did to the reception, and what had truly come through until then.
//!
//! The simulated hardware writes it and not the verifier behind it, so that the last disclosure that a robot can have heard
//! stands beside what its body did, in the same clock, for whoever judges both. It checks no signature: it keeps the
//! newest packets that carry the robot's id, whole, and the reader tells which of them is a disclosure.

use super::reception::Reception;
use crate::lines;
use serde::Serialize;
use shared::beacon::{DisclosureId, PRESENCE_LEN};
use shared::seal::to_hex;
use shared::time::Instant;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// How many packets are kept: enough for the newest disclosure to be among them when somebody plays a few copies of it. In
/// a flood of forgeries with this robot's id it may not be.
const PASSED_MAX: usize = 16;

/// Where a presence pack carries its id: behind the head of the pack and the first three bytes of its first message.
const ID_AT: Range<usize> = 6..22;

/// One line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    t_ms: u64,
    ev: &'a str,
    is: Reception,
    passed: Vec<Passed>,
}

/// A packet that came through, and when.
#[derive(Debug, Serialize)]
struct Passed {
    t_ms: u64,
    pack: String,
}

/// The log, open for the next line.
#[derive(Debug)]
pub struct Truth {
    file: File,
    id: DisclosureId,
    is: Reception,
    passed: VecDeque<(Instant, Vec<u8>)>,
}

impl Truth {
    /// Opens the log of the robot with this id.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, id: DisclosureId) -> io::Result<Self> {
        let file = lines::open(path)?.file;
        Ok(Self { file, id, is: Reception::Clear, passed: VecDeque::new() })
    }

    /// This came through to the receiver as it was sent.
    pub fn pass(&mut self, packet: &[u8], now: Instant) {
        if packet.len() != PRESENCE_LEN || packet[ID_AT] != self.id.0 {
            return;
        }
        self.passed.push_back((now, packet.to_vec()));
        if self.passed.len() > PASSED_MAX {
            self.passed.pop_front();
        }
    }

    /// Writes a line when the reception has changed.
    ///
    /// # Errors
    /// When the line cannot be written; then it is still to be written.
    pub fn follow(&mut self, reception: Reception, now: Instant) -> io::Result<()> {
        if reception == self.is {
            return Ok(());
        }
        let passed = self.passed.iter().map(|(at, pack)| Passed { t_ms: at.0, pack: to_hex(pack) }).collect();
        let mut line = serde_json::to_string(&Line { t_ms: now.0, ev: "reception", is: reception, passed })?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.is = reception;
        self.passed.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn what_came_through_before_a_mute_is_written_once_and_only_what_carries_the_id() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("air.jsonl");
        let mut truth = Truth::open(&path, DisclosureId([9; 16])).unwrap();
        for at in 0..40 {
            truth.pass(&[9; PRESENCE_LEN], Instant(at));
            truth.pass(&[8; PRESENCE_LEN], Instant(at));
            truth.pass(&[9; 100], Instant(at));
        }
        truth.follow(Reception::Clear, Instant(40)).unwrap();
        truth.follow(Reception::Muted, Instant(41)).unwrap();
        truth.follow(Reception::Muted, Instant(42)).unwrap();
        truth.follow(Reception::Clear, Instant(43)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let [muted, clear] = &text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()[..]
        else {
            panic!("two lines: {text}")
        };
        assert_eq!((&muted["t_ms"], &muted["is"], &clear["is"]), (&41.into(), &"muted".into(), &"clear".into()));
        let passed = muted["passed"].as_array().unwrap();
        assert_eq!((passed.len(), passed[PASSED_MAX - 1]["t_ms"].as_u64()), (PASSED_MAX, Some(39)));
        assert_eq!(clear["passed"], serde_json::json!([]));
    }
}
