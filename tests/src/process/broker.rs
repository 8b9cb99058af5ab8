//! Which broker a site speaks over, and Mosquitto as a process of its own: the one that most sites run already.

use super::child::Running;
use crate::clock::until;
use anyhow::{Context, Result};
use shared::time::Millis;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

/// Where Debian keeps servers; also where nobody but root looks by default.
const FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/bin"];
/// How long a broker may take to listen, on a busy machine.
const LISTENS_WITHIN: Millis = Millis::secs(10);

/// A broker that a server can be told to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broker {
    /// The one inside the server.
    Embedded,
    /// Mosquitto, beside it.
    Mosquitto,
}

impl Broker {
    /// The line of the server's configuration that names it.
    #[must_use]
    pub fn line(self, at: SocketAddr) -> String {
        match self {
            Self::Embedded => format!("mqtt = \"{at}\"\n"),
            Self::Mosquitto => format!("broker = \"{at}\"\n"),
        }
    }
}

/// Starts Mosquitto at `at`, and waits until it listens. It keeps nothing on disk: nothing may depend on it.
///
/// # Errors
/// When it is not installed, or does not listen.
pub fn start_mosquitto(dir: &Path, at: SocketAddr) -> Result<Running> {
    let config = dir.join("mosquitto.conf");
    let text = format!("listener {} {}\nallow_anonymous true\npersistence false\nuser root\n", at.port(), at.ip());
    std::fs::write(&config, text)?;
    let config = config.display().to_string();
    let running = Running::start(&installed()?, &["-c", &config], &dir.join("mosquitto.log"))?;
    until("mosquitto listens", LISTENS_WITHIN, || TcpStream::connect(at).ok())
        .with_context(|| running.last_words(5))?;
    Ok(running)
}

fn installed() -> Result<PathBuf> {
    let places = FOLDERS.iter().map(|folder| Path::new(folder).join("mosquitto"));
    places.into_iter().find(|path| path.is_file()).context("mosquitto is not installed; `cargo xtask test` installs it")
}
