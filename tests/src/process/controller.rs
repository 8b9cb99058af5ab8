//! What a safety controller has written of itself: the witness of every stop, which no agent can touch.

use crate::history;
use anyhow::{Context, Result};
use serde::Deserialize;
use shared::time::Instant;
use std::path::{Path, PathBuf};

/// An event in the controller's own words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// Its number, from 1.
    pub n: u64,
    /// When, in milliseconds of the controller's clock.
    pub t_ms: u64,
    /// In which trip epoch.
    pub trip_epoch: u32,
    /// `power_up`, `trip`, `stopping`, `standby`, `energised` ...
    pub ev: String,
    /// Why the energy was last taken away.
    pub cause: String,
}

/// A controller's record.
#[derive(Clone, Debug)]
pub struct Controller {
    record: PathBuf,
}

impl Controller {
    /// The controller that keeps its files there.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self { record: dir.join("events.jsonl") }
    }

    /// Everything, oldest first.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn events(&self) -> Result<Vec<Event>> {
        history::lines_of(&self.record)
    }

    /// The lines exactly as the controller wrote them.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn lines(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(&self.record).context("a controller that runs has a record")?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Everything after an event.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn events_after(&self, n: u64) -> Result<Vec<Event>> {
        Ok(self.events()?.into_iter().filter(|event| event.n > n).collect())
    }

    /// Every event after another one that is about the energy; the edges of motion and what was heard stand between them.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn changes_after(&self, n: u64) -> Result<Vec<Event>> {
        let is_edge = |event: &Event| ["moves", "rests", "heard"].contains(&event.ev.as_str());
        Ok(self.events_after(n)?.into_iter().filter(|event| !is_edge(event)).collect())
    }

    /// The newest event.
    ///
    /// # Errors
    /// When there is none.
    pub fn newest(&self) -> Result<Event> {
        self.events()?.pop().context("a controller that runs has written something")
    }

    /// The first event of this name after another one, if it was written.
    #[must_use]
    pub fn first_after(&self, n: u64, ev: &str) -> Option<Event> {
        self.events_after(n).ok()?.into_iter().find(|event| event.ev == ev)
    }
}

impl Event {
    /// When, on the clock of the machine that all processes share.
    #[must_use]
    pub const fn at(&self) -> Instant {
        Instant(self.t_ms)
    }
}
