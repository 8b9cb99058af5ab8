//! Reads the history of a run from its folder, without changing a byte of it.
//!
//! A missing, unreadable or empty part is an error: a run of which nothing is left proves nothing. Only the last line
//! of a log may be torn, because its writer may have been killed while it wrote.
//!
//! Leaves to others: what the history means (`crate::verdict`).

mod lines;
pub mod replica;
pub mod store;
pub(crate) mod table;

#[cfg(test)]
mod tests;

use crate::verdict::history::{History, Robot};
use anyhow::{Context, Result, ensure};
use shared::id::RobotId;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Reads the folder that a demo or a process test leaves.
///
/// # Errors
/// When a part is missing or cannot be read; the sentence names the file.
pub fn read(dir: &Path) -> Result<History> {
    let names = names_of_robots(dir)?;
    let robots: Result<BTreeMap<RobotId, Robot>> =
        names.into_iter().map(|name| Ok((name.clone(), robot(dir, &name)?))).collect();
    Ok(History {
        acts: lines::read(&dir.join("acts.jsonl"))?,
        robots: robots?,
        server: store::read(&dir.join("fleet").join("fleet.db"))?,
    })
}

/// The lines of one log, as they are.
///
/// # Errors
/// When the file cannot be read, or another line than a torn last one cannot.
pub fn lines_of<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    lines::read(path)
}

/// A robot has a folder on both sides: one that has only one of them lost something.
fn names_of_robots(dir: &Path) -> Result<Vec<RobotId>> {
    let (agents, firmwares) = (folders(&dir.join("robots"))?, folders(&dir.join("firmware"))?);
    ensure!(!agents.is_empty(), "{} has no robots", dir.display());
    ensure!(agents == firmwares, "{} has agents of {agents:?} and firmwares of {firmwares:?}", dir.display());
    Ok(agents)
}

fn folders(dir: &Path) -> Result<Vec<RobotId>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", dir.display()))?;
        if entry.path().is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            names.push(RobotId::parse(&name).with_context(|| format!("{} is no robot", entry.path().display()))?);
        }
    }
    names.sort();
    Ok(names)
}

fn robot(dir: &Path, name: &RobotId) -> Result<Robot> {
    let firmware = dir.join("firmware").join(name.as_str());
    Ok(Robot {
        truth: lines::read(&firmware.join("truth.jsonl"))?,
        events: lines::read(&firmware.join("events.jsonl"))?,
        replica: replica::read(&dir.join("robots").join(name.as_str()).join("replica.db"), name)?,
    })
}
