//! Examples of a body under torque.

use super::*;

const DT_MS: f64 = 10.0;

fn body() -> Body {
    Body::new(Memory { battery_permille: 1000.0, ..Memory::default() })
}

fn goal(step: u8, act: Act, amount: u16) -> Goal {
    Goal { order: 9, step, act, amount, ..Goal::default() }
}

fn walk_to(x_cm: i16) -> Goal {
    Goal { x_cm, ..goal(0, Act::Walk, 0) }
}

/// Names the goal and lets `ms` pass, as the process does: the same goal with every step of time.
fn run(body: &mut Body, goal: Goal, torque: Torque, ms: u32) -> Vec<Deed> {
    let steps = 0..ms / 10;
    steps
        .flat_map(|_| {
            body.name(goal);
            body.advance(torque, DT_MS)
        })
        .collect()
}

#[test]
fn a_walk_begins_arrives_and_is_counted_once() {
    let mut body = body();
    let deeds = run(&mut body, walk_to(300), Torque::On, 5000);
    let (order, step, act) = (9, 0, Act::Walk);
    assert_eq!(deeds, vec![Deed::Begun { order, step, act }, Deed::Finished { order, step, act, count: 1 }]);
    assert!((body.memory().x_mm - 3000.0).abs() <= 50.0);
    assert!(!body.is_moving());
}

#[test]
fn nothing_is_faster_than_the_limit() {
    let mut body = body();
    let mut before = 0.0;
    for _ in 0..400 {
        run(&mut body, walk_to(3000), Torque::On, 10);
        assert!(body.memory().x_mm - before <= SPEED_MM_S_MAX * DT_MS / 1000.0 + 1e-9);
        before = body.memory().x_mm;
    }
}

#[test]
fn without_torque_nothing_moves_and_no_work_is_done() {
    let mut body = body();
    run(&mut body, walk_to(3000), Torque::On, 500);
    let before = body.memory().clone();
    assert!(run(&mut body, walk_to(3000), Torque::Off, 2000).is_empty());
    assert!(run(&mut body, goal(1, Act::Pick, 1), Torque::Off, 2000).is_empty());
    assert_eq!(body.memory(), &before);
}

#[test]
fn a_ramp_stands_within_the_category_1_window() {
    let mut body = body();
    run(&mut body, walk_to(3000), Torque::On, 1000);
    assert!(body.is_moving());
    run(&mut body, walk_to(3000), Torque::Ramp, 300);
    assert!(!body.is_moving());
}

#[test]
fn work_takes_its_time_of_torque_and_fills_the_hand() {
    let mut body = body();
    assert_eq!(run(&mut body, goal(1, Act::Pick, 20), Torque::On, 1900).len(), 1);
    run(&mut body, goal(1, Act::Pick, 20), Torque::Off, 5000);
    assert!(!body.memory().held);
    assert_eq!(run(&mut body, goal(1, Act::Pick, 20), Torque::On, 200).len(), 1);
    assert!(body.memory().held);
    run(&mut body, goal(2, Act::Place, 20), Torque::On, 2100);
    assert!(!body.memory().held);
}

#[test]
fn a_finished_step_that_is_held_stays_finished_and_one_named_again_is_done_again() {
    let mut body = body();
    run(&mut body, goal(1, Act::Tend, 1), Torque::On, 1000);
    run(&mut body, Goal { session: 0, ..goal(1, Act::Rest, 0) }, Torque::On, 100);
    run(&mut body, goal(1, Act::Tend, 1), Torque::On, 1000);
    assert_eq!(body.count(), 1, "a rest within one session is a pause");
    run(&mut body, goal(2, Act::Rest, 0), Torque::On, 100);
    assert_eq!(body.count(), 0, "the count is about the named step");
    run(&mut body, goal(1, Act::Tend, 1), Torque::On, 1000);
    assert_eq!(body.count(), 2, "another step was named between");
}

#[test]
fn a_new_session_holds_on_unless_it_rested_first() {
    let mut body = body();
    let in_session = |session, act| Goal { session, ..goal(1, act, 1) };
    run(&mut body, in_session(1, Act::Tend), Torque::On, 1000);
    run(&mut body, in_session(2, Act::Tend), Torque::On, 1000);
    assert_eq!(body.count(), 1, "the link was renewed, the agent holds the same step");
    run(&mut body, in_session(3, Act::Rest), Torque::On, 100);
    assert_eq!(body.count(), 1, "a new agent asks before it acts");
    run(&mut body, in_session(3, Act::Tend), Torque::On, 1000);
    assert_eq!(body.count(), 2, "and is obeyed");
}

#[test]
fn the_battery_drains_and_charges_to_the_wanted_percent() {
    let mut body = body();
    run(&mut body, goal(0, Act::Rest, 0), Torque::On, 100_000);
    assert!((body.memory().battery_permille - 900.0).abs() < 1.0);
    let deeds = run(&mut body, goal(1, Act::Charge, 95), Torque::On, 2000);
    assert_eq!(deeds.len(), 2);
    assert!((940.0..=951.0).contains(&body.memory().battery_permille));
}

#[test]
fn an_empty_battery_still_reaches_a_charger() {
    let mut body = Body::new(Memory::default());
    let deeds = run(&mut body, walk_to(100), Torque::On, 6000);
    assert_eq!(deeds.len(), 2);
}

#[test]
fn progress_rises_to_the_end() {
    let mut body = body();
    run(&mut body, walk_to(1000), Torque::On, 3000);
    assert!((100..1000).contains(&body.progress_permille()));
    run(&mut body, walk_to(1000), Torque::On, 20_000);
    assert_eq!(body.progress_permille(), 1000);
}
