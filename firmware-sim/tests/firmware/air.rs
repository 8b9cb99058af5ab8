//! The air: what a radio, a jammer, a recorder and another robot can do, and that none of it makes a robot heard.

use crate::rig::radio::{CA_SEED, ROBOT_SEED, Radio, link, presence};
use crate::rig::{Rig, fairly, walking};
use firmware_sim::clock;
use firmware_sim::plant::Defect;
use shared::beacon::Endorsement;

/// The seed of somebody else's key.
const OTHER_SEED: [u8; 32] = [8; 32];

/// The limit of a silence (SR-16) and the controlled stop after it, in milliseconds.
const SILENCE_MS: u64 = 1500 + 350;

/// How long a defect goes on after the stop: a receiver that would take what comes late has by then heard much of it.
const LASTS_MS: u64 = 3000;

fn dropped(rig: &Rig, reason: &str) -> u64 {
    rig.look().unwrap()["dropped"][reason].as_u64().unwrap_or(0)
}

/// Nobody has said anything of this robot yet; its agent lives.
fn unheard() -> Rig {
    let mut rig = Rig::start();
    rig.proof_test();
    rig.connect(1);
    rig
}

#[test]
fn a_receiver_that_is_muted_jammed_or_late_stops_the_robot_and_hears_again_when_it_is_repaired() {
    for (defect, counted) in
        [(Defect::Mute, None), (Defect::Jam, Some("air_header")), (Defect::Delay, Some("air_late"))]
    {
        fairly(|rig| stops_and_hears_again(rig, defect, counted));
    }
}

fn stops_and_hears_again(rig: &mut Rig, defect: Defect, counted: Option<&str>) {
    rig.send_away();
    rig.inject(defect);
    let injected = clock::now().0;
    rig.until_phase("standby");
    assert_eq!(rig.look().unwrap()["cause"], "beacon", "{defect:?}");
    let last = rig.truth("moved").last().unwrap()["t_ms"].as_u64().unwrap();
    println!("{defect:?}: the last movement came {} ms after the injection", last.saturating_sub(injected));
    // The motor's own thread writes the truth log; a busy machine may write it late, never move late.
    assert!(last <= injected + SILENCE_MS, "{defect:?}: moved {} ms after", last - injected);
    let stopped = clock::now().0;
    rig.until("the defect lasts", |rig| {
        let status = rig.look().unwrap();
        assert_eq!((&status["phase"], &status["beacon_heard"]), (&"standby".into(), &false.into()), "{defect:?}");
        clock::now().0 > stopped + LASTS_MS
    });
    assert!(counted.is_none_or(|reason| dropped(rig, reason) > 3), "{defect:?}");
    rig.inject(Defect::None);
    rig.until("it is heard again", |rig| rig.look().unwrap()["beacon_heard"] == true);
}

/// What a jammer that always did the same would have done to a packet, undone beforehand.
fn masked(mut packet: Vec<u8>) -> Vec<u8> {
    packet.iter_mut().step_by(16).for_each(|byte| *byte ^= 0x24);
    packet
}

/// Somebody knows how the receiver was jammed before, and sends the robot's own packs so that this would make them whole.
#[test]
fn no_packet_can_be_chosen_so_that_a_jammed_receiver_takes_it() {
    let mut rig = walking();
    let mut attacker = Radio::new(rig.air());
    rig.inject(Defect::Jam);
    let injected = clock::now().0;
    rig.until("it stands, and the attack goes on", |rig| {
        let now = clock::now().0;
        attacker.send(&masked(link(CA_SEED, ROBOT_SEED, now).to_vec()));
        attacker.send(&masked(presence(ROBOT_SEED, now).to_vec()));
        rig.phase() == "standby" && clock::now().0 > injected + SILENCE_MS + LASTS_MS
    });
    let last = rig.truth("moved").last().unwrap()["t_ms"].as_u64().unwrap();
    assert!(last <= injected + SILENCE_MS, "moved {} ms after", last - injected);
    assert!(dropped(&rig, "air_header") > 100, "the attack reached the receiver");
}

#[test]
fn a_jammed_antenna_counts_what_it_spoiled() {
    let mut rig = unheard();
    rig.inject(Defect::Jam);
    rig.switch_radio_on();
    rig.until("spoiled packets are counted", |rig| dropped(rig, "air_header") > 3);
    assert_eq!(rig.look().unwrap()["beacon_heard"], false);
}

#[test]
fn what_is_not_this_robots_own_new_and_endorsed_disclosure_does_not_count() {
    let mut rig = unheard();
    rig.switch_radio_on();
    let mut radio = rig.radio.take().unwrap();
    let now = clock::now().0;
    radio.send(&presence(ROBOT_SEED, now));
    rig.until("nobody endorsed it", |rig| dropped(rig, "air_no_endorsement") == 1);
    radio.send(&link(ROBOT_SEED, ROBOT_SEED, now));
    rig.until("it cannot endorse itself", |rig| dropped(rig, "air_ca_id") == 1);
    radio.send(&link(OTHER_SEED, ROBOT_SEED, now));
    rig.until("another CA cannot either", |rig| dropped(rig, "air_ca_id") == 2);
    radio.send(&link(CA_SEED, ROBOT_SEED, now));
    radio.send(&link(CA_SEED, OTHER_SEED, now));
    radio.send(&presence(OTHER_SEED, now));
    rig.until("another robot is foreign", |rig| dropped(rig, "air_foreign") == 2);
    radio.send(&presence(ROBOT_SEED, now + 30 * 24 * 3_600_000));
    rig.until("the endorsement had ended by then", |rig| dropped(rig, "air_unendorsed") == 1);
    let mut forged = presence(ROBOT_SEED, now);
    forged[200] ^= 1;
    radio.send(&forged);
    rig.until("a wrong signature", |rig| dropped(rig, "air_signature") == 1);
    assert_eq!(rig.look().unwrap()["beacon_heard"], false);

    radio.send(&presence(ROBOT_SEED, now));
    rig.until("the one that counts", |rig| rig.look().unwrap()["beacon_heard"] == true);
    rig.until("it is forgotten", |rig| rig.look().unwrap()["beacon_heard"] == false);
    for _ in 0..20 {
        radio.send(&presence(ROBOT_SEED, now));
    }
    rig.until("a recording is no news", |rig| dropped(rig, "air_not_rising") == 20);
    assert_eq!(rig.look().unwrap()["beacon_heard"], false);
}

