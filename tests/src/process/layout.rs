//! The folder of a site: keys, configurations and the places of everything else, as the demo lays them out.

use super::broker::Broker;
use crate::clock;
use anyhow::Result;
use shared::beacon::{BeaconTime, Endorsement};
use shared::id::ZoneId;
use shared::seal::{SigningKey, to_hex};
use shared::zone::{Hall, Point, Zone};
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The site's name.
pub const SITE: &str = "hall-1";

/// Whose key endorses the site's robots and safety officers.
pub const CA: &str = "ca";

/// Where a site's parts listen and lie.
pub struct Layout {
    /// The folder of the run.
    pub dir: PathBuf,
    /// The server's REST.
    pub http: SocketAddr,
    /// The server's broker.
    pub mqtt: SocketAddr,
    /// The radio.
    pub air: SocketAddr,
}

/// The key of a site, a robot or a firmware: any 32 bytes that differ do for a test.
#[must_use]
pub fn key_of(owner: &str) -> SigningKey {
    SigningKey::from_seed(&seed_of(owner))
}

/// What [`key_of`] is made from.
pub(super) fn seed_of(owner: &str) -> [u8; 32] {
    shared::seal::Hash::of(&[b"a test's key", owner.as_bytes()]).0
}

impl Layout {
    /// Takes ports and air that nobody else uses.
    ///
    /// # Errors
    /// When there are none.
    pub fn choose(dir: &Path) -> Result<Self> {
        let port = || TcpListener::bind("127.0.0.1:0")?.local_addr();
        let (http, mqtt) = (port()?, port()?);
        let air_port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
        let [high, low] = http.port().to_be_bytes();
        let air = SocketAddr::from((Ipv4Addr::new(239, 255, high, low.clamp(1, 254)), air_port));
        Ok(Self { dir: dir.to_owned(), http, mqtt, air })
    }

    /// Writes the server's keys, hall and configuration, which names the broker; returns the configuration's place.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_fleet<'a>(&self, robots: impl IntoIterator<Item = &'a str>, broker: Broker) -> Result<PathBuf> {
        let (dir, keys) = (self.dir.join("fleet"), self.dir.join("keys"));
        fs::create_dir_all(&dir)?;
        fs::create_dir_all(&keys)?;
        fs::set_permissions(&keys, Permissions::from_mode(0o700))?;
        write_key(&keys.join("site.key"), SITE)?;
        fs::write(dir.join("hall.json"), serde_json::to_string(&hall()?)?)?;
        let (http, broker, here) = (self.http, broker.line(self.mqtt), self.dir.display());
        let mut text = format!(
            "site = \"{SITE}\"\nhttp = \"{http}\"\n{broker}key = \"{here}/keys/site.key\"\nhall = \"{here}/fleet/hall.json\"\n"
        );
        for robot in robots {
            text += &format!("[[robots]]\nid = \"{robot}\"\nkey = \"{}\"\n", key_of(robot).public().to_text());
        }
        let path = dir.join("fleet.toml");
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Writes a safety controller's configuration; returns its place.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_firmware(&self, robot: &str, start: Point) -> Result<PathBuf> {
        let dir = self.firmware(robot);
        for folder in ["link", "panel"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        write_key(&dir.join("firmware.key"), &format!("{robot}-firmware"))?;
        let (here, air, key) = (dir.display(), self.air, key_of(robot).public().to_text());
        let ca_key = key_of(CA).public().to_text();
        let text = format!(
            "robot = \"{robot}\"\ndir = \"{here}\"\nlink = \"{here}/link/link.sock\"\npanel = \"{here}/panel/panel.sock\"\n\
             key = \"{here}/firmware.key\"\nrobot_key = \"{key}\"\nca_key = \"{ca_key}\"\nair = \"{air}\"\nstart = {{ x_cm = {}, y_cm = {} }}\n",
            start.x_cm, start.y_cm
        );
        let path = dir.join("firmware.toml");
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Writes an agent's configuration, which reaches the server through `relay`; returns its place.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_agent(&self, robot: &str, relay: SocketAddr) -> Result<PathBuf> {
        let dir = self.dir.join("robots").join(robot);
        fs::create_dir_all(&dir)?;
        write_key(&dir.join("agent.key"), robot)?;
        let (here, air, firmware) = (dir.display(), self.air, self.firmware(robot).display().to_string());
        let (site_key, ca_key) = (key_of(SITE).public().to_text(), key_of(CA).public().to_text());
        fs::write(dir.join("endorsement.hex"), endorsement(robot)?.to_text())?;
        let text = format!(
            "robot = \"{robot}\"\nsite = \"{SITE}\"\ndir = \"{here}\"\nkey = \"{here}/agent.key\"\nsite_key = \"{site_key}\"\n\
             ca_key = \"{ca_key}\"\nendorsement = \"{here}/endorsement.hex\"\n\
             link = \"{firmware}/link/link.sock\"\nmqtt = \"{relay}\"\nair = \"{air}\"\n"
        );
        let path = dir.join("agent.toml");
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Takes out of a robot's two configurations what version 1 does not know, and would refuse.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn write_for_version_1(&self, robot: &str) -> Result<()> {
        let agent = self.dir.join("robots").join(robot).join("agent.toml");
        let files = [(agent, "endorsement = "), (self.firmware(robot).join("firmware.toml"), "ca_key = ")];
        for (path, unknown) in files {
            let text = fs::read_to_string(&path)?;
            let known: Vec<&str> = text.lines().filter(|line| !line.starts_with(unknown)).collect();
            fs::write(path, known.join("\n"))?;
        }
        Ok(())
    }

    /// The folder of a robot's safety controller.
    #[must_use]
    pub fn firmware(&self, robot: &str) -> PathBuf {
        self.dir.join("firmware").join(robot)
    }
}

/// The CA's word for a robot, for a week that began an hour ago.
fn endorsement(robot: &str) -> Result<Endorsement> {
    let from = BeaconTime::from_wall(clock::wall()).secs() - 3600;
    Ok(Endorsement::issue(&key_of(CA), key_of(robot).public(), from, from + 7 * 24 * 3600)?)
}

fn write_key(path: &Path, owner: &str) -> Result<()> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(to_hex(&seed_of(owner)).as_bytes())?)
}

/// Four zones in a row: `near` lies where the robots start, `far` twelve metres away.
fn hall() -> Result<Hall> {
    let zone = |(name, x_cm): (&str, i16)| {
        let at = |x_cm, y_cm| Point { x_cm, y_cm };
        let (from, to, station) = (at(x_cm - 100, 0), at(x_cm + 100, 400), at(x_cm, 200));
        Ok(Zone { id: ZoneId::parse(name)?, title: name.to_owned(), from, to, station })
    };
    let zones: Result<Vec<Zone>> =
        [("near", 150), ("store", 400), ("cell", 700), ("far", 1400)].map(zone).into_iter().collect();
    Ok(Hall { title: "Test hall".to_owned(), size: Point { x_cm: 1600, y_cm: 500 }, zones: zones? })
}
