//! The way to the broker: the only file of this program that names `rumqttc`.
//!
//! The client's own queue is no promise: whatever it loses is sent again by the outbox, which knows what the server has
//! acknowledged. So nothing here waits, and a full queue drops.

use crate::clock;
use robot_core::{Identity, Input, Robot};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, Publish};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use shared::id::{RobotId, SiteId};
use shared::time::{Instant, Millis};
use shared::wire::PAYLOAD_LEN_MAX;
use shared::wire::robot_to_fleet::Connection;
use shared::wire::topic::{Channel, Topic, Up, robot_filter};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Messages that the client may hold before it drops.
const QUEUE: usize = 256;
/// Longest wait between two attempts to connect.
const BACKOFF_MAX: Millis = Millis::secs(10);
/// How long a connection must hold before the next failure counts as the first.
const HEALTHY: Millis = Millis::secs(60);
/// Between two pings of a silent connection.
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
    /// Who signs the words of each connection.
    pub identity: Identity,
}

/// A payload for one of this robot's topics.
#[derive(Debug)]
struct Outgoing {
    channel: Up,
    payload: Vec<u8>,
}

/// Sends, without waiting.
#[derive(Debug)]
pub struct Transport {
    outbound: Sender<Outgoing>,
    wedged: Arc<Notify>,
}

/// The way to the broker, to be given a thread.
#[derive(Debug)]
pub struct Carrier {
    outbound: Receiver<Outgoing>,
    wedged: Arc<Notify>,
    settings: Settings,
}

/// Makes both ends.
#[must_use]
pub fn transport(settings: Settings) -> (Transport, Carrier) {
    let (sender, receiver) = channel(QUEUE);
    let wedged = Arc::new(Notify::new());
    (Transport { outbound: sender, wedged: wedged.clone() }, Carrier { outbound: receiver, wedged, settings })
}

impl Transport {
    /// Queues a payload on one of this robot's topics; drops it when the queue is full.
    pub fn publish(&self, channel: Up, payload: Vec<u8>) {
        if self.outbound.try_send(Outgoing { channel, payload }).is_err() {
            tracing::debug!(?channel, "the queue to the broker is full; the outbox will send again");
        }
    }

    /// Throws the connection and its client away; the next one comes after the usual wait. Goes past the queue, which a wedged client
    /// does not empty.
    pub fn reconnect(&self) {
        self.wedged.notify_one();
    }
}

impl Carrier {
    /// Connects, reads and reconnects until the driver is gone. `random` gives a random number.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub fn run(self, driver: &SyncSender<Input>, random: impl FnMut() -> u64) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.carry(driver, random));
        Ok(())
    }

    /// A new client, with a name of its own, for every connection: one that has lost its session may wedge for good, and a
    /// broker that takes a name over from a connection it still believes in may hold back what it should deliver.
    async fn carry(mut self, driver: &SyncSender<Input>, mut random: impl FnMut() -> u64) {
        let mut failures = 0;
        loop {
            let ended = self.connection(driver, random()).await;
            if driver.send(Input::Disconnected).is_err() {
                return;
            }
            failures = failures_after(failures, ended.stood);
            let wait = backoff(failures, random());
            tracing::info!(
                "no connection to the broker at {}: {}; again in {} ms",
                self.settings.broker,
                ended.why,
                wait.0
            );
            tokio::time::sleep(Duration::from_millis(wait.0)).await;
            // What waited is old by now; the outbox knows what is still missing.
            while self.outbound.try_recv().is_ok() {}
        }
    }

    async fn connection(&mut self, driver: &SyncSender<Input>, number: u64) -> Ended {
        let word = |word| Robot::connection_word(&self.settings.identity, word, number);
        let (online, last_will) = (word(Connection::Online), word(Connection::ConnectionBroken));
        let (client, events) = AsyncClient::new(options(&self.settings, number, last_will), QUEUE);
        let mut since = None;
        let listening = Listening { client: &client, settings: &self.settings, online, driver, since: &mut since };
        let why = tokio::select! {
            why = listening.run(events) => why,
            () = forward(&client, &self.settings, &mut self.outbound) => "the agent is ending".to_owned(),
            () = self.wedged.notified() => "the server acknowledges nothing over this connection".to_owned(),
        };
        Ended { stood: since.map_or(Millis(0), |since| clock::now().since(since)), why }
    }
}

