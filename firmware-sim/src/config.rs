//! The configuration: read once, raw then resolved.
//!
//! All paths are absolute. Whatever cannot be used is refused here with one sentence, before a thread, a socket or a
//! child process exists.

use crate::fault::Fault;
use serde::Deserialize;
use shared::id::RobotId;
use shared::key_file::{self, Half};
use shared::seal::{PublicKey, SigningKey};
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};

/// Everything the firmware is told from outside.
#[derive(Debug)]
pub struct Config {
    /// The robot this firmware belongs to.
    pub robot: RobotId,
    /// Folder of the firmware's own files.
    pub dir: PathBuf,
    /// Socket of the agent's face.
    pub link: PathBuf,
    /// Socket of the person's face, in a folder of its own.
    pub panel: PathBuf,
    /// The firmware's own key, with which it signs its event list.
    pub key: SigningKey,
    /// The key with which this robot's agent signs what it says on the air.
    pub robot_key: PublicKey,
    /// The key of the site's CA, which endorses robots.
    pub ca_key: PublicKey,
    /// Multicast group and port that stand for the radio.
    pub air: SocketAddrV4,
    /// Where the body stands when it has no memory yet.
    pub start: Start,
    /// A fault to plant, so that a test can show that it is found. No release build has it.
    #[cfg(debug_assertions)]
    pub plant: Option<crate::planted::Planted>,
}

/// A place on the floor, in centimetres from the hall's south-west corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Centimetres east.
    pub x_cm: i16,
    /// Centimetres north.
    pub y_cm: i16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    robot: RobotId,
    dir: PathBuf,
    link: PathBuf,
    panel: PathBuf,
    key: PathBuf,
    robot_key: String,
    ca_key: String,
    air: SocketAddrV4,
    start: Start,
    #[cfg(debug_assertions)]
    #[serde(default)]
    plant: Option<crate::planted::Planted>,
}

/// Reads and resolves the configuration.
///
/// # Errors
/// [`Fault::Unusable`] with the first thing that cannot be used.
pub fn read(path: &Path) -> Result<Config, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::unusable("reading the configuration", path, &e))?;
    let raw: Raw = toml::from_str(&text).map_err(|e| Fault::Unusable(refusal(path, &e)))?;
    resolve(raw)
}

fn refusal(path: &Path, error: &toml::de::Error) -> String {
    let line = error.message().lines().next().unwrap_or("it is no TOML").to_owned();
    format!("the configuration {} cannot be used: {line}", path.display())
}

fn resolve(raw: Raw) -> Result<Config, Fault> {
    for path in [&raw.dir, &raw.link, &raw.panel, &raw.key] {
        refuse_unless(path.is_absolute(), || format!("the path {} is not absolute", path.display()))?;
    }
    refuse_unless(raw.dir.is_dir(), || format!("{} is not a folder", raw.dir.display()))?;
    refuse_unless(raw.link.parent() != raw.panel.parent(), || {
        "link and panel share a folder; the panel's must be its own, or the agent could open it".to_owned()
    })?;
    refuse_unless(raw.air.ip().is_multicast(), || format!("{} is not a multicast group", raw.air.ip()))?;
    let robot_key = parse_key("robot_key", &raw.robot_key)?;
    let ca_key = parse_key("ca_key", &raw.ca_key)?;
    let key = read_key(&raw.key)?;
    Ok(Config {
        key,
        robot_key,
        ca_key,
        robot: raw.robot,
        dir: raw.dir,
        link: raw.link,
        panel: raw.panel,
        air: raw.air,
        start: raw.start,
        #[cfg(debug_assertions)]
        plant: raw.plant,
    })
}

fn parse_key(what: &str, text: &str) -> Result<PublicKey, Fault> {
    PublicKey::parse(text).map_err(|e| Fault::Unusable(format!("{what}: {e}")))
}

fn refuse_unless(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Unusable(sentence())) }
}

fn read_key(path: &Path) -> Result<SigningKey, Fault> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::unusable("reading the key", path, &e))?;
    let found = key_file::read(&text, Half::Private);
    let found = found.map_err(|e| Fault::Unusable(format!("{} holds no private key: {e}", path.display())))?;
    Ok(SigningKey::from_seed(&found.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dir: &Path, change: (&str, &str)) -> String {
        let d = dir.display();
        let key = "a".repeat(64);
        let text = format!(
            "robot = \"r-1\"\ndir = \"{d}\"\nlink = \"{d}/link/l.sock\"\npanel = \"{d}/panel/p.sock\"\n\
             key = \"{d}/key\"\nrobot_key = \"{key}\"\nca_key = \"{key}\"\nair = \"239.255.7.1:47001\"\nstart = {{ x_cm = 1, y_cm = -2 }}\n"
        );
        text.replace(change.0, change.1)
    }

    fn read_with(change: (&str, &str)) -> Result<Config, Fault> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("key"), "7".repeat(64)).unwrap();
        let path = dir.path().join("firmware.toml");
        std::fs::write(&path, text(dir.path(), change)).unwrap();
        read(&path)
    }

    #[test]
    fn a_whole_configuration_is_taken() {
        let config = read_with(("", "")).unwrap();
        assert_eq!(config.robot.as_str(), "r-1");
        assert_eq!(config.start, Start { x_cm: 1, y_cm: -2 });
    }

    #[test]
    fn what_cannot_be_used_is_refused_in_one_sentence() {
        let changes = [
            ("r-1", "R 1"),
            ("/key", "/no-key"),
            ("239.255.7.1", "127.0.0.1"),
            ("/panel/p.sock", "/link/p.sock"),
            ("link =", "lnk ="),
            ("start = {", "start = { z_cm = 1, "),
            ("robot_key = \"aa", "robot_key = \"a"),
            ("ca_key = \"aa", "ca_key = \"a"),
            ("ca_key", "ca"),
        ];
        for change in changes {
            let fault = read_with(change).unwrap_err();
            assert!(matches!(&fault, Fault::Unusable(text) if !text.contains('\n')), "{change:?}: {fault}");
        }
    }

    #[test]
    fn a_key_is_read_below_the_line_that_says_which_half_it_is_and_the_other_half_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
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
    fn a_missing_file_is_one_sentence() {
        assert!(matches!(read(Path::new("/nowhere/firmware.toml")), Err(Fault::Unusable(_))));
    }
}