#[test]
fn marks_last_one_power_up() {
    let mut rig = unheard();
    rig.switch_radio_on();
    rig.until("it is heard", |rig| rig.look().unwrap()["beacon_heard"] == true);
    rig.act(firmware_sim::panel::request::Act::PowerBlip);
    let mut radio = rig.radio.take().unwrap();
    rig.until("the air is silent", |rig| rig.look().unwrap()["beacon_heard"] == false);
    let before = dropped(&rig, "air_no_endorsement");
    radio.send(&presence(ROBOT_SEED, clock::now().0));
    rig.until("the endorsement is forgotten", |rig| dropped(rig, "air_no_endorsement") > before);
}

/// 10,000 packets a second for three seconds: garbage, another robot, recordings, and forgeries in good form.
#[test]
fn a_flood_on_the_air_does_not_delay_the_receiver() {
    fairly(|rig| {
        rig.send_away();
        let late_before = rig.look().unwrap()["late_ticks"].as_u64().unwrap();
        let flood = std::thread::spawn(flood_of(rig));
        rig.until("the flood is over", |_| flood.is_finished());
        flood.join().unwrap();
        let status = rig.look().unwrap();
        let counts = |reason: &str| status["dropped"][reason].as_u64().unwrap_or(0);
        let reasons = ["air_header", "air_foreign", "air_not_rising", "air_padding"];
        println!("flood: {:?}; late ticks {late_before} then {}", reasons.map(counts), status["late_ticks"]);
        assert!(reasons.iter().all(|reason| counts(reason) > 500), "{status}");
        assert_eq!((&status["phase"], &status["beacon_heard"]), (&"energised".into(), &true.into()), "{status}");
    });
}

fn flood_of(rig: &Rig) -> impl FnOnce() + Send + use<> {
    let mut radio = Radio::new(rig.air());
    move || {
        let now = clock::now().0;
        let mut padded = presence(ROBOT_SEED, now + 1000);
        padded[3 + 24] = 1;
        let noise =
            [vec![0x5a; 228], presence(OTHER_SEED, now).to_vec(), presence(ROBOT_SEED, now).to_vec(), padded.to_vec()];
        for tick in 0..600 {
            clock::sleep_until(shared::time::Instant(now + tick * 5));
            for packet in noise.iter().cycle().take(50) {
                radio.send(packet);
            }
        }
    }
}

/// Its own endorsement with later ends, 10,000 times a second: in good form, newer than the last, and signed by nobody.
#[test]
fn a_flood_of_forged_endorsements_does_not_stop_the_robot() {
    fairly(|rig| {
        rig.send_away();
        let flood = std::thread::spawn(forged_endorsements(rig));
        rig.until("the flood is over", |_| flood.is_finished());
        flood.join().unwrap();
        let status = rig.look().unwrap();
        println!("forged endorsements: {}", status["dropped"]);
        assert!(dropped(rig, "air_busy") > 1000 && dropped(rig, "air_link_signature") > 100, "{status}");
        assert_eq!((&status["phase"], &status["beacon_heard"]), (&"energised".into(), &true.into()), "{status}");
    });
}

fn forged_endorsements(rig: &Rig) -> impl FnOnce() + Send + use<> {
    let mut radio = Radio::new(rig.air());
    move || {
        let now = clock::now().0;
        let mut link = Endorsement::read(&link(CA_SEED, ROBOT_SEED, now)).unwrap();
        link.not_after_s += 3600;
        for tick in 0..600 {
            clock::sleep_until(shared::time::Instant(now + tick * 5));
            for _ in 0..50 {
                link.not_after_s += 1;
                radio.send(&link.to_pack());
            }
        }
    }
}

/// Forgeries in good form cost a signature each; the receiver checks a few in a tick and no more.
#[test]
fn forgeries_in_good_form_cost_no_more_than_their_budget() {
    let mut rig = unheard();
    rig.switch_radio_on();
    rig.until("it is heard", |rig| rig.look().unwrap()["beacon_heard"] == true);
    let mut radio = rig.radio.take().unwrap();
    let now = clock::now().0;
    let mut forged = presence(ROBOT_SEED, now + 5000);
    forged[190] ^= 1;
    for _ in 0..3000 {
        radio.send(&forged);
    }
    rig.until("the budget was used up", |rig| dropped(rig, "air_busy") > 100);
    rig.until("some were checked", |rig| dropped(rig, "air_signature") > 0);
    rig.until("nothing of it was heard", |rig| rig.look().unwrap()["beacon_heard"] == false);
}
