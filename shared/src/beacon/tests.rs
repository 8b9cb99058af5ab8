//! What a receiver takes, and with which reason it refuses everything else.

use super::endorsement::ENDORSED_MAX_S;
use super::presence::VALID_S_MAX;
use super::*;
use crate::id::RobotId;
use crate::seal::{PublicKey, SigningKey};

/// Noon of a day in 2026.
const NOON_S: u32 = 248_659_200;
const WEEK_S: u32 = 7 * 24 * 3600;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn robot() -> SigningKey {
    key(1)
}

fn ca() -> SigningKey {
    key(9)
}

fn words(ds: u64, cseq: u64) -> PresenceWords {
    let name = MachineName::of(&RobotId::parse("r-0042").unwrap()).unwrap();
    let time = BeaconTime::from_ds(u64::from(NOON_S) * 10 + ds);
    PresenceWords { name, status: Status::Ground, time, cseq, head: [7; 16] }
}

fn presence(ds: u64, cseq: u64) -> [u8; PRESENCE_LEN] {
    encode_presence(&robot(), &words(ds, cseq))
}

fn endorsement() -> Endorsement {
    Endorsement::issue(&ca(), robot().public(), NOON_S - 60, NOON_S + WEEK_S).unwrap()
}

fn receiver() -> Receiver {
    let mut receiver = Receiver::new(robot().public(), ca().public());
    assert!(matches!(receiver.hear(&endorsement().to_pack()), Ok(Heard::Link(_))));
    receiver
}

fn refusal(bytes: &[u8]) -> Reject {
    receiver().hear(bytes).unwrap_err()
}

/// A presence pack whose content was changed before it was signed: the signature holds, the content must not.
fn signed_with(change: impl FnOnce(&mut Presence)) -> [u8; PRESENCE_LEN] {
    let mut presence = Presence::read(&presence(0, 5)).unwrap();
    change(&mut presence);
    presence.signed(&robot()).to_pack()
}

fn link_with(change: impl FnOnce(&mut Endorsement)) -> [u8; LINK_LEN] {
    let mut endorsement = endorsement();
    change(&mut endorsement);
    endorsement.signed(&ca()).to_pack()
}

#[test]
fn a_disclosure_comes_back_from_the_air_as_it_was_said() {
    let Ok(Heard::Presence(heard)) = receiver().hear(&presence(3, (7 << 32) | 5)) else { panic!("not heard") };
    assert_eq!((heard.id, heard.status), (DisclosureId::of(&robot().public()), Status::Ground));
    assert_eq!((heard.time, heard.cseq, heard.head), (words(3, 0).time, 5, [7; 16]));
    assert_eq!(heard.name.text(), "HUMANOID ROBOT r-0042");
    assert_eq!((PRESENCE_LEN, LINK_LEN), (228, 203));
}

#[test]
fn every_single_bit_flip_of_both_packs_is_rejected() {
    let (presence, link) = (presence(0, 5), endorsement().to_pack());
    for pack in [&presence[..], &link] {
        for bit in 0..pack.len() * 8 {
            let mut spoiled = pack.to_vec();
            spoiled[bit / 8] ^= 1 << (bit % 8);
            let mut fresh = Receiver::new(robot().public(), ca().public());
            assert!(pack.len() == PRESENCE_LEN || fresh.hear(&spoiled).is_err(), "bit {bit} of the link was taken");
            assert!(receiver().hear(&spoiled).is_err(), "bit {bit} of {} bytes was taken", pack.len());
        }
    }
    assert!(receiver().hear(&presence).is_ok());
}
