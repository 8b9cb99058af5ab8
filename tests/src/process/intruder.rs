//! Somebody else on the broker: hears everything that goes to and from a robot and says whatever it likes.

use super::layout::{SITE, key_of};
use anyhow::{Result, ensure};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use shared::id::{RobotId, SiteId};
use shared::journal::Boot;
use shared::seal::{Context, SigningKey};
use shared::time::Instant;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::Now;
use shared::wire::robot_to_fleet::State;
use shared::wire::topic::{Channel, Down, Topic, Up, robot_filter, server_filter};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A client of the broker that belongs to nobody.
pub struct Intruder {
    client: Client,
    robot: RobotId,
    site: SiteId,
    incoming: Receiver<(Topic, Vec<u8>)>,
    heard: Vec<(Topic, Vec<u8>)>,
}

impl Intruder {
    /// Connects to the broker and listens to everything of that robot.
    ///
    /// # Errors
    /// When the broker does not take it.
    pub fn enter(broker: SocketAddr, robot: &str) -> Result<Self> {
        let (robot, site) = (RobotId::parse(robot)?, SiteId::parse(SITE)?);
        let mut options = MqttOptions::new("somebody-else", broker.ip().to_string(), broker.port());
        options.set_max_packet_size(1 << 17, 1 << 17);
        let (client, mut connection) = Client::new(options, 64);
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            for event in connection.iter() {
                let Ok(event) = event else { return };
                let Event::Incoming(Packet::Publish(publish)) = event else { continue };
                let Ok(topic) = Topic::parse(&publish.topic) else { continue };
                if sender.send((topic, publish.payload.to_vec())).is_err() {
                    return;
                }
            }
        });
        client.subscribe(robot_filter(&site, &robot), QoS::AtLeastOnce)?;
        client.subscribe(server_filter(&site), QoS::AtLeastOnce)?;
        Ok(Self { client, robot, site, incoming, heard: Vec::new() })
    }

    /// Waits until the robot has told `count` times how it is at `since` or later; returns the newest.
    ///
    /// # Errors
    /// When it falls silent.
    pub fn hear_states(&mut self, count: usize, since: Instant) -> Result<State> {
        let key = key_of(self.robot.as_str()).public();
        let mut states = Vec::new();
        while states.len() < count {
            let (topic, payload) = self.incoming.recv_timeout(Duration::from_secs(5))?;
            if topic.robot == self.robot && topic.channel == Channel::Up(Up::State) {
                let state: State = Sealed::open(&payload, &key, Context::Up, &self.robot)?;
                states.extend(Some(state).filter(|state| state.mono_ms >= since.0));
            }
            self.heard.push((topic, payload));
        }
        ensure!(count > 0, "no state was asked for");
        Ok(states.remove(count - 1))
    }

    /// How many messages on `down/now` were heard.
    pub fn count_of_now(&mut self) -> usize {
        self.heard.extend(self.incoming.try_iter());
        self.heard.iter().filter(|(topic, _)| topic.channel == Channel::Down(Down::Now)).count()
    }

    /// Says again whatever the server has ever said to the robot.
    ///
    /// # Errors
    /// When the broker is gone.
    pub fn replay_everything(&mut self) -> Result<()> {
        self.heard.extend(self.incoming.try_iter());
        let own = |topic: &Topic| topic.robot == self.robot && matches!(topic.channel, Channel::Down(_));
        for (topic, payload) in self.heard.iter().filter(|(topic, _)| own(topic)) {
            self.client.publish(topic.to_string(), QoS::AtLeastOnce, false, payload.clone())?;
        }
        Ok(())
    }

    /// Says "resume" in the server's place: with a key that does not count, with the site's own key but for another boot
    /// or too late, and as garbage. All of it is retained, so that a robot that connects again hears it first.
    ///
    /// # Errors
    /// When the broker is gone.
    pub fn forge_resumes(&mut self, state: &State) -> Result<()> {
        let resume = Now::Resume { number: 1_000_000 + state.mono_ms, boot: state.boot, mono_ms: state.mono_ms };
        let elsewhere = Now::Resume { number: u64::MAX, boot: Boot(1), mono_ms: u64::MAX };
        let late = Now::Resume { number: u64::MAX, boot: state.boot, mono_ms: state.mono_ms.saturating_sub(60_000) };
        let seal = |key: &SigningKey, word: &Now| Sealed::seal(key, Context::Down, &self.robot, word);
        let words = [
            seal(&key_of("somebody else"), &resume),
            seal(&key_of(self.robot.as_str()), &resume),
            seal(&key_of(SITE), &late),
            seal(&key_of(SITE), &elsewhere),
            vec![0xff; 300],
            Vec::new(),
        ];
        for payload in words {
            for channel in [Down::Now, Down::Ack, Down::Feed] {
                let topic =
                    Topic { site: self.site.clone(), robot: self.robot.clone(), channel: Channel::Down(channel) };
                self.client.publish(topic.to_string(), QoS::AtLeastOnce, true, payload.clone())?;
            }
        }
        Ok(())
    }
}
