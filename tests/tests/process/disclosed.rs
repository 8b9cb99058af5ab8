//! A walking robot is muted on its panel: it crouches, the page says for how long it has not disclosed itself, and when it
//! is heard again the gap and its cause stand in the auditor's report.

use super::give;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shared::time::{Instant, Millis};
use std::path::Path;
use std::process::Command;
use tests::clock::{now, until, wall};
use tests::process::{Site, key_of, tool};
use tests::verdict::history::Deed;

/// How far the report may date the gap from what the antenna wrote, in milliseconds.
const REPORT_OFF_MS: u64 = 1_000;

#[test]
fn a_muted_robot_crouches_and_page_and_report_say_so() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    give(&site.rest(), "r-1", "inspection", "far")?;
    site.wait_until_moving("r-1", now())?;
    let touched = now();
    site.mute("r-1")?;
    until("the robot crouches", Millis::secs(20), || has_crouched(&site, touched).ok()?.then_some(()))?;
    site.panel("r-1").wait_for_phase("standby", Millis::secs(5))?;
    let heard = site.antenna("r-1").last_before_the_mute()?.context("a robot that walks was heard")?;
    let said = until("the page says it", Millis::secs(20), || said_on_the_page(&site, heard))?;
    println!("the page: {said}");
    until("some seconds pass", Millis::secs(30), || (now() >= heard + Millis::secs(5)).then_some(()))?;
    site.unmute("r-1")?;
    site.help_up("r-1")?;
    site.wait_until_done_and_equal(1, Millis::secs(90))?;
    let gap = gap_in_the_report(&site)?;
    println!("the report: {gap}");
    let from_ms = gap["from_ms"].as_u64().context("a gap has a beginning")?;
    let heard_ms = wall().0 - now().since(heard).0;
    ensure!(from_ms.abs_diff(heard_ms) <= REPORT_OFF_MS, "heard last at {heard_ms} ms: {gap}");
    ensure!(gap["to_ms"].as_u64() >= Some(heard_ms + 5_000) && gap["open"] == false, "{gap}");
    site.finish().map(drop)
}

fn has_crouched(site: &Site, since: Instant) -> Result<bool> {
    Ok(site.deeds("r-1")?.iter().any(|(at, what)| *at >= since && *what == Deed::Crouch))
}

/// The page's own words for what the server tells of the robot, once they speak of at least two seconds; the number in them
/// lies between what was true before and after the server was asked.
fn said_on_the_page(site: &Site, heard: Instant) -> Option<String> {
    let robot = site.rest().robot("r-1");
    let words = page_words(&robot).ok()?;
    let (_, rest) = words.split_once("r-1 has not disclosed that it is a machine for ")?;
    let said_s: u64 = rest.split_once(" s: ")?.0.parse().ok()?;
    let true_s = now().since(heard).0 / 1_000;
    assert!(said_s <= true_s + 1, "the page says {said_s} s, and it is {true_s} s");
    (said_s >= 2).then_some(words)
}

/// What the page makes of the server's answer: its own module, run by node.
fn page_words(robot: &Value) -> Result<String> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fleet-server/web/js/model/disclosure.js");
    let module = module.canonicalize()?.display().to_string();
    let script = format!(
        "import {{ disclosingRemark }} from {module};\nconst robot = {robot};\n\
         console.log(disclosingRemark(robot, robot.heard_age_ms).words);",
        module = json!(module)
    );
    let output = Command::new("node").args(["--input-type=module", "--eval", &script]).output().context("node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The one gap of the report that was sent and not heard, from a record that the robot has signed.
fn gap_in_the_report(site: &Site) -> Result<Value> {
    let key = format!("r-1={}", key_of("r-1").public().to_text());
    let server = site.server();
    let arguments = ["audit", "--server", &server, "disclosure", "--robot", "r-1", "--key", &key, "--json"];
    let (code, said) = tool::run("fleet", &arguments)?;
    ensure!(code == 0, "{code}: {said}");
    let report: Value = serde_json::from_str(&said).with_context(|| said.clone())?;
    let days = report["robots"][0]["days"].as_array().with_context(|| said.clone())?;
    let gaps = days.iter().flat_map(|day| day["gaps"].as_array().into_iter().flatten());
    let found: Vec<&Value> = gaps.filter(|gap| gap["cause"] == "not_heard").collect();
    ensure!(found.len() == 1, "{said}");
    Ok(found[0].clone())
}
