//! A robot at work is not answered, and then cut off for longer than silence may stay unsaid, and the server is killed meanwhile: `fleet sync status`,
//! `fleet sync explain` and `fleet tap` say so, and nothing that is not so.

use super::{at_the_robot, give};
use anyhow::{Result, ensure};
use shared::time::Millis;
use tests::clock::{now, until};
use tests::process::{Broker, Part, Site, tool};
use tests::told::{Watch, judge};

#[test]
fn what_is_told_of_a_robot_that_is_cut_off_and_of_a_server_that_was_killed_is_so() -> Result<()> {
    let mut site = Site::start(&["r-1", "r-2"])?;
    site.begin_shift("r-1")?;
    let watch = Watch::beside(&site, &["r-1", "r-2"])?;
    let code = give(&site.rest(), "r-1", "inspection", "far")?;
    site.wait_until_moving("r-1", now())?;
    until("the server has it running", Millis::secs(20), || {
        (site.rest().task_state(&code) == "running").then_some(())
    })?;
    // It speaks and hears nothing: what it writes is not acknowledged, and grows old before everybody's eyes.
    site.deafen("r-1")?;
    at_the_robot(&site, "r-1", &code, &["note", "--append", "nobody answers"])?;
    explained(&site, "entries of its record were not acknowledged; the oldest is 5 s old")?;
    site.restore("r-1")?;
    explained(&site, "everything that it wrote was acknowledged, and it had every row")?;
    site.cut("r-1")?;
    explained(&site, "Nothing was heard of it for 14 s")?;
    site.kill(Part::Fleet)?;
    site.spawn(Part::Fleet)?;
    explained(&site, "It was not heard since the server started")?;
    site.restore("r-1")?;
    explained(&site, "everything that it wrote was acknowledged, and it had every row")?;
    site.move_to(Broker::Mosquitto)?;
    explained(&site, "everything that it wrote was acknowledged, and it had every row")?;
    give(&site.rest(), "r-1", "inspection", "near")?;
    site.wait_until_done_and_equal(2, Millis::secs(90))?;
    // What came at the very end of a tap's life is not held against it.
    explained(&site, "everything that it wrote was acknowledged, and it had every row")?;
    let (printed, evidence) = watch.end()?;
    let judged = judge(&printed, &evidence);
    ensure!(judged.untrue.is_empty(), "{}", judged.untrue.join("\n"));
    ensure!(judged.rows > 50 && judged.explanations > 50 && judged.tapped > 0, "{judged:?}");
    println!(
        "{} rows, {} explanations and {} tapped entries, all true",
        judged.rows, judged.explanations, judged.tapped
    );
    site.finish().map(drop)
}

/// Waits until the program says this of the robot.
fn explained(site: &Site, words: &str) -> Result<()> {
    let server = site.server();
    until(&format!("it is explained: {words}"), Millis::secs(60), || {
        let (code, said) = tool::run("fleet", &["sync", "explain", "r-1", "--server", &server]).ok()?;
        (code == 0 && said.contains(words)).then_some(())
    })
}
