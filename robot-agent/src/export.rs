//! Hands the journal to an auditor: `robot-agent store export`.

use crate::config::Config;
use crate::replica::Replica;
use anyhow::Context as _;
use shared::audit::JournalExport;
use std::path::{Path, PathBuf};

/// A file that was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// Which file.
    pub path: PathBuf,
    /// How many entries stand in it.
    pub entries: usize,
}

/// Writes the journal of the current epoch to a file, and that of each epoch before it, oldest first, to a file beside it
/// whose name ends with the epoch. The agent may be running.
///
/// # Errors
/// When the replica cannot be opened or a file cannot be written.
pub fn export(config: &Config, out: &Path) -> anyhow::Result<Vec<Written>> {
    let replica = Replica::open_existing(&config.dir.join("replica.db"), &config.robot)?;
    let mut written = vec![];
    for epoch in replica.earlier_epochs()? {
        let mut name = out.as_os_str().to_owned();
        name.push(format!(".{epoch:?}"));
        written.push(write(&replica.export_epoch(&config.robot, epoch)?, name.into())?);
    }
    written.push(write(&replica.export(&config.robot)?, out.into())?);
    Ok(written)
}

fn write(export: &JournalExport, path: PathBuf) -> anyhow::Result<Written> {
    std::fs::write(&path, shared::wire::to_bytes(export))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Written { path, entries: export.entries.len() })
}
