//! `robot-agent clear`: a safety officer clears a trip at the robot, without a network.

use crate::carried;
use crate::config::Config;
use crate::local;
use anyhow::{Context as _, bail};
use shared::officer::Officer;
use shared::seal::to_hex;
use shared::wire::to_bytes;
use std::path::Path;

/// Answers the challenge that waits at the running agent with the officer's key in this file.
///
/// # Errors
/// When the file is none, no agent runs, nothing is due, or the agent refuses.
pub fn clear(config: &Config, officer: &Path) -> anyhow::Result<()> {
    let text = carried::text(officer).with_context(|| format!("cannot read {}", officer.display()))?;
    let officer = Officer::parse(&text).with_context(|| format!("cannot use {}", officer.display()))?;
    let asked = |question: &str| {
        local::ask(&config.dir, question).with_context(|| format!("no agent of {} answers", config.robot))
    };
    let challenge = local::challenge(&asked("challenge")?).map_err(anyhow::Error::msg)?;
    let Some(challenge) = challenge else { bail!("no clearance is due at {}", config.robot) };
    let clearance = officer.clear(&config.robot, challenge);
    match asked(&format!("clear {}", to_hex(&to_bytes(&clearance))))?.as_str() {
        "cleared" => Ok(()),
        refused => bail!("{refused}"),
    }
}
