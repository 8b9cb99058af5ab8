//! What befalls a site.

use super::ROBOTS;
use crate::process::{Broker, Part, Site};
use crate::world::random::Random;
use anyhow::Result;

/// One thing that goes wrong, and is put right at once, except for a cut, which lasts until a later blow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    Server,
    Agent,
    Both,
    Outage,
    BrokerDies,
    BrokerExchanged,
}

impl Blow {
    pub(super) const fn draw(random: &mut Random) -> Self {
        match random.below(12) {
            0..=3 => Self::Server,
            4..=6 => Self::Agent,
            7 => Self::Both,
            8..=9 => Self::Outage,
            10 => Self::BrokerDies,
            _ => Self::BrokerExchanged,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Server => "server kills",
            Self::Agent => "agent kills",
            Self::Both => "kills of both",
            Self::Outage => "outages with an agent's kill",
            Self::BrokerDies => "broker kills",
            Self::BrokerExchanged => "exchanges of the broker",
        }
    }

    pub(super) fn falls(self, site: &mut Site, broker: &mut Broker, random: &mut Random) -> Result<()> {
        let robot = ROBOTS[usize::from(random.once_in(2))];
        match self {
            Self::Server => again(site, Part::Fleet),
            Self::Agent => {
                site.restore(robot)?;
                again(site, Part::Agent(robot))
            }
            Self::Both => {
                site.kill(Part::Fleet)?;
                again(site, Part::Agent(robot))?;
                site.spawn(Part::Fleet)
            }
            Self::Outage => {
                // One at a time, or nothing would flow at all.
                ROBOTS.iter().try_for_each(|robot| site.restore(robot))?;
                site.cut(robot)?;
                again(site, Part::Agent(robot))
            }
            Self::BrokerDies if *broker == Broker::Mosquitto => site.crash_mosquitto(),
            // The embedded one dies with the server.
            Self::BrokerDies => again(site, Part::Fleet),
            Self::BrokerExchanged => {
                *broker = if *broker == Broker::Embedded { Broker::Mosquitto } else { Broker::Embedded };
                site.move_to(*broker)
            }
        }
    }
}

fn again(site: &mut Site, part: Part<'_>) -> Result<()> {
    site.kill(part)?;
    site.spawn(part)
}
