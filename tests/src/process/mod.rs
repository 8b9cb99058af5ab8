//! Real processes on one machine: a server, and for each robot a safety controller, an agent and a network to cut.
//!
//! Whatever a [`Site`] starts ends with it. Each site has its own folder, ports and air, so tests run side by side.
//! Leaves to others: what a run proves (`crate::verdict`).

mod acts;
mod antenna;
mod binaries;
mod broker;
mod child;
mod controller;
mod intruder;
mod layout;
pub mod officer;
mod panel;
mod relay;
mod rest;
mod site;
mod slow_disk;
pub mod tool;

pub use antenna::Antenna;
pub use binaries::folder as programs;
pub use binaries::forget_the_test;
pub use broker::Broker;
pub use child::Running;
pub use controller::{Controller, Event};
pub use intruder::Intruder;
pub use layout::{Layout, SITE, key_of};
pub use panel::Panel;
pub use rest::Rest;
pub use site::{Part, Site};
pub use slow_disk::SlowDisk;
