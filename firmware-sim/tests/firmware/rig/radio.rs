//! The radio that a test plays.

use air_sim::Transmitter;
use firmware_sim::clock;
use shared::beacon::{
    BeaconTime, Endorsement, LINK_LEN, MachineName, PRESENCE_LEN, PresenceWords, Status, Transmit, encode_presence,
};
use shared::id::RobotId;
use shared::seal::SigningKey;
use std::net::SocketAddrV4;

/// The secret of the robot's key.
pub const ROBOT_SEED: [u8; 32] = [3; 32];
/// The secret of the CA's key.
pub const CA_SEED: [u8; 32] = [4; 32];

/// A day in 2026, in seconds since 2019; the firmware has no calendar and cannot tell.
const DAY_S: u32 = 248_659_200;

/// Sends the robot's disclosure three times a second, and every third of them its endorsement too.
pub struct Radio {
    air: Transmitter,
    sent_at_ms: u64,
    count: u32,
}

/// The robot's disclosure at this moment since the machine's boot, signed with a key.
pub fn presence(seed: [u8; 32], now_ms: u64) -> [u8; PRESENCE_LEN] {
    let name = MachineName::of(&RobotId::parse("r-1").unwrap()).unwrap();
    let time = BeaconTime::from_ds(u64::from(DAY_S) * 10 + now_ms / 100);
    let words = PresenceWords { name, status: Status::Ground, time, cseq: 1, head: [0; 16] };
    encode_presence(&SigningKey::from_seed(&seed), &words)
}

/// A CA's endorsement of a robot for a week from that day; the machine may have been up for months.
pub fn link(ca_seed: [u8; 32], robot_seed: [u8; 32], now_ms: u64) -> [u8; LINK_LEN] {
    let from = DAY_S + u32::try_from(now_ms / 1000).unwrap() - 3600;
    let robot = SigningKey::from_seed(&robot_seed).public();
    Endorsement::issue(&SigningKey::from_seed(&ca_seed), robot, from, from + 7 * 24 * 3600).unwrap().to_pack()
}

impl Radio {
    pub fn new(air: SocketAddrV4) -> Self {
        Self { air: Transmitter::open(air).unwrap(), sent_at_ms: 0, count: 0 }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.air.transmit(bytes).unwrap();
    }

    pub fn turn(&mut self) {
        let now_ms = clock::now().0;
        if now_ms >= self.sent_at_ms + 333 {
            self.sent_at_ms = now_ms;
            if self.count.is_multiple_of(3) {
                self.send(&link(CA_SEED, ROBOT_SEED, now_ms));
            }
            self.count += 1;
            self.send(&presence(ROBOT_SEED, now_ms));
        }
    }
}
