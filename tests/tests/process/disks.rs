//! Disks that are exchanged under real processes: the server's database is put back, a robot's is put back, made anew, and runs
//! on two machines at once. Each is named where people look, and everything that stood on a disk is at the server in the end.

use super::give;
use anyhow::{Context, Result, ensure};
use shared::id::RobotId;
use shared::journal::Entry;
use shared::seal::Hash;
use shared::time::Millis;
use shared::wire::from_bytes;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tests::clock::until;
use tests::history::{replica, store};
use tests::process::{Part, Running, Site, programs, tool};
use tests::verdict::history::Kept;
use tests::verdict::{equality, loss};

const AGENT: Part<'static> = Part::Agent("r-1");
const WITHIN: Millis = Millis::secs(40);

#[test]
fn disks_that_are_exchanged_are_named_where_people_look_and_nothing_that_they_had_is_lost() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    give(&site.rest(), "r-1", "inspection", "store")?;
    settled(&site)?;
    let aside = site.dir_of(Part::Fleet).with_file_name("aside");

    // The server's database is put back while the robot is ahead.
    site.kill(Part::Fleet)?;
    exchange(&site.dir_of(Part::Fleet), &aside.join("fleet"), SERVER)?;
    site.spawn(Part::Fleet)?;
    starts_again(&mut site)?;
    site.kill(Part::Fleet)?;
    exchange(&aside.join("fleet"), &site.dir_of(Part::Fleet), SERVER)?;
    site.spawn(Part::Fleet)?;
    named(&site, "restored", "The server's database is an older copy of itself")?;

    // The robot's is a week old.
    site.kill(AGENT)?;
    exchange(&site.dir_of(AGENT), &aside.join("week-old"), ROBOT)?;
    site.spawn(AGENT)?;
    starts_again(&mut site)?;
    starts_again(&mut site)?;
    site.kill(AGENT)?;
    exchange(&aside.join("week-old"), &site.dir_of(AGENT), ROBOT)?;
    site.spawn(AGENT)?;
    named(&site, "server_", "an older copy of its disk was put back")?;

    // Only its replica is a week old.
    site.kill(AGENT)?;
    exchange(&aside.join("week-old"), &site.dir_of(AGENT), "replica.db")?;
    site.spawn(AGENT)?;
    named(&site, "database_older", "An older copy of its database was put back")?;

    // It is installed anew.
    site.kill(AGENT)?;
    exchange(&aside.join("nothing"), &site.dir_of(AGENT), ROBOT)?;
    site.spawn(AGENT)?;
    named(&site, "made", "the robot was installed again")?;

    // Its disk runs on two machines at once.
    site.kill(AGENT)?;
    let second = SecondMachine::copy(&site, &aside.join("second"))?;
    site.spawn(AGENT)?;
    let running = second.start()?;
    // Whether the second to write is told before it sends or by a fork hangs on which of them is quicker; its new epoch tells both.
    named(&site, "server_", "runs elsewhere too")?;
    settled(&site)?;
    until("the second machine's record is at the server", WITHIN, || second.is_settled(&site).ok()?.then_some(()))?;
    drop(running);
    second.lost(&site)?;
    site.finish().map(drop)
}

/// The files of a part that are exchanged, by how their names begin.
const SERVER: &str = "fleet.";
const ROBOT: &str = "";
/// What makes up a robot's disk.
const FILES: [&str; 3] = ["replica.db", "telemetry.db", "replica.head"];

/// Puts files of one folder in the place of those of another.
fn exchange(from: &Path, to: &Path, begin: &str) -> Result<()> {
    let is_meant = |name: &str| {
        let is_robots = FILES.iter().any(|file| name.starts_with(file));
        let is_servers = name.starts_with("fleet.db") || name == "fleet.witness";
        name.starts_with(begin) && (is_robots || is_servers)
    };
    [from, to].into_iter().try_for_each(fs::create_dir_all)?;
    for file in fs::read_dir(to)?.chain(fs::read_dir(from)?) {
        let file = file?;
        let name = file.file_name();
        match (is_meant(&name.to_string_lossy()), file.path().starts_with(to)) {
            (true, true) => fs::remove_file(file.path())?,
            (true, false) => fs::copy(file.path(), to.join(name)).map(drop)?,
            (false, _) => {}
        }
    }
    Ok(())
}

