//! Agents that hang, die, come back, come twice, lie and shout.

use crate::rig::agent::Agent;
use crate::rig::{Rig, fairly, walk_to, walking};
use interlock_link::{Phase, Setpoint, ToInterlock};
use std::time::Duration;

/// Heartbeat timeout, category 1 window (`Limits::SHIPPED`) and slack for a test that polls, in milliseconds.
const STANDS_WITHIN_MS: u64 = 300 + 300 + 150;

/// When the robot last moved, once it stands.
fn last_move_ms(rig: &Rig) -> u64 {
    rig.truth("moved").last().unwrap()["t_ms"].as_u64().unwrap()
}

fn agent(rig: &mut Rig) -> &mut Agent {
    rig.agent.as_mut().unwrap()
}

/// Keeps only the radio alive.
fn without_agent(rig: &mut Rig, mut go_on: impl FnMut(&mut Rig)) -> Agent {
    let silenced = rig.agent.take().unwrap();
    go_on(rig);
    silenced
}

#[test]
fn an_agent_that_is_stopped_stops_the_robot_and_its_old_frames_count_for_nothing_when_it_goes_on() {
    let mut rig = walking();
    let stopped_ms = firmware_sim::clock::now().0;
    let hung = without_agent(&mut rig, |rig| rig.until_phase("standby"));
    assert!(last_move_ms(&rig) <= stopped_ms + STANDS_WITHIN_MS);
    let moves = rig.truth("moved").len();

    // Goes on where it was, with the epoch it knew: its words are in order and mean an earlier trip.
    let old_epoch = hung.status.unwrap().trip_epoch;
    rig.agent = Some(hung);
    agent(&mut rig).arm = Some(old_epoch);
    rig.live_for(2500);
    assert_eq!((rig.phase().as_str(), rig.truth("moved").len()), ("standby", moves));
}

#[test]
fn frames_of_an_earlier_session_are_dropped_and_counted_in_the_next() {
    let mut rig = walking();
    let old = agent(&mut rig).encode_many(ToInterlock::Heartbeat, 50);
    rig.connect(2);
    rig.until("the new session stopped the robot", |rig| rig.phase() != "energised");
    let epoch = rig.look().unwrap()["trip_epoch"].as_u64().unwrap();
    agent(&mut rig).say_bytes(&old);
    rig.until("they are counted", |rig| rig.look().unwrap()["dropped"]["link_crc"].as_u64().unwrap() >= 50);
    assert_eq!(rig.look().unwrap()["trip_epoch"].as_u64(), Some(epoch));
    rig.until_phase("standby");
}

#[test]
fn a_second_agent_ends_the_session_of_the_first_and_the_first_has_no_voice_any_more() {
    let mut rig = walking();
    let mut first = rig.agent.take().unwrap();
    rig.connect(2);
    rig.until_phase("standby");
    assert_eq!(rig.look().unwrap()["cause"], "session");
    let moves = rig.truth("moved").len();
    for _ in 0..50 {
        first.shout(ToInterlock::Arm { epoch: rig.agent.as_ref().unwrap().status.unwrap().trip_epoch });
        rig.live_for(10);
    }
    assert_eq!((rig.phase().as_str(), rig.truth("moved").len()), ("standby", moves));
}

#[test]
fn a_heartbeat_without_setpoints_does_what_was_last_said_and_a_stop_in_it_ends_that() {
    fairly(|rig| {
        rig.send_away();
        agent(rig).setpoint = walk_to(1500);
        rig.until_ticks_passed(20);
        agent(rig).setpoint = None;
        rig.until("it arrives", |rig| rig.truth("finished").len() == 1);
        let moves = rig.truth("moved").len();
        rig.until_ticks_passed(100);
        // The last step may have been written after the arrival.
        assert!(rig.truth("moved").len() <= moves + 1, "it walks no further than it was told");

        agent(rig).setpoint = walk_to(20_000).map(|away| Setpoint { step: 1, ..away });
        rig.until("it walks on", |rig| rig.truth("moved").len() > moves + 2);
        agent(rig).setpoint = None;
        agent(rig).say(ToInterlock::Stop { latch: false });
        rig.until_phase("standby");
        let moves = rig.truth("moved").len();
        rig.arm_until_energised();
        rig.until_ticks_passed(100);
        assert_eq!(rig.truth("moved").len(), moves, "what was wanted before a stop does not start by itself after it");
    });
}

#[test]
fn a_flood_while_the_button_is_pressed_gives_no_power() {
    let mut rig = walking();
    rig.press();
    let epoch = rig.look().unwrap()["trip_epoch"].as_u64().unwrap();
    let epoch = u32::try_from(epoch).unwrap();
    let words = [
        ToInterlock::Arm { epoch },
        ToInterlock::Arm { epoch: epoch.wrapping_add(1) },
        ToInterlock::Arm { epoch: 0 },
        ToInterlock::Arm { epoch: u32::MAX },
        ToInterlock::Heartbeat,
    ];
    let until_ms = firmware_sim::clock::now().0 + 1000;
    let mut frames = 0;
    rig.until("a second of flood has passed", |rig| {
        for word in words {
            agent(rig).flood_with(word, 100);
            frames += 100;
        }
        firmware_sim::clock::now().0 >= until_ms
    });
    let status = rig.look().unwrap();
    assert_eq!((&status["phase"], &status["relays"]), (&"tripped".into(), &false.into()), "{frames} frames");
    assert_eq!(status["trip_epoch"].as_u64(), Some(u64::from(epoch)));
}

#[test]
fn a_hostile_flood_never_gives_power_and_each_frame_is_counted_by_its_reason() {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    rig.switch_radio_on();
    for round in 0..50_u8 {
        let mut bytes = agent(&mut rig).encode_many(ToInterlock::Heartbeat, 20);
        for (place, byte) in bytes.iter_mut().enumerate().filter(|(place, _)| place % 3 == 0) {
            *byte ^= round.wrapping_mul(31).wrapping_add(place as u8);
        }
        agent(&mut rig).say_bytes(&bytes);
        rig.live_for(5);
    }
    let dropped = rig.look().unwrap()["dropped"].clone();
    let reasons = ["link_length", "link_version", "link_crc", "link_kind", "link_flood"];
    let counted: u64 = reasons.iter().map(|reason| dropped[reason].as_u64().unwrap()).sum();
    assert!(counted > 500, "{dropped}");
    assert!(!rig.has_event("energised"));
    assert_eq!(agent(&mut rig).status.map(|status| status.phase), Some(Phase::ResetArmed));
}

#[test]
fn a_firmware_that_is_stopped_takes_the_torque_away_and_trips_nothing_back_on() {
    let mut rig = walking();
    let stopped_ms = rig.look().unwrap()["t_ms"].as_u64().unwrap();
    rig.pause();
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(rig.truth("line").last().unwrap()["on"], false);
    assert!(last_move_ms(&rig) <= stopped_ms + 200, "the permission ran out");
    let moves = rig.truth("moved").len();
    rig.resume();
    rig.until("the silence was noticed", |rig| rig.phase() == "standby");
    assert_eq!(rig.truth("moved").len(), moves);
}
