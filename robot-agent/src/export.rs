//! Hands the journal to an auditor: `robot-agent store export`.

use crate::config::Config;
use crate::replica::Replica;
use anyhow::Context as _;
use std::path::Path;

/// Writes the journal of the current epoch to a file. The agent may be running.
///
/// # Errors
/// When the replica cannot be opened or the file cannot be written.
pub fn export(config: &Config, out: &Path) -> anyhow::Result<u64> {
    let replica = Replica::open_existing(&config.dir.join("replica.db"), &config.robot)?;
    let export = replica.export(&config.robot)?;
    let count = export.entries.len() as u64;
    std::fs::write(out, shared::wire::to_bytes(&export)).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(count)
}
