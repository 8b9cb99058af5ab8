//! Opens what the broker brings: everything about a message that follows from its bytes and the roster's keys alone.
//!
//! It is most of what a message costs: its signature, unpacking, decoding, the hashes of its entries. None of it depends on
//! what came before, so a shell may do it beside the writer, for several robots at a time; the messages of one robot have to
//! stay in their order. Only a door makes an [`Opened`], so nothing reaches the writer that was not verified.
//!
//! Leaves to others: whether what was opened comes next, and what it means (`ingest`).

use super::batch::{Packet, packet};
use shared::id::{RobotId, SiteId};
use shared::journal::Lane;
use shared::seal::{Context, PublicKey};
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::{ConnectionWord, Session, State};
use shared::wire::telemetry::TelemetryBatch;
use shared::wire::topic::{Channel, Topic, Up};
use shared::wire::{Decode, from_bytes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The site's name and whose key counts. A clone shares them.
#[derive(Clone, Debug)]
pub struct Door {
    site: SiteId,
    keys: Arc<BTreeMap<RobotId, PublicKey>>,
}

/// A message as the broker delivered it, and what was found in it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) found: Result<Signed, Unsigned>,
}

/// A message that its robot signed.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub robot: RobotId,
    /// What it says, or why nobody can tell.
    pub said: Result<Said, String>,
}

/// A message that does not count.
#[derive(Clone, Debug)]
pub(crate) struct Unsigned {
    /// Whose topic it came on, if there is such a robot.
    pub robot: Option<RobotId>,
    pub why: String,
}

/// What a robot says.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Batch(Box<Packet>),
    State(Box<State>),
    Session(Session),
    Connection(ConnectionWord),
    Telemetry(TelemetryBatch),
}

impl Door {
    pub(crate) fn new(site: SiteId, keys: BTreeMap<RobotId, PublicKey>) -> Self {
        Self { site, keys: Arc::new(keys) }
    }

    /// Opens a message.
    #[must_use]
    pub fn open(&self, topic: String, payload: Vec<u8>) -> Opened {
        let found = self.found(&topic, &payload);
        Opened { topic, payload, found }
    }

    fn found(&self, topic: &str, payload: &[u8]) -> Result<Signed, Unsigned> {
        let Topic { site, robot, channel } =
            Topic::parse(topic).map_err(|e| Unsigned { robot: None, why: e.to_string() })?;
        let Some(key) = self.keys.get(&robot) else {
            return Err(Unsigned { why: format!("the roster has no robot {robot}"), robot: None });
        };
        self.signed(&site, &robot, channel, payload, key).map_err(|why| Unsigned { robot: Some(robot), why })
    }

    fn signed(
        &self,
        site: &SiteId,
        robot: &RobotId,
        channel: Channel,
        payload: &[u8],
        key: &PublicKey,
    ) -> Result<Signed, String> {
        let Channel::Up(channel) = channel else { return Err("a robot does not send on this topic".into()) };
        if *site != self.site {
            return Err(format!("the site is {site}, this server's is {}", self.site));
        }
        let (body, signature) =
            Sealed::open_signed(payload, key, Context::Up, robot).map_err(|malformed| malformed.to_string())?;
        let in_lane = |lane| packet(lane, &body, signature).map(|packet| Said::Batch(Box::new(packet)));
        let said = match channel {
            Up::Safety => in_lane(Lane::Safety),
            Up::Work => in_lane(Lane::Work),
            Up::Notes => in_lane(Lane::Notes),
            Up::State => read(&body).map(|state| Said::State(Box::new(state))),
            Up::Session => read(&body).map(Said::Session),
            Up::Connection => read(&body).map(Said::Connection),
            Up::Telemetry => read(&body).map(Said::Telemetry),
        };
        let said = said.map_err(|e| format!("the signed body cannot be decoded: {e}"));
        Ok(Signed { robot: robot.clone(), said })
    }
}

fn read<'b, T: Decode<'b, ()>>(body: &'b [u8]) -> Result<T, String> {
    from_bytes(body).map_err(|e| e.to_string())
}
