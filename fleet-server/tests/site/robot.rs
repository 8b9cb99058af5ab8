//! A robot that has no body: it signs, sends, and listens.

use super::{Site, key, name};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use shared::fact::{Fact, Interlock, InterlockPhase, TripCause};
use shared::hlc::Hlc;
use shared::id::{RobotId, SiteId};
use shared::journal::{Boot, Chain, Epoch, Record, Stamp};
use shared::seal::{Context, PublicKey, SigningKey, from_hex};
use shared::time::{Instant, WallTime};
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{Ack, Feed, Now, Row};
use shared::wire::robot_to_fleet::{Batch, Carried, Session, State};
use shared::wire::topic::{Channel, Down, Topic, Up, robot_filter};
use std::time::Duration;
use tokio::sync::mpsc;

/// A message from the server, opened.
#[derive(Debug)]
pub enum Heard {
    Ack(Ack),
    Feed(Feed),
    Now(Now),
}

/// One robot's pen and ear.
pub struct Robot {
    name: RobotId,
    key: SigningKey,
    pub chain: Chain,
    client: AsyncClient,
    heard: mpsc::UnboundedReceiver<Heard>,
    mono_ms: u64,
}

impl Robot {
    /// Connects and subscribes.
    pub async fn connect(site: &Site, id: &str, seed: u8, chain: Option<Chain>) -> Self {
        let mut options = MqttOptions::new(format!("{id}-test"), "127.0.0.1", site.mqtt.port());
        options.set_max_packet_size(Some(70 * 1024)).set_keep_alive(Duration::from_secs(5));
        let (client, mut events) = AsyncClient::new(options, 64);
        client.subscribe(robot_filter(&site_id(), &name(id)), QoS::AtLeastOnce).await.unwrap();
        let (tell, heard) = mpsc::unbounded_channel();
        let (ready, subscribed) = tokio::sync::oneshot::channel();
        let (site_key, me) = (site_key(site), name(id));
        tokio::spawn(async move {
            let mut ready = Some(ready);
            while let Ok(event) = events.poll().await {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => drop(ready.take().map(|ready| ready.send(()))),
                    Event::Incoming(Packet::Publish(publish)) => {
                        let topic = std::str::from_utf8(&publish.topic).unwrap();
                        drop(tell.send(open(topic, &publish.payload, &site_key, &me)));
                    }
                    _ => {}
                }
            }
        });
        subscribed.await.unwrap();
        let chain = chain.unwrap_or_else(|| Chain::begin(&name(id), Epoch(5)));
        Self { name: name(id), key: key(seed), chain, client, heard, mono_ms: 0 }
    }

    pub async fn hello(&mut self, server_epoch: u64, cursor: u64) {
        let (epoch, boot, mono_ms) = (self.chain.epoch, Boot(1), self.tick());
        let (nonce, can, acked, snapshot) = (42, None, None, None);
        let hello = Session::Hello { epoch, boot, mono_ms, server_epoch, cursor, nonce, can, acked, snapshot };
        self.say(Up::Session, &hello).await;
    }

    pub async fn applied(&mut self, server_epoch: u64, cursor: u64) {
        self.say(Up::Session, &Session::Applied { server_epoch, cursor }).await;
    }

    pub async fn state(&mut self, awaits_person: bool) {
        let state = State {
            boot: Boot(1),
            mono_ms: self.tick(),
            at: None,
            battery_permille: Some(800),
            interlock: Some(Interlock { phase: InterlockPhase::Energised, cause: TripCause::PowerUp, trip_epoch: 7 }),
            order: None,
            step: None,
            awaits_person,
            unacked: 0,
            cursor: 0,
            disclosed_ms_ago: Some(3),
            clearance: None,
            endorsed_until: None,
            heard_ms_ago: None,
            oldest_unacked_ms: None,
            telemetry_unacked: None,
            storage_permille: None,
            disbelieved: None,
        };
        self.say(Up::State, &state).await;
    }

    /// Writes facts into the journal.
    pub fn write(&mut self, facts: &[Fact]) -> Vec<Record> {
        let stamp = Stamp { boot: Boot(1), mono: Instant(self.tick()), hlc: Hlc::default().next(WallTime(1)) };
        facts.iter().map(|fact| self.chain.append(fact, stamp)).collect()
    }

    /// Sends records of one lane.
    pub async fn send(&mut self, records: &[Record]) {
        let (first, last) = (&records[0].entry, &records[records.len() - 1].entry);
        let batch = Batch {
            epoch: self.chain.epoch,
            lane: first.lane,
            first: first.lane_seq,
            last: last.lane_seq,
            boot: Boot(1),
            mono_ms: self.tick(),
            entries: records.iter().map(Carried::from).collect(),
        };
        self.say(first.lane.into(), &batch).await;
    }

    /// Publishes bytes as they are.
    pub async fn publish(&self, topic: &str, payload: Vec<u8>) {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
    }

    pub fn topic(&self, channel: Up) -> String {
        Topic { site: site_id(), robot: self.name.clone(), channel: Channel::Up(channel) }.to_string()
    }

    /// The next message for which `pick` has a value.
    pub async fn hear<T>(&mut self, pick: impl Fn(Heard) -> Option<T>) -> T {
        let listen = async {
            loop {
                if let Some(found) = pick(self.heard.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), listen).await.expect("the server says nothing of the kind")
    }

    /// The next welcome: the life of the server's database, and what it has of this robot's lanes.
    pub async fn welcomed(&mut self) -> (u64, Vec<u64>) {
        self.hear(|heard| match heard {
            Heard::Ack(Ack::Welcome { nonce: 42, server_epoch, marks, .. }) => {
                Some((server_epoch, marks.iter().map(|mark| mark.seq).collect()))
            }
            _ => None,
        })
        .await
    }

    /// The next acknowledgement.
    pub async fn stored(&mut self) -> (u64, shared::seal::Hash) {
        self.hear(|heard| match heard {
            Heard::Ack(Ack::Stored { mark, .. }) => Some((mark.seq, mark.hash)),
            _ => None,
        })
        .await
    }

    /// The rows of the next feed message, and the cursor after them.
    pub async fn fed(&mut self) -> (Vec<Row>, u64) {
        let read = |bytes: &shared::wire::fleet_to_robot::RowBytes| shared::wire::from_bytes(&bytes.0).unwrap();
        self.hear(|heard| match heard {
            Heard::Feed(feed) => Some((feed.rows.iter().map(read).collect(), feed.from + feed.rows.len() as u64)),
            _ => None,
        })
        .await
    }

    async fn say<T: signed::Body>(&self, channel: Up, body: &T) {
        self.publish(&self.topic(channel), body.seal(&self.key, &self.name)).await;
    }

    fn tick(&mut self) -> u64 {
        self.mono_ms += 1;
        self.mono_ms
    }
}