/// The agent dies and comes back, and what it tells of it is acknowledged.
fn starts_again(site: &mut Site) -> Result<()> {
    let before = loss::acked(&site.history()?);
    site.kill(AGENT)?;
    site.spawn(AGENT)?;
    let more = || site.history().ok().filter(|history| loss::acked(history) > before && loss::unacked(history) == 0);
    until("the start is acknowledged", WITHIN, more).map(drop)
}

/// Nothing waits, and the copies are equal.
fn settled(site: &Site) -> Result<()> {
    let is_settled = || {
        let history = site.history().ok()?;
        let differs = equality::differences(&history);
        (loss::acked(&history) > 0 && loss::unacked(&history) == 0 && differs.is_empty()).then_some(())
    };
    until("the copies are equal", WITHIN, is_settled)
}

/// Waits until both tables of people have the word, and the explanation this sentence; then until all is settled.
fn named(site: &Site, word: &str, sentence: &str) -> Result<()> {
    let server = site.server();
    let said =
        |words: &[&str]| tool::run("fleet", &[words, &["--server", &server]].concat()).ok().map(|(_, said)| said);
    let is_named = || {
        let status = said(&["sync", "status"])?;
        let explained = said(&["sync", "explain", "r-1"])?;
        (status.contains(word) && explained.contains(sentence)).then_some((status, explained))
    };
    let told = || format!("{:?} {:?}", said(&["sync", "status"]), said(&["sync", "explain", "r-1"]));
    let (status, explained) = until(&format!("{word} is named"), WITHIN, is_named).with_context(told)?;
    println!("{status}\n{explained}\n");
    settled(site)
}

/// Another machine of the same name: a copy of the agent's disk, and a safety controller of its own.
struct SecondMachine {
    dir: PathBuf,
}

impl SecondMachine {
    fn copy(site: &Site, dir: &Path) -> Result<Self> {
        let (agent, firmware) = (site.dir_of(AGENT), site.dir_of(Part::Firmware("r-1")));
        copy_all(&agent, &dir.join("agent"))?;
        for folder in ["link", "panel"] {
            fs::create_dir_all(dir.join("firmware").join(folder))?;
        }
        fs::copy(firmware.join("firmware.key"), dir.join("firmware/firmware.key"))?;
        for (file, place) in [(agent.join("agent.toml"), "agent"), (firmware.join("firmware.toml"), "firmware")] {
            let text = fs::read_to_string(&file)?
                .replace(&agent.display().to_string(), &dir.join("agent").display().to_string())
                .replace(&firmware.display().to_string(), &dir.join("firmware").display().to_string());
            fs::write(dir.join(place).join(file.file_name().context("a file has a name")?), text)?;
        }
        Ok(Self { dir: dir.to_owned() })
    }

    fn start(&self) -> Result<[Running; 2]> {
        let start = |program: &str, config: &str| {
            let config = self.dir.join(config).display().to_string();
            Running::start(&programs()?.join(program), &["run", "--config", &config], &self.dir.join(program))
        };
        Ok([start("firmware-sim", "firmware/firmware.toml")?, start("robot-agent", "agent/agent.toml")?])
    }

    fn replica(&self) -> Result<tests::verdict::history::Replica> {
        replica::read(&self.dir.join("agent/replica.db"), &RobotId::parse("r-1")?)
    }

    fn is_settled(&self, site: &Site) -> Result<bool> {
        let mut history = site.history()?;
        history.robots.values_mut().try_for_each(|robot| self.replica().map(|replica| robot.replica = replica))?;
        Ok(loss::unacked(&history) == 0 && equality::differences(&history).is_empty())
    }

    /// Everything on this disk and on the other is at the server, under its number or offered again.
    fn lost(&self, site: &Site) -> Result<()> {
        let server = store::read(&site.dir_of(Part::Fleet).join("fleet.db"))?;
        let facts = server.facts.values().flatten();
        let arrived: BTreeSet<Hash> = facts.flat_map(|kept| [Some(kept.hash), origin_of(kept)]).flatten().collect();
        let journals = [self.replica()?, site.history()?.robots[&RobotId::parse("r-1")?].replica.clone()];
        let gone = journals.iter().flat_map(|replica| &replica.journal).filter(|kept| !arrived.contains(&kept.hash));
        let gone: Vec<String> = gone.map(Kept::name).collect();
        ensure!(gone.is_empty(), "on a disk, and not at the server: {gone:?}");
        Ok(())
    }
}

fn origin_of(kept: &Kept) -> Option<Hash> {
    Some(from_bytes::<Entry>(&kept.entry).ok()?.origin?.hash)
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}
