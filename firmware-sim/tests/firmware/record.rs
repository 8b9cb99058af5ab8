//! The firmware's own record reaches every agent in the end, whole and in its own words.

use crate::rig::{FIRMWARE_SEED, Rig};
use firmware_sim::clock;
use firmware_sim::panel::request::Act as Hand;
use interlock_link::ToInterlock;
use shared::firmware_record::list::{Relayed, check};
use shared::seal::SigningKey;

/// What the agent was told, as an auditor sees it.
fn told(rig: &Rig) -> Relayed {
    let lines = rig.agent.as_ref().unwrap().lines.iter().map(String::as_str);
    check(lines, Some(&SigningKey::from_seed(&FIRMWARE_SEED).public())).unwrap()
}

fn until_all_is_told(rig: &mut Rig) {
    rig.until("every line on disk is told", |rig| {
        let lines = &rig.agent.as_ref().unwrap().lines;
        rig.event_lines().iter().all(|line| lines.contains(line))
    });
}

#[test]
fn an_agent_that_was_away_is_told_what_happened_also_before_a_restart_of_the_firmware() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.press();
    rig.release();
    rig.until("the press is listed", |rig| rig.event_lines().len() > 5);
    rig.restart();
    rig.act(Hand::PowerBlip);
    rig.connect(1);
    until_all_is_told(&mut rig);
    let relayed = told(&rig);
    assert_eq!(relayed.events, rig.event_lines().len() as u64);
    assert_eq!((relayed.missing, relayed.span.unwrap().0), (vec![], 1));
}

#[test]
fn a_new_line_is_told_at_once() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    until_all_is_told(&mut rig);
    rig.press();
    rig.until("the press is told", |rig| {
        let lines = &rig.agent.as_ref().unwrap().lines;
        lines.iter().filter(|line| line.contains("button_pressed")).count() == 2
    });
}

#[test]
fn an_agent_that_did_not_listen_for_a_while_misses_no_line_and_its_status_is_not_late() {
    let mut rig = Rig::start();
    rig.connect(1);
    rig.until("the status is told", |rig| rig.agent.as_ref().unwrap().status.is_some());
    let agent = rig.agent.take();
    for _ in 0..8 {
        rig.press();
        rig.live_for(150);
        rig.release();
    }
    rig.agent = agent;
    // What the firmware could not get rid of is old news by now; the newest word is not.
    rig.agent.as_mut().unwrap().say(ToInterlock::Heartbeat);
    let asked_at = clock::now().0;
    rig.until("the status is the newest", |rig| {
        rig.agent.as_ref().unwrap().status.is_some_and(|status| status.proof_tested)
    });
    assert!(clock::now().0 - asked_at < 2_000);
    until_all_is_told(&mut rig);
    assert_eq!(told(&rig).missing, []);
}

#[test]
fn a_lost_list_is_told_of_and_its_numbers_are_not_used_again() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    until_all_is_told(&mut rig);
    let before = std::mem::take(&mut rig.agent.as_mut().unwrap().lines);
    rig.kill();
    std::fs::remove_file(rig.path("events.jsonl")).unwrap();
    rig.restart();
    rig.connect(2);
    until_all_is_told(&mut rig);
    rig.agent.as_mut().unwrap().lines.extend(before.iter().cloned());
    let relayed = told(&rig);
    assert_eq!((relayed.begun_anew.len(), relayed.missing), (1, vec![]));
    assert_eq!(relayed.events, (before.len() + rig.event_lines().len()) as u64);
}
