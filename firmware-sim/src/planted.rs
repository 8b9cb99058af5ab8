//! Faults planted on purpose, so that a test can show that the verdict finds them. No release build has this file.

use serde::Deserialize;

/// Which fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planted {
    /// The body goes on moving for a second after its permission has ended; the safety controller stays as it is.
    Motion,
}
