//! A real server with its embedded broker, for the rows that need one.

use crate::site::LIFE;
use anyhow::Result;
use fleet_server::store::Store;
use shared::time::Millis;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tests::clock::until;
use tests::process::{Broker, Layout, Rest, Running, programs};

/// How long it may take to answer, on a busy machine.
const READY_WITHIN: Millis = Millis::secs(30);

/// `fleet serve` in a folder of its own. It ends when this is dropped.
pub struct Server {
    layout: Layout,
    running: Running,
    // Last, so that the folder outlives the process that writes into it.
    _dir: TempDir,
}

impl Server {
    /// Starts a server of these robots, whose database `fill` has filled before.
    pub fn start(disk: &Path, robots: &[String], fill: impl FnOnce(&mut Store) -> Result<()>) -> Result<Self> {
        let dir = tempfile::tempdir_in(disk)?;
        let layout = Layout::choose(dir.path())?;
        let config = layout.write_fleet(robots.iter().map(String::as_str), Broker::Embedded)?;
        let folder = dir.path().join("fleet");
        fill(&mut Store::open(&folder, LIFE)?)?;
        let (folder, config) = (folder.display().to_string(), config.display().to_string());
        let words = ["serve", "--log", "warn", "--dir", &folder, "--config", &config];
        let running = Running::start(&programs()?.join("fleet"), &words, &dir.path().join("fleet.log"))?;
        let rest = Rest::at(layout.http);
        until("the server answers", READY_WITHIN, || rest.get("/v1/robots").ok())?;
        Ok(Self { layout, running, _dir: dir })
    }

    /// Where robots connect.
    pub const fn broker(&self) -> SocketAddr {
        self.layout.mqtt
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.layout.dir.join("fleet").join("fleet.db")
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.running.id()
    }
}
