//! The real program with its body, played by a test that is agent, radio and person.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod agents;
mod clocks;
mod counters;
mod defects;
mod hands;
mod live;
#[cfg(debug_assertions)]
mod planted;
mod record;
mod rig;
mod running;
