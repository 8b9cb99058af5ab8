//! The interlock: decides whether the motors have power.
//!
//! Responsible for promise 1: a robot stopped by its button stays stopped until a person at the robot resets it.
//! [`Interlock::step`] is called once per tick of 5 ms with the pins and at most one word of the agent; what it returns
//! drives the two relays. It is pure: no clock, no storage, no allocation, no `unsafe`; time is counted in ticks.
//!
//! Leaves to others: the agent's frames (`interlock-link`), reading pins, driving relays, storing [`Stored`] and
//! keeping the tick on time (`firmware-sim`, or a microcontroller in its place).
//!
//! Terms: a *demand* is an open channel of the button; a *trip* takes the energy away and has a cause and a new epoch;
//! a *person-class* trip ends in Tripped and needs a person at the robot, a *machine-class* trip ends in Standby; the
//! *mirror* contact of a relay is closed exactly while the relay is off.
//!
//! Designed following ISO 13850, IEC 60204-1, ISO 13849-1 and ISO 10218-1; the ids SR-01 to SR-19 name the requirements
//! taken from them. It runs in a simulator and claims no PL and no SIL.
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

mod epoch;
mod limits;
mod machine;
mod pins;
mod proof_test;
mod recent;

pub use epoch::Stored;
pub use interlock_link::{Cause, Mail, Phase, Status, Word};
pub use limits::Limits;
pub use machine::{Interlock, Memory};
pub use pins::{Motion, Outputs, Pins};