fn site_id() -> SiteId {
    SiteId::parse("hall-1").unwrap()
}

fn site_key(site: &Site) -> PublicKey {
    let text = std::fs::read_to_string(site.dir.path().join("site.key")).unwrap();
    // Above the digits stands which half of a key they are.
    let digits = text.lines().last().unwrap();
    SigningKey::from_seed(&from_hex(digits).unwrap().try_into().unwrap()).public()
}

fn open(topic: &str, payload: &[u8], key: &PublicKey, me: &RobotId) -> Heard {
    let Channel::Down(channel) = Topic::parse(topic).unwrap().channel else { panic!("{topic}") };
    match channel {
        Down::Ack => Heard::Ack(Sealed::open(payload, key, Context::Down, me).unwrap()),
        Down::Feed => Heard::Feed(Sealed::open(payload, key, Context::Down, me).unwrap()),
        Down::Now => Heard::Now(Sealed::open(payload, key, Context::Down, me).unwrap()),
    }
}

/// Sealing without naming the CBOR library, which only `shared` does.
mod signed {
    use super::*;

    pub trait Body {
        fn seal(&self, key: &SigningKey, robot: &RobotId) -> Vec<u8>;
    }

    macro_rules! body {
        ($($body:ty),*) => {$(
            impl Body for $body {
                fn seal(&self, key: &SigningKey, robot: &RobotId) -> Vec<u8> {
                    Sealed::seal(key, Context::Up, robot, self)
                }
            }
        )*};
    }
    body!(Session, State, Batch);
}
