//! The promises, held by real processes: an outage, crashes in the worst moments, a pressed button, a muted radio.

mod apart;
mod away;
mod button;
mod bystander;
mod crash;
mod disclosed;
mod full_disk;
mod kills;
mod mute;
mod outage;
mod page;
mod record;
#[cfg(debug_assertions)]
mod supervision;
mod told;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tests::process::{Part, Rest, Site, tool};

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

/// Where a picture of a page is left for whoever wants to see what the test saw.
fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A person at a robot reads or edits a task; what the agent's program said.
fn at_the_robot(site: &Site, robot: &str, code: &str, words: &[&str]) -> Result<String> {
    let agent = site.dir_of(Part::Agent(robot)).join("agent.toml").display().to_string();
    let (exit, said) = tool::run("robot-agent", &[&["task", "--config", &agent, code], words].concat())?;
    ensure!(exit == 0, "{words:?}: {said}");
    Ok(said)
}
