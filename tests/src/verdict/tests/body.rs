//! Each way in which a body can have done what it should not, or a record can tell other than the body.

use super::*;
use crate::verdict::history::Phase;

#[test]
fn a_pick_that_the_body_finished_twice_is_doubled() {
    let verdict = spoiled(|history| {
        let pick = |truth: &&Truth| matches!(&truth.what, Deed::Finished { act, .. } if act == "pick");
        let again = r1(history).truth.iter().find(pick).unwrap().clone();
        r1(history).truth.push(again);
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn an_inspection_that_the_body_finished_twice_is_not_doubled() {
    let mut history = good();
    let look = |truth: &&Truth| matches!(&truth.what, Deed::Finished { act, .. } if act == "inspect");
    let again = r1(&mut history).truth.iter().find(look).unwrap().clone();
    r1(&mut history).truth.push(again);
    assert!(verdict(&history).passes());
}

#[test]
fn a_task_that_two_robots_finished_is_doubled() {
    let verdict = spoiled(|history| {
        let what = Deed::Finished { order: order(2).tag(), step: 1, act: "inspect".to_owned() };
        r2(history).truth.push(Truth { t_ms: 9_000, what });
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn a_step_begun_after_its_end_was_recorded_is_doubled() {
    let verdict = spoiled(|history| {
        let what = Deed::Begun { order: order(2).tag(), step: 0 };
        r1(history).truth.push(Truth { t_ms: 1_000_000, what });
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn an_end_that_the_server_was_told_twice_is_doubled() {
    let verdict = spoiled(|history| {
        let replica = &r1(history).replica;
        let mut chain = Chain::begin(&id("r-1"), replica.epoch);
        replica.journal.iter().for_each(|kept| chain.advance(&kept.record().unwrap()));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1_000_000), hlc: Hlc(9) };
        let again = kept(&replica.journal[0], chain.append(&Fact::Done { order: order(2) }, stamp));
        r1(history).replica.journal.push(again.clone());
        facts(history).push(again);
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn motion_after_a_trip_is_found_and_the_grace_is_not() {
    let trip_ms = event_ms(&good().robots[&id("r-2")], "button_pressed");
    let mut history = good();
    r2(&mut history).truth.push(moved(trip_ms + 129));
    assert!(verdict(&history).passes());
    let verdict = spoiled(|history| {
        history.acts.retain(|act| act.act != "release" && act.act != "reset" || act.robot != Some(id("r-2")));
        history.acts.retain(|act| act.act != "press" || act.phase == Phase::Before);
        r2(history).truth.push(moved(trip_ms + 150));
    });
    assert_eq!(faults(&verdict), [0, 0, 1, 0]);
}

#[test]
fn motion_after_a_press_is_found_without_a_word_of_the_controller() {
    let pressed_ms = event_ms(&good().robots[&id("r-2")], "button_pressed");
    let verdict = spoiled(|history| {
        r2(history).events.retain(|event| event.ev != "button_pressed" && event.ev != "trip");
        r2(history).truth.push(moved(pressed_ms + 1_000));
    });
    assert_eq!(faults(&verdict), [0, 0, 1, 0]);
}

#[test]
fn motion_before_the_first_energy_of_a_boot_is_found() {
    let early = spoiled(|history| r1(history).truth.insert(0, moved(1)));
    assert_eq!(faults(&early), [0, 0, 1, 0]);
    let again = spoiled(|history| {
        r1(history).events.push(Event { t_ms: 1_000_000, ev: "power_up".to_owned() });
        r1(history).truth.push(moved(1_000_500));
    });
    assert_eq!(faults(&again), [0, 0, 1, 0]);
}

#[test]
fn a_step_begun_without_a_recorded_start_is_untrue() {
    let verdict = spoiled(|history| {
        let what = Deed::Begun { order: 4711, step: 0 };
        r1(history).truth.push(Truth { t_ms: 5_000, what });
    });
    assert_eq!(faults(&verdict), [0, 0, 0, 1]);
}
