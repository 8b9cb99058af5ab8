//! The demo's safety officer: clears a robot at the robot itself, with the agent's own command, so also without a network.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// What the officer needs at one robot.
#[derive(Clone, Debug)]
pub struct Officer {
    program: PathBuf,
    config: PathBuf,
    file: PathBuf,
}

impl Officer {
    /// The agent's program, the configuration of the robot's agent, and the officer's own file.
    pub const fn new(program: PathBuf, config: PathBuf, file: PathBuf) -> Self {
        Self { program, config, file }
    }

    /// Clears the robot.
    ///
    /// # Errors
    /// With the agent's own sentence when nothing is due, or no agent runs.
    pub async fn clear(&self) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("clear").arg("--config").arg(&self.config).arg("--key").arg(&self.file);
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}
