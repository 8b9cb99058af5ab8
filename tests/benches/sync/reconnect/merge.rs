//! The server's decision about a robot's edits, alone: no broker, no database, no other thread.

use crate::alone::{EPOCH, identity, vault};
use crate::clock::Stopwatch;
use crate::site::{LIFE, Site, fleet};
use anyhow::{Result, ensure};
use fleet_core::{Event, Fleet, Input};
use fleet_server::store::Store;
use robot_core::Identity;
use shared::id::SiteId;
use shared::journal::{Boot, Lane, Record};
use shared::machine::Machine as _;
use shared::seal::Context;
use shared::wire::Encode;
use shared::wire::ability::Abilities;
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::{Batch, Carried, Session};
use shared::wire::topic::{Channel, Topic, Up};
use std::path::Path;
use tests::clock::{now, wall};
use tests::process::SITE;

/// Entries in a batch, as the robot's outbox has it.
const BATCH: usize = 256;

/// Milliseconds that the decisions took. Nothing of them is committed.
pub fn measure(dir: &Path, site: &Site, store: &Store) -> Result<f64> {
    let identity = identity(site.robot())?;
    let mut fleet = fleet(store)?;
    say(&mut fleet, &identity, Up::Session, &hello(site))?;
    let unacked = vault(dir, &identity.robot)?.load(&identity.robot)?.unacked;
    let edits: Vec<Record> = unacked.into_iter().filter(|record| record.entry.lane == Lane::Work).collect();
    let batches: Vec<Event> =
        edits.chunks(BATCH).map(|part| event(&identity, Up::Work, &batch(part))).collect::<Result<_>>()?;
    let since = Stopwatch::start();
    for event in batches {
        fleet.handle(Input { wall: wall(), event }, now());
        while fleet.poll_output().is_some() {}
    }
    let ms = since.micros() / 1e3;
    ensure!(fleet.quarantined() == 0, "a batch was not taken");
    let chain = fleet.feed_position(&identity.robot).0;
    ensure!(chain >= site.head() + edits.len() as u64, "{} edits are not all settled", edits.len());
    Ok(ms)
}

fn hello(site: &Site) -> Session {
    Session::Hello {
        epoch: EPOCH,
        boot: Boot(1),
        mono_ms: now().0,
        server_epoch: LIFE,
        cursor: site.head(),
        nonce: 1,
        can: Some(Abilities::UNPACKS.and(Abilities::NOTES).and(Abilities::SNAPSHOTS).and(Abilities::HASHES)),
        acked: None,
        snapshot: None,
    }
}

fn batch(records: &[Record]) -> Batch {
    let (first, last) = (records[0].entry.lane_seq, records[records.len() - 1].entry.lane_seq);
    let entries = records.iter().map(Carried::from).collect();
    Batch { epoch: EPOCH, lane: Lane::Work, first, last, boot: Boot(1), mono_ms: now().0, entries }
}

fn event<T: Encode<()>>(identity: &Identity, channel: Up, body: &T) -> Result<Event> {
    let (site, robot) = (SiteId::parse(SITE)?, identity.robot.clone());
    let payload = Sealed::seal_packed(&identity.key, Context::Up, &robot, body);
    Ok(Event::Message { topic: Topic { site, robot, channel: Channel::Up(channel) }.to_string(), payload })
}

fn say<T: Encode<()>>(fleet: &mut Fleet, identity: &Identity, channel: Up, body: &T) -> Result<()> {
    let event = event(identity, channel, body)?;
    fleet.handle(Input { wall: wall(), event }, now());
    while fleet.poll_output().is_some() {}
    Ok(())
}
