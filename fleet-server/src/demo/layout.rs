//! Where everything of a run lies: the run folder and the places in it.
//!
//! Leaves to others: what the files say (`settings`, `keys`, and the processes themselves).

use super::keys::private_folder;
use anyhow::{Context, bail};
use shared::id::RobotId;
use shared::seal::to_hex;
use std::path::{Path, PathBuf};

/// Longest path of a Unix socket that Linux takes, in bytes (`sun_path` less its end).
const SOCKET_PATH_LEN_MAX: usize = 107;

/// The run folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

/// The places of one robot's agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPlace {
    /// Its folder, with its replica.
    pub dir: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// Its own copy of its key.
    pub key: PathBuf,
    /// The site CA's endorsement of its key.
    pub endorsement: PathBuf,
    /// What it prints.
    pub log: PathBuf,
}

/// The places of one robot's firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmwarePlace {
    /// Its folder, with its record and its body's.
    pub dir: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// Its own copy of its key.
    pub key: PathBuf,
    /// The agent's socket, in a folder of its own.
    pub link: PathBuf,
    /// The person's socket, in a folder of its own.
    pub panel: PathBuf,
    /// What it prints.
    pub log: PathBuf,
}

/// The places of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetPlace {
    /// Its folder, with its database.
    pub dir: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// The map of the hall.
    pub hall: PathBuf,
    /// What it prints.
    pub log: PathBuf,
}

impl Folder {
    /// Opens the folder of an earlier run, or makes one; `tag` names a new one among the temporary files.
    ///
    /// # Errors
    /// When the folder cannot be made, or holds something else than a run.
    pub fn open(given: Option<&Path>, tag: [u8; 4]) -> anyhow::Result<Self> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("bellwether-{}", to_hex(&tag))),
        };
        private_folder(&path)?;
        let root = path.canonicalize().with_context(|| format!("cannot open the folder {}", path.display()))?;
        let folder = Self { root };
        folder.refuse_strange_content()?;
        private_folder(&folder.keys())?;
        Ok(folder)
    }

    // A demo started by mistake in somebody's home would scatter keys and databases there.
    fn refuse_strange_content(&self) -> anyhow::Result<()> {
        let mut entries =
            self.root.read_dir().with_context(|| format!("cannot read the folder {}", self.root.display()))?;
        if self.keys().is_dir() || entries.next().is_none() {
            return Ok(());
        }
        bail!("{} is not empty and is not the folder of an earlier demo", self.root.display())
    }

    /// Makes the folders of the server and of these robots.
    ///
    /// # Errors
    /// When one cannot be made, or is so deep that a socket in it has no name the kernel takes.
    pub fn furnish(&self, robots: &[RobotId]) -> anyhow::Result<()> {
        private_folder(&self.fleet().dir)?;
        for robot in robots {
            let firmware = self.firmware(robot);
            for socket in [&firmware.link, &firmware.panel] {
                refuse_long(socket)?;
                socket.parent().map_or(Ok(()), private_folder)?;
            }
            private_folder(&self.agent(robot).dir)?;
        }
        Ok(())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The record of acts.
    pub fn acts(&self) -> PathBuf {
        self.root.join("acts.jsonl")
    }

    /// The folder of the keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The file of the demo's safety officer.
    pub fn officer(&self) -> PathBuf {
        self.keys().join("officer.txt")
    }

    /// The site CA's public key, for whoever listens on the air.
    pub fn ca(&self) -> PathBuf {
        self.keys().join("ca.pub")
    }

    /// The server's places.
    pub fn fleet(&self) -> FleetPlace {
        let dir = self.root.join("fleet");
        FleetPlace { config: dir.join("fleet.toml"), hall: dir.join("hall.json"), log: dir.join("fleet.log"), dir }
    }

    /// An agent's places.
    pub fn agent(&self, robot: &RobotId) -> AgentPlace {
        let dir = self.root.join("robots").join(robot.as_str());
        AgentPlace {
            config: dir.join("agent.toml"),
            key: dir.join("agent.key"),
            endorsement: dir.join("endorsement.hex"),
            log: dir.join("agent.log"),
            dir,
        }
    }

    /// A firmware's places.
    pub fn firmware(&self, robot: &RobotId) -> FirmwarePlace {
        let dir = self.root.join("firmware").join(robot.as_str());
        FirmwarePlace {
            config: dir.join("firmware.toml"),
            key: dir.join("firmware.key"),
            link: dir.join("link").join("link.sock"),
            panel: dir.join("panel").join("panel.sock"),
            log: dir.join("firmware.log"),
            dir,
        }
    }
}

fn refuse_long(socket: &Path) -> anyhow::Result<()> {
    let length = socket.as_os_str().len();
    if length <= SOCKET_PATH_LEN_MAX {
        return Ok(());
    }
    bail!(
        "{} has {length} characters and a socket's path at most {SOCKET_PATH_LEN_MAX}; choose a shorter --dir",
        socket.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn robots() -> Vec<RobotId> {
        vec![RobotId::parse("r-1").unwrap()]
    }

    #[test]
    fn a_run_folder_is_private_and_is_continued() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        let folder = Folder::open(Some(&path), [0; 4]).unwrap();
        folder.furnish(&robots()).unwrap();
        for private in [folder.keys(), folder.firmware(&robots()[0]).panel.parent().unwrap().to_owned()] {
            assert_eq!(std::fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(Folder::open(Some(&path), [1; 4]).unwrap(), folder);
    }

    #[test]
    fn a_folder_with_other_files_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("thesis.txt"), "…").unwrap();
        assert!(Folder::open(Some(dir.path()), [0; 4]).is_err());
    }

    #[test]
    fn a_folder_too_deep_for_sockets_is_refused_before_anything_starts() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("x".repeat(100));
        let refused = Folder::open(Some(&deep), [0; 4]).unwrap().furnish(&robots());
        assert!(refused.unwrap_err().to_string().contains("shorter --dir"));
    }
}
