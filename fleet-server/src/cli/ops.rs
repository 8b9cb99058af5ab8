//! `fleet ops`: what this machine's outbox holds, sending it, and the tasks as this machine knows them.

use super::client::{Client, Failure, Place, document};
use super::edit::{Kept, find};
use super::outbox::{Outbox, Unsent};
use super::table::{age, cell, table};
use crate::clock;
use clap::Subcommand;
use serde_json::{Value, json};
use shared::field::FieldValue;
use shared::id::TaskId;
use shared::op::OpAct;

/// Arguments of `fleet ops`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// What the server has not answered, oldest first.
    List {
        #[command(flatten)]
        kept: Kept,
    },
    /// Send it, and learn what is new.
    Push {
        #[command(flatten)]
        kept: Kept,
    },
    /// A task and its note as this machine knows them, with what was not sent yet.
    Show {
        /// T-00001 or its long id.
        task: String,
        #[command(flatten)]
        kept: Kept,
    },
}

/// Runs one verb and returns what is printed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let client = Client::new(&args.place);
    match &args.verb {
        Verb::List { kept } => Ok(listed(&Outbox::open(&kept.outbox)?, args.place.json)),
        Verb::Push { kept } => {
            let mut outbox = Outbox::open(&kept.outbox)?;
            push(&client, &mut outbox)?;
            Ok(listed(&outbox, args.place.json))
        }
        Verb::Show { task, kept } => {
            let mut outbox = Outbox::open(&kept.outbox)?;
            let task = find(&client, &mut outbox, task)?;
            let row = shown(&outbox, task)?;
            Ok(if args.place.json { document(&row) } else { text(&row) })
        }
    }
}

/// Sends what is unsent until nothing is, and learns what is new. What was refused is told once everything is answered.
pub fn push(client: &Client, outbox: &mut Outbox) -> Result<(), Failure> {
    let (mut refused, mut is_renamed) = (vec![], false);
    loop {
        let batch = outbox.batch();
        let asked = serde_json::to_value(&batch).map_err(|e| Failure::Usage(e.to_string()))?;
        let answer = match client.post_json("/v1/ops", &asked) {
            Err(failure) if is_lost(&failure) && !is_renamed => {
                eprintln!("fleet: {failure} This outbox goes on under a new name.");
                is_renamed = true;
                outbox.rename()?;
                continue;
            }
            answer => answer.map_err(|failure| kept(outbox, failure))?,
        };
        outbox.answered(&answer)?;
        refused.extend(answer["results"].as_array().into_iter().flatten().filter_map(refusal));
        if batch.ops.len() == outbox.unsent().count() && !batch.ops.is_empty() {
            return Err(Failure::Usage("the server answered none of the operations".into()));
        }
        if outbox.unsent().next().is_none() {
            break;
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::OpsRefused(refused.join(" "))) }
}

/// Whether the server and this outbox do not agree on what was sent: one of them is an old copy.
fn is_lost(failure: &Failure) -> bool {
    let Failure::Refused(problem) = failure else { return false };
    matches!(problem["code"].as_str(), Some("FLT-1105" | "FLT-1106"))
}

fn kept(outbox: &Outbox, failure: Failure) -> Failure {
    match (outbox.unsent().count(), &failure) {
        (count @ 1.., Failure::Unanswered { why, .. }) => Failure::Kept { count, why: why.clone() },
        _ => failure,
    }
}

fn refusal(result: &Value) -> Option<String> {
    let sentence = result["sentence"].as_str()?;
    Some(format!("Operation {}: {sentence} ({})", cell(&result["seq"]), cell(&result["code"])))
}

fn listed(outbox: &Outbox, as_json: bool) -> String {
    let now_ms = clock::wall().0;
    let rows: Vec<Value> = outbox.unsent().map(|unsent| unsent_row(outbox, unsent, now_ms)).collect();
    if as_json {
        return document(&json!({ "client": outbox.client(), "unsent": rows }));
    }
    if rows.is_empty() {
        return "Nothing waits: the server has answered everything.".into();
    }
    let line = |row: &Value| [cell(&row["seq"]), age(&row["age_ms"]), cell(&row["task"]), cell(&row["what"])];
    table(["NUMBER", "MADE", "TASK", "WHAT"], &rows.iter().map(line).collect::<Vec<_>>())
}

fn unsent_row(outbox: &Outbox, unsent: &Unsent, now_ms: u64) -> Value {
    let task = outbox.known().row(unsent.op.task).map_or(json!(unsent.op.task), |row| row["code"].clone());
    let age_ms = now_ms.saturating_sub(unsent.made_ms);
    json!({ "seq": unsent.op.seq, "age_ms": age_ms, "task": task, "what": what(&unsent.op.act) })
}

fn what(act: &OpAct) -> String {
    match act {
        OpAct::Set { value } => format!("set {}", value.field().as_str()),
        OpAct::Note { .. } | OpAct::EditNote { .. } => "edit the note".into(),
    }
}

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
        let list = listed(&outbox, false);
        assert!(list.contains("set title") && list.contains("edit the note") && list.contains("ms ago"), "{list}");
    }
}
