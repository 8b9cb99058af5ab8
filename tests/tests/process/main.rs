//! The promises, held by real processes: an outage, crashes in the worst moments, a pressed button, a muted radio.

mod apart;
mod away;
mod button;
mod bystander;
mod crash;
mod disclosed;
mod disks;
mod kills;
mod mute;
mod outage;
mod record;
#[cfg(debug_assertions)]
mod supervision;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::process::Rest;

/// Gives a robot a task and returns its code.
fn give(rest: &Rest, robot: &str, kind: &str, zone: &str) -> Result<String> {
    let from = if kind == "kitting" { json!("near") } else { Value::Null };
    let mut task = json!({ "title": format!("{kind} at {zone}"), "kind": kind, "zone": zone, "robot": robot });
    if !from.is_null() {
        task["from"] = from;
    }
    let made = rest.add_task(&task)?;
    made["code"].as_str().map(str::to_owned).context("a task has a code")
}
