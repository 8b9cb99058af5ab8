//! `fleet robot endorse`: the CA's word for a robot that the network does not reach, as a file to carry there.
//!
//! It asks no server: the robot's key stands in the configuration, the CA's key in its file.

use super::ca_key::ca_key;
use super::client::{self, Failure};
use crate::{clock, config};
use fleet_core::{EndorsementDays, Endorser};
use serde_json::json;
use shared::id::RobotId;
use std::path::{Path, PathBuf};

/// What `fleet robot endorse` is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The robot, as fleet.toml names it.
    robot: RobotId,
    /// The file to write; `robot-agent endorse` takes it at the robot.
    #[arg(long)]
    out: PathBuf,
    /// The site's configuration, for the robot's key, the CA and the policy.
    #[arg(long, default_value = "fleet.toml")]
    config: PathBuf,
    /// The CA's key; the one that the configuration names if it is not given.
    #[arg(long)]
    ca_key: Option<PathBuf>,
    /// For how many days, 1 to 14; the site's policy if it is not given.
    #[arg(long)]
    days: Option<u8>,
}

/// Writes the file and says what is in it.
pub fn endorse(args: &Args, is_json: bool) -> Result<String, Failure> {
    let usage = |error: anyhow::Error| Failure::Usage(format!("{error:#}"));
    let site = config::endorsing(&args.config).map_err(usage)?;
    let robot = &args.robot;
    let key = site
        .robots
        .get(robot)
        .ok_or_else(|| Failure::NotFound(format!("{} has no robot {robot}", args.config.display())))?;
    let ca = ca_key(args.ca_key.as_deref(), &site, &args.config)?;
    let endorser = Endorser::new(ca, days(args.days, site.days)?);
    let given = endorser.issue(*key, clock::wall());
    write(&args.out, &given.to_text())?;
    let until_ms = shared::beacon::BeaconTime::from_secs(given.not_after_s).to_wall().0;
    Ok(if is_json { document(args, until_ms) } else { words(args, until_ms) })
}

fn words(args: &Args, until_ms: u64) -> String {
    let (robot, out) = (&args.robot, args.out.display());
    let until = fleet_audit::disclosure::calendar::moment(until_ms);
    format!(
        "{robot} is endorsed until {until} in {out}. Carry it there; at the robot, with the agent's own configuration: robot-agent \
         endorse --config agent.toml {out}"
    )
}

fn document(args: &Args, until_ms: u64) -> String {
    client::document(&json!({"robot": args.robot.as_str(), "until_ms": until_ms, "file": args.out}))
}

fn days(wanted: Option<u8>, policy: EndorsementDays) -> Result<EndorsementDays, Failure> {
    let Some(days) = wanted else { return Ok(policy) };
    EndorsementDays::new(days)
        .ok_or_else(|| Failure::Usage(format!("an endorsement holds for 1 to 14 days, not {days}")))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|e| Failure::NotWritten(format!("cannot write {}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::beacon::Endorsement;
    use shared::seal::SigningKey;
    use std::os::unix::fs::PermissionsExt;

    fn args(dir: &Path, robot: &str, days: Option<u8>) -> Args {
        let robot = RobotId::parse(robot).unwrap();
        Args { robot, out: dir.join("e.hex"), config: dir.join("fleet.toml"), ca_key: None, days }
    }

    #[test]
    fn a_robot_is_endorsed_by_the_configured_ca_without_a_server() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::from_seed(&[1; 32]).public();
        let text = format!(
            "site = \"s\"\nhttp = \"127.0.0.1:1\"\nmqtt = \"127.0.0.1:2\"\nkey = \"site.key\"\nca_key = \"ca.key\"\n\
             hall = \"none\"\n[[robots]]\nid = \"r-1\"\nkey = \"{}\"\n",
            key.to_text()
        );
        std::fs::write(dir.path().join("fleet.toml"), text).unwrap();
        assert!(endorse(&args(dir.path(), "r-1", None), false).is_err(), "a CA is never made by the way");
        let ca = dir.path().join("ca.key");
        std::fs::write(&ca, "07".repeat(32)).unwrap();
        std::fs::set_permissions(&ca, std::fs::Permissions::from_mode(0o600)).unwrap();
        let said = endorse(&args(dir.path(), "r-1", Some(2)), false).unwrap_or_else(|e| panic!("{e}"));
        assert!(said.starts_with("r-1 is endorsed until 2"), "{said}");
        assert!(said.contains("robot-agent endorse --config agent.toml "), "{said}");
        let said = endorse(&args(dir.path(), "r-1", Some(2)), true).unwrap_or_else(|e| panic!("{e}"));
        let document: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert!(document["robot"] == "r-1" && document["until_ms"].is_u64(), "{said}");
        let given = Endorsement::parse(&std::fs::read_to_string(dir.path().join("e.hex")).unwrap()).unwrap();
        assert_eq!((given.key, given.not_after_s - given.not_before_s), (key, 2 * 24 * 3600));
        assert_eq!(given.check(&SigningKey::from_seed(&[7; 32]).public()), Ok(()));
        let unknown = endorse(&args(dir.path(), "r-2", None), true).map_err(|failure| failure.exit_code());
        assert_eq!(unknown, Err(3));
        let unwritable = Args { out: dir.path().join("none/e.hex"), ..args(dir.path(), "r-1", None) };
        assert_eq!(endorse(&unwritable, true).map_err(|failure| failure.exit_code()), Err(1));
        assert!(endorse(&args(dir.path(), "r-1", Some(15)), false).is_err());
        assert!(!dir.path().join("site.key").exists());

        let other = dir.path().join("other.key");
        std::fs::write(&other, "08".repeat(32)).unwrap();
        std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o600)).unwrap();
        let (ca_key, out) = (Some(other), dir.path().join("useless.hex"));
        assert!(endorse(&Args { ca_key, out: out.clone(), ..args(dir.path(), "r-1", None) }, false).is_err());
        assert!(!out.exists(), "what no robot would take is not written");
    }
}
