//! The disk of a robot of the world: taken out while its agent does not run, copied, put back in whole or in parts.

use super::{At, Node};
use anyhow::{Context, Result};
use robot_core::Input;
use shared::journal::Boot;
use shared::seal::Hash;
use std::fs;
use std::path::{Path, PathBuf};

/// A file, or what belongs together, that may be exchanged alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The replica.
    Replica,
    /// The file of telemetry.
    Telemetry,
    /// What is remembered beside the replica.
    Head,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Replica, Self::Telemetry, Self::Head];

    /// Whether a file of this name belongs to it, on the disk of a robot of this name.
    fn has(self, robot: &str, file: &str) -> bool {
        let Some(rest) = file.strip_prefix(robot) else { return false };
        match self {
            Self::Replica => rest.starts_with(".db"),
            Self::Telemetry => rest.starts_with("-telemetry.db"),
            Self::Head => rest == ".head",
        }
    }
}

impl Node {
    /// The agent ends, in order or killed, and comes back after a while.
    pub fn stop(&mut self, in_order: bool, at: &mut At<'_>) -> Result<()> {
        if in_order {
            self.handle(Input::Shutdown, at)?;
        }
        self.crash(at);
        Ok(())
    }

    /// Another machine of the same name, with a copy of this one's disk and a computer that has run for a while. The agent does
    /// not run here while its disk is copied.
    pub fn copied_to(&self, dir: &Path, machine: Hash, at: &mut At<'_>) -> Result<Self> {
        fs::create_dir_all(dir)?;
        self.copy_disk(dir)?;
        let mut copy = Self::new(self.id.clone(), dir, false, at.now_ms);
        (copy.machine, copy.boot, copy.power_ms) = (machine, Boot(at.random.draw()), at.now_ms / 2);
        Ok(copy)
    }

    /// Copies its files elsewhere. The agent does not run.
    pub fn copy_disk(&self, to: &Path) -> Result<()> {
        assert!(self.agent.is_none(), "a copy of files that are written to is none");
        fs::create_dir_all(to)?;
        Part::ALL.iter().try_for_each(|part| copy(&self.files(*part, &self.folder()?)?, to))
    }

    /// Takes a part away, and puts in its place what was copied from a folder, if one is given. The agent does not run.
    pub fn exchange(&mut self, part: Part, from: Option<&Path>) -> Result<()> {
        assert!(self.agent.is_none(), "the disk of a running agent stays in");
        let folder = self.folder()?;
        self.files(part, &folder)?.iter().try_for_each(fs::remove_file)?;
        from.map_or(Ok(()), |from| copy(&self.files(part, from)?, &folder))
    }

    fn files(&self, part: Part, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            if part.has(self.id.as_str(), &entry.file_name().to_string_lossy()) {
                files.push(entry.path());
            }
        }
        Ok(files)
    }

    fn folder(&self) -> Result<PathBuf> {
        Ok(self.path.parent().context("a robot's database lies in a folder")?.to_owned())
    }
}

fn copy(files: &[PathBuf], to: &Path) -> Result<()> {
    for file in files {
        fs::copy(file, to.join(file.file_name().context("a file has a name")?))?;
    }
    Ok(())
}
