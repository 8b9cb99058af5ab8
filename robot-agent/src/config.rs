//! The agent's configuration: read once, raw and then resolved, refused with one sentence.

use shared::beacon::{MachineName, Unshowable};
use shared::id::{RobotId, SiteId};
use shared::key_file::{self, Half};
use shared::seal::{PublicKey, SigningKey};
use shared::zone::Point;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

/// What the file says.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    robot: RobotId,
    site: SiteId,
    dir: PathBuf,
    key: PathBuf,
    site_key: String,
    ca_key: String,
    link: PathBuf,
    mqtt: SocketAddr,
    air: SocketAddrV4,
    #[serde(default)]
    endorsement: Option<PathBuf>,
    #[serde(default)]
    safe_point: Option<Point>,
    #[serde(default = "storage_mib")]
    storage_mib: u32,
    #[cfg(debug_assertions)]
    #[serde(default)]
    plant: Option<crate::plant::Plant>,
}

/// What the agent runs with.
#[derive(Debug)]
pub struct Config {
    /// This robot's name.
    pub robot: RobotId,
    /// The site it works for.
    pub site: SiteId,
    /// The folder of its database.
    pub dir: PathBuf,
    /// The key it signs with.
    pub key: SigningKey,
    /// The server's key.
    pub site_key: PublicKey,
    /// The key of the site's CA, which endorses safety officers and the keys that robots disclose with.
    pub ca_key: PublicKey,
    /// The firmware's link socket.
    pub link: PathBuf,
    /// The broker.
    pub mqtt: SocketAddr,
    /// The multicast group that stands for the radio.
    pub air: SocketAddrV4,
    /// What the robot is called on the air.
    pub name: MachineName,
    /// A file with an endorsement of the robot's key, for the first start and wherever there is no network.
    pub endorsement: Option<PathBuf>,
    /// Where the robot sits in nobody's way, for the last half hour of an endorsement that is not renewed.
    pub safe_point: Option<Point>,
    /// Bytes that the replica and the telemetry's file may use together. Their reserves come on top.
    pub storage_len: u64,
    /// A fault to plant, so that a test can show that it is found. No release build has it.
    #[cfg(debug_assertions)]
    pub plant: Option<crate::plant::Plant>,
}

/// Why the agent cannot run with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not the TOML that is expected.
    #[error("{path}: {reason}")]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A key is not one.
    #[error("{what} is not a key: {reason}")]
    Key {
        /// Which key.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// Without TLS only this machine's own addresses are served.
    #[error("mqtt = {0}: only loopback addresses are allowed until connections are encrypted")]
    NotLoopback(SocketAddr),
    /// The air is a multicast group.
    #[error("air = {0}: not an IPv4 multicast group")]
    NotMulticast(SocketAddrV4),
    /// Too little room to work with.
    #[error("storage_mib = {0}: at least {STORAGE_MIB_MIN} are needed")]
    Storage(u32),
    /// The robot has a name that cannot go on the air.
    #[error("robot = {robot}: this name cannot go on the air")]
    Name {
        /// The name.
        robot: RobotId,
        /// Why not.
        source: Unshowable,
    },
}

impl Config {
    /// Reads and resolves the file.
    ///
    /// # Errors
    /// [`BadConfig`] with the first thing that is wrong.
    pub fn read(path: &Path) -> Result<Self, BadConfig> {
        let text = read(path)?;
        let raw: Raw = toml::from_str(&text)
            .map_err(|e| BadConfig::Form { path: path.into(), reason: e.to_string().trim().replace('\n', " ") })?;
        raw.resolve()
    }
}

