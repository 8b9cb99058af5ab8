//! `fleet task set`, `note` and `check`: kept on this machine first, then sent; they work while the server is away.

use super::client::{Client, Failure};
use super::exchange::{Kept, find, push};
use super::outbox::Outbox;
use super::shown::shown;
use crate::clock;
use clap::Subcommand;
use serde_json::Value;
use shared::checklist::{Edit, difference};
use shared::field::{FieldValue, check};
use shared::id::{RobotId, TaskId, ZoneId};
use shared::op::OpAct;
use std::path::Path;

/// What is edited.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Write fields of a task. Works while the server is away.
    Set(Fields),
    /// Write the note of a task, or read it. Works while the server is away.
    Note(NoteArgs),
    /// Tick an item of a task's checklist; adds it where it is not there. Works while the server is away.
    Check {
        /// T-00001 or its long id.
        task: String,
        /// What the item says.
        item: String,
        /// Take the tick away.
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        kept: Kept,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub struct Fields {
    /// T-00001 or its long id.
    task: String,
    /// What it is about.
    #[arg(long)]
    title: Option<String>,
    /// 1 (first) to 5 (last).
    #[arg(long)]
    priority: Option<u8>,
    /// Minutes from now until it should be done.
    #[arg(long, conflicts_with = "no_due")]
    due: Option<u32>,
    /// It is in no hurry.
    #[arg(long)]
    no_due: bool,
    /// Where it is done.
    #[arg(long)]
    zone: Option<String>,
    /// For kitting: where the kit is fetched.
    #[arg(long)]
    from: Option<String>,
    /// Who is to do it.
    #[arg(long)]
    robot: Option<String>,
    /// Withdraw it. This cannot be taken back.
    #[arg(long)]
    cancel: bool,
    #[command(flatten)]
    kept: Kept,
}

#[derive(Clone, Debug, clap::Args)]
pub struct NoteArgs {
    /// T-00001 or its long id.
    task: String,
    /// The whole text. What others write meanwhile is merged with what differs from the text that this machine knows.
    #[arg(long, conflicts_with = "append")]
    text: Option<String>,
    /// A line more.
    #[arg(long)]
    append: Option<String>,
    #[command(flatten)]
    kept: Kept,
}

/// Keeps what is wanted, sends it, and tells what became of it.
pub fn run(client: &Client, verb: &Verb) -> Result<Value, Failure> {
    match verb {
        Verb::Set(fields) => set(client, fields),
        Verb::Note(args) => note(client, args),
        Verb::Check { task, item, undo, kept } => {
            edited(client, task, &kept.outbox, |_, at_ms| vec![Edit::Check { text: item.clone(), done: !undo, at_ms }])
        }
    }
}

fn set(client: &Client, fields: &Fields) -> Result<Value, Failure> {
    let values = values(fields)?;
    if values.is_empty() {
        return Err(Failure::Usage("name a field to write, as --title or --priority".into()));
    }
    let mut outbox = Outbox::open(&fields.kept.outbox)?;
    let task = find(client, &mut outbox, &fields.task)?;
    for value in values {
        outbox.set(task, OpAct::Set { value })?;
    }
    sent(client, &mut outbox, task)
}

fn values(fields: &Fields) -> Result<Vec<FieldValue>, Failure> {
    let usage = |e: &dyn std::fmt::Display| Failure::Usage(e.to_string());
    let zone = |name: &Option<String>| name.as_deref().map(ZoneId::parse).transpose().map_err(|e| usage(&e));
    let robot = fields.robot.as_deref().map(RobotId::parse).transpose().map_err(|e| usage(&e))?;
    let due = fields.due.map(|minutes| Some(clock::wall().0 + u64::from(minutes) * 60_000));
    let values = [
        fields.title.clone().map(FieldValue::Title),
        fields.priority.map(FieldValue::Priority),
        due.or(fields.no_due.then_some(None)).map(FieldValue::Due),
        zone(&fields.zone)?.map(FieldValue::Zone),
        zone(&fields.from)?.map(FieldValue::From),
        robot.map(FieldValue::Wanted),
        fields.cancel.then_some(FieldValue::Cancel),
    ];
    let values: Vec<FieldValue> = values.into_iter().flatten().collect();
    values.iter().try_for_each(check).map_err(Failure::Usage)?;
    Ok(values)
}

fn note(client: &Client, args: &NoteArgs) -> Result<Value, Failure> {
    edited(client, &args.task, &args.kept.outbox, |old, _| match (&args.text, &args.append) {
        (Some(text), _) => difference(old, text),
        (None, Some(line)) => difference(old, &appended(old, line)),
        (None, None) => vec![],
    })
}

fn appended(old: &str, line: &str) -> String {
    if old.is_empty() { line.to_owned() } else { format!("{old}\n{line}") }
}

fn edited(
    client: &Client,
    task: &str,
    outbox: &Path,
    edits: impl FnOnce(&str, u64) -> Vec<Edit>,
) -> Result<Value, Failure> {
    let mut outbox = Outbox::open(outbox)?;
    let task = find(client, &mut outbox, task)?;
    outbox.edit(task, |old, wall| edits(old, wall.0))?;
    sent(client, &mut outbox, task)
}

fn sent(client: &Client, outbox: &mut Outbox, task: TaskId) -> Result<Value, Failure> {
    push(client, outbox)?;
    shown(outbox, task)
}
