//! Thirty blows at moments drawn from a seed, and a site that is moved to Mosquitto and back.

use super::give;
use anyhow::{Result, ensure};
use shared::time::Millis;
use tests::kills::{Plan, run};
use tests::process::{Broker, Site};
use tests::verdict::loss;

#[test]
fn thirty_blows_at_server_agents_networks_and_brokers_lose_nothing_and_double_nothing() -> Result<()> {
    let report = run(Plan { cycles: 30, seed: 20_261_122, broker: Broker::Embedded })?;
    println!("{report}");
    ensure!(report.blows.values().sum::<u32>() == 30 && report.blows.len() == 6, "{report}");
    ensure!(report.acked > 100 && report.tasks >= 60, "{report}");
    let told = &report.told;
    ensure!(
        told.rows > 60 && told.explanations > 60 && told.tapped > 20,
        "too little was held against the truth: {report}"
    );
    Ok(())
}

#[test]
fn a_site_at_work_moves_to_mosquitto_and_back_and_loses_nothing() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    let mut tasks = 0;
    for broker in [Broker::Mosquitto, Broker::Embedded] {
        for zone in ["store", "near"] {
            give(&site.rest(), "r-1", "inspection", zone)?;
            tasks += 1;
        }
        site.wait_until_moving("r-1", tests::clock::now())?;
        let acked = loss::acked(&site.history()?);
        site.move_to(broker)?;
        site.wait_until_heard("r-1")?;
        if broker == Broker::Mosquitto {
            site.crash_mosquitto()?;
        }
        let flows = || site.history().ok().filter(|history| loss::acked(history) > acked);
        tests::clock::until("acknowledgements flow over the other broker", Millis::secs(40), flows)?;
    }
    site.wait_until_done_and_equal(tasks, Millis::secs(90))?;
    site.finish().map(drop)
}
