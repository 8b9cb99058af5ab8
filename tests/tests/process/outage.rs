//! A robot is cut off while it works. It goes on from its own copy; the server says how old its last word is and claims
//! nothing newer; after the restore the work done meanwhile appears once, and all copies are equal.

use super::give;
use anyhow::Result;
use serde_json::Value;
use shared::fact::Fact;
use shared::time::{Instant, Millis};
use tests::clock::{now, until};
use tests::process::{Rest, Site};
use tests::verdict::history::{History, Kept};
use tests::verdict::work;

#[test]
fn a_robot_that_is_cut_off_goes_on_and_its_work_appears_once() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    let rest = site.rest();
    let codes = ["store", "cell", "store"].map(|zone| give(&rest, "r-1", "inspection", zone));
    let codes: Vec<String> = codes.into_iter().collect::<Result<_>>()?;
    for code in &codes {
        let known = || matches!(rest.task_state(code).as_str(), Some("accepted" | "running")).then_some(());
        until(&format!("{code} has reached its robot"), Millis::secs(20), known)?;
    }

    site.cut("r-1")?;
    let cut_at = now();
    let all_done = || (ends_on_robot(&site.history().ok()?) == 3).then_some(());
    until("the robot has done its work alone", Millis::secs(60), all_done)?;
    assert!(site.has_moved_since("r-1", cut_at)?);
    let age_ms = rest.robot("r-1")["heard_age_ms"].as_u64().unwrap_or(0);
    assert!(age_ms > 3_000, "the server heard a robot that is cut off {age_ms} ms ago");
    assert_ne!(rest.task_state(&codes[2]), "done", "the server cannot know");

    site.restore("r-1")?;
    let restored_at = now();
    site.wait_until_done_and_equal(3, Millis::secs(60))?;
    assert_eq!(rest.task_state(&codes[2]), "done");
    let measured = || is_measured_without_a_hole(&rest, cut_at, restored_at).then_some(());
    until("every sample of the outage has arrived, in order", Millis::secs(40), measured)?;
    let history = site.finish()?;
    assert!(work::done_offline(&history) >= 2, "{} ends were recorded while cut off", work::done_offline(&history));
    Ok(())
}

/// Whether the robot's telemetry goes from its start without a hole through the outage, and beyond it.
fn is_measured_without_a_hole(rest: &Rest, cut_at: Instant, restored_at: Instant) -> bool {
    let Ok(page) = rest.get("/v1/robots/r-1/telemetry") else { return false };
    let samples = page["samples"].as_array().cloned().unwrap_or_default();
    let number = |sample: &Value, key: &str| sample[key].as_u64().unwrap_or(0);
    let is_next = |(place, sample): (u64, &Value)| number(sample, "number") == place && number(sample, "covers") == 1;
    let is_whole = (1..).zip(&samples).all(is_next) && page["lost"].as_array().is_some_and(Vec::is_empty);
    let in_outage =
        samples.iter().filter(|sample| (cut_at.0..restored_at.0).contains(&number(sample, "mono_ms"))).count();
    let is_beyond = samples.last().is_some_and(|sample| number(sample, "mono_ms") > restored_at.0);
    is_whole && is_beyond && in_outage as u64 >= restored_at.since(cut_at).0 / 1000 - 1
}

/// Ends of work in the robots' own records.
fn ends_on_robot(history: &History) -> usize {
    let facts = history.robots.values().flat_map(|robot| &robot.replica.journal).filter_map(Kept::fact);
    facts.filter(|(_, fact)| matches!(fact, Fact::Done { .. })).count()
}
