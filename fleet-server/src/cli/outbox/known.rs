//! What this machine knows of the site's tasks and notes: as the server told, as old as that is.

use serde_json::{Map, Value, json};
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::seal::from_hex;
use std::collections::BTreeMap;

/// The rows that the server told, by task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    rows: BTreeMap<TaskId, Value>,
    cursor: Option<String>,
    stamp: Hlc,
}

impl Known {
    /// What of an answer is worth keeping.
    pub fn essence(answer: &Value) -> Value {
        let keys = ["cursor", "whole", "stamp", "rows"];
        Value::Object(keys.into_iter().map(|key| (key.to_owned(), answer[key].clone())).collect::<Map<_, _>>())
    }

    /// Takes an answer.
    pub fn take(&mut self, answer: &Value) {
        if answer["whole"].as_bool() == Some(true) {
            self.rows.clear();
        }
        for row in answer["rows"].as_array().into_iter().flatten() {
            if let Some(id) = row["id"].as_str().and_then(|id| TaskId::parse(id).ok()) {
                self.rows.insert(id, row.clone());
            }
        }
        self.cursor = answer["cursor"].as_str().map(str::to_owned);
        self.stamp = self.stamp.seen(Hlc(answer["stamp"].as_u64().unwrap_or(0)));
    }

    /// All of it as one answer.
    pub fn whole(&self) -> Value {
        let rows: Vec<&Value> = self.rows.values().collect();
        json!({ "cursor": self.cursor, "whole": true, "stamp": self.stamp, "rows": rows })
    }

    /// Up to where it goes.
    pub fn cursor(&self) -> Option<String> {
        self.cursor.clone()
    }

    /// The newest stamp of the server's that was seen.
    pub const fn stamp(&self) -> Hlc {
        self.stamp
    }

    /// A task's row.
    pub fn row(&self, task: TaskId) -> Option<&Value> {
        self.rows.get(&task)
    }

    /// A task by its number or its long id; a long id need not be known.
    pub fn find(&self, text: &str) -> Option<TaskId> {
        let named = self.rows.iter().find(|(_, row)| row["code"].as_str() == Some(text)).map(|(id, _)| *id);
        named.or_else(|| TaskId::parse(text).ok())
    }

    /// The parts of a task's note.
    pub fn note_parts(&self, task: TaskId) -> Result<Vec<Vec<u8>>, String> {
        let parts = self.row(task).and_then(|row| row["note"]["parts"].as_array());
        let bytes = |part: &Value| part.as_str().and_then(|digits| from_hex(digits).ok());
        let read: Option<Vec<Vec<u8>>> = parts.into_iter().flatten().map(bytes).collect();
        read.ok_or_else(|| "the server told a note that is none".to_owned())
    }
}
