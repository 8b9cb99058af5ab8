//! `fleet.toml`: read once, raw, then resolved into values that cannot be wrong.
//!
//! Until robots are enrolled with certificates every address has to be a loopback one: plain TCP to anywhere else would
//! let whoever is in between drop and replay.

mod endorsement;

pub use endorsement::{Endorsing, endorsing};

use anyhow::{Context, bail, ensure};
use fleet_core::{Site, TelemetryKept};
use serde::Deserialize;
use shared::beacon::MachineName;
use shared::id::{RobotId, SiteId};
use shared::key_file::{self, Half};
use shared::seal::{PublicKey, SigningKey};
use shared::zone::Hall;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What `fleet serve` is told.
#[derive(Debug)]
pub struct Config {
    /// The site: its name, key, map and robots.
    pub site: Site,
    /// Where people and programs connect.
    pub http: SocketAddr,
    /// Where robots' messages come from.
    pub messages: Messages,
    /// How much telemetry is kept.
    pub telemetry: TelemetryKept,
    /// A fault to plant, so that a checker can be shown to find it.
    #[cfg(debug_assertions)]
    pub plant: Option<Plant>,
}

/// Where robots' messages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Messages {
    /// A broker inside this process, listening here.
    Embedded(SocketAddr),
    /// A broker of its own, found here.
    External(SocketAddr),
}

impl Messages {
    /// Where a client connects.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        match self {
            Self::Embedded(address) | Self::External(address) => address,
        }
    }
}

/// A fault to plant. No release build has the word.
#[cfg(debug_assertions)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plant {
    /// One batch of the work lane is acknowledged and not stored.
    Lost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    site: SiteId,
    http: SocketAddr,
    mqtt: Option<SocketAddr>,
    broker: Option<SocketAddr>,
    key: PathBuf,
    ca_key: Option<PathBuf>,
    endorsement_days: Option<u8>,
    telemetry_days: Option<u16>,
    telemetry_mib: Option<u32>,
    hall: PathBuf,
    #[serde(default)]
    robots: Vec<RawRobot>,
    #[cfg(debug_assertions)]
    plant: Option<Plant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRobot {
    id: RobotId,
    key: String,
}

/// Reads a configuration. Relative paths in it start at its own folder. The keys of the site and of its CA are made when they
/// are missing.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn read(path: &Path) -> anyhow::Result<Config> {
    resolve(raw(path)?, folder_of(path), crate::entropy::bytes).with_context(|| format!("in {}", path.display()))
}

fn raw(path: &Path) -> anyhow::Result<Raw> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a configuration", path.display()))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn resolve(raw: Raw, folder: &Path, draw: impl Fn() -> [u8; 32]) -> anyhow::Result<Config> {
    let messages = match (raw.mqtt, raw.broker) {
        (Some(address), None) => Messages::Embedded(address),
        (None, Some(address)) => Messages::External(address),
        (Some(_), Some(_)) | (None, None) => bail!("name either mqtt (an embedded broker) or broker (an external one)"),
    };
    expect_loopback("http", raw.http)?;
    expect_loopback("the broker", messages.address())?;
    let site = Site {
        robots: roster(raw.robots)?,
        key: kept_key(&folder.join(raw.key), &draw)?,
        endorser: endorsement::endorser(raw.ca_key.map(|key| folder.join(key)), raw.endorsement_days, &draw)?,
        hall: hall(&folder.join(raw.hall))?,
        id: raw.site,
    };
    Ok(Config {
        site,
        http: raw.http,
        messages,
        telemetry: telemetry(raw.telemetry_days, raw.telemetry_mib)?,
        #[cfg(debug_assertions)]
        plant: raw.plant,
    })
}

fn telemetry(days: Option<u16>, mib: Option<u32>) -> anyhow::Result<TelemetryKept> {
    let usual = TelemetryKept::default();
    ensure!(days != Some(0), "telemetry_days = 0: what is not kept for a day need not be sent");
    ensure!(mib != Some(0), "telemetry_mib = 0: what has no room need not be sent");
    let len = mib.map_or(usual.len, |mib| u64::from(mib) * 1024 * 1024);
    Ok(TelemetryKept { days: days.unwrap_or(usual.days), len })
}

fn expect_loopback(what: &str, address: SocketAddr) -> anyhow::Result<()> {
    ensure!(address.ip().is_loopback(), "{what} is at {address}: only loopback addresses are served without TLS");
    Ok(())
}

fn roster(robots: Vec<RawRobot>) -> anyhow::Result<BTreeMap<RobotId, PublicKey>> {
    let mut roster = BTreeMap::new();
    for RawRobot { id, key } in robots {
        // Its endorsement would be a name on the air that people take for a person's.
        MachineName::of(&id).with_context(|| format!("the name of robot {id}"))?;
        let key = PublicKey::parse(&key).with_context(|| format!("the key of robot {id}"))?;
        ensure!(roster.insert(id.clone(), key).is_none(), "robot {id} is named twice");
    }
    Ok(roster)
}

fn hall(path: &Path) -> anyhow::Result<Hall> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the hall {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a hall", path.display()))
}

/// The key in a file; made there when there is none.
fn kept_key(path: &Path, draw: impl Fn() -> [u8; 32]) -> anyhow::Result<SigningKey> {
    if !path.exists() {
        make_key(path, &draw()).with_context(|| format!("cannot make the key {}", path.display()))?;
    }
    private_key(path)
}

