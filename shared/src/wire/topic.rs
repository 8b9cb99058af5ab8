//! Every MQTT topic there is: `fleet/v1/{site}/{robot}/{up|down}/{channel}`. No topic is written anywhere else.

use crate::id::{RobotId, SiteId};
use crate::journal::Lane;
use std::fmt;

const ROOT: &str = "fleet/v1";

/// What a robot sends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Up {
    /// Batches of the safety lane.
    Safety,
    /// Batches of the work lane.
    Work,
    /// Batches of the notes lane.
    Notes,
    /// History of measurements.
    Telemetry,
    /// The newest state.
    State,
    /// Hello, cursor, lease requests.
    Session,
    /// The retained connection word.
    Connection,
}

/// What the server sends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Down {
    /// Acknowledgements.
    Ack,
    /// Rows of the feed.
    Feed,
    /// What holds now or not at all.
    Now,
}

/// Direction and purpose of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Robot to server.
    Up(Up),
    /// Server to robot.
    Down(Down),
}

impl From<Lane> for Up {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::Safety => Self::Safety,
            Lane::Work => Self::Work,
            Lane::Notes => Self::Notes,
        }
    }
}

impl Channel {
    const ALL: [Self; 10] = [
        Self::Up(Up::Safety),
        Self::Up(Up::Work),
        Self::Up(Up::Notes),
        Self::Up(Up::Telemetry),
        Self::Up(Up::State),
        Self::Up(Up::Session),
        Self::Up(Up::Connection),
        Self::Down(Down::Ack),
        Self::Down(Down::Feed),
        Self::Down(Down::Now),
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Up(Up::Safety) => "up/safety",
            Self::Up(Up::Work) => "up/work",
            Self::Up(Up::Notes) => "up/notes",
            Self::Up(Up::Telemetry) => "up/telemetry",
            Self::Up(Up::State) => "up/state",
            Self::Up(Up::Session) => "up/session",
            Self::Up(Up::Connection) => "up/connection",
            Self::Down(Down::Ack) => "down/ack",
            Self::Down(Down::Feed) => "down/feed",
            Self::Down(Down::Now) => "down/now",
        }
    }
}

/// One topic of one robot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// The site.
    pub site: SiteId,
    /// The robot.
    pub robot: RobotId,
    /// Direction and purpose.
    pub channel: Channel,
}

/// A text that is not one of our topics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a topic of this protocol: {0:?}")]
pub struct BadTopic(pub String);

impl Topic {
    /// Reads a topic.
    ///
    /// # Errors
    /// [`BadTopic`] with at most 200 characters of the text.
    pub fn parse(text: &str) -> Result<Self, BadTopic> {
        Self::read(text).ok_or_else(|| BadTopic(text.chars().take(200).collect()))
    }

    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(ROOT)?.strip_prefix('/')?;
        let (site, rest) = rest.split_once('/')?;
        let (robot, path) = rest.split_once('/')?;
        let channel = Channel::ALL.into_iter().find(|channel| channel.path() == path)?;
        Some(Self { site: SiteId::parse(site).ok()?, robot: RobotId::parse(robot).ok()?, channel })
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROOT}/{}/{}/{}", self.site, self.robot, self.channel.path())
    }
}

/// What the server subscribes to: everything every robot of the site sends.
#[must_use]
pub fn server_filter(site: &SiteId) -> String {
    format!("{ROOT}/{site}/+/up/#")
}

/// What somebody subscribes to who listens to all of a site, both ways.
#[must_use]
pub fn site_filter(site: &SiteId) -> String {
    format!("{ROOT}/{site}/#")
}

/// What a robot subscribes to: everything that is sent to it.
#[must_use]
pub fn robot_filter(site: &SiteId, robot: &RobotId) -> String {
    format!("{ROOT}/{site}/{robot}/down/#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_comes_back_from_its_text() {
        for channel in Channel::ALL {
            let topic =
                Topic { site: SiteId::parse("hall-1").unwrap(), robot: RobotId::parse("r-1").unwrap(), channel };
            assert_eq!(Topic::parse(&topic.to_string()), Ok(topic));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "fleet/v1",
            "fleet/v1/hall-1/+/up/state",
            "fleet/v2/hall-1/r-1/up/state",
            "fleet/v1/hall-1/r-1/up/state/x",
        ] {
            assert!(Topic::parse(text).is_err(), "{text}");
        }
    }
}
