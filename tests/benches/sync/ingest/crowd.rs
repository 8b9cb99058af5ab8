//! Many robots on one broker: each sends its next message when the one before is answered.

use anyhow::{Context as _, Result};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use shared::id::{RobotId, SiteId};
use shared::wire::topic::{Channel, Topic, Up, robot_filter};
use std::net::SocketAddr;
use std::time::Duration;
use tests::process::SITE;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How long an answer may take before something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// The robots, connected.
pub struct Crowd {
    runtime: Runtime,
    members: Vec<Member>,
}

/// One of them.
struct Member {
    client: AsyncClient,
    topic: String,
    answers: UnboundedReceiver<Vec<u8>>,
    last: Vec<u8>,
}

impl Crowd {
    /// Connects these robots, and waits until each is subscribed.
    pub fn connect(broker: SocketAddr, names: &[String]) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let members = names.iter().map(|name| runtime.block_on(Member::connect(broker, name)));
        let members = members.collect::<Result<_>>()?;
        Ok(Self { runtime, members })
    }

    /// Sends each robot's messages, and returns when the last one is answered.
    pub fn hand_over(&mut self, messages: Vec<Vec<Vec<u8>>>) -> Result<()> {
        self.runtime.block_on(async {
            let mut talks = JoinSet::new();
            for (member, messages) in self.members.drain(..).zip(messages) {
                talks.spawn(member.talk(messages));
            }
            for member in talks.join_all().await {
                self.members.push(member?);
            }
            self.members.sort_by(|a, b| a.topic.cmp(&b.topic));
            Ok(())
        })
    }

    /// Each robot's last answer.
    pub fn last_words(&self) -> Vec<Vec<u8>> {
        self.members.iter().map(|member| member.last.clone()).collect()
    }
}

impl Member {
    async fn connect(broker: SocketAddr, name: &str) -> Result<Self> {
        let (site, robot) = (SiteId::parse(SITE)?, RobotId::parse(name)?);
        let (client, events) = client(broker, name, robot_filter(&site, &robot)).await?;
        let (tell, mut answers) = unbounded_channel();
        tokio::spawn(listen(events, tell));
        // The first word is that it is subscribed.
        tokio::time::timeout(PATIENCE, answers.recv()).await?.context("no connection")?;
        let topic = Topic { site, robot, channel: Channel::Up(Up::Safety) }.to_string();
        Ok(Self { client, topic, answers, last: vec![] })
    }

    async fn talk(mut self, messages: Vec<Vec<u8>>) -> Result<Self> {
        for message in messages {
            self.client.publish(&self.topic, QoS::AtLeastOnce, false, message).await?;
            let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
            self.last = answer.context("no answer")?.context("no connection")?;
        }
        Ok(self)
    }
}

/// A client that will be subscribed to what a filter matches.
pub async fn client(broker: SocketAddr, name: &str, filter: String) -> Result<(AsyncClient, EventLoop)> {
    let mut options = MqttOptions::new(name, broker.ip().to_string(), broker.port());
    options.set_max_packet_size(Some(70 * 1024)).set_outgoing_inflight_upper_limit(64);
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    let (client, events) = AsyncClient::new(options, 1024);
    client.subscribe(filter, QoS::AtLeastOnce).await?;
    Ok((client, events))
}

async fn listen(mut events: EventLoop, tell: UnboundedSender<Vec<u8>>) {
    while let Ok(event) = events.poll().await {
        let word = match event {
            Event::Incoming(Packet::SubAck(_)) => vec![],
            Event::Incoming(Packet::Publish(publish)) => publish.payload.to_vec(),
            Event::Incoming(_) | Event::Outgoing(_) => continue,
        };
        if tell.send(word).is_err() {
            return;
        }
    }
}
