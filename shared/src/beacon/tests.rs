//! What a receiver takes, and with which reason it refuses everything else.

mod flooding;
mod form;
mod hearing;
mod observing;

use super::*;
use crate::id::RobotId;
use crate::seal::SigningKey;
use crate::time::Instant;

/// Noon of a day in 2026.
const NOON_S: u32 = 248_702_400;
const WEEK_S: u32 = 7 * 24 * 3600;
/// On the receiver's own clock, where it stands still.
const NOW: Instant = Instant(5_000);

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
    assert!(matches!(receiver.hear(&endorsement().to_pack(), NOW), Ok(Heard::Link(_))));
    receiver
}

fn refusal(bytes: &[u8]) -> Reject {
    receiver().hear(bytes, NOW).expect_err("it should be refused")
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
