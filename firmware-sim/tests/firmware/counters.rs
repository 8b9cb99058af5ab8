//! What an agent that was away still learns: the counters outlive a kill, a power cycle and a lost file.

use crate::rig::Rig;
use interlock_link::Counters;

/// What the agent was told last, once it was told something in this session.
fn told(rig: &mut Rig, nonce: u64) -> Counters {
    rig.connect(nonce);
    rig.until("the counters are told", |rig| rig.agent.as_ref().unwrap().counters.is_some());
    rig.agent.as_ref().unwrap().counters.unwrap()
}

#[test]
fn a_press_while_the_agent_was_away_is_told_after_a_power_cycle_and_a_kill() {
    let mut rig = Rig::start();
    rig.proof_test();
    assert_eq!(told(&mut rig, 1), Counters { presses: 0, boots: 1, energised_s: 0 }, "the proof test is no press");
    rig.agent = None;
    rig.press();
    rig.until("the press is on disk", |rig| rig.nv()["presses"] == 1);
    rig.act(firmware_sim::panel::request::Act::PowerBlip);
    rig.restart();
    assert_eq!(told(&mut rig, 2), Counters { presses: 1, boots: 3, energised_s: 0 });
}

#[test]
fn a_press_is_told_at_once() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    rig.press();
    rig.until("the press is told", |rig| rig.agent.as_ref().unwrap().counters.is_some_and(|told| told.presses == 1));
}

#[test]
fn a_lost_file_tells_of_more_presses_not_of_fewer() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.press();
    rig.until("the press is on disk", |rig| rig.nv()["presses"] == 1);
    rig.kill();
    std::fs::remove_file(rig.path("nv.json")).unwrap();
    rig.restart();
    assert!(told(&mut rig, 1).presses > 1);
}
