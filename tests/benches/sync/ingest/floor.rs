//! The floor of ingest: the same broker, one consumer, one thread that commits whatever has come in and answers each message.
//!
//! No signature, no order, no index. A commit takes whatever waits; answers are QoS 0 and a word long. It was not made faster
//! beyond that: several rows in one statement were not tried.

use super::crowd::client;
use super::{READY, ROW_LEN};
use anyhow::{Context as _, Result};
use fleet_server::broker::Broker;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use rumqttc::v5::{AsyncClient, Event};
use rusqlite::Connection;
use shared::id::SiteId;
use shared::wire::topic::server_filter;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use tests::process::SITE;

/// Serves until it is killed.
pub fn serve(dir: &Path, port: u16) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        tokio::spawn(Broker::bind(address).await?.run());
        let (client, mut events) = client(address, "floor", server_filter(&SiteId::parse(SITE)?)).await?;
        let (inbound, received) = sync_channel(1024);
        let db = Connection::open(dir.join("floor.db"))?;
        std::thread::spawn(move || write(db, &received, &client).expect("the floor's disk and queue take everything"));
        loop {
            match events.poll().await? {
                Event::Incoming(Packet::SubAck(_)) => std::fs::write(dir.join(READY), "")?,
                Event::Incoming(Packet::Publish(publish)) => inbound.send(publish)?,
                Event::Incoming(_) | Event::Outgoing(_) => {}
            }
        }
    })
}

fn write(mut db: Connection, received: &Receiver<Publish>, client: &AsyncClient) -> Result<()> {
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch("CREATE TABLE fact (n INTEGER PRIMARY KEY, row BLOB NOT NULL)")?;
    while let Ok(first) = received.recv() {
        let round: Vec<Publish> = std::iter::once(first).chain(received.try_iter().take(255)).collect();
        let transaction = db.transaction()?;
        let mut insert = transaction.prepare_cached("INSERT INTO fact (row) VALUES (?1)")?;
        for row in round.iter().flat_map(|publish| publish.payload.chunks(ROW_LEN)) {
            insert.execute([row])?;
        }
        drop(insert);
        transaction.commit()?;
        for publish in &round {
            let topic = std::str::from_utf8(&publish.topic)?.replace("up/safety", "down/ack");
            client.try_publish(topic, QoS::AtMostOnce, false, "stored").context("no room for an answer")?;
        }
    }
    Ok(())
}
