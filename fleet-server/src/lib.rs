//! The fleet's server and command line: everything around `fleet-core` that reads clocks, disks and sockets.
//!
//! `fleet serve` is one process: an MQTT broker for the robots, a client of it that takes in what they say, one writer
//! thread that owns the decisions and the database, and an HTTP server that reads what the writer published.
//!
//! Leaves to others: every decision (`fleet-core`), every word on the wire (`shared`).

pub mod broker;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod desk;
pub mod entropy;
pub mod http;
pub mod logging;
pub mod merger;
pub mod mqtt;
pub mod porter;
pub mod serve;
pub mod store;
pub mod view;
pub mod writer;
