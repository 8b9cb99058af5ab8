//! `fleet robot revoke`: the site's signed list of keys that count no more, for whoever listens on the air.
//!
//! It asks no server. What revokes a key is that nobody renews its endorsement; the list is for the days until that ends.

use super::ca_key::ca_key;
use super::client::{self, Failure};
use crate::{clock, config};
use fleet_audit::invocation;
use serde_json::json;
use shared::beacon::{BeaconTime, DisclosureId, Revoked};
use shared::id::RobotId;
use shared::seal::{PublicKey, from_hex};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What `fleet robot revoke` is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The robot whose key counts no more, as fleet.toml names it.
    #[arg(required_unless_present = "id")]
    robot: Option<RobotId>,
    /// The disclosure id of a key that fleet.toml no longer names, in 32 hexadecimal digits; may be given several times.
    #[arg(long, value_parser = id)]
    id: Vec<DisclosureId>,
    /// The list: made, or signed anew with this added. What is on it stays on it.
    #[arg(long)]
    out: PathBuf,
    /// The site's configuration, for the robot's key and the CA.
    #[arg(long, default_value = "fleet.toml")]
    config: PathBuf,
    /// The CA's key; the one that the configuration names if it is not given.
    #[arg(long)]
    ca_key: Option<PathBuf>,
}

fn id(text: &str) -> Result<DisclosureId, String> {
    let bytes = from_hex(text).map_err(|e| e.to_string())?;
    bytes.try_into().map(DisclosureId).map_err(|_| "a disclosure id has 32 hexadecimal digits".to_owned())
}

/// Writes the list and says what is on it.
pub fn revoke(args: &Args, is_json: bool) -> Result<String, Failure> {
    let site = config::endorsing(&args.config).map_err(|e| Failure::Usage(format!("{e:#}")))?;
    let ca = ca_key(args.ca_key.as_deref(), &site, &args.config)?;
    let mut ids = listed(&args.out, &ca.public())?;
    ids.extend(&args.id);
    if let Some(robot) = &args.robot {
        let key = site.robots.get(robot);
        let key = key.ok_or_else(|| Failure::NotFound(format!("{} has no robot {robot}", args.config.display())))?;
        ids.insert(DisclosureId::of(key));
    }
    let list = Revoked::issue(&ca, ids, BeaconTime::from_wall(clock::wall()));
    let list = list.map_err(|e| Failure::Usage(e.to_string()))?;
    replace(&args.out, &list.to_text())?;
    Ok(if is_json { document(args, &list) } else { said(args, &list, &ca.public()) })
}

/// The ids that are on the list already.
fn listed(path: &Path, ca: &PublicKey) -> Result<BTreeSet<DisclosureId>, Failure> {
    let bad = |words: String| Failure::Usage(format!("{}: {words}; name another file to begin a list", path.display()));
    let text = match fleet_audit::input::text(path, fleet_audit::input::LIST_LEN_MAX) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(bad(error.to_string())),
    };
    let list = Revoked::parse(&text).map_err(|e| bad(e.to_string()))?;
    list.check(ca).map_err(|e| bad(e.to_string()))?;
    Ok(list.ids().clone())
}

/// After a crash there is the old list or the new one.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let new = path.with_extension("new");
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path));
    written.map_err(|e| Failure::NotWritten(format!("cannot write {}: {e}", path.display())))
}

fn document(args: &Args, list: &Revoked) -> String {
    let ids: Vec<String> = list.ids().iter().map(ToString::to_string).collect();
    client::document(&json!({"revoked": ids, "file": args.out}))
}

fn said(args: &Args, list: &Revoked, ca: &PublicKey) -> String {
    let out = args.out.display();
    let mut lines = vec![format!("{} revoked, signed by the site's CA, in {out}", list.ids().len())];
    let (program, list) = (invocation::program(), invocation::word(&args.out));
    lines.push(format!("Carry it to whoever listens: {program} listen --ca {} --revoked {list}", ca.to_text()));
    if let Some(robot) = &args.robot {
        lines.push(format!(
            "Until {robot} has another key in {}, or is taken out of it, the server goes on renewing this one.",
            args.config.display()
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::seal::SigningKey;
    use std::os::unix::fs::PermissionsExt;

    fn site(dir: &Path) {
        let key = SigningKey::from_seed(&[1; 32]).public().to_text();
        let text = format!(
            "site = \"s\"\nhttp = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nkey = \"site.key\"\nca_key = \"ca.key\"\n\
             hall = \"none\"\n[[robots]]\nid = \"r-1\"\nkey = \"{key}\"\n"
        );
        std::fs::write(dir.join("fleet.toml"), text).unwrap();
        std::fs::write(dir.join("ca.key"), "07".repeat(32)).unwrap();
        std::fs::set_permissions(dir.join("ca.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn args(dir: &Path, robot: Option<&str>, ids: &[u8]) -> Args {
        let robot = robot.map(|robot| RobotId::parse(robot).unwrap());
        let id = ids.iter().map(|id| DisclosureId([*id; 16])).collect();
        Args { robot, id, out: dir.join("revoked.hex"), config: dir.join("fleet.toml"), ca_key: None }
    }

    #[test]
    fn a_list_grows_is_signed_by_the_ca_and_another_cas_is_not_continued() {
        let dir = tempfile::tempdir().unwrap();
        site(dir.path());
        let said = revoke(&args(dir.path(), Some("r-1"), &[]), false).unwrap_or_else(|e| panic!("{e}"));
        assert!(said.contains("goes on renewing"), "{said}");
        let ca = SigningKey::from_seed(&[7; 32]).public().to_text();
        assert!(said.contains(&format!(" listen --ca {ca} --revoked {}/revoked.hex", dir.path().display())), "{said}");
        let said = revoke(&args(dir.path(), None, &[3]), true).unwrap_or_else(|e| panic!("{e}"));
        let document: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(document["revoked"].as_array().map(Vec::len), Some(2));
        let path = dir.path().join("revoked.hex");
        let list = Revoked::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let own = DisclosureId::of(&SigningKey::from_seed(&[1; 32]).public());
        assert_eq!(list.ids(), &[own, DisclosureId([3; 16])].into_iter().collect());
        assert_eq!(list.check(&SigningKey::from_seed(&[7; 32]).public()), Ok(()));

        let unknown = revoke(&args(dir.path(), Some("r-2"), &[]), true).map_err(|failure| failure.exit_code());
        assert_eq!(unknown, Err(3));
        let unwritable = Args { out: dir.path().join("none/revoked.hex"), ..args(dir.path(), Some("r-1"), &[]) };
        assert_eq!(revoke(&unwritable, true).map_err(|failure| failure.exit_code()), Err(1));
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(dir.path().join("ca.key"), "08".repeat(32)).unwrap();
        assert!(revoke(&args(dir.path(), Some("r-1"), &[]), false).is_err(), "the list of another CA");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    }

    #[test]
    fn an_id_has_thirty_two_digits() {
        assert_eq!(id(&"ab".repeat(16)), Ok(DisclosureId([0xab; 16])));
        assert!(id("ab").is_err() && id("").is_err() && id(&"zz".repeat(16)).is_err());
    }
}
