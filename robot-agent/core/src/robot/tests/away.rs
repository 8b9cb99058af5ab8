//! What happened to the button while the agent was away.

use super::*;

/// An agent that comes back to a firmware whose power was cycled.
fn back(known: Option<u32>, presses: u32) -> Bench {
    let mut bench = Bench::new(Loaded { presses: known, ..loaded() });
    bench.presses = Some(presses);
    bench.stop(Phase::Released, Cause::PowerUp, 1001);
    bench
}

#[test]
fn a_press_and_a_power_cycle_while_the_agent_was_away_need_a_clearance_and_a_person() {
    for (known, presses) in [(Some(4), 5), (Some(4), 6), (Some(4), 3), (Some(4), 0), (None, 1)] {
        let mut bench = back(known, presses);
        assert_eq!(bench.may_arm, None, "{known:?} then {presses}");
        let challenge = bench.challenge().unwrap();
        assert_eq!(bench.clear(challenge, &ca()), Ok(()));
        assert_eq!(bench.may_arm, Some(1001));
        bench.rows(&[row(1, 1)]);
        bench.stop(Phase::Energised, Cause::PowerUp, 1001);
        assert_eq!(bench.activity, None, "the work waits for a person");
        let at = bench.at;
        bench.resume(1, at);
        assert!(bench.activity.is_some());
    }
}

#[test]
fn the_same_count_and_a_new_firmware_need_no_clearance() {
    for (known, presses) in [(Some(4), 4), (Some(0), 0), (None, 0)] {
        assert_eq!(back(known, presses).may_arm, Some(1001), "{known:?} then {presses}");
    }
}

#[test]
fn while_the_count_is_unknown_nobody_says_that_no_clearance_is_due() {
    let mut bench = Bench::new(loaded());
    bench.presses = None;
    bench.stop(Phase::Released, Cause::PowerUp, 1001);
    assert_eq!(bench.may_arm, None);
    bench.presses = Some(0);
    bench.look();
    assert_eq!(bench.may_arm, Some(1001));
}

#[test]
fn a_count_that_comes_after_its_status_takes_the_permission_back() {
    let mut bench = back(Some(4), 4);
    assert_eq!(bench.may_arm, Some(1001));
    bench.presses = Some(5);
    bench.look();
    assert_eq!(bench.may_arm, None);
    assert!(bench.challenge().is_some());
}

#[test]
fn the_count_of_a_press_that_was_seen_changes_nothing_more() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    bench.stop(Phase::Tripped, Cause::Button, 8);
    let challenge = bench.challenge();
    let facts = bench.facts.len();
    bench.presses = Some(1);
    bench.look();
    assert_eq!((bench.challenge(), bench.facts.len()), (challenge, facts));
}

#[test]
fn the_count_is_recorded_in_the_commit_that_makes_the_clearance_due() {
    let mut bench = Bench::new(Loaded { presses: Some(4), ..loaded() });
    bench.presses = Some(5);
    let before = bench.commits.len();
    bench.look();
    let [commit] = &bench.commits[before..] else { panic!("{:?}", &bench.commits[before..]) };
    for change in [Change::Presses(5), Change::ClearanceDue(true), Change::AwaitsPerson(true)] {
        assert!(commit.contains(&change), "{change:?}");
    }
}

#[test]
fn a_wall_clock_that_jumps_by_years_permits_nothing_and_makes_no_answer_older() {
    let mut bench = Bench::new(loaded());
    bench.look();
    bench.stop(Phase::Tripped, Cause::Button, 8);
    bench.stop(Phase::Released, Cause::Button, 8);
    let challenge = bench.challenge().unwrap();
    for wall in [0, u64::MAX, 1, 4_000_000_000_000] {
        bench.input(Input::Wall(WallTime(wall)));
        assert_eq!((bench.may_arm, bench.challenge()), (None, Some(challenge)), "{wall}");
    }
    let expired = bench.clear(challenge, &ca());
    assert!(matches!(expired, Err(BadClearance::Expired { .. })), "{expired:?}");
    bench.input(Input::Wall(WallTime(1)));
    assert_eq!(bench.clear(challenge, &ca()), Ok(()));
}
