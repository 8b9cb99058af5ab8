//! One firmware in a folder of its own.

use anyhow::{Context, Result};
use shared::seal::{Hash, SigningKey};
use shared::time::Millis;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tests::clock::until;
use tests::process::Panel;

/// What all firmwares of a drill share.
#[derive(Clone, Debug)]
pub struct Setting {
    dir: PathBuf,
    program: PathBuf,
    /// The radio.
    pub air: SocketAddrV4,
}

/// A running firmware; dropping it kills it, and its body sees the line drop.
pub struct Firmware {
    child: Child,
    /// Its folder.
    pub dir: PathBuf,
    /// Its button, reset and lamp.
    pub panel: Panel,
}

impl Setting {
    /// A folder, a program, and air that nobody else uses.
    pub fn choose(dir: &Path, program: PathBuf) -> Result<Self> {
        let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
        let [high, low] = port.to_be_bytes();
        let air = SocketAddrV4::new(Ipv4Addr::new(239, 255, high, low.clamp(1, 254)), port);
        Ok(Self { dir: dir.to_owned(), program, air })
    }
}

/// The robot's name.
pub fn name(number: u64) -> String {
    format!("r-{}", number + 1)
}

/// The key with which the robot says on the air that it is a machine.
pub fn robot_key(number: u64) -> SigningKey {
    SigningKey::from_seed(&Hash::of(&[b"a drill's key", &number.to_be_bytes()]).0)
}

/// The key that endorses all robots of the drill.
pub fn ca_key() -> SigningKey {
    SigningKey::from_seed(&Hash::of(&[b"a drill's CA"]).0)
}

impl Firmware {
    /// Starts it and waits for its panel and its body.
    pub fn start(setting: &Setting, number: u64) -> Result<Self> {
        let dir = setting.dir.join(name(number));
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("firmware.key"), "11".repeat(32))?;
        let config = dir.join("firmware.toml");
        std::fs::write(&config, text(&dir, setting.air, number))?;
        let log = File::create(dir.join("firmware.log"))?;
        let mut command = Command::new(&setting.program);
        let child = command.arg("run").arg("--config").arg(config).stdin(Stdio::null()).stderr(log).spawn();
        let child = child.with_context(|| format!("cannot start {}", setting.program.display()))?;
        let firmware = Self { child, panel: Panel::at(dir.join("panel/panel.sock")), dir };
        let has_body = || firmware.panel.status().ok().filter(|status| status["body"] == true);
        until("the firmware has a body", Millis::secs(20), has_body)?;
        Ok(firmware)
    }
}

impl Drop for Firmware {
    fn drop(&mut self) {
        let _was_alive = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn text(dir: &Path, air: SocketAddrV4, number: u64) -> String {
    let (d, robot) = (dir.display(), name(number));
    let (key, ca_key) = (robot_key(number).public().to_text(), ca_key().public().to_text());
    format!(
        "robot = \"{robot}\"\ndir = \"{d}\"\nlink = \"{d}/link/link.sock\"\npanel = \"{d}/panel/panel.sock\"\n\
         key = \"{d}/firmware.key\"\nrobot_key = \"{key}\"\nca_key = \"{ca_key}\"\nair = \"{air}\"\n\
         start = {{ x_cm = 0, y_cm = 0 }}\n"
    )
}