/// The key in a file that only its owner reads.
///
/// # Errors
/// When it cannot be read, others may read it, or it is no key.
pub fn private_key(path: &Path) -> anyhow::Result<SigningKey> {
    let text = fleet_audit::input::text(path, fleet_audit::input::KEY_LEN_MAX);
    let text = text.with_context(|| format!("cannot read the key {}", path.display()))?;
    // What it holds comes first: nobody has to hide a public key.
    let found = key_file::read(&text, Half::Private);
    let found =
        found.with_context(|| format!("{} does not hold a private key of 64 hexadecimal digits", path.display()))?;
    let others_may_read = std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    ensure!(!others_may_read, "others may read the key {}: chmod 600 it", path.display());
    Ok(SigningKey::from_seed(&found.bytes))
}

/// A crash half way leaves a short file, which the next start refuses with a sentence instead of taking another key.
fn make_key(path: &Path, seed: &[u8; 32]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key_file::text(Half::Private, seed).as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALL: &str = r#"{"title":"H","size":{"x_cm":9,"y_cm":9},"zones":[]}"#;

    #[test]
    fn a_name_that_reads_as_a_persons_is_refused_where_robots_are_named() {
        let key = || "00".repeat(32);
        let named = |name: &str| roster(vec![RawRobot { id: RobotId::parse(name).unwrap(), key: key() }]);
        assert!(named("r-1").is_ok());
        for bad in ["human-1", "maria", "r-2345678"] {
            assert!(
                format!("{:#}", named(bad).unwrap_err()).starts_with(&format!("the name of robot {bad}: ")),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_public_key_is_told_to_be_one_and_a_private_one_that_others_may_read_is_to_be_hidden() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca");
        let told = |half| {
            std::fs::write(&path, key_file::text(half, &[7; 32])).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            format!("{:#}", private_key(&path).unwrap_err())
        };
        let public = told(Half::Public);
        assert!(public.contains("it is a public key") && !public.contains("chmod"), "{public}");
        assert!(told(Half::Private).contains("chmod 600"));
    }

    fn read_with(head: &str) -> anyhow::Result<Config> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("hall.json"), HALL).unwrap();
        let text = format!("{head}\nsite = \"hall-1\"\nkey = \"site.key\"\nhall = \"hall.json\"\n");
        let robots = format!("[[robots]]\nid = \"r-1\"\nkey = \"{}\"\n", "00".repeat(32));
        std::fs::write(dir.path().join("fleet.toml"), text + &robots).unwrap();
        let config = read(&dir.path().join("fleet.toml"))?;
        let mode = std::fs::metadata(dir.path().join("site.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the key is for its owner alone");
        let again = read(&dir.path().join("fleet.toml"))?;
        assert_eq!(again.site.key.public(), config.site.key.public(), "a key is made once");
        Ok(config)
    }

    #[test]
    fn the_site_of_the_protocol_page_can_be_served() {
        let page = include_str!("../../docs/PROTOCOL.md");
        let (_, rest) = page.split_once("```toml\n").unwrap();
        let (text, _) = rest.split_once("```").unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("fleet.toml"), text).unwrap();
        std::fs::write(dir.path().join("hall.json"), include_str!("../../examples/hall.json")).unwrap();
        let config = read(&dir.path().join("fleet.toml")).unwrap();
        let keys: Vec<&PublicKey> = config.site.robots.values().collect();
        assert_eq!(keys, [&SigningKey::from_seed(&[1; 32]).public()], "the key of the page's examples");
        let lines = std::fs::read_to_string(dir.path().join("site.key")).unwrap();
        assert_eq!(lines.lines().next(), Some("bellwether private key"));
    }

    #[test]
    fn a_missing_key_is_made_once_for_its_owner_alone() {
        let config = read_with("http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"").unwrap();
        assert_eq!(config.messages, Messages::Embedded("127.0.0.1:2".parse().unwrap()));
        assert_eq!(config.site.robots.len(), 1);
        assert!(config.site.endorser.is_none());
    }

    #[test]
    fn a_named_ca_endorses_for_the_days_of_the_policy() {
        let head = "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nca_key = \"ca.key\"\nendorsement_days = 3";
        let endorser = read_with(head).unwrap().site.endorser.unwrap();
        let given = endorser.issue(PublicKey([0; 32]), shared::time::WallTime(1_795_000_000_000));
        assert_eq!(given.not_after_s - given.not_before_s, 3 * 24 * 3600);
    }

    #[test]
    fn what_is_not_loopback_unknown_or_ambiguous_is_refused() {
        for head in [
            "http = \"0.0.0.0:1\"\nmqtt = \"127.0.0.1:2\"",
            "http = \"127.0.0.1:1\"\nmqtt = \"192.168.0.1:2\"",
            "http = \"127.0.0.1:1\"",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nbroker = \"127.0.0.1:3\"",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nhtpp = 1",
            "http = 1\nmqtt = \"127.0.0.1:2\"",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nca_key = \"ca.key\"\nendorsement_days = 15",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nca_key = \"ca.key\"\nendorsement_days = 0",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nendorsement_days = 7",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\ntelemetry_days = 0",
            "http = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\ntelemetry_mib = 0",
        ] {
            assert!(read_with(head).is_err(), "{head}");
        }
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site.key");
        make_key(&path, &[7; 32]).unwrap();
        assert!(kept_key(&path, || [0; 32]).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(kept_key(&path, || [0; 32]).is_err());
    }
}
