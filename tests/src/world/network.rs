//! A network that loses, doubles, delays and reorders messages, and can be cut for one robot.

use super::random::Random;
use shared::wire::topic::Topic;
use std::collections::{BTreeMap, BTreeSet};

/// A message on its way.
pub type Message = (Topic, Vec<u8>);

/// The messages that are under way, and what is broken.
pub struct Network {
    random: Random,
    under_way: BTreeMap<(u64, u64), Message>,
    sent: u64,
    cut: BTreeSet<String>,
    is_calm: bool,
}

impl Network {
    /// A network at its worst.
    pub const fn new(random: Random) -> Self {
        Self { random, under_way: BTreeMap::new(), sent: 0, cut: BTreeSet::new(), is_calm: false }
    }

    /// From now on every message arrives, once.
    pub fn calm(&mut self) {
        self.is_calm = true;
        self.cut.clear();
    }

    /// Whether messages get lost, doubled and late.
    pub const fn set_lossy(&mut self, is_lossy: bool) {
        self.is_calm = !is_lossy;
    }

    /// Cuts a robot off, or connects it again.
    pub fn set_cut(&mut self, robot: &str, is_cut: bool) {
        if is_cut {
            self.cut.insert(robot.to_owned())
        } else {
            self.cut.remove(robot)
        };
    }

    /// Whether a robot is cut off.
    pub fn is_cut(&self, robot: &str) -> bool {
        self.cut.contains(robot)
    }

    /// Takes a message at `now_ms`, for no, one or two arrivals.
    pub fn send(&mut self, message: &Message, now_ms: u64) {
        let is_lost = self.is_cut(message.0.robot.as_str()) || (!self.is_calm && self.random.once_in(8));
        let copies = if is_lost { 0 } else { 1 + u64::from(!self.is_calm && self.random.once_in(8)) };
        for _ in 0..copies {
            let delay_ms = if self.is_calm { 10 } else { self.random.below(600) };
            self.sent += 1;
            self.under_way.insert((now_ms + delay_ms, self.sent), message.clone());
        }
    }

    /// What arrives by `now_ms`. What was under way to or from a robot that is cut off by now is lost.
    pub fn arrivals(&mut self, now_ms: u64) -> Vec<Message> {
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        let arrived = std::mem::replace(&mut self.under_way, later);
        arrived.into_values().filter(|(topic, _)| !self.is_cut(topic.robot.as_str())).collect()
    }
}
