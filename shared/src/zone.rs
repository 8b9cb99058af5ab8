//! The map of a hall: zones with their places, in centimetres from the south-west corner.

use crate::id::ZoneId;
use serde::{Deserialize, Serialize};

/// A point on the floor, in centimetres east and north of the hall's south-west corner.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
pub struct Point {
    /// Centimetres east.
    #[n(0)]
    pub x_cm: i16,
    /// Centimetres north.
    #[n(1)]
    pub y_cm: i16,
}

/// A named rectangle of the floor with the place in it where a robot works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name in tasks and tables.
    pub id: ZoneId,
    /// Its name for people.
    pub title: String,
    /// South-west corner.
    pub from: Point,
    /// North-east corner.
    pub to: Point,
    /// Where a robot stands when it works here.
    pub station: Point,
}

/// A hall: its size and its zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// The hall's name for people.
    pub title: String,
    /// North-east corner of the floor; the south-west one is (0, 0).
    pub size: Point,
    /// Its zones.
    pub zones: Vec<Zone>,
}

impl Hall {
    /// The zone of that name, if the hall has it.
    #[must_use]
    pub fn zone(&self, id: &ZoneId) -> Option<&Zone> {
        self.zones.iter().find(|zone| &zone.id == id)
    }
}
