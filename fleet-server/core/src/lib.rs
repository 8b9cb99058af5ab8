//! What the fleet server decides, without input or output.
//!
//! [`Fleet`] takes what robots and people say, and answers with rows to commit and things to tell. It reads no clock,
//! opens no file and draws no random number: time, identities and the rows of the last start are parameters, so every
//! run can be repeated.
//!
//! Leaves to others: keeping the rows (`store`), carrying the messages (`mqtt`), asking people (`http`, `cli`).

#![warn(clippy::wildcard_enum_match_arm)]

mod assignment;
pub mod change;
pub mod commands;
pub mod editing;
pub mod endorsement;
mod feed;
#[cfg(test)]
mod fixture;
pub mod fleet;
mod ingest;
pub mod judge;
pub mod plan;
pub mod roster;
mod round;
pub mod sync;
mod tasks;
pub mod telemetry;
pub mod tell;

pub use change::{Change, Loaded};
pub use commands::{Command, NewTask};
pub use editing::{NoteView, OpAnswer, OpRow};
pub use endorsement::{EndorsementDays, Endorser};
pub use fleet::{Event, Fleet, Input, Site};
pub use ingest::{Door, Opened};
pub use telemetry::TelemetryKept;
pub use tell::{Answer, Delivery, Letter, Output, ReadFeed, Refusal, Tell, Token};
