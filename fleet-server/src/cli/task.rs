//! `fleet task`.

use super::client::{Client, Failure, Place, document, name};
use super::edit;
use super::shown;
use super::table::{cell, table};
use clap::Subcommand;
use serde_json::{Value, json};
use shared::id::TaskId;
use std::io::Read;
use std::path::PathBuf;

/// Arguments of `fleet task`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Every task.
    List,
    /// One task, by T-00001 or its long id.
    Show { task: String },
    /// Make a task.
    Add(New),
    /// Give a task to a robot.
    Assign { task: String, robot: String },
    /// Withdraw a task.
    Cancel { task: String },
    #[command(flatten)]
    Edit(edit::Verb),
    /// Make all tasks of a plan (title,kind,zone,from,priority,due,robot), or none; - reads the standard input.
    Import { file: PathBuf },
}

#[derive(Clone, Debug, clap::Args)]
struct New {
    /// What it is about.
    #[arg(long)]
    title: String,
    /// The kind of work.
    #[arg(long, value_parser = ["kitting", "machine_tending", "inspection", "charging"])]
    kind: String,
    /// Where it is done.
    #[arg(long)]
    zone: String,
    /// For kitting: where the kit is fetched.
    #[arg(long)]
    from: Option<String>,
    /// 1 (first) to 5 (last).
    #[arg(long, default_value_t = 3)]
    priority: u8,
    /// Minutes from now until it should be done.
    #[arg(long)]
    due: Option<u32>,
    /// Who is to do it.
    #[arg(long)]
    robot: Option<String>,
    /// Its id, so that saying it again makes it once; drawn if it is not named.
    #[arg(long)]
    id: Option<String>,
}

/// Runs one verb and returns what is printed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let client = Client::new(&args.place);
    let answer = match &args.verb {
        Verb::List => client.get("/v1/tasks")?,
        Verb::Show { task } => client.get(&format!("/v1/tasks/{}", name(task)?))?,
        Verb::Add(new) => client.post_json("/v1/tasks", &body(new))?,
        Verb::Assign { task, robot } => {
            client.post_json(&format!("/v1/tasks/{}/assignments", name(task)?), &json!({ "robot": robot }))?
        }
        Verb::Cancel { task } => client.post(&format!("/v1/tasks/{}/cancel-requests", name(task)?))?,
        Verb::Edit(verb) => {
            let row = edit::run(&client, verb)?;
            return Ok(if args.place.json { document(&row) } else { shown::text(&row) });
        }
        Verb::Import { file } => client.post_csv("/v1/tasks/import", &plan(file)?)?,
    };
    Ok(if args.place.json { document(&answer) } else { text(&answer) })
}

fn body(new: &New) -> Value {
    let id = || TaskId::v7(crate::clock::wall(), crate::entropy::bytes()).to_string();
    let due_ms = new.due.map(|minutes| crate::clock::wall().0 + u64::from(minutes) * 60_000);
    let mut body = json!({
        "id": new.id.clone().unwrap_or_else(id),
        "title": new.title,
        "kind": new.kind,
        "zone": new.zone,
        "from": new.from,
        "priority": new.priority,
        "due_ms": due_ms,
        "robot": new.robot,
    });
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    body
}

fn plan(file: &PathBuf) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_end(&mut bytes),
        Some(_) | None => std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|why| Failure::Usage(format!("cannot read the plan {}: {why}", file.display())))?;
    Ok(bytes)
}

fn text(answer: &Value) -> String {
    match answer["tasks"].as_array() {
        Some(tasks) if tasks.is_empty() => "No tasks. Make one with `fleet task add`, or import a plan.".into(),
        Some(tasks) => table(HEADER, &tasks.iter().map(row).collect::<Vec<_>>()),
        None => one(answer),
    }
}

const HEADER: [&str; 7] = ["TASK", "STATE", "ROBOT", "P", "STEPS", "KIND", "TITLE"];

fn row(task: &Value) -> [String; 7] {
    let steps = format!("{}/{}", cell(&task["steps_done"]), cell(&task["steps"]));
    let column = |key: &str| cell(&task[key]);
    [column("code"), state(task), column("robot"), column("priority"), steps, column("kind"), column("title")]
}

/// The state in words that do not promise more than is known.
fn state(task: &Value) -> String {
    let state = cell(&task["state"]);
    let has_ended = matches!(state.as_str(), "done" | "failed" | "cancelled");
    let wanted = task["cancel_wanted"].as_bool().unwrap_or(false) && !has_ended;
    let late = task["late"].as_bool().unwrap_or(false);
    let more = [wanted.then_some("cancel wanted"), late.then_some("late")];
    let more: Vec<&str> = more.into_iter().flatten().collect();
    if more.is_empty() { state } else { format!("{state} ({})", more.join(", ")) }
}

fn one(task: &Value) -> String {
    let mut lines = vec![table(HEADER, &[row(task)])];
    let why = &task["why"];
    if !why.is_null() {
        lines.push(format!("{}: {} {}", cell(&why["code"]), cell(&why["sentence"]), cell(&why["what_to_do"])));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_that_the_robot_has_not_answered_is_said_to_be_wanted() {
        assert_eq!(state(&json!({"state": "running", "cancel_wanted": true})), "running (cancel wanted)");
        assert_eq!(state(&json!({"state": "cancelled", "cancel_wanted": true})), "cancelled");
        assert_eq!(state(&json!({"state": "done", "late": true})), "done (late)");
    }
}
