//! A shift of one robot: from power-up to a finished walk, and what each loss on the way ends in.

use crate::rig::{Rig, fairly, lives, walk_to, walking};
use interlock_link::{Phase, ToInterlock};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;

#[test]
fn from_power_up_to_a_finished_walk() {
    let mut rig = Rig::start();
    let status = rig.look().unwrap();
    assert_eq!((&status["phase"], &status["cause"]), (&"tripped".into(), &"power_up".into()));
    assert_eq!((&status["relays"], &status["proof_tested"]), (&false.into(), &false.into()));
    assert_eq!((&status["trip_epoch"], &status["x_cm"]), (&1001.into(), &100.into()));

    rig.energise();
    rig.live_for(300);
    assert!(rig.truth("moved").is_empty(), "power alone moves nothing");

    rig.agent.as_mut().unwrap().setpoint = walk_to(300);
    rig.until("the walk is counted", |rig| rig.agent.as_ref().unwrap().count.is_some_and(|count| count.count == 1));
    rig.live_for(300);
    assert_eq!(rig.truth("finished").len(), 1, "a held setpoint does nothing more");
    let place = rig.agent.as_ref().unwrap().body.unwrap();
    assert!((295..=305).contains(&place.x_cm) && place.y_cm == 200, "{place:?}");
    assert!(["proof_tested", "reset", "released", "energised"].iter().all(|ev| rig.has_event(ev)));
}

#[test]
fn the_button_takes_the_power_and_nothing_moves_until_a_person_resets() {
    let mut rig = walking();
    let epoch = rig.agent.as_ref().unwrap().status.unwrap().trip_epoch;
    let pressed = rig.press();
    assert_eq!((&pressed["relays"], &pressed["phase"]), (&false.into(), &"tripped".into()));
    rig.until("the line is off", |rig| rig.truth("line").last().is_some_and(|line| line["on"] == false));
    let (moves, pressed_ms) = (rig.truth("moved"), pressed["t_ms"].as_u64().unwrap());
    assert!(moves.last().unwrap()["t_ms"].as_u64().unwrap() <= pressed_ms + 30);

    rig.release();
    rig.agent.as_mut().unwrap().arm = Some(epoch);
    rig.live_for(200);
    rig.agent.as_mut().unwrap().arm = Some(epoch + 1);
    rig.live_for(500);
    assert_eq!((rig.phase().as_str(), rig.truth("moved").len()), ("reset_armed", moves.len()));

    rig.agent.as_mut().unwrap().arm = None;
    rig.reset();
    rig.live_for(300);
    assert_eq!((rig.phase().as_str(), rig.truth("moved").len()), ("released", moves.len()));
    rig.arm_until_energised();
    rig.until("it walks on", |rig| rig.truth("moved").len() > moves.len());
}

#[test]
fn a_lost_agent_ends_in_standby_and_its_next_life_may_go_on() {
    let mut rig = walking();
    rig.agent = None;
    rig.until_phase("standby");
    assert!(rig.has_event("stopping") && !rig.has_event("trip"));
    let moves = rig.truth("moved").len();
    rig.connect(2);
    rig.agent.as_mut().unwrap().setpoint = walk_to(20_000);
    rig.until("the core would let it return", |rig| rig.agent.as_ref().unwrap().status.is_some_and(|s| s.standby_ok));
    assert_eq!(rig.truth("moved").len(), moves, "naming a step moves nothing");
    rig.arm_until_energised();
    rig.until("it walks on", |rig| rig.truth("moved").len() > moves);
}

