//! The program on each robot: the shell around `robot-core`.
//!
//! Three threads. The *driver* hands inputs to the pure core, commits what it decides and tells what was committed. The
//! *control loop* beats to the firmware every 50 ms. The *network* thread speaks MQTT. They share bounded channels and
//! one number.
//!
//! Leaves to others: every decision (`robot-core`), whether motors have power (`interlock`, which this package may not
//! import and whose process it cannot reach but through the link).

pub mod carried;
pub mod clear;
pub mod clock;
pub mod config;
pub mod control;
pub mod driver;
pub mod endorsement;
pub mod entropy;
pub mod exit;
pub mod export;
pub mod firmware;
pub mod local;
pub mod mqtt;
#[cfg(debug_assertions)]
pub mod plant;
pub mod replica;
pub mod run;
pub mod task;
