//! `acts.jsonl`: what a test did to its site, written before and after each act.

use crate::clock::now;
use anyhow::Result;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// The record of acts.
pub struct Acts {
    file: File,
}

impl Acts {
    /// Begins the record.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(dir: &Path) -> Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).open(dir.join("acts.jsonl"))?;
        Ok(Self { file })
    }

    /// Does something to a robot, or to the server, and writes when.
    ///
    /// # Errors
    /// When it cannot be done, or not written.
    pub fn record<T>(&mut self, act: &str, robot: Option<&str>, what: impl FnOnce() -> Result<T>) -> Result<T> {
        self.line(act, robot, "before")?;
        let done = what()?;
        self.line(act, robot, "after")?;
        Ok(done)
    }

    fn line(&mut self, act: &str, robot: Option<&str>, phase: &str) -> Result<()> {
        let line = json!({ "t_ms": now().0, "act": act, "robot": robot, "by": "script", "phase": phase });
        Ok(self.file.write_all(format!("{line}\n").as_bytes())?)
    }
}
