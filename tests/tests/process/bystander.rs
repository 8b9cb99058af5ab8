//! Somebody near, with nothing but the CA's public key: the server is killed, its broker with it, and every robot is still
//! identified and verified within 3.5 s. Looked at on the site of the muted robots, which is there anyway.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tests::clock::wall;
use tests::process::{Part, Site, key_of, tool};

/// An endorsement comes every 3 s, a disclosure every second at least; the program starts meanwhile.
const VERIFIED_WITHIN_MS: u64 = 3_500;

/// Kills the server, listens, judges, and starts the server again.
pub fn identifies_all_without_a_server(site: &mut Site, robots: &[&str]) -> Result<()> {
    site.kill(Part::Fleet)?;
    let captures = tempfile::tempdir()?;
    let began_ms = wall().0;
    let (code, said) = listen(site, captures.path())?;
    ensure!(code == 0, "{code}: {said}");
    let lines: Vec<Value> =
        said.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("lines of JSON")?;
    let end = lines.last().filter(|line| line["ev"] == "end").with_context(|| said.clone())?;
    ensure!(end["near"] == robots.len() && end["verified"] == robots.len() && end["findings"] == 0, "{end}");
    let near = lines.iter().rfind(|line| line["ev"] == "near").with_context(|| said.clone())?;
    for robot in robots {
        let is_verified = |row: &Value| row["robot"] == *robot && row["standing"] == "verified";
        ensure!(near["robots"].as_array().is_some_and(|rows| rows.iter().any(is_verified)), "{robot}: {near}");
    }
    let first = first_heard(captures.path())?;
    println!("each robot was first verified so many ms after the program was called: {:?}", after(&first, began_ms));
    ensure!(first.len() == robots.len(), "{first:?}");
    // The air tells tenths of a second, cut off.
    ensure!(
        first.iter().all(|ms| *ms + 100 >= began_ms && *ms <= began_ms + VERIFIED_WITHIN_MS),
        "{first:?} {began_ms}"
    );
    site.spawn(Part::Fleet)?;
    robots.iter().try_for_each(|robot| site.wait_until_heard(robot))
}

fn listen(site: &Site, dir: &Path) -> Result<(i32, String)> {
    let (ca, air, dir) = (key_of("ca").public().to_text(), site.air().to_string(), dir.display().to_string());
    tool::run("fleet-audit", &["listen", "--ca", &ca, "--air", &air, "--json", "--seconds", "5", "--dir", &dir])
}

/// When the first capture of each robot was heard, in milliseconds since 1970. A capture is kept once it is verified.
fn first_heard(dir: &Path) -> Result<Vec<u64>> {
    let mut first = vec![];
    for file in fs::read_dir(dir)? {
        let text = fs::read_to_string(file?.path())?;
        let line: Value = serde_json::from_str(text.lines().next().context("a file of captures has one")?)?;
        first.push(line["heard_ms"].as_u64().with_context(|| line.to_string())?);
    }
    Ok(first)
}

fn after(first: &[u64], began_ms: u64) -> Vec<u64> {
    first.iter().map(|ms| ms.saturating_sub(began_ms)).collect()
}
