//! Faults planted on purpose, so that the verdict can show that it finds them. No release build takes the argument.

use clap::ValueEnum;

/// A fault to plant, so that the verdict has something to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// The server acknowledges before it commits, and loses a commit.
    Lost,
    /// An agent does a finished step again.
    Doubled,
    /// A body goes on moving after its line has dropped.
    Motion,
    /// An agent changes a row of its replica.
    Unequal,
}

impl Plant {
    /// The word for it in the server's configuration, if it is the server's.
    pub const fn of_fleet(self) -> Option<&'static str> {
        match self {
            Self::Lost => Some("lost"),
            Self::Doubled | Self::Unequal | Self::Motion => None,
        }
    }

    /// The word for it in an agent's configuration, if it is an agent's.
    pub const fn of_agent(self) -> Option<&'static str> {
        match self {
            Self::Doubled => Some("doubled"),
            Self::Unequal => Some("unequal"),
            Self::Lost | Self::Motion => None,
        }
    }

    /// The word for it in every firmware's configuration, if it is the firmwares': which robot's button will be pressed is
    /// not known before.
    pub const fn of_firmware(self) -> Option<&'static str> {
        match self {
            Self::Motion => Some("motion"),
            Self::Lost | Self::Doubled | Self::Unequal => None,
        }
    }
}
