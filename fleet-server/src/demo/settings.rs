//! The configuration of every process of a run, written anew at each start: ports change, keys and databases do not.
//!
//! Whom a process trusts stands in its configuration from the first start: nobody trusts on first use.

use super::keys::Seed;
use super::layout::Folder;
use super::plant::Plant;
use anyhow::Context;
use serde::Serialize;
use shared::beacon::{self, BeaconTime};
use shared::clearance::Endorsement;
use shared::id::RobotId;
use shared::key_file::{self, Half};
use shared::time::{Millis, WallTime};
use shared::zone::{Hall, Point};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How long the demo's safety officer is endorsed.
const OFFICER_VALID: Millis = Millis::secs(7 * 24 * 3600);

/// How long the demo's robots are endorsed to say on the air that they are this site's machines, in seconds.
const ROBOT_VALID_S: u32 = 7 * 24 * 3600;

/// How long before the start of the demo that begins, in seconds: a clock may be set back a little.
const ROBOT_VALID_BEFORE_S: u32 = 3600;

/// The one site of a demo.
const SITE: &str = "hall-1";

/// What the configurations of a run have in common.
pub struct Settings<'a> {
    /// Where the files go.
    pub folder: &'a Folder,
    /// The robots, in the order in which they stand in the hall.
    pub robots: &'a [RobotId],
    /// The map.
    pub hall: &'a Hall,
    /// Where the server answers HTTP.
    pub http: SocketAddr,
    /// Where the server's broker listens.
    pub mqtt: SocketAddr,
    /// A fault to plant.
    pub plant: Option<Plant>,
    /// Where new keys come from.
    pub draw: fn() -> [u8; 32],
    /// The time of the calendar now.
    pub wall: WallTime,
}

/// What has to be known of the configurations to start the processes.
pub struct Written {
    /// Multicast group and port of the run.
    pub air: SocketAddr,
    site_key: String,
    ca_key: String,
}

#[derive(Serialize)]
struct FleetToml {
    site: &'static str,
    http: SocketAddr,
    mqtt: SocketAddr,
    key: PathBuf,
    ca_key: PathBuf,
    hall: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    plant: Option<&'static str>,
    robots: Vec<RosterEntry>,
}

#[derive(Serialize)]
struct RosterEntry {
    id: RobotId,
    key: String,
}

#[derive(Serialize)]
struct AgentToml {
    robot: RobotId,
    site: &'static str,
    dir: PathBuf,
    key: PathBuf,
    site_key: String,
    ca_key: String,
    endorsement: PathBuf,
    link: PathBuf,
    mqtt: SocketAddr,
    air: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    plant: Option<&'static str>,
    safe_point: Point,
}

#[derive(Serialize)]
struct FirmwareToml {
    robot: RobotId,
    dir: PathBuf,
    link: PathBuf,
    panel: PathBuf,
    key: PathBuf,
    robot_key: String,
    ca_key: String,
    air: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    plant: Option<&'static str>,
    start: Point,
}

