//! The factory: all processes of a run, started in order and ended in order.
//!
//! The server comes first, then each robot's firmware, then its agent. What may be done to them meanwhile is in `floor`.

use super::acts::{Acts, By, Deed, hands_on_buttons};
use super::address::free_port;
use super::floor::{Floor, Station};
use super::guard;
use super::layout::Folder;
use super::news::News;
use super::officer::Officer;
use super::panel::Panel;
use super::process::{Ending, Nursery, Process, Recipe};
use super::relay::Relay;
use super::rest::Rest;
use super::settings::Settings;
use super::voice::Voice;
use super::{Args, shift};
use anyhow::{Context, bail};
use shared::id::RobotId;
use shared::time::Millis;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the server may take to answer for the first time: a debug build on a busy machine takes seconds.
const SERVER_UP_WITHIN: Millis = Millis::secs(30);

/// How often it may be started before that: what fails twice at once fails for a reason that stays.
const SERVER_STARTS_MAX: u32 = 2;

/// The running processes of a demo.
pub struct Factory {
    floor: Arc<Floor>,
    fleet: Process,
    firmwares: Vec<Process>,
    agents: Vec<Process>,
}

/// The programs of the house, which lie beside each other.
struct Programs {
    fleet: PathBuf,
    agent: PathBuf,
    firmware: PathBuf,
}

impl Programs {
    fn find() -> anyhow::Result<Self> {
        let fleet = std::env::current_exe().context("cannot find the own program")?;
        Ok(Self { agent: beside(&fleet, "robot-agent")?, firmware: beside(&fleet, "firmware-sim")?, fleet })
    }
}

fn beside(own: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = own.with_file_name(name);
    if path.is_file() {
        return Ok(path);
    }
    bail!("the program {} is not built; `cargo xtask demo` builds all it needs and runs the demo", path.display())
}

impl Factory {
    /// Starts everything in `folder`, with the server's HTTP at `http`, and returns when the server answers.
    ///
    /// # Errors
    /// A sentence that says which part cannot be started.
    pub async fn start(args: &Args, folder: &Folder, http: SocketAddr, voice: Voice) -> anyhow::Result<Self> {
        let programs = Programs::find()?;
        let robots = robot_names(args.robots)?;
        folder.furnish(&robots)?;
        let hands = hands_on_buttons(&folder.acts());
        let acts = Arc::new(Acts::open(&folder.acts(), crate::clock::now)?);
        let mqtt = free_port(0, "another run")?;
        let hall = shift::hall(args.hall.as_deref())?;
        let draw = crate::entropy::bytes::<32>;
        let settings = Settings {
            folder,
            robots: &robots,
            hall: &hall,
            http,
            mqtt,
            plant: args.planted(),
            draw,
            wall: crate::clock::wall(),
        };
        let written = settings.write()?;

        let nursery = Nursery { group: guard::start()?, acts: Arc::clone(&acts), voice };
        let rest = Rest::new(http);
        let fleet = Process::start(fleet_recipe(&programs, folder), nursery.clone());
        until_healthy(&rest, &fleet, &folder.fleet().log).await?;

        let (mut firmwares, mut agents, mut stations) = (Vec::new(), Vec::new(), Vec::new());
        for id in &robots {
            let relay = Relay::start(mqtt).context("cannot open a relay on loopback")?;
            settings.write_agent(id, relay.address(), &written)?;
            let firmware = Process::start(firmware_recipe(&programs, folder, id), nursery.clone());
            let agent = Process::start(agent_recipe(&programs, folder, id), nursery.clone());
            let station = Station {
                relay,
                panel: Panel::new(folder.firmware(id).panel),
                hand: tokio::sync::watch::Sender::new(hands.get(id).copied()),
                officer: Officer::new(programs.agent.clone(), folder.agent(id).config, folder.officer()),
                agent: agent.lives(),
                firmware: firmware.lives(),
            };
            stations.push((id.clone(), station));
            firmwares.push(firmware);
            agents.push(agent);
        }
        let news = News::start(rest.clone());
        let stations = stations.into_iter().collect();
        let floor = Arc::new(Floor { stations, fleet: fleet.lives(), acts, news, rest, voice });
        Ok(Self { floor, fleet, firmwares, agents })
    }

