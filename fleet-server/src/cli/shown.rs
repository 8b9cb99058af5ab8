//! A task as this machine knows it, with what was not sent yet laid over it.

use super::client::Failure;
use super::outbox::Outbox;
use super::table::cell;
use serde_json::{Value, json};
use shared::field::FieldValue;
use shared::id::TaskId;
use shared::op::OpAct;

/// A task as this machine knows it, with what was not sent yet.
pub fn shown(outbox: &Outbox, task: TaskId) -> Result<Value, Failure> {
    let mut row = outbox.known().row(task).cloned().unwrap_or_else(|| json!({ "id": task }));
    let of_task = outbox.unsent().filter(|unsent| unsent.op.task == task);
    let mut waiting = 0;
    for unsent in of_task {
        waiting += 1;
        if let OpAct::Set { value } = &unsent.op.act {
            overlay(&mut row, value);
        }
    }
    let content = outbox.note(task)?.content();
    row["note"] = json!({ "text": content.text, "items": content.items });
    row["unsent"] = json!(waiting);
    Ok(row)
}

fn overlay(row: &mut Value, value: &FieldValue) {
    match value {
        FieldValue::Title(title) => row["title"] = json!(title),
        FieldValue::Priority(priority) => row["priority"] = json!(priority),
        FieldValue::Due(due_ms) => row["due_ms"] = json!(due_ms),
        FieldValue::Zone(zone) => row["zone"] = json!(zone),
        FieldValue::From(from) => row["from"] = json!(from),
        // Who has the order is the server's to say.
        FieldValue::Wanted(_) => {}
        FieldValue::Cancel => row["cancel_wanted"] = json!(true),
    }
}

/// A task with its note, for people.
pub fn text(row: &Value) -> String {
    let mut lines = vec![
        format!("{}  {}  {}", cell(&row["code"]), cell(&row["state"]), cell(&row["title"])),
        format!("zone {}  priority {}  robot {}", cell(&row["zone"]), cell(&row["priority"]), cell(&row["robot"])),
    ];
    if let Some(note) = row["note"]["text"].as_str().filter(|text| !text.is_empty()) {
        lines.push(note.to_owned());
    }
    let tick = |item: &Value| if item["done"].as_bool() == Some(true) { "x" } else { " " };
    let items = row["note"]["items"].as_array().into_iter().flatten();
    lines.extend(items.map(|item| format!("[{}] {}", tick(item), cell(&item["text"]))));
    if let Some(count @ 1..) = row["unsent"].as_u64() {
        lines.push(format!("{count} of these edits are kept here and not on the server yet."));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_shown_with_what_was_not_sent_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(&folder.path().join("o")).unwrap();
        let task = TaskId::from_bytes([3; 16]);
        let row = json!({ "id": task, "code": "T-00001", "state": "queued", "title": "Old", "priority": 3 });
        let answer = json!({ "results": [], "cursor": "c", "whole": true, "stamp": 9, "rows": [row] });
        outbox.answered(&answer).unwrap();
        outbox.set(task, OpAct::Set { value: FieldValue::Title("New".into()) }).unwrap();
        outbox
            .edit(task, |_, _| vec![shared::checklist::Edit::Check { text: "seal it".into(), done: true, at_ms: 1 }])
            .unwrap();
        let shown = text(&shown(&outbox, task).unwrap());
        assert!(shown.starts_with("T-00001  queued  New\n") && shown.contains("\n[x] seal it\n"), "{shown}");
        assert!(shown.ends_with("2 of these edits are kept here and not on the server yet."), "{shown}");
    }
}
