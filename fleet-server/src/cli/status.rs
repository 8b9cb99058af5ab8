//! `fleet status`: one line for each robot, and the tasks by state.

use super::client::{Client, Failure, Place, document};
use super::robot::robots;
use super::table::cell;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Arguments of `fleet status`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) place: Place,
}

/// Returns what is printed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let client = Client::new(&args.place);
    let list = client.get("/v1/robots")?;
    let tasks = client.get("/v1/tasks")?;
    let counts = counts(&tasks["tasks"]);
    if args.place.json {
        return Ok(document(&json!({ "as_of_ms": list["as_of_ms"], "robots": list["robots"], "tasks": counts })));
    }
    let tasks: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let tasks = if tasks.is_empty() { "none".to_owned() } else { tasks.join(", ") };
    Ok(format!("{}\n\nTasks: {tasks}", robots(&list["robots"])))
}

fn counts(tasks: &Value) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for task in tasks.as_array().into_iter().flatten() {
        *counts.entry(cell(&task["state"])).or_default() += 1;
    }
    counts
}
