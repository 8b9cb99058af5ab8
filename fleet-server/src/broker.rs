//! The broker inside the process: the only file that names `mqtt5`.
//!
//! It is a pipe and nothing more. Anybody on this machine may connect to it without a password; that is bearable because
//! it listens on loopback only and nothing that is not signed is obeyed. Certificates come with enrolment, as does the
//! front that keeps a stalled peer from blocking others.

use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use shared::wire::PAYLOAD_LEN_MAX;
use std::net::SocketAddr;
use std::time::Duration;

/// Room for the topic and the header beside the largest payload, in bytes.
const HEADER_LEN_MAX: usize = 1024;
/// Most connections.
const CLIENTS_MAX: usize = 2000;
/// Most subscriptions of one client.
const SUBSCRIPTIONS_MAX: usize = 16;
/// Most retained messages: one connection word for each robot, and room for what garbage leaves.
const RETAINED_MAX: usize = 4000;
/// How long a session outlives its connection. Nothing depends on it: a robot greets anew after each connect.
const SESSION: Duration = Duration::from_secs(300);
/// Most messages and bytes that wait for a client that is away.
const QUEUED_MAX: (usize, usize) = (1000, 4 * 1024 * 1024);

/// Why the broker does not run.
#[derive(Debug, thiserror::Error)]
#[error("the broker cannot {attempt} at {address}: {why}")]
pub struct Fault {
    attempt: &'static str,
    address: SocketAddr,
    why: String,
}

/// A broker that listens and does not serve yet.
pub struct Broker {
    inner: MqttBroker,
    address: SocketAddr,
}

impl Broker {
    /// Listens at a loopback address.
    ///
    /// # Errors
    /// [`Fault`] when the address cannot be used.
    ///
    /// # Panics
    /// When the address is not a loopback one: the configuration has refused it before.
    pub async fn bind(address: SocketAddr) -> Result<Self, Fault> {
        assert!(address.ip().is_loopback(), "the configuration has refused {address} before");
        let fault = |why: String| Fault { attempt: "listen", address, why };
        // The library's own words fill several lines; the kernel's fit in a sentence.
        let probe = tokio::net::TcpListener::bind(address).await.map_err(|e| fault(e.to_string()))?;
        drop(probe);
        let inner = MqttBroker::with_config(settings(address)).await.map_err(|e| fault(e.to_string()))?;
        let address = inner.local_addr().unwrap_or(address);
        Ok(Self { inner, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends [`run`](Self::run) from elsewhere.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(self.inner.shutdown_handle())
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// [`Fault`] when it cannot go on.
    pub async fn run(mut self) -> Result<(), Fault> {
        let address = self.address;
        self.inner.run().await.map_err(|e| Fault { attempt: "serve", address, why: e.to_string() })
    }
}

/// Ends a broker.
#[derive(Clone)]
pub struct Stopper(BrokerShutdownHandle);

impl Stopper {
    /// Ends it.
    pub fn stop(&self) {
        self.0.shutdown();
    }
}

fn settings(address: SocketAddr) -> BrokerConfig {
    let (messages, bytes) = QUEUED_MAX;
    let storage = StorageConfig::new()
        .with_backend(StorageBackend::Memory)
        .with_persistence(false)
        .with_max_queued_messages_per_client(messages)
        .with_max_queued_bytes_per_client(bytes);
    BrokerConfig::new()
        .with_bind_address(address)
        .with_max_clients(CLIENTS_MAX)
        .with_session_expiry(SESSION)
        .with_max_packet_size(PAYLOAD_LEN_MAX + HEADER_LEN_MAX)
        .with_maximum_qos(1)
        .with_max_subscriptions_per_client(SUBSCRIPTIONS_MAX)
        .with_max_retained_messages(RETAINED_MAX)
        .with_max_retained_message_size(PAYLOAD_LEN_MAX)
        .with_storage(storage)
        .with_sys_topics_enabled(false)
}