/// How a connection ended.
struct Ended {
    /// How long it was of use.
    stood: Millis,
    why: String,
}

async fn forward(client: &AsyncClient, settings: &Settings, outbound: &mut Receiver<Outgoing>) {
    while let Some(Outgoing { channel, payload }) = outbound.recv().await {
        let topic = topic(settings, Channel::Up(channel));
        if client.publish(topic, qos(channel), channel == Up::Connection, payload).await.is_err() {
            return;
        }
    }
}

/// The reading half of one connection.
struct Listening<'a> {
    client: &'a AsyncClient,
    settings: &'a Settings,
    online: Vec<u8>,
    driver: &'a SyncSender<Input>,
    since: &'a mut Option<Instant>,
}

impl Listening<'_> {
    async fn run(mut self, mut events: EventLoop) -> String {
        loop {
            let input = match events.poll().await {
                Ok(event) => self.on_event(event),
                Err(e) => return e.to_string(),
            };
            if input.is_some_and(|input| self.driver.send(input).is_err()) {
                return "the agent is ending".to_owned();
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
                *self.since = Some(clock::now());
                Some(Input::Connected)
            }
            Event::Incoming(Packet::Publish(publish)) => self.message(&publish),
            Event::Incoming(_) | Event::Outgoing(_) => None,
        }
    }

    /// Subscribes at each connection: no session of the broker is relied upon.
    fn subscribe(&self) {
        let filter = robot_filter(&self.settings.site, &self.settings.robot);
        let connection = topic(self.settings, Channel::Up(Up::Connection));
        let subscribed = self.client.try_subscribe(filter, QoS::AtLeastOnce);
        let told = self.client.try_publish(connection, QoS::AtLeastOnce, true, self.online.clone());
        if subscribed.is_err() || told.is_err() {
            tracing::warn!("the client has no room at the start of a connection");
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

fn options(settings: &Settings, number: u64, last_will: Vec<u8>) -> MqttOptions {
    let will = topic(settings, Channel::Up(Up::Connection));
    let broker = settings.broker;
    let name = format!("{}-{number:016x}", settings.robot);
    let mut options = MqttOptions::new(name, broker.ip().to_string(), broker.port());
    options
        .set_clean_start(true)
        .set_keep_alive(KEEP_ALIVE)
        .set_connection_timeout(5)
        .set_max_packet_size(Some(u32::try_from(PAYLOAD_LEN_MAX + 4096).expect("68 KiB")))
        .set_outgoing_inflight_upper_limit(64)
        .set_last_will(LastWill::new(will, last_will, QoS::AtLeastOnce, true, None));
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    options
}

/// A connection that breaks again and again within a minute is no better than one that never stands.
const fn failures_after(before: u32, stood: Millis) -> u32 {
    if stood.0 >= HEALTHY.0 { 1 } else { before.saturating_add(1) }
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
    fn only_a_minute_of_health_makes_the_next_failure_the_first() {
        assert_eq!(failures_after(7, Millis::secs(60)), 1);
        assert_eq!(failures_after(7, Millis(59_999)), 8);
        assert_eq!(failures_after(u32::MAX, Millis(0)), u32::MAX);
    }

    #[test]
    fn the_wait_grows_to_its_cap_and_is_spread_over_all_of_it() {
        assert_eq!(backoff(1, 500), Millis(500));
        assert!(backoff(1, u64::MAX).0 <= 500);
        assert!((0..1000).all(|random| backoff(u32::MAX, random * 7919).0 <= BACKOFF_MAX.0));
        assert!((0..1000).any(|random| backoff(20, random * 7919).0 > 9000));
    }
}
