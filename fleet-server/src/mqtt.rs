//! The server's own client of the broker: the only file of this side that names `rumqttc`.
//!
//! It treats an embedded broker and an external one alike. After any fault the client is thrown away and a new one made:
//! one that has lost its session drops what it held without a word, and may wedge for good. What is lost that way is
//! repeated, because an acknowledgement of the broker acknowledges nothing here; so none is held back either.

use crate::entropy;
use crate::porter::Porters;
use crate::writer::{Message, Outgoing};
use fleet_core::Delivery;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, Packet, Publish};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use shared::id::SiteId;
use shared::wire::topic::server_filter;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Largest packet taken from the broker, in bytes: the largest payload, its topic and header, and some room.
const PACKET_LEN_MAX: u32 = 70 * 1024;
/// Most messages that wait for the broker's acknowledgement. The client reserves memory for each.
const INFLIGHT_MAX: u16 = 64;
/// Requests that may wait inside the client.
const REQUESTS_MAX: usize = 64;
/// Between two signs of life on an idle connection. The broker gives up after one and a half of them.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The longest wait before the first new attempt, in milliseconds; it doubles with each.
const BACKOFF_FIRST_MS: u64 = 200;
/// The longest wait ever, in milliseconds: the broker is on this machine or beside it.
const BACKOFF_MS_MAX: u64 = 5000;

/// Carries messages both ways.
#[derive(Debug)]
pub struct Carrier {
    /// Where the broker is.
    pub address: SocketAddr,
    /// Whose robots are heard.
    pub site: SiteId,
    /// Where messages from robots go; when it is full, reading waits, and the broker with it.
    pub inbound: Porters,
    /// Where messages to robots come from.
    pub outbound: mpsc::Receiver<Outgoing>,
    /// True when the process should end.
    pub shutdown: watch::Receiver<bool>,
}

impl Carrier {
    /// Carries until the process should end.
    pub async fn run(mut self) {
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            () = self.carry() => {}
            _ = shutdown.wait_for(|is_ending| *is_ending) => {}
        }
    }

    async fn carry(&mut self) {
        let mut attempt = 0;
        loop {
            let (fault, was_connected) = self.connection().await;
            attempt = if was_connected { 0 } else { attempt + 1 };
            let wait = backoff(attempt, entropy::number());
            tracing::warn!(address = %self.address, "lost the broker: {fault}; trying again in {} ms", wait.as_millis());
            tokio::time::sleep(wait).await;
            // What waited is old by now; robots ask again for what they miss.
            while self.outbound.try_recv().is_ok() {}
        }
    }

    /// One connection, from its making to its end; also tells whether it ever stood.
    async fn connection(&mut self) -> (ConnectionError, bool) {
        let (client, events) = AsyncClient::new(options(self.address, "fleet-server"), REQUESTS_MAX);
        let mut was_connected = false;
        let filter = server_filter(&self.site);
        let fault = tokio::select! {
            fault = listen(events, &client, &filter, &self.inbound, &mut was_connected) => fault,
            () = forward(&client, &mut self.outbound) => ConnectionError::RequestsDone,
        };
        (fault, was_connected)
    }
}

fn options(address: SocketAddr, name: &str) -> MqttOptions {
    let name = format!("{name}-{:016x}", entropy::number());
    let mut options = MqttOptions::new(name, address.ip().to_string(), address.port());
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options
        .set_network_options(network)
        .set_keep_alive(KEEP_ALIVE)
        .set_clean_start(true)
        .set_max_packet_size(Some(PACKET_LEN_MAX))
        .set_outgoing_inflight_upper_limit(INFLIGHT_MAX);
    options
}

/// Listens to the broker and says nothing. It ends with the connection: whoever looks should see that it was lost.
pub struct Listener {
    client: AsyncClient,
    events: EventLoop,
    filter: String,
}

impl Listener {
    /// A listener for topics that match `filter`.
    #[must_use]
    pub fn new(address: SocketAddr, filter: &str) -> Self {
        let (client, events) = AsyncClient::new(options(address, "fleet-tap"), REQUESTS_MAX);
        Self { client, events, filter: filter.to_owned() }
    }

    /// The next message.
    ///
    /// # Errors
    /// Why the connection ended or never stood.
    pub async fn next(&mut self) -> Result<Message, ConnectionError> {
        loop {
            match self.events.poll().await? {
                Event::Incoming(Packet::ConnAck(answer)) if answer.code == ConnectReturnCode::Success => {
                    self.client
                        .try_subscribe(&self.filter, QoS::AtMostOnce)
                        .map_err(|_| ConnectionError::RequestsDone)?;
                }
                Event::Incoming(Packet::Publish(publish)) => return Ok(message(&publish)),
                Event::Incoming(_) | Event::Outgoing(_) => {}
            }
        }
    }
}

async fn listen(
    mut events: EventLoop,
    client: &AsyncClient,
    filter: &str,
    inbound: &Porters,
    was_connected: &mut bool,
) -> ConnectionError {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(answer))) if answer.code == ConnectReturnCode::Success => {
                *was_connected = true;
                // The client has room: nothing was asked of it before. Should it not, the next connection subscribes.
                if client.try_subscribe(filter, QoS::AtLeastOnce).is_err() {
                    return ConnectionError::RequestsDone;
                }
                tracing::info!("connected to the broker");
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                if inbound.hand(message(&publish)).await.is_err() {
                    return ConnectionError::RequestsDone;
                }
            }
            Ok(_) => {}
            Err(fault) => return fault,
        }
    }
}

/// A topic that is no text becomes one that is no topic of ours, and is quarantined as such.
fn message(publish: &Publish) -> Message {
    Message { topic: String::from_utf8_lossy(&publish.topic).into_owned(), payload: publish.payload.to_vec() }
}

/// Letters are sealed here, beside the writer.
async fn forward(client: &AsyncClient, outbound: &mut mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { topic, letter, delivery }) = outbound.recv().await {
        let qos = match delivery {
            Delivery::AtLeastOnce => QoS::AtLeastOnce,
            Delivery::AtMostOnce => QoS::AtMostOnce,
        };
        if client.publish(topic, qos, false, letter.sealed()).await.is_err() {
            return;
        }
    }
}

/// Full jitter, drawn after the cap, so that clients that lost the broker together do not come back together.
fn backoff(attempt: u32, random: u64) -> Duration {
    let longest = BACKOFF_FIRST_MS.saturating_mul(1 << attempt.min(16)).min(BACKOFF_MS_MAX);
    Duration::from_millis(random % (longest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_grows_to_its_cap_and_is_drawn_from_all_of_it() {
        assert_eq!(backoff(0, u64::MAX - u64::MAX % 201 - 1), Duration::from_millis(200));
        for attempt in [0, 4, 5, 40, u32::MAX] {
            for random in [0, 1, 4999, 5000, u64::MAX] {
                assert!(backoff(attempt, random) <= Duration::from_millis(BACKOFF_MS_MAX));
            }
        }
        assert_eq!(backoff(u32::MAX, 5000), Duration::from_millis(5000));
    }
}
