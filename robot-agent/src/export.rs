//! Hands the journal to an auditor: `robot-agent store export`.

use crate::config::Config;
use crate::replica::Replica;
use anyhow::Context as _;
use shared::audit::{AnchoredExport, JournalExport};
use shared::journal::Epoch;
use shared::wire::to_bytes;
use std::path::{Path, PathBuf};

/// A file that was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// Which file.
    pub path: PathBuf,
    /// How many entries stand in it.
    pub entries: usize,
    /// The entry behind which they begin; 0 for a whole journal.
    pub behind: u64,
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
        written.push(write(config, &replica, epoch, name.into())?);
    }
    written.push(write(config, &replica, replica.epoch(), out.into())?);
    Ok(written)
}

/// A journal whose beginning is forgotten is another layout, so that it does not pass for a whole one.
fn write(config: &Config, replica: &Replica, epoch: Epoch, path: PathBuf) -> anyhow::Result<Written> {
    let (export, anchor) = replica.export_behind(&config.robot, epoch)?;
    let count = export.entries.len();
    let bytes = match anchor {
        None => to_bytes(&export),
        Some(anchor) => {
            let JournalExport { v: _, robot, epoch, entries } = export;
            to_bytes(&AnchoredExport { v: 2, robot, epoch, entries, anchor })
        }
    };
    std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Written { path, entries: count, behind: anchor.map_or(0, |anchor| anchor.cseq) })
}
