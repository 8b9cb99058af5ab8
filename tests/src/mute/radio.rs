//! The air between a robot and its own receiver, and what becomes of it.

use super::agent::wall;
use crate::world::random::Random;
use shared::beacon::{BeaconTime, MachineName, PRESENCE_LEN, PresenceWords, Status, encode_presence};
use shared::id::RobotId;
use shared::seal::SigningKey;
use std::collections::BTreeMap;

/// How long a packet is under way at most.
const UNDER_WAY_MS_MAX: u64 = 30;
/// Before the failure, one packet in so many is lost.
const LOST_ONCE_IN: u64 = 20;
/// How late a delayed packet is, at least and how much more: above what a receiver may take, and short enough that much
/// arrives while the robot is watched.
const DELAYED_MS_MIN: u64 = 1_700;
const DELAYED_MS_MORE: u64 = 3_000;
/// Between two packets of somebody else.
const INTRUDER_EVERY_MS: u64 = 100;

/// How the disclosure fails to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// No packet arrives.
    Muted,
    /// Every packet arrives with one wrong bit.
    Jammed,
    /// No packet arrives, and somebody plays this robot's own earlier ones.
    Replayed,
    /// No packet arrives, and another robot of the same site is near.
    Foreign,
    /// The robot's radio refuses to send.
    Refused,
    /// Every packet arrives, whole and in order, seconds too late.
    Delayed,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Muted, Self::Jammed, Self::Replayed, Self::Foreign, Self::Refused, Self::Delayed];
}

/// The air.
pub struct Radio {
    /// When the clear air last lost a disclosure.
    pub lost_ms: u64,
    random: Random,
    /// What arrives when.
    under_way: BTreeMap<(u64, u64), Vec<u8>>,
    sent: u64,
    recorded: Vec<Vec<u8>>,
    failure: Option<Failure>,
    delayed_ms: u64,
    intruder_ms: u64,
}

impl Radio {
    /// Clear air.
    pub const fn new(random: Random) -> Self {
        Self {
            lost_ms: 0,
            random,
            under_way: BTreeMap::new(),
            sent: 0,
            recorded: vec![],
            failure: None,
            delayed_ms: 0,
            intruder_ms: 0,
        }
    }

    /// From now on the disclosure is not heard.
    pub fn fail(&mut self, failure: Failure) {
        self.failure = Some(failure);
        if failure == Failure::Delayed {
            self.delayed_ms = DELAYED_MS_MIN + self.random.below(DELAYED_MS_MORE);
        }
    }

    /// A packet is sent.
    pub fn send(&mut self, mut packet: Vec<u8>, now_ms: u64) {
        match self.failure {
            None if self.random.once_in(LOST_ONCE_IN) => {
                if packet.len() == PRESENCE_LEN {
                    self.lost_ms = now_ms;
                }
                return;
            }
            None => self.recorded.push(packet.clone()),
            Some(Failure::Jammed) => {
                let bit = self.random.below(packet.len() as u64 * 8);
                packet[usize::try_from(bit / 8).expect("a packet is short")] ^= 1 << (bit % 8);
            }
            Some(Failure::Delayed) => {}
            Some(Failure::Muted | Failure::Replayed | Failure::Foreign | Failure::Refused) => return,
        }
        self.put(packet, now_ms);
    }

    /// What arrives by now.
    pub fn arrivals(&mut self, now_ms: u64) -> Vec<Vec<u8>> {
        self.intrude(now_ms);
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }

    fn put(&mut self, packet: Vec<u8>, now_ms: u64) {
        self.sent += 1;
        let arrives_ms = now_ms + self.delayed_ms + self.random.below(UNDER_WAY_MS_MAX);
        self.under_way.insert((arrives_ms, self.sent), packet);
    }

    fn intrude(&mut self, now_ms: u64) {
        if now_ms < self.intruder_ms + INTRUDER_EVERY_MS {
            return;
        }
        self.intruder_ms = now_ms;
        match self.failure {
            Some(Failure::Replayed) => {
                let place = self.random.below(self.recorded.len().max(1) as u64);
                let played = usize::try_from(place).ok().and_then(|place| self.recorded.get(place)).cloned();
                played.into_iter().for_each(|packet| self.put(packet, now_ms));
            }
            Some(Failure::Foreign) => self.put(foreign(now_ms), now_ms),
            Some(Failure::Muted | Failure::Jammed | Failure::Refused | Failure::Delayed) | None => {}
        }
    }
}

/// A disclosure of another robot that calls itself by this one's name.
fn foreign(now_ms: u64) -> Vec<u8> {
    let name = RobotId::parse("r-1").ok().and_then(|robot| MachineName::of(&robot).ok());
    let name = name.expect("a constant that can go on the air");
    let time = BeaconTime::from_wall(wall(now_ms));
    let words = PresenceWords { name, status: Status::Ground, time, cseq: 9, head: [0; 16] };
    encode_presence(&SigningKey::from_seed(&[66; 32]), &words).to_vec()
}
