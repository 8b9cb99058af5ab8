//! Names of robots, sites, zones and tasks, parsed once at the door.
//!
//! The alphabet is `[a-z0-9-]`, 1 to 40 characters, so that a name can stand in a topic, a table and a file name
//! without quoting: `+`, `#` and `/` cannot enter an MQTT pattern, `.` cannot leave a folder.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest name, in bytes.
pub const NAME_LEN_MAX: usize = 40;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// The text has no characters or more than [`NAME_LEN_MAX`].
    #[error("a name has 1 to {NAME_LEN_MAX} characters, this one has {0}")]
    Length(usize),
    /// A character outside `[a-z0-9-]`, with its position counted from 0.
    #[error("a name has only a-z, 0-9 and -, this one has {ch:?} at position {at}")]
    Character {
        /// The character that may not stand in a name.
        ch: char,
        /// Where it stands.
        at: usize,
    },
}

fn check_name(text: &str) -> Result<(), BadName> {
    let length = text.chars().count();
    if length == 0 || length > NAME_LEN_MAX {
        return Err(BadName::Length(length));
    }
    match text.chars().enumerate().find(|(_, c)| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        Some((at, ch)) => Err(BadName::Character { ch, at }),
        None => Ok(()),
    }
}

// A name stands in every row and key that concerns its bearer; its clones share the text.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// Takes `text` as a name.
            ///
            /// # Errors
            /// [`BadName`] when it is empty, too long, or has a character outside `[a-z0-9-]`.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                check_name(text)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.as_str().to_owned()
            }
        }

        impl std::str::FromStr for $type {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::parse(text)
            }
        }

        #[cfg(feature = "wire")]
        impl<C> minicbor::Encode<C> for $type {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.0)?;
                Ok(())
            }
        }

        #[cfg(feature = "wire")]
        impl<'b, C> minicbor::Decode<'b, C> for $type {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::parse(d.str()?).map_err(minicbor::decode::Error::custom)
            }
        }
    };
}

name! {
    /// The stable name of a robot, in topics, in tables and on its shell. Its disclosure id changes with its key; this does not.
    RobotId
}
name! {
    /// The name of a site: one place with one server.
    SiteId
}
name! {
    /// The name of a zone of a site's map.
    ZoneId
}
name! {
    /// The name of an outbox in which somebody's program keeps what it wants done.
    ClientId
}

/// Identity of a task: 128 bits, the high 48 the milliseconds of its making, the rest random (UUID version 7, RFC 9562).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskId([u8; 16]);

/// Why a text is not a task's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a task id is 32 hexadecimal digits in the form 8-4-4-4-12, this is {0:?}")]
pub struct BadTaskId(pub String);

impl TaskId {
    /// Makes the identity from the wall clock (milliseconds since 1970) and ten random bytes.
    #[must_use]
    pub fn v7(wall: crate::time::WallTime, random: [u8; 10]) -> Self {
        let ms = wall.0.to_be_bytes();
        let mut id = [0; 16];
        id[..6].copy_from_slice(&ms[2..]);
        id[6..].copy_from_slice(&random);
        id[6] = 0x70 | (id[6] & 0x0f);
        id[8] = 0x80 | (id[8] & 0x3f);
        Self(id)
    }

    /// Takes sixteen bytes as they are, as read back from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Takes the form `8-4-4-4-12`.
    ///
    /// # Errors
    /// [`BadTaskId`] with the text when it has another form.
    pub fn parse(text: &str) -> Result<Self, BadTaskId> {
        let bad = || BadTaskId(text.chars().take(80).collect());
        let hyphens_fit = text.len() == 36 && [8, 13, 18, 23].iter().all(|&i| text.as_bytes()[i] == b'-');
        if !hyphens_fit {
            return Err(bad());
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let bytes = crate::seal::from_hex(&digits).map_err(|_| bad())?;
        bytes.try_into().map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = crate::seal::to_hex(&self.0);
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for TaskId {
    type Error = BadTaskId;
    fn try_from(text: String) -> Result<Self, BadTaskId> {
        Self::parse(&text)
    }
}

impl From<TaskId> for String {
    fn from(id: TaskId) -> String {
        id.to_string()
    }
}

#[cfg(feature = "wire")]
impl<C> minicbor::Encode<C> for TaskId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?;
        Ok(())
    }
}

#[cfg(feature = "wire")]
impl<'b, C> minicbor::Decode<'b, C> for TaskId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: [u8; 16] = d.bytes()?.try_into().map_err(minicbor::decode::Error::custom)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::WallTime;

    #[test]
    fn a_name_refuses_what_could_enter_a_topic_pattern_or_leave_a_folder() {
        for bad in ["", "+", "#", "a/b", "..", "R-1", "é", "a b", &"x".repeat(41)] {
            assert!(RobotId::parse(bad).is_err(), "{bad:?} was taken");
        }
        assert_eq!(RobotId::parse("a+b"), Err(BadName::Character { ch: '+', at: 1 }));
    }

    #[test]
    fn a_task_id_comes_back_from_its_text() {
        let id = TaskId::v7(WallTime(1_795_000_000_000), [0xff; 10]);
        assert_eq!(TaskId::parse(&id.to_string()), Ok(id));
        assert_eq!(&id.to_string()[14..15], "7");
        for bad in ["", "x", "0190-", "gggggggg-gggg-gggg-gggg-gggggggggggg", "日本語日本語日本語日本語"] {
            assert!(TaskId::parse(bad).is_err());
        }
    }
}
