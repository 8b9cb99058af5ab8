//! Opens messages from robots beside the writer, so that signatures are verified on every core and not on the writer's.
//!
//! A robot's messages all go by one porter, which keeps them in their order. What a message means is none of its business:
//! it hands on what the fleet's door made of it. When the writer is behind, a porter waits, and the broker with it.

use crate::writer::Message;
use fleet_core::{Door, Opened};
use std::num::NonZero;
use std::thread;
use tokio::sync::mpsc;

/// More would wait for the writer.
const PORTERS_MAX: usize = 8;
/// Messages that may wait for a porter; the writer has a queue of its own.
const WAITING_MAX: usize = 256;

/// The ways to all porters. Their threads end when this is dropped, or when the writer is gone.
#[derive(Debug)]
pub struct Porters {
    ways: Vec<mpsc::Sender<Message>>,
}

/// The writer is gone.
#[derive(Debug)]
pub struct Gone;

impl Porters {
    /// Starts a porter for each core.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(door: &Door, writer: &mpsc::Sender<Box<Opened>>) -> std::io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, NonZero::get).min(PORTERS_MAX);
        let ways = (0..count).map(|_| start_one(door.clone(), writer.clone())).collect::<Result<_, _>>()?;
        Ok(Self { ways })
    }

    /// Hands a message to the porter of its robot.
    ///
    /// # Errors
    /// [`Gone`] when nobody is there to take it.
    pub async fn hand(&self, message: Message) -> Result<(), Gone> {
        let way = &self.ways[place(&message.topic, self.ways.len())];
        way.send(message).await.map_err(|_| Gone)
    }
}

fn start_one(door: Door, writer: mpsc::Sender<Box<Opened>>) -> std::io::Result<mpsc::Sender<Message>> {
    let (way, mut waiting) = mpsc::channel::<Message>(WAITING_MAX);
    thread::Builder::new().name("porter".into()).spawn(move || {
        while let Some(Message { topic, payload }) = waiting.blocking_recv() {
            let opened = Box::new(door.open(topic, payload));
            if writer.blocking_send(opened).is_err() {
                return;
            }
        }
    })?;
    Ok(way)
}

/// Whose porter it is: told by everything before direction and channel, which is the robot's own on every topic of ours.
fn place(topic: &str, count: usize) -> usize {
    let robot = topic.rsplitn(3, '/').nth(2).unwrap_or(topic);
    let sum = robot.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    sum % count
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::{RobotId, SiteId};
    use shared::wire::topic::{Channel, Topic, Up};

    fn topic(robot: usize, channel: Up) -> String {
        let (site, robot) = (SiteId::parse("hall-1").unwrap(), RobotId::parse(&format!("r-{robot}")).unwrap());
        Topic { site, robot, channel: Channel::Up(channel) }.to_string()
    }

    #[test]
    fn a_robot_has_one_porter_whatever_it_says_and_robots_are_spread() {
        let places: Vec<usize> = (0..100).map(|robot| place(&topic(robot, Up::Work), 4)).collect();
        for (robot, at) in places.iter().enumerate() {
            assert_eq!(place(&topic(robot, Up::Session), 4), *at);
        }
        for porter in 0..4 {
            assert!(places.iter().filter(|place| **place == porter).count() > 10, "{places:?}");
        }
        assert_eq!(place("", 1), 0);
    }
}
