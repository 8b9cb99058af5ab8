//! The way to the broker: the only file of this program that names `rumqttc`.
//!
//! The client's own queue is no promise: whatever it loses is sent again by the outbox, which knows what the server has
//! acknowledged. So nothing here waits, and a full queue drops.

use robot_core::Input;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, Publish};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use shared::id::{RobotId, SiteId};
use shared::time::Millis;
use shared::wire::PAYLOAD_LEN_MAX;
use shared::wire::topic::{Channel, Topic, Up, robot_filter};
use std::net::SocketAddr;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// Messages that the client may hold before it drops.
const QUEUE: usize = 256;
/// Longest wait between two attempts to connect.
const BACKOFF_MAX: Millis = Millis::secs(10);
/// How long a connection must hold before the next failure counts as the first.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Where to connect, as whom, and what to leave behind.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The broker.
    pub broker: SocketAddr,
    /// The site.
    pub site: SiteId,
    /// This robot.
    pub robot: RobotId,
    /// The signed word that the broker publishes when it loses us.
    pub last_will: Vec<u8>,
    /// The signed word for each new connection.
    pub online: Vec<u8>,
}

/// Sends, without waiting.
#[derive(Debug)]
pub struct Transport {
    client: AsyncClient,
    settings: Settings,
}

impl Transport {
    /// Makes the client. [`Connection::run`] has to be given a thread.
    #[must_use]
    pub fn new(settings: Settings) -> (Self, Connection) {
        let (client, events) = AsyncClient::new(options(&settings), QUEUE);
        let connection = Connection { client: client.clone(), events, settings: settings.clone(), failures: 0 };
        (Self { client, settings }, connection)
    }

    /// Queues a payload on one of this robot's topics; drops it when the queue is full.
    pub fn publish(&self, channel: Up, payload: Vec<u8>) {
        let topic = topic(&self.settings, Channel::Up(channel));
        let queued = self.client.try_publish(topic, qos(channel), channel == Up::Connection, payload);
        if queued.is_err() {
            tracing::debug!(?channel, "the queue to the broker is full; the outbox will send again");
        }
    }
}

/// The client's event loop.
pub struct Connection {
    client: AsyncClient,
    events: EventLoop,
    settings: Settings,
    failures: u32,
}

impl Connection {
    /// Connects, reads and reconnects until the driver is gone. `jitter` gives a random number.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub fn run(self, driver: &SyncSender<Input>, jitter: impl FnMut() -> u64) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.poll(driver, jitter));
        Ok(())
    }

    async fn poll(mut self, driver: &SyncSender<Input>, mut jitter: impl FnMut() -> u64) {
        loop {
            let (input, wait) = match self.events.poll().await {
                Ok(event) => (self.on_event(event), None),
                Err(e) => {
                    tracing::info!("no connection to the broker at {}: {e}", self.settings.broker);
                    self.failures = self.failures.saturating_add(1);
                    (Some(Input::Disconnected), Some(backoff(self.failures, jitter())))
                }
            };
            if input.is_some_and(|input| driver.send(input).is_err()) {
                return;
            }
            if let Some(wait) = wait {
                tokio::time::sleep(Duration::from_millis(wait.0)).await;
            }
        }
    }

    fn on_event(&mut self, event: Event) -> Option<Input> {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                self.subscribe();
                None
            }
            Event::Incoming(Packet::SubAck(_)) => {
                tracing::info!("connected to the broker at {}", self.settings.broker);
                self.failures = 0;
                Some(Input::Connected)
            }
            Event::Incoming(Packet::Publish(publish)) => self.message(&publish),
            Event::Incoming(_) | Event::Outgoing(_) => None,
        }
    }

    /// Subscribes anew at each connection: no session of the broker is relied upon.
    fn subscribe(&self) {
        let filter = robot_filter(&self.settings.site, &self.settings.robot);
        let connection = topic(&self.settings, Channel::Up(Up::Connection));
        let subscribed = self.client.try_subscribe(filter, QoS::AtLeastOnce);
        let told = self.client.try_publish(connection, QoS::AtLeastOnce, true, self.settings.online.clone());
        if subscribed.is_err() || told.is_err() {
            tracing::warn!("the queue to the broker is full at the start of a connection");
        }
    }

    fn message(&self, publish: &Publish) -> Option<Input> {
        let text = std::str::from_utf8(&publish.topic).ok()?;
        let topic = Topic::parse(text).ok()?;
        match topic.channel {
            Channel::Down(channel) if topic.robot == self.settings.robot => {
                Some(Input::Message(channel, publish.payload.to_vec()))
            }
            Channel::Down(_) | Channel::Up(_) => None,
        }
    }
}

fn topic(settings: &Settings, channel: Channel) -> String {
    Topic { site: settings.site.clone(), robot: settings.robot.clone(), channel }.to_string()
}

const fn qos(channel: Up) -> QoS {
    match channel {
        Up::State => QoS::AtMostOnce,
        Up::Safety | Up::Work | Up::Notes | Up::Telemetry | Up::Session | Up::Connection => QoS::AtLeastOnce,
    }
}

fn options(settings: &Settings) -> MqttOptions {
    let will = topic(settings, Channel::Up(Up::Connection));
    let broker = settings.broker;
    let mut options = MqttOptions::new(settings.robot.as_str(), broker.ip().to_string(), broker.port());
    options
        .set_clean_start(true)
        .set_keep_alive(KEEP_ALIVE)
        .set_connection_timeout(5)
        .set_max_packet_size(Some(u32::try_from(PAYLOAD_LEN_MAX + 4096).expect("68 KiB")))
        .set_outgoing_inflight_upper_limit(64)
        .set_last_will(LastWill::new(will, settings.last_will.clone(), QoS::AtLeastOnce, true, None));
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    options
}

/// Full jitter after the cap: a random wait between zero and the doubled, capped step.
fn backoff(failures: u32, random: u64) -> Millis {
    let step = 250u64.saturating_mul(1 << failures.min(16)).min(BACKOFF_MAX.0);
    Millis(random % (step + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_its_cap_and_is_spread_over_all_of_it() {
        assert_eq!(backoff(1, 500), Millis(500));
        assert!(backoff(1, u64::MAX).0 <= 500);
        assert!((0..1000).all(|random| backoff(u32::MAX, random * 7919).0 <= BACKOFF_MAX.0));
        assert!((0..1000).any(|random| backoff(20, random * 7919).0 > 9000));
    }
}