    /// What can be done to the hardware.
    pub const fn floor(&self) -> &Arc<Floor> {
        &self.floor
    }

    /// Imports the plan of the shift, unless the server has tasks from an earlier run. How many it has then.
    ///
    /// # Errors
    /// When the plan cannot be read, or the server refuses a row of it.
    pub async fn import_shift(&self, file: Option<&Path>) -> anyhow::Result<usize> {
        let robots: Vec<RobotId> = self.floor.stations.keys().cloned().collect();
        let plan = shift::plan(file, &robots)?;
        let floor = Arc::clone(&self.floor);
        tokio::task::spawn_blocking(move || import(&floor, &plan.csv)).await?
    }

    /// Switches every robot's power off: the firmwares die with their bodies, and nothing moves any more.
    pub async fn switch_robots_off(&mut self) {
        end_all(&mut self.firmwares, Ending::PowerCut).await;
    }

    /// Stops agents and server where they stand, and then kills them, so that their files are those of one moment.
    pub async fn freeze_and_kill(mut self) {
        let frozen = self.agents.iter().chain([&self.fleet]);
        let _running = frozen.filter(|process| process.freeze()).count();
        end_all(&mut self.agents, Ending::PowerCut).await;
        self.fleet.end(Ending::PowerCut).await;
    }

    /// Ends everything in order: agents first, so that they can say goodbye, the server last.
    pub async fn end_in_order(mut self) {
        self.floor.acts.note(Deed::End, By::Script);
        end_all(&mut self.agents, Ending::InOrder).await;
        end_all(&mut self.firmwares, Ending::InOrder).await;
        self.fleet.end(Ending::InOrder).await;
    }
}

fn import(floor: &Floor, csv: &str) -> anyhow::Result<usize> {
    let there = floor.rest.tasks()?.len();
    if there > 0 {
        return Ok(there);
    }
    let act = floor.acts.begin(Deed::Import, None, By::Script);
    let made = floor.rest.import(csv).context("the plan of the shift was not imported")?;
    act.done_with(made.iter().map(|task| task.id.to_string()).collect());
    Ok(made.len())
}

// All are told first and then waited for: twenty robots take no longer than one.
async fn end_all(processes: &mut [Process], how: Ending) {
    processes.iter().for_each(|process| process.wish(how));
    for process in processes {
        process.end(how).await;
    }
}

async fn until_healthy(rest: &Rest, fleet: &Process, log: &Path) -> anyhow::Result<()> {
    let begin = crate::clock::now();
    while crate::clock::now().since(begin) < SERVER_UP_WITHIN && fleet.starts() <= SERVER_STARTS_MAX {
        let asked = rest.clone();
        if tokio::task::spawn_blocking(move || asked.is_healthy()).await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the server does not come up; its last words are in {}", log.display())
}

fn robot_names(count: u8) -> anyhow::Result<Vec<RobotId>> {
    (1..=count).map(|number| RobotId::parse(&format!("r-{number}")).context("not a robot's name")).collect()
}

fn fleet_recipe(programs: &Programs, folder: &Folder) -> Recipe {
    let place = folder.fleet();
    Recipe {
        name: "the server".to_owned(),
        robot: None,
        program: programs.fleet.clone(),
        arguments: vec!["serve".into(), "--dir".into(), place.dir.into(), "--config".into(), place.config.into()],
        log: place.log,
    }
}

fn firmware_recipe(programs: &Programs, folder: &Folder, id: &RobotId) -> Recipe {
    let place = folder.firmware(id);
    Recipe {
        name: format!("the firmware of {id}"),
        robot: Some(id.clone()),
        program: programs.firmware.clone(),
        arguments: vec!["run".into(), "--config".into(), place.config.into()],
        log: place.log,
    }
}

fn agent_recipe(programs: &Programs, folder: &Folder, id: &RobotId) -> Recipe {
    let place = folder.agent(id);
    Recipe {
        name: format!("the agent of {id}"),
        robot: Some(id.clone()),
        program: programs.agent.clone(),
        arguments: vec!["run".into(), "--config".into(), place.config.into()],
        log: place.log,
    }
}
