//! `kill -9` in the worst moments: of an agent with its hands full, of the server while it acknowledges.
//!
//! Whatever was acknowledged is still there, nothing is done twice at the body, and everybody ends with equal copies.

use super::give;
use anyhow::Result;
use shared::time::{Instant, Millis};
use tests::clock::until;
use tests::process::{Part, Site};
use tests::verdict::history::Deed;
use tests::verdict::loss;

#[test]
fn an_agent_that_is_killed_with_its_hands_full_does_no_step_twice() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    let rest = site.rest();
    give(&rest, "r-1", "kitting", "store")?;
    give(&rest, "r-1", "machine_tending", "store")?;
    // Steps 1 of the two orders: the pick and the tending.
    for orders_before in 0..2 {
        until("a hand is at work", Millis::secs(40), || hand_at_work(&site.deeds("r-1").ok()?, orders_before))?;
        site.kill(Part::Agent("r-1"))?;
        site.panel("r-1").wait_for_phase("standby", Millis::secs(5))?;
        site.spawn(Part::Agent("r-1"))?;
    }
    site.wait_until_done_and_equal(2, Millis::secs(90))?;
    let history = site.finish()?;
    let works = ["pick", "place", "tend"].map(|wanted| {
        let deeds = history.robots.values().flat_map(|robot| &robot.truth);
        deeds.filter(|truth| matches!(&truth.what, Deed::Finished { act, .. } if act == wanted)).count()
    });
    assert_eq!(works, [1, 1, 1], "the body counts picks, places and tendings");
    Ok(())
}

/// Whether step 1 of the order after `orders_before` others is begun and not finished.
fn hand_at_work(deeds: &[(Instant, Deed)], orders_before: usize) -> Option<()> {
    let begun = deeds.iter().filter_map(|(_, what)| match what {
        Deed::Begun { order, step: 1 } => Some(*order),
        Deed::Begun { .. } | Deed::Finished { .. } | Deed::Moved { .. } | Deed::Crouch | Deed::Other => None,
    });
    let mut orders: Vec<u64> = Vec::new();
    begun.for_each(|order| {
        if !orders.contains(&order) {
            orders.push(order)
        }
    });
    let order = *orders.get(orders_before)?;
    let is_finished = |what: &Deed| matches!(what, Deed::Finished { order: of, step: 1, .. } if *of == order);
    (!deeds.iter().any(|(_, what)| is_finished(what))).then_some(())
}

#[test]
fn a_server_that_is_killed_while_it_acknowledges_loses_nothing() -> Result<()> {
    let robots = ["r-1", "r-2"];
    let mut site = Site::start(&robots)?;
    for robot in robots {
        site.begin_shift(robot)?;
    }
    for robot in robots {
        for zone in ["near", "store", "near", "store"] {
            give(&site.rest(), robot, "inspection", zone)?;
        }
    }
    for kill in 1..=3 {
        let acked_before = loss::acked(&site.history()?);
        let flows = || site.history().ok().filter(|history| loss::acked(history) > acked_before + 4);
        until(&format!("acknowledgements flow before kill {kill}"), Millis::secs(40), flows)?;
        site.kill(Part::Fleet)?;
        site.spawn(Part::Fleet)?;
    }
    robots.iter().try_for_each(|robot| site.wait_until_heard(robot))?;
    site.wait_until_done_and_equal(8, Millis::secs(90))?;
    let history = site.finish()?;
    assert!(loss::acked(&history) > 30, "{} entries were acknowledged", loss::acked(&history));
    Ok(())
}
