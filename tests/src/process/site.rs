//! A whole site: the server and its robots, started, disturbed and read like a real one.

mod brokers;
mod disturbance;
mod person;
mod watch;

use super::acts::Acts;
use super::binaries;
use super::broker::Broker;
use super::child::Running;
use super::layout::Layout;
use super::relay::Relay;
use super::{Antenna, Controller, Intruder, Panel, Rest, SlowDisk};
use crate::clock::{now, until};
use anyhow::{Context, Result};
use shared::time::Millis;
use shared::zone::Point;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How long a program may take to be ready, on a busy machine.
const READY_WITHIN: Millis = Millis::secs(20);

/// A process of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part<'a> {
    /// The server.
    Fleet,
    /// A robot's agent.
    Agent(&'a str),
    /// A robot's safety controller.
    Firmware(&'a str),
}

/// A running site. Drop ends all of it; a site that was not finished tells what its programs said last.
pub struct Site {
    running: BTreeMap<String, Running>,
    relays: BTreeMap<String, Relay>,
    acts: Acts,
    layout: Layout,
    /// Where the programs of robots of another version lie.
    older: BTreeMap<String, PathBuf>,
    finished: bool,
    // Last, so that the folder outlives the processes that write into it.
    _folder: TempDir,
}

impl Site {
    /// Starts a server and these robots, and waits until the server has heard them all.
    ///
    /// # Errors
    /// When a program cannot be built or started, or does not get ready.
    pub fn start(robots: &[&str]) -> Result<Self> {
        Self::start_over(robots, Broker::Embedded)
    }

    /// The same over a broker of one's choice.
    ///
    /// # Errors
    /// As [`Site::start`], or when the broker does not start.
    pub fn start_over(robots: &[&str], broker: Broker) -> Result<Self> {
        Self::start_with(robots, broker, BTreeMap::new())
    }

    /// The same with robots whose programs are of version 1 and lie in another folder.
    ///
    /// # Errors
    /// As [`Site::start`].
    pub fn start_beside_version_1(robots: &[&str], older: &str, programs: &Path) -> Result<Self> {
        Self::start_with(robots, Broker::Embedded, BTreeMap::from([(older.to_owned(), programs.to_owned())]))
    }

    fn start_with(robots: &[&str], broker: Broker, older: BTreeMap<String, PathBuf>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("site-").tempdir()?;
        let layout = Layout::choose(folder.path())?;
        let acts = Acts::create(folder.path())?;
        let mut site = Self {
            running: BTreeMap::new(),
            relays: BTreeMap::new(),
            acts,
            layout,
            older,
            finished: false,
            _folder: folder,
        };
        site.serve_over(robots.iter().copied(), broker)?;
        for (place, robot) in (0..).zip(robots) {
            site.layout.write_firmware(robot, Point { x_cm: 100, y_cm: 200 + 50 * place })?;
            let relay = Relay::open(site.layout.mqtt)?;
            site.layout.write_agent(robot, relay.address())?;
            if site.older.contains_key(*robot) {
                site.layout.write_for_version_1(robot)?;
            }
            site.relays.insert((*robot).to_owned(), relay);
            site.spawn(Part::Firmware(robot))?;
            site.spawn(Part::Agent(robot))?;
        }
        robots.iter().try_for_each(|robot| site.wait_until_heard(robot))?;
        Ok(site)
    }

    /// The operator's side.
    #[must_use]
    pub fn rest(&self) -> Rest {
        Rest::at(self.layout.http)
    }

    /// Where people reach the server.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.layout.http)
    }

    /// Where everything of it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.layout.dir
    }

    /// The radio.
    #[must_use]
    pub const fn air(&self) -> SocketAddr {
        self.layout.air
    }

    /// A robot's panel.
    #[must_use]
    pub fn panel(&self, robot: &str) -> Panel {
        Panel::at(self.layout.firmware(robot).join("panel").join("panel.sock"))
    }

    /// What a robot's safety controller writes of itself.
    #[must_use]
    pub fn controller(&self, robot: &str) -> Controller {
        Controller::at(&self.layout.firmware(robot))
    }

    /// What truly came through to a robot's receiver.
    #[must_use]
    pub fn antenna(&self, robot: &str) -> Antenna {
        Antenna::of(robot, &self.layout.firmware(robot))
    }

    /// The address of the operator's side, for programs that are told it.
    #[must_use]
    pub fn server(&self) -> String {
        format!("http://{}", self.layout.http)
    }

    /// Somebody else on the broker.
    ///
    /// # Errors
    /// When the broker does not take it.
    pub fn intruder(&self, robot: &str) -> Result<Intruder> {
        Intruder::enter(self.layout.mqtt, robot)
    }

    /// Starts a part, for the first time or after it was killed.
    ///
    /// # Errors
    /// When its program cannot be started.
    pub fn spawn(&mut self, part: Part<'_>) -> Result<()> {
        self.spawn_on(part, None)
    }

    /// Starts an agent whose disk is slow.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn_agent_on(&mut self, robot: &str, delay: Millis) -> Result<SlowDisk> {
        let disk = SlowDisk::new(delay, self.layout.dir.join(format!("{robot}-{}.strace", delay.0)));
        self.spawn_on(Part::Agent(robot), Some(&disk))?;
        Ok(disk)
    }

    fn spawn_on(&mut self, part: Part<'_>, disk: Option<&SlowDisk>) -> Result<()> {
        let older = robot_of(part).and_then(|robot| self.older.get(robot));
        let folder = match older {
            Some(folder) => folder.as_path(),
            None => binaries::folder()?,
        };
        let dir = self.dir_of(part).display().to_string();
        let (program, arguments) = match part {
            Part::Fleet => ("fleet", vec!["serve".to_owned(), "--dir".to_owned(), dir.clone()]),
            Part::Agent(_) => ("robot-agent", run_with(&format!("{dir}/agent.toml"))),
            Part::Firmware(_) => ("firmware-sim", run_with(&format!("{dir}/firmware.toml"))),
        };
        let path = folder.join(program);
        let before = disk.map_or_else(|| vec![path.display().to_string()], |disk| disk.command(&path));
        let words: Vec<&str> = before.iter().chain(&arguments).map(String::as_str).collect();
        let (first, rest) = words.split_first().context("a command has a program")?;
        let log = self.dir_of(part).join(format!("{program}.log"));
        let running = Running::start(Path::new(first), rest, &log)?;
        self.running.insert(name_of(part), running);
        Ok(())
    }

    /// The exit code of a part that has ended by itself.
    pub fn ended(&mut self, part: Part<'_>) -> Option<i32> {
        self.running.get_mut(&name_of(part))?.ended()?.code()
    }

    /// The folder of a part.
    #[must_use]
    pub fn dir_of(&self, part: Part<'_>) -> PathBuf {
        match part {
            Part::Fleet => self.layout.dir.join("fleet"),
            Part::Agent(robot) => self.layout.dir.join("robots").join(robot),
            Part::Firmware(robot) => self.layout.firmware(robot),
        }
    }

    /// Waits until the server has just heard a robot.
    ///
    /// # Errors
    /// When it has not within the time.
    pub fn wait_until_heard(&self, robot: &str) -> Result<()> {
        let rest = self.rest();
        until(&format!("the server hears {robot}"), READY_WITHIN, || {
            rest.robot(robot)["heard_age_ms"].as_u64().filter(|age_ms| *age_ms < 2_000)
        })?;
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        eprintln!("the site was not finished at {} ms; what its programs said last:", now().0);
        for (name, running) in &mut self.running {
            eprintln!("--- {name}, ended: {:?}\n{}", running.ended(), running.last_words(15));
        }
    }
}

fn run_with(config: &str) -> Vec<String> {
    ["run", "--config", config].map(str::to_owned).to_vec()
}

fn name_of(part: Part<'_>) -> String {
    match part {
        Part::Fleet => "fleet".to_owned(),
        Part::Agent(robot) => format!("agent of {robot}"),
        Part::Firmware(robot) => format!("firmware of {robot}"),
    }
}

const fn robot_of(part: Part<'_>) -> Option<&str> {
    match part {
        Part::Fleet => None,
        Part::Agent(robot) | Part::Firmware(robot) => Some(robot),
    }
}
