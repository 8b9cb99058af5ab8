//! The controller's own record reaches the server through an agent that only carries it: every line, each once, whatever
//! was pressed, cycled and killed. An agent that leaves one out is found by the auditor.

use anyhow::{Context, Result, ensure};
use shared::audit::JournalExport;
use shared::fact::Fact;
use shared::id::RobotId;
use shared::journal::{Chain, Record, Stamp};
use shared::time::Millis;
use shared::wire::robot_to_fleet::Carried;
use shared::wire::{from_bytes, to_bytes};
use std::fs;
use std::path::{Path, PathBuf};
use tests::clock::until;
use tests::process::{Part, Site, key_of, tool};

const R1: &str = "r-1";

#[test]
fn the_server_has_every_line_of_the_controllers_record_once_and_a_line_left_out_is_found() -> Result<()> {
    let mut site = Site::start(&[R1])?;
    site.begin_shift(R1)?;
    site.press(R1)?;
    arrives_whole(&site, "after a press")?;

    // The power goes while the button is in, and the agent dies with its hands full of lines.
    site.kill(Part::Firmware(R1))?;
    site.spawn(Part::Firmware(R1))?;
    site.kill(Part::Agent(R1))?;
    site.spawn(Part::Agent(R1))?;
    let panel = site.panel(R1);
    until("the controller is back", Millis::secs(20), || panel.status().ok())?;
    site.release(R1)?;
    site.press(R1)?;
    site.release(R1)?;
    site.reset(R1)?;
    arrives_whole(&site, "after a power cycle and a restart")?;

    let export = export(&site)?;
    let (code, said) = audit(&export)?;
    let count = site.controller(R1).lines()?.len();
    let whole = format!("{count} events of the safety controller, 1 to {count}, none missing between");
    ensure!(code == 0 && said.contains(&whole) && said.contains("signed by the key"), "{code}: {said}");
    leave_out_a_line(&export)?;
    let (code, said) = audit(&export)?;
    ensure!(code == 6 && said.contains("INCOMPLETE") && said.contains("not in the journal: 3"), "{code}: {said}");
    site.finish().map(drop)
}

/// Waits until what the server has is the controller's record, line by line.
fn arrives_whole(site: &Site, when: &str) -> Result<()> {
    let whole = || (lines_at_the_server(site).ok()? == site.controller(R1).lines().ok()?).then_some(());
    until(&format!("the server has the whole record {when}"), Millis::secs(40), whole).with_context(|| {
        let (server, own) = (lines_at_the_server(site), site.controller(R1).lines());
        format!("the server: {server:#?}\nthe controller: {own:#?}")
    })
}

/// The lines in the server's own database, by their numbers; a line that is there twice shows.
fn lines_at_the_server(site: &Site) -> Result<Vec<String>> {
    let history = site.history()?;
    let facts = history.facts_of(&RobotId::parse(R1)?).iter().filter_map(|kept| kept.fact());
    let mut lines: Vec<String> = facts.filter_map(|(_, fact)| line_of(fact)).collect();
    lines.sort_by_key(|line| number_of(line).unwrap_or(0));
    Ok(lines)
}

fn line_of(fact: Fact) -> Option<String> {
    if let Fact::Firmware { line } = fact { Some(line) } else { None }
}

fn number_of(line: &str) -> Option<u64> {
    shared::firmware_record::Event::parse(line).ok().map(|event| event.n())
}

fn export(site: &Site) -> Result<PathBuf> {
    let dir = site.dir_of(Part::Agent(R1));
    let (config, out) = (dir.join("agent.toml"), dir.join("journal"));
    let paths = [config.display().to_string(), out.display().to_string()];
    let (code, said) = tool::run("robot-agent", &["store", "export", "--config", &paths[0], "--out", &paths[1]])?;
    ensure!(code == 0, "{said}");
    Ok(out)
}

fn audit(export: &Path) -> Result<(i32, String)> {
    let key = key_of("r-1-firmware").public().to_text();
    tool::run("fleet-audit", &["journal", &export.display().to_string(), "--firmware-key", &key])
}

/// What an agent would hand out that had never journalled event 3: a chain of its own, and whole in itself.
fn leave_out_a_line(path: &Path) -> Result<()> {
    let export: JournalExport = from_bytes(&fs::read(path)?)?;
    let mut chain = Chain::begin(&export.robot, export.epoch);
    let mut entries = Vec::new();
    for carried in &export.entries {
        let record = Record::read(carried.entry.clone(), carried.body.clone())?;
        let fact = record.fact().context("a fact of this version")?;
        let stamp =
            Stamp { boot: record.entry.boot, mono: shared::time::Instant(record.entry.mono_ms), hlc: record.entry.hlc };
        if line_of(fact.clone()).and_then(|line| number_of(&line)) != Some(3) {
            entries.push(Carried::from(&chain.append(&fact, stamp)));
        }
    }
    ensure!(entries.len() + 1 == export.entries.len(), "event 3 was not in the journal once");
    Ok(fs::write(path, to_bytes(&JournalExport { entries, ..export }))?)
}
