//! `robot-agent task`: a person at the robot edits a task that it has, without a network. What is written stands in the
//! robot's journal before this ends, and reaches the server when that is in reach.

use crate::config::Config;
use crate::local;
use anyhow::{Context as _, ensure};
use clap::Subcommand;
use robot_core::LocalEdit;
use shared::field::{FieldValue, check};

/// What is done to the task.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// The task as it is here, with what the server has not settled.
    Show,
    /// Write fields.
    Set {
        /// What it is about.
        #[arg(long)]
        title: Option<String>,
        /// 1 (first) to 5 (last).
        #[arg(long)]
        priority: Option<u8>,
        /// It is in no hurry.
        #[arg(long)]
        no_due: bool,
        /// Withdraw it; the server decides, and this robot gives it up when it hears so. This cannot be taken back.
        #[arg(long)]
        cancel: bool,
    },
    /// Write the note.
    Note {
        /// The whole text.
        #[arg(long, conflicts_with = "append")]
        text: Option<String>,
        /// A line more.
        #[arg(long)]
        append: Option<String>,
    },
    /// Tick an item of the checklist; adds it where it is not there.
    Check {
        /// What the item says.
        item: String,
        /// Take the tick away.
        #[arg(long)]
        undo: bool,
    },
}

/// Has the running agent do it, and tells the task as it is then.
///
/// # Errors
/// When no agent runs, it has no such task, or it does not take the edit.
pub fn run(config: &Config, task: &str, verb: &Verb) -> anyhow::Result<String> {
    let edits = edits(verb)?;
    let mut answer = String::new();
    for edit in edits {
        answer = local::ask(&config.dir, &local::question(task, &edit))
            .with_context(|| format!("no agent of {} answers", config.robot))?;
        local::shown(&answer).map_err(anyhow::Error::msg)?;
    }
    let shown = local::shown(&answer).map_err(anyhow::Error::msg)?;
    Ok(text(&shown))
}

fn edits(verb: &Verb) -> anyhow::Result<Vec<LocalEdit>> {
    match verb {
        Verb::Show => Ok(vec![LocalEdit::Show]),
        Verb::Set { title, priority, no_due, cancel } => {
            let values = [
                title.clone().map(FieldValue::Title),
                priority.map(FieldValue::Priority),
                no_due.then_some(FieldValue::Due(None)),
                cancel.then_some(FieldValue::Cancel),
            ];
            let values: Vec<FieldValue> = values.into_iter().flatten().collect();
            ensure!(!values.is_empty(), "name a field to write, as --title or --priority");
            values.iter().try_for_each(check).map_err(anyhow::Error::msg)?;
            Ok(values.into_iter().map(LocalEdit::Set).collect())
        }
        Verb::Note { text: Some(text), .. } => Ok(vec![LocalEdit::Text(text.clone())]),
        Verb::Note { append: Some(line), .. } => Ok(vec![LocalEdit::Append(line.clone())]),
        Verb::Note { text: None, append: None } => Ok(vec![LocalEdit::Show]),
        Verb::Check { item, undo } => Ok(vec![LocalEdit::Check { item: item.clone(), done: !undo }]),
    }
}

fn text(shown: &local::Shown) -> String {
    let row = &shown.row;
    let mut lines = vec![format!("{}  priority {}  {}", row.code(), row.priority, row.title)];
    lines.extend((!shown.note.text.is_empty()).then(|| shown.note.text.clone()));
    let tick = |done| if done { "x" } else { " " };
    lines.extend(shown.note.items.iter().map(|item| format!("[{}] {}", tick(item.done), item.text)));
    let waiting = (shown.waiting > 0).then(|| format!("{} edits are not settled by the server yet.", shown.waiting));
    lines.extend(waiting);
    lines.join("\n")
}