impl Settings<'_> {
    /// Writes the keys that are missing, and the configurations of the server and the firmwares.
    ///
    /// # Errors
    /// When a file cannot be written, or a key that exists cannot be used.
    pub fn write(&self) -> anyhow::Result<Written> {
        let site = Seed::kept_at(&self.folder.keys().join("site.key"), self.draw)?;
        let ca = Seed::kept_at(&self.folder.keys().join("ca.key"), self.draw)?;
        self.write_officer(&ca)?;
        let path = self.folder.ca();
        let text = key_file::text(Half::Public, &ca.key().public().0);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        let air = SocketAddr::V4(beacon::simulated_air(&ca.key().public()));
        let written = Written { air, site_key: site.public_text(), ca_key: ca.public_text() };
        let mut roster = Vec::new();
        for (place, id) in self.robots.iter().enumerate() {
            let key = self.robot_seed(id, "")?;
            key.copy_to(&self.folder.agent(id).key)?;
            self.endorse(id, &key, &ca)?;
            self.write_firmware(id, &key, start(self.hall, place, self.robots.len()), &written)?;
            roster.push(RosterEntry { id: id.clone(), key: key.public_text() });
        }
        self.write_fleet(roster)?;
        Ok(written)
    }

    /// Writes an agent's configuration, once it is known where its network is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_agent(&self, id: &RobotId, mqtt: SocketAddr, written: &Written) -> anyhow::Result<()> {
        let place = self.folder.agent(id);
        // One spoiled agent is enough for the verdict to find.
        let place_in_row = self.robots.iter().position(|robot| robot == id).unwrap_or(0);
        let agent = AgentToml {
            robot: id.clone(),
            site: SITE,
            dir: place.dir,
            key: place.key,
            site_key: written.site_key.clone(),
            ca_key: written.ca_key.clone(),
            endorsement: place.endorsement,
            link: self.folder.firmware(id).link,
            mqtt,
            air: written.air,
            plant: self.plant.filter(|_| place_in_row == 0).and_then(Plant::of_agent),
            safe_point: start(self.hall, place_in_row, self.robots.len()),
        };
        write(&place.config, &agent)
    }

    /// The demo's safety officer, endorsed by the site's CA for a week, as the file that `fleet robot clear` takes.
    fn write_officer(&self, ca: &Seed) -> anyhow::Result<()> {
        let seed = Seed::kept_at(&self.folder.keys().join("officer.key"), self.draw)?;
        let valid_until = WallTime(self.wall.0 + OFFICER_VALID.0);
        let endorsement = Endorsement::issue(&ca.key(), "The demo's safety officer", seed.key().public(), valid_until);
        seed.write_officer(&self.folder.officer(), &endorsement)
    }

    /// The site CA's word for a robot, for a week from now: what it needs to be believed on the air.
    fn endorse(&self, id: &RobotId, robot: &Seed, ca: &Seed) -> anyhow::Result<()> {
        let from = BeaconTime::from_wall(self.wall).secs().saturating_sub(ROBOT_VALID_BEFORE_S);
        let endorsement = beacon::Endorsement::issue(&ca.key(), robot.key().public(), from, from + ROBOT_VALID_S)
            .with_context(|| format!("cannot endorse {id}"))?;
        let path = self.folder.agent(id).endorsement;
        std::fs::write(&path, endorsement.to_text()).with_context(|| format!("cannot write {}", path.display()))
    }

    fn write_fleet(&self, robots: Vec<RosterEntry>) -> anyhow::Result<()> {
        let place = self.folder.fleet();
        let hall = serde_json::to_string_pretty(self.hall).context("cannot write the hall as JSON")?;
        std::fs::write(&place.hall, hall).with_context(|| format!("cannot write {}", place.hall.display()))?;
        let fleet = FleetToml {
            site: SITE,
            http: self.http,
            mqtt: self.mqtt,
            key: self.folder.keys().join("site.key"),
            ca_key: self.folder.keys().join("ca.key"),
            hall: place.hall,
            plant: self.plant.and_then(Plant::of_fleet),
            robots,
        };
        write(&place.config, &fleet)
    }

    fn write_firmware(&self, id: &RobotId, robot: &Seed, start: Point, written: &Written) -> anyhow::Result<()> {
        let place = self.folder.firmware(id);
        self.robot_seed(id, "-firmware")?.copy_to(&place.key)?;
        let firmware = FirmwareToml {
            robot: id.clone(),
            dir: place.dir,
            link: place.link,
            panel: place.panel,
            key: place.key,
            robot_key: robot.public_text(),
            ca_key: written.ca_key.clone(),
            air: written.air,
            plant: self.plant.and_then(Plant::of_firmware),
            start,
        };
        write(&place.config, &firmware)
    }

    fn robot_seed(&self, id: &RobotId, suffix: &str) -> anyhow::Result<Seed> {
        Seed::kept_at(&self.folder.keys().join(format!("{id}{suffix}.key")), self.draw)
    }
}