#[test]
fn a_silent_radio_ends_in_standby() {
    fairly(|rig| {
        rig.send_away();
        rig.radio = None;
        let silent_ms = rig.look().unwrap()["t_ms"].as_u64().unwrap();
        rig.until_phase("standby");
        rig.until("the stop is listed", |rig| rig.has_event("standby"));
        let stop = rig.lines("events.jsonl").into_iter().find(|event| event["ev"] == "stopping").unwrap();
        assert_eq!(stop["cause"], "beacon");
        // By the firmware's own clock: the last disclosure may have been heard up to 333 ms before the radio fell silent,
        // and a tick may have been late.
        let (late_ms, stop_ms) = (rig.look().unwrap()["late_ms_max"].as_u64().unwrap(), stop["t_ms"].as_u64().unwrap());
        let took_ms = stop_ms - silent_ms;
        assert!((1500 - 400 - late_ms..=1500 + 50 + 2 * late_ms).contains(&took_ms), "{took_ms} ms, late {late_ms}");
    });
}

#[test]
fn a_killed_firmware_leaves_no_torque_and_remembers() {
    let mut rig = walking();
    let (body, before) = (rig.body_pid(), rig.look().unwrap());
    rig.kill();
    rig.until("the body is gone", |_| !lives(body));
    assert_eq!(rig.truth("line").last().unwrap()["on"], false);
    let moved = rig.truth("moved").last().cloned().unwrap();

    rig.restart();
    let after = rig.look().unwrap();
    assert_eq!((&after["phase"], &after["cause"], &after["boots"]), (&"tripped".into(), &"power_up".into(), &2.into()));
    assert!(after["trip_epoch"].as_u64() > before["trip_epoch"].as_u64());
    rig.until("the body knows where it is", |rig| rig.look().unwrap()["x_cm"] == moved["x_cm"]);
}

#[test]
fn a_latched_button_outlives_the_firmware() {
    let mut rig = Rig::start();
    rig.press();
    assert!(rig.path("button").exists(), "the answer says that it is kept");
    rig.restart();
    assert_eq!(rig.look().unwrap()["button"], "pressed");
}

#[test]
fn a_killed_body_needs_a_person() {
    let mut rig = walking();
    let body = rig.body_pid();
    kill_process(Pid::from_raw(body.cast_signed()).unwrap(), Signal::KILL).unwrap();
    rig.until("the loss is recorded", |rig| rig.has_event("body_died"));
    rig.until("a new body lives", |rig| rig.look().unwrap()["body"] == true);
    rig.live_for(300);
    let status = rig.look().unwrap();
    assert_eq!((&status["phase"], &status["proof_tested"]), (&"tripped".into(), &false.into()));
    rig.proof_test();
    rig.reset();
    rig.arm_until_energised();
}

#[test]
fn a_body_that_cannot_live_is_given_up_locked_and_told_of() {
    let mut rig = Rig::start();
    rig.until("the body writes its log", |rig| rig.path("truth.jsonl").exists());
    rig.kill();
    // A folder in the place of the truth log: no body can open it.
    std::fs::remove_file(rig.path("truth.jsonl")).unwrap();
    std::fs::create_dir(rig.path("truth.jsonl")).unwrap();
    rig.respawn();
    rig.until("it locks", |rig| rig.look().is_some_and(|status| status["phase"] == "locked"));
    let lines = rig.event_lines().len();
    rig.live_for(1500);
    let status = rig.look().unwrap();
    assert_eq!((rig.event_lines().len(), &status["relays"]), (lines, &false.into()));
    assert!(status["words"].as_str().unwrap().contains("failed too often"), "{status}");
}

#[test]
fn a_corrupt_or_missing_non_volatile_file_starts_far_ahead_a_fault_pending_and_gives_no_power() {
    let mut rig = Rig::start();
    let whole = std::fs::read(rig.path("nv.json")).unwrap();
    let damages: [Option<&[u8]>; 6] = [
        Some(b""),
        Some(b"{"),
        Some(&[0xff; 4096]),
        Some(&whole[..whole.len() / 2]),
        Some(b"{\"epoch_mark\":-1}"),
        None,
    ];
    for damage in damages {
        let before = rig.look().unwrap()["trip_epoch"].as_u64().unwrap();
        rig.kill();
        match damage {
            Some(bytes) => std::fs::write(rig.path("nv.json"), bytes).unwrap(),
            None => std::fs::remove_file(rig.path("nv.json")).unwrap(),
        }
        rig.restart();
        let status = rig.look().unwrap();
        assert!(status["trip_epoch"].as_u64().unwrap() > before + 1_000_000, "{damage:?}: {status}");
        assert_eq!((&status["phase"], &status["relays"]), (&"tripped".into(), &false.into()));
        assert_eq!(rig.nv()["fault_pending"], true);
    }
    rig.until("the losses are recorded", |rig| {
        rig.lines("events.jsonl").iter().filter(|event| event["ev"] == "nv_lost").count() == damages.len()
    });
    rig.energise();
}

