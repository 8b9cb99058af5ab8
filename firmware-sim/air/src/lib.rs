//! Stands in for the radio: what a Bluetooth adapter does on a real robot, done on one machine.
//!
//! Two kinds of air. [`Transmitter`] and [`Receiver`] meet in a multicast group on the loopback interface, so that
//! processes hear each other; [`room`] is air inside one process, for tests that want no socket. The programs know neither:
//! they hold a `shared::beacon::Transmit` or `Receive`, and the one line that opens a radio is where an adapter takes its
//! place. The only package that names `socket2`.
//!
//! Leaves to others: what is said (`shared::beacon`), what a person does to an antenna (`firmware-sim`).

mod multicast;
mod room;

pub use multicast::{Receiver, Transmitter};
pub use room::{RoomReceiver, RoomTransmitter, room};
