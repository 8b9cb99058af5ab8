//! One line of an outbox's file.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::hlc::Hlc;
use shared::id::ClientId;
use shared::op::Op;

/// What a line says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum Line {
    /// The first line: whose outbox this is, and how far its numbers have gone.
    Begin { client: ClientId, epoch: u64, next: u64, hlc: Hlc },
    /// Something is wanted.
    Op { op: Op, made_ms: u64 },
    /// The server has answered it.
    Answered { seq: u64 },
    /// What the server told of the tasks.
    Known { answer: Box<Value> },
}

impl Line {
    /// Reads a line.
    pub fn read(text: &str) -> std::io::Result<Self> {
        serde_json::from_str(text).map_err(|e| std::io::Error::other(format!("a line cannot be read: {e}")))
    }

    /// The line with its end.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("names, numbers and texts can be written as JSON");
        text.push('\n');
        text
    }
}
