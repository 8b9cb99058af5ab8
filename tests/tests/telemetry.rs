//! An hour without a network, in the world's time: everything that was measured arrives, in order.

use shared::fact::Fact;
use tests::world::outage::{Plan, outage, was_refused};

const HOUR: Plan = Plan { away_s: 3_600, killed_after_s: None, quota: None };

#[test]
fn after_an_hour_without_a_network_every_sample_arrives_in_order() {
    let shown = outage(1, HOUR).unwrap();
    assert!(shown.arrived.len() >= 3_600, "{}", shown.arrived.len());
    assert!(shown.arrived.windows(2).all(|pair| pair[0].mono_ms + 1_000 == pair[1].mono_ms), "one a second, in order");
    let first_20_s = shown.arrived.iter().filter(|sample| sample.mono_ms < shown.away_ms.0 + 20_000).count();
    assert_eq!((first_20_s, shown.lost, shown.thinned), (20, 0, 0));
    println!("{} samples of {:?} ms arrived in order, none lost", shown.arrived.len(), shown.away_ms);
}

#[test]
fn an_agent_that_is_killed_in_the_outage_names_its_jump_and_loses_no_sample_that_it_kept() {
    let shown = outage(2, Plan { away_s: 900, killed_after_s: Some(400), quota: None }).unwrap();
    // It is away for three seconds at most.
    assert!(shown.arrived.len() >= 896, "{}", shown.arrived.len());
    assert!((1..4096).contains(&shown.lost), "the rest of one block: {}", shown.lost);
}

#[test]
fn a_quota_that_evidence_fills_thins_telemetry_keeps_every_entry_and_refuses_work_with_the_reason() {
    let shown = outage(3, Plan { away_s: 900, killed_after_s: None, quota: Some(1024 * 1024) }).unwrap();
    assert!(shown.thinned > 100, "{}", shown.thinned);
    assert!(shown.facts.iter().any(|fact| matches!(fact, Fact::Thinned { dropped, .. } if *dropped > 0)));
    assert!(was_refused(&shown.facts), "work is refused, and says why");
    assert_eq!(shown.facts.len() as u64, shown.written, "every entry of the journal is at the server");
    assert!(shown.written > 1_000, "{} entries", shown.written);
}
