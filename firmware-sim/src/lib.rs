//! Stands in for a robot's safety controller, its motor and its body.
//!
//! Three faces that never meet: `link` to the agent, `panel` to a person at the robot, `air` to the robot's own
//! disclosures. Each is a thread that hands its words over a bounded channel to the one thread that decides,
//! [`control`], which ticks every 5 ms around the pure `interlock`. The body is a child process at the end of a motor
//! line that has to be renewed at every tick.
//!
//! Leaves to others: the decision itself (`interlock`), the words of the link (`interlock-link`), everything that
//! needs a network, a database or a plan (the agent).
//!
//! It is a simulator: designed following the standards that the interlock names, and it claims no PL and no SIL.

pub mod air;
pub mod body;
pub mod clock;
pub mod config;
pub mod control;
pub mod dropped;
pub mod entropy;
pub mod fault;
pub mod lines;
pub mod link;
pub mod log;
pub mod motor;
pub mod panel;
pub mod plant;
#[cfg(debug_assertions)]
pub mod planted;
pub mod priority;
pub mod record;
pub mod run;
pub mod socket;
pub mod tick;
pub mod vital;
pub mod words;
