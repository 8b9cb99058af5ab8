//! `firmware-sim panel`: one act at a running firmware's panel.
//!
//! `reset` is the two acts of a hand, press and let go, with the time between them measured by the firmware's clock.

use super::request::{Act, line};
use crate::fault::Fault;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Between pressing and letting go, by the firmware's clock; the interlock takes 100 ms to 3 s.
const RESET_HELD_MS: u64 = 200;
const LOOK_EVERY: Duration = Duration::from_millis(20);
const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// A connection to a panel.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// [`Fault::Broken`] when nobody listens or this user may not.
    pub fn connect(path: &Path) -> Result<Self, Fault> {
        let connect = || {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(ANSWER_WAIT))?;
            stream.set_write_timeout(Some(ANSWER_WAIT))?;
            Ok(Self { stream: BufReader::new(stream) })
        };
        connect().map_err(|e| Fault::broken("reaching the panel", path, &e))
    }

    /// Does one act; returns the panel's answer.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the panel does not answer, or refuses.
    pub fn act(&mut self, act: Act) -> Result<Value, Fault> {
        let answer = self.exchange(act).map_err(|e| Fault::Broken(format!("the panel does not answer: {e}")))?;
        let status: Value =
            serde_json::from_str(&answer).map_err(|_| Fault::Broken("the panel's answer is no JSON".to_owned()))?;
        match status["error"].as_str() {
            Some(words) => Err(Fault::Broken(format!("the panel refuses: {words}"))),
            None => Ok(status),
        }
    }

    /// Presses the reset, waits, lets it go.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the panel does not answer, or the reset had no effect.
    pub fn reset(&mut self) -> Result<Value, Fault> {
        let pressed = self.act(Act::ResetPress)?;
        let from_ms = pressed["t_ms"].as_u64().unwrap_or(0);
        while self.act(Act::Status)?["t_ms"].as_u64().unwrap_or(u64::MAX) < from_ms + RESET_HELD_MS {
            thread::sleep(LOOK_EVERY);
        }
        let status = self.act(Act::ResetRelease)?;
        if matches!(status["phase"].as_str(), Some("released" | "energised")) {
            return Ok(status);
        }
        Err(Fault::Broken(format!("the reset had no effect. {}", status["words"].as_str().unwrap_or_default())))
    }

    fn exchange(&mut self, act: Act) -> std::io::Result<String> {
        self.stream.get_mut().write_all(line(act).as_bytes())?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer)?;
        Ok(answer)
    }
}