fn write<T: Serialize>(path: &Path, settings: &T) -> anyhow::Result<()> {
    let text = toml::to_string(settings).with_context(|| format!("cannot write {} as TOML", path.display()))?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Where the robot at `place` of `count` first stands, and where it sits when its endorsement ends: in a row along the middle
/// of the hall, one beside the other.
fn start(hall: &Hall, place: usize, count: usize) -> Point {
    let width = usize::try_from(hall.size.x_cm).unwrap_or(0);
    let x_cm = width * (place + 1) / (count + 1);
    Point { x_cm: i16::try_from(x_cm).unwrap_or(i16::MAX), y_cm: hall.size.y_cm / 2 }
}

#[cfg(test)]
mod tests {
    use super::super::{address::loopback, shift};
    use super::*;
    use shared::seal::PublicKey;
    use std::collections::BTreeSet;

    fn with_settings<T>(plant: Option<Plant>, look: impl FnOnce(&Settings, &Written) -> T) -> T {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(Some(&dir.path().join("run")), [0; 4]).unwrap();
        let robots = ["r-1", "r-2"].map(|name| RobotId::parse(name).unwrap());
        folder.furnish(&robots).unwrap();
        let hall = shift::example_hall().unwrap();
        let (http, mqtt) = (loopback(8080), loopback(1883));
        let draw = || crate::entropy::bytes();
        let settings =
            Settings { folder: &folder, robots: &robots, hall: &hall, http, mqtt, plant, draw, wall: WallTime(1) };
        let written = settings.write().unwrap();
        for id in &robots {
            settings.write_agent(id, loopback(4000), &written).unwrap();
        }
        look(&settings, &written)
    }

    fn read(path: &Path) -> toml::Table {
        std::fs::read_to_string(path).unwrap().parse().unwrap()
    }

    #[test]
    fn everyone_is_told_whom_to_trust() {
        with_settings(None, |settings, written| {
            let [id, _] = settings.robots else { panic!("two robots") };
            let fleet = read(&settings.folder.fleet().config);
            let firmware = read(&settings.folder.firmware(id).config);
            let agent = read(&settings.folder.agent(id).config);
            assert_eq!(fleet["robots"][0]["key"], firmware["robot_key"]);
            assert_eq!(agent["site_key"].as_str(), Some(written.site_key.as_str()));
            assert_eq!(agent["mqtt"].as_str(), Some("127.0.0.1:4000"));
            assert_eq!(agent["link"], firmware["link"]);
            assert_eq!(agent["safe_point"], firmware["start"]);
            assert_eq!(agent["ca_key"], firmware["ca_key"]);
            let endorsement = std::fs::read_to_string(agent["endorsement"].as_str().unwrap()).unwrap();
            let endorsement = beacon::Endorsement::parse(&endorsement).unwrap();
            assert_eq!(Some(endorsement.key.to_text().as_str()), firmware["robot_key"].as_str());
            let ca = PublicKey::parse(&written.ca_key).unwrap();
            assert_eq!(endorsement.check(&ca), Ok(()));
            let now = BeaconTime::from_wall(settings.wall).secs();
            assert!(endorsement.covers(now) && endorsement.covers(now + 6 * 24 * 3600));
            assert!(!agent.contains_key("plant") && !firmware.contains_key("plant") && !fleet.contains_key("plant"));
        });
    }

    #[test]
    fn a_second_start_keeps_every_key() {
        with_settings(None, |settings, _| {
            let fleet = std::fs::read_to_string(settings.folder.fleet().config).unwrap();
            settings.write().unwrap();
            assert_eq!(std::fs::read_to_string(settings.folder.fleet().config).unwrap(), fleet);
        });
    }

    #[test]
    fn a_fault_is_planted_in_one_kind_of_process() {
        with_settings(Some(Plant::Doubled), |settings, _| {
            let [one, two] = settings.robots else { panic!("two robots") };
            assert_eq!(read(&settings.folder.agent(one).config)["plant"].as_str(), Some("doubled"));
            assert!(!read(&settings.folder.agent(two).config).contains_key("plant"));
            assert!(!read(&settings.folder.firmware(one).config).contains_key("plant"));
        });
    }

    #[test]
    fn robots_start_at_distinct_places_inside_the_hall() {
        let hall = shift::example_hall().unwrap();
        let places: BTreeSet<Point> = (0..20).map(|place| start(&hall, place, 20)).collect();
        assert_eq!(places.len(), 20);
        assert!(places.iter().all(|at| at.x_cm > 0 && at.x_cm < hall.size.x_cm && at.y_cm < hall.size.y_cm));
    }
}
