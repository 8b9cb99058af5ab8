//! A walking robot is muted on its panel: it crouches, the page in a person's browser says for how long it has not disclosed
//! itself, and when it is heard again the page says that, and the gap and its cause stand in the auditor's report.

use super::{give, kept};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shared::time::{Instant, Millis};
use tests::browser::Browser;
use tests::clock::{now, until, wall};
use tests::process::{Site, key_of, tool};
use tests::verdict::history::Deed;

/// The line of the page that says whether a robot is heard now.
const REMARK: &str = "//section[@aria-label='Disclosure of r-1']/p[@role='status']";
const HEARD: &str = "Its own receiver hears it say that it is a machine.";
/// How far the report may date the gap from what the antenna wrote, in milliseconds.
const REPORT_OFF_MS: u64 = 1_000;

#[test]
fn a_muted_robot_crouches_and_page_and_report_say_so() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    let browser = Browser::open(&site.address())?;
    browser.find("//button[@id='open-r-1']")?.click()?;
    until("the page says that it is heard", Millis::secs(20), || (remark(&browser).ok()? == HEARD).then_some(()))?;
    give(&site.rest(), "r-1", "inspection", "far")?;
    site.wait_until_moving("r-1", now())?;
    let touched = now();
    site.mute("r-1")?;
    until("the robot crouches", Millis::secs(20), || has_crouched(&site, touched).ok()?.then_some(()))?;
    site.panel("r-1").wait_for_phase("standby", Millis::secs(5))?;
    let heard = site.antenna("r-1").last_before_the_mute()?.context("a robot that walks was heard")?;
    let mut said_s = Vec::new();
    until("the page counts the seconds", Millis::secs(60), || {
        said_s.extend(said_on_the_page(&browser, heard));
        (said_s.first()? + 4 <= *said_s.last()?).then_some(())
    })?;
    // A state that was longer on its way than the one before may take a second back.
    ensure!(said_s.windows(2).all(|pair| pair[0] <= pair[1] + 1), "{said_s:?}");
    println!("the page: {}", remark(&browser)?);
    browser.picture(&kept("muted.png"))?;
    site.unmute("r-1")?;
    site.help_up("r-1")?;
    until("the page says that it is heard again", Millis::secs(20), || {
        (remark(&browser).ok()? == HEARD).then_some(())
    })?;
    let shown = "//section[@aria-label='Disclosure of r-1']//li[contains(., 'sent, and not heard')]";
    println!("the page, afterwards: {}", browser.find(shown)?.words()?);
    browser.picture(&kept("heard-again.png"))?;
    site.wait_until_done_and_equal(1, Millis::secs(90))?;
    let gap = gap_in_the_report(&site)?;
    println!("the report: {gap}");
    let from_ms = gap["from_ms"].as_u64().context("a gap has a beginning")?;
    let heard_ms = wall().0 - now().since(heard).0;
    ensure!(from_ms.abs_diff(heard_ms) <= REPORT_OFF_MS, "heard last at {heard_ms} ms: {gap}");
    ensure!(gap["to_ms"].as_u64() >= Some(heard_ms + 4_000) && gap["open"] == false, "{gap}");
    site.finish().map(drop)
}

fn has_crouched(site: &Site, since: Instant) -> Result<bool> {
    Ok(site.deeds("r-1")?.iter().any(|(at, what)| *at >= since && *what == Deed::Crouch))
}

fn remark(browser: &Browser) -> Result<String> {
    browser.find(REMARK)?.words()
}

/// For how many seconds the page says that the robot has not disclosed itself, if it says so. More than is true it never says.
fn said_on_the_page(browser: &Browser, heard: Instant) -> Option<u64> {
    let words = remark(browser).ok()?;
    let (_, rest) = words.split_once("r-1 has not disclosed that it is a machine for ")?;
    let said_s: u64 = rest.split_once(" s: ")?.0.parse().ok()?;
    let true_s = now().since(heard).0 / 1_000;
    assert!(said_s <= true_s + 1, "the page says {said_s} s, and it is {true_s} s");
    Some(said_s)
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
