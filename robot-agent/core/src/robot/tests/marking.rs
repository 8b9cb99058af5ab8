//! Signs of life of a robot to which nothing happens.

use super::*;
use crate::Edge;
use crate::beacon_clock::{BeaconMark, SAVE_EVERY};
use crate::robot::marking::MARK_EVERY;

/// Lets so much time pass with a sight every second, and tells when each entry was written.
fn idle(bench: &mut Bench, secs: u64) -> Vec<u64> {
    let known = bench.records.len();
    for _ in 0..secs {
        bench.at = bench.at + Millis(950);
        bench.look();
    }
    bench.records[known..].iter().map(|record| record.entry.mono_ms).collect()
}

#[test]
fn an_idle_robot_with_energy_is_never_silent_for_longer_than_the_interval_and_costs_no_commit_of_its_own() {
    let mut bench = Bench::new(loaded());
    bench.look();
    let began = bench.at.0;
    let commits = bench.commits.len();
    let written = idle(&mut bench, 3_600);
    let gaps = std::iter::once(began).chain(written.iter().copied()).zip(written.iter().copied());
    assert!(gaps.clone().all(|(before, after)| after - before <= MARK_EVERY.0), "{written:?}");
    assert_eq!(bench.facts.iter().filter(|fact| **fact == Fact::Mark).count(), written.len(), "and nothing else");
    assert!((110..=150).contains(&written.len()), "{} in an hour", written.len());
    let saves = usize::try_from(3_600_000 / SAVE_EVERY.0).unwrap();
    assert!(bench.commits.len() - commits <= saves + 1, "{} commits", bench.commits.len() - commits);
}

#[test]
fn a_robot_without_energy_writes_none_and_one_that_works_needs_none() {
    let mut bench = Bench::new(loaded());
    bench.stop(Phase::Standby, Cause::Beacon, 8);
    assert!(idle(&mut bench, 600).is_empty());
    bench.stop(Phase::Energised, Cause::Beacon, 8);
    for n in 0..60 {
        bench.input(Input::Witnessed(vec![Edge::MotionBegan { at: Instant(n) }, Edge::MotionEnded { at: Instant(n) }]));
        idle(&mut bench, 9);
    }
    assert!(!bench.facts.contains(&Fact::Mark));
}

#[test]
fn after_a_death_the_newest_sign_of_the_process_before_is_told_before_the_start() {
    let mark = BeaconMark { boot: Boot(4), mono: Instant(70_000), time_ds: 1, heard_ds: None };
    let bench = Bench::new(Loaded { beacon: Some(mark), clean: false, ..loaded() });
    let until = Fact::LivedUntil { boot: Boot(4), mono_ms: 70_000, within_ms: 12_000 };
    assert_eq!(bench.facts[..2], [until, Fact::AgentStarted { clean: false }]);
    let in_order = Bench::new(Loaded { beacon: Some(mark), clean: true, ..loaded() });
    assert_eq!(in_order.facts[0], Fact::AgentStarted { clean: true }, "its record has an end of its own");
}
