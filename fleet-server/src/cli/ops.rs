//! `fleet ops`: what this machine's outbox holds, sending it, and the tasks as this machine knows them.

use super::client::{Client, Failure, Place, document};
use super::exchange::{Kept, find, push};
use super::outbox::{Outbox, Unsent};
use super::shown::{shown, text};
use super::table::{age, cell, table};
use crate::clock;
use clap::Subcommand;
use serde_json::{Value, json};
use shared::op::OpAct;

/// Arguments of `fleet ops`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::field::FieldValue;
    use shared::id::TaskId;

    #[test]
    fn what_waits_is_listed_with_its_age_until_it_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(&folder.path().join("o")).unwrap();
        assert_eq!(listed(&outbox, false), "Nothing waits: the server has answered everything.");
        let task = TaskId::from_bytes([3; 16]);
        outbox.set(task, OpAct::Set { value: FieldValue::Title("New".into()) }).unwrap();
        outbox
            .edit(task, |_, _| vec![shared::checklist::Edit::Check { text: "seal it".into(), done: true, at_ms: 1 }])
            .unwrap();
        let list = listed(&outbox, false);
        assert!(list.contains("set title") && list.contains("edit the note") && list.contains("ms ago"), "{list}");
    }
}