impl Raw {
    fn resolve(self) -> Result<Config, BadConfig> {
        if !self.mqtt.ip().is_loopback() {
            return Err(BadConfig::NotLoopback(self.mqtt));
        }
        if !self.air.ip().is_multicast() {
            return Err(BadConfig::NotMulticast(self.air));
        }
        let name =
            MachineName::of(&self.robot).map_err(|source| BadConfig::Name { robot: self.robot.clone(), source })?;
        let site_key = parse_key("site_key", &self.site_key)?;
        let ca_key = parse_key("ca_key", &self.ca_key)?;
        Ok(Config {
            key: read_key(&self.key)?,
            site_key,
            ca_key,
            robot: self.robot,
            site: self.site,
            dir: self.dir,
            link: self.link,
            mqtt: self.mqtt,
            air: self.air,
            name,
            endorsement: self.endorsement,
            safe_point: self.safe_point,
            storage_len: storage_len(self.storage_mib)?,
            #[cfg(debug_assertions)]
            plant: self.plant,
        })
    }
}

/// Room for some three weeks without a network at one sample a second and a thousand entries a day, several times over; little on any disk
/// that a robot has.
const fn storage_mib() -> u32 {
    512
}

/// Less than this is filled by one busy day.
const STORAGE_MIB_MIN: u32 = 16;

fn storage_len(mib: u32) -> Result<u64, BadConfig> {
    if mib < STORAGE_MIB_MIN {
        return Err(BadConfig::Storage(mib));
    }
    Ok(u64::from(mib) * 1024 * 1024)
}

fn parse_key(what: &str, text: &str) -> Result<PublicKey, BadConfig> {
    PublicKey::parse(text).map_err(|e| BadConfig::Key { what: what.into(), reason: e.to_string() })
}

fn read(path: &Path) -> Result<String, BadConfig> {
    std::fs::read_to_string(path).map_err(|source| BadConfig::Read { path: path.into(), source })
}

fn read_key(path: &Path) -> Result<SigningKey, BadConfig> {
    let bad = |reason: String| BadConfig::Key { what: path.display().to_string(), reason };
    let found = key_file::read(&read(path)?, Half::Private).map_err(|e| bad(e.to_string()))?;
    Ok(SigningKey::from_seed(&found.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(mqtt: &str, air: &str) -> Raw {
        let text = format!(
            "robot='r-1'\nsite='s'\ndir='/d'\nkey='/nowhere'\nsite_key='{0}'\nca_key='{0}'\nlink='/l'\nmqtt='{mqtt}'\nair='{air}'\n",
            "00".repeat(32)
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn a_key_is_read_below_the_line_that_says_which_half_it_is_and_the_other_half_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.key");
        let key_in = |text: String| {
            std::fs::write(&path, text).unwrap();
            read_key(&path).map(|key| key.public())
        };
        let own = SigningKey::from_seed(&[7; 32]).public();
        assert_eq!(key_in(key_file::text(Half::Private, &[7; 32])).unwrap(), own);
        assert_eq!(key_in("07".repeat(32)).unwrap(), own);
        assert!(key_in(key_file::text(Half::Public, &[7; 32])).unwrap_err().to_string().contains("it is a public key"));
    }

    #[test]
    fn other_machines_are_refused_until_connections_are_encrypted() {
        let refused = raw("10.0.0.1:1883", "239.255.7.1:47001").resolve();
        assert!(matches!(refused, Err(BadConfig::NotLoopback(_))));
        let refused = raw("127.0.0.1:1883", "127.0.0.1:47001").resolve();
        assert!(matches!(refused, Err(BadConfig::NotMulticast(_))));
        let refused = raw("127.0.0.1:1883", "239.255.7.1:47001").resolve();
        assert!(matches!(refused, Err(BadConfig::Read { .. })), "the key's file does not exist");
    }

    #[test]
    fn a_refused_name_says_why_and_says_it_once() {
        let mut long = raw("127.0.0.1:1883", "239.255.7.1:47001");
        long.robot = RobotId::parse("r-123456789").unwrap();
        let told = format!("{:#}", anyhow::Error::from(long.resolve().unwrap_err()));
        assert_eq!(told.matches("at most 8 characters").count(), 1, "{told}");
        assert!(told.starts_with("robot = r-123456789: "), "{told}");
    }

    #[test]
    fn a_field_that_nobody_reads_is_refused() {
        assert!(toml::from_str::<Raw>("colour='red'").unwrap_err().to_string().contains("colour"));
    }
}