#[test]
fn garbage_on_every_face_is_dropped_and_counted() {
    let mut rig = Rig::start();
    rig.connect(1);
    rig.switch_radio_on();
    let agent = rig.agent.as_mut().unwrap();
    agent.say_bytes(&[0x11, 0x22, 0x00, 0xff, 0xff, 0x00]);
    for _ in 0..200 {
        agent.say(ToInterlock::Heartbeat);
    }
    for length in [0, 2, 202, 203, 228, 229, 1400] {
        rig.radio.as_mut().unwrap().send(&vec![0x42; length]);
    }
    let mut panel = BufReader::new(UnixStream::connect(rig.path("panel/panel.sock")).unwrap());
    panel.get_mut().write_all(b"\xff{}\n").unwrap();
    panel.get_mut().write_all(&[b'x'; 4000]).unwrap();
    let mut answers = [String::new(), String::new()];
    for answer in &mut answers {
        panel.read_line(answer).unwrap();
        assert!(answer.contains("\"error\""), "{answer}");
    }
    rig.until("everything is counted", |rig| {
        let dropped = rig.look().unwrap()["dropped"].clone();
        ["air_length", "air_header", "panel_garbage", "panel_too_long", "link_length"]
            .iter()
            .all(|reason| dropped[reason].as_u64().unwrap_or(0) > 0)
    });
    assert_eq!(rig.agent.as_ref().unwrap().status.unwrap().phase, Phase::Tripped);
}

#[test]
fn a_flood_from_the_agent_delays_no_button() {
    fairly(|rig| {
        rig.send_away();
        let mut bursts = 0;
        rig.until("a hundred bursts were sent", |rig| {
            rig.agent.as_mut().unwrap().flood(500);
            bursts += 1;
            bursts == 100
        });
        let status = rig.look().unwrap();
        assert_eq!(
            (&status["phase"], &status["cause"]),
            (&"energised".into(), &"power_up".into()),
            "a flood is no error"
        );
        rig.agent.as_mut().unwrap().flood(4000);
        let pressed = rig.press();
        assert_eq!((&pressed["relays"], &pressed["phase"]), (&false.into(), &"tripped".into()));
        assert_eq!((&pressed["cut_tick"], &pressed["cut_ticks"]), (&pressed["tick"], &0.into()), "cut in its own tick");
        rig.until("a contact is open", |rig| rig.look().unwrap()["cut_open_ticks"].is_u64());
        // The relay's armature begins to travel in the first tick after the command.
        assert_eq!(rig.look().unwrap()["cut_open_ticks"], 1);
        let dropped = &pressed["dropped"];
        assert!(dropped["link_flood"].as_u64().unwrap() > 20_000, "{pressed}");
        for reason in ["link_crc", "link_length", "link_kind", "link_sequence"] {
            assert_eq!(dropped[reason], 0, "{reason}");
        }
    });
}

#[test]
fn an_unusable_configuration_is_one_sentence_and_exit_code_2() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("firmware.toml");
    std::fs::write(&path, "robot = 7\n").unwrap();
    for config in [path, dir.path().join("missing.toml")] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_firmware-sim")).arg("run").arg("--config").arg(config).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), words.lines().count()), (Some(2), 1), "{words}");
    }
}

#[test]
fn a_second_firmware_in_the_same_folder_is_refused() {
    let rig = Rig::start();
    let second = Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
        .arg("run")
        .arg("--config")
        .arg(rig.path("firmware.toml"))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert_eq!(rig.phase(), "tripped");
}
