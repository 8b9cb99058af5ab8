//! The hand of a person at a robot's button, reset and lamp.

use crate::clock::until;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shared::time::Millis;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// How long the reset is held: well inside the window in which it counts.
const RESET_HELD: Millis = Millis(300);

/// A robot's panel; nothing is kept open between two touches.
#[derive(Clone, Debug)]
pub struct Panel {
    socket: PathBuf,
}

impl Panel {
    /// The panel behind that socket.
    #[must_use]
    pub const fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Lays a hand on the panel and reads what it shows then.
    ///
    /// # Errors
    /// When the panel does not answer with a status.
    pub fn touch(&self, word: &str) -> Result<Value> {
        self.ask(&json!({ "do": word }))
    }

    /// Breaks a part of the hardware, or puts sound parts in: `none`.
    ///
    /// # Errors
    /// As [`Panel::touch`].
    pub fn inject(&self, fault: &str) -> Result<Value> {
        self.ask(&json!({ "do": "inject", "fault": fault }))
    }

    fn ask(&self, act: &Value) -> Result<Value> {
        let stream =
            UnixStream::connect(&self.socket).with_context(|| format!("no panel: {}", self.socket.display()))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        (&stream).write_all(format!("{act}\n").as_bytes())?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        let status: Value = serde_json::from_str(&line).with_context(|| format!("the panel answered {line:?}"))?;
        ensure!(status.get("error").is_none(), "the panel refused {act}: {status}");
        Ok(status)
    }

    /// What the panel shows.
    ///
    /// # Errors
    /// As [`Panel::touch`].
    pub fn status(&self) -> Result<Value> {
        self.touch("status")
    }

    /// Presses the reset, holds it as long as a person does, and lets go.
    ///
    /// # Errors
    /// As [`Panel::touch`].
    pub fn press_and_release_reset(&self) -> Result<()> {
        let pressed_ms = self.touch("reset_press")?["t_ms"].as_u64().context("a status has a time")?;
        let held = || self.status().ok()?["t_ms"].as_u64().filter(|t_ms| *t_ms >= pressed_ms + RESET_HELD.0);
        until("the reset is held long enough", Millis::secs(5), held)?;
        self.touch("reset_release").map(drop)
    }

    /// Waits until the interlock is in a phase.
    ///
    /// # Errors
    /// When it is not within the time; the last status is in the error.
    pub fn wait_for_phase(&self, phase: &str, within: Millis) -> Result<()> {
        let found = || (self.status().ok()?["phase"] == phase).then_some(());
        until(&format!("the interlock is {phase}"), within, found)
            .with_context(|| format!("the panel shows {:?}", self.status().map(|status| status.to_string())))
    }
}
