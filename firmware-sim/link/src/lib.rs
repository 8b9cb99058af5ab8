//! The words an agent and a safety controller may say to each other, and the frames that carry them.
//!
//! Responsible for: which words exist ([`ToInterlock`], [`FromInterlock`]), their 32 bytes, and what makes a receiver
//! drop a frame ([`Reject`]). The same code runs on both ends; the same bytes go over a pipe, a Unix socket or a
//! serial line.
//!
//! Leaves to others: what a word does (`interlock`), reading and writing the bytes (`firmware-sim`, `robot-agent`).
//!
//! Terms: a *frame* is 32 bytes; a *session* is one life of one agent, named by its *nonce*; the *codename* is what
//! both ends know and never send, so that a frame of another link, session or direction fails its checksum.
//!
//! The checksum is no security: a link that crosses a radio or a shared host needs a MAC besides (SR-17).
#![no_std]
#![forbid(unsafe_code)]

pub mod cobs;
mod counters;
mod crc;
mod frame;
mod from_interlock;
pub mod ids;
mod inbox;
mod message;
mod payload;
mod receiver;
mod record;
mod sender;
mod to_interlock;

pub use counters::Counters;
pub use frame::{FRAME_LEN, Reject, VERSION};
pub use from_interlock::{Body, Cause, FromInterlock, Phase, Status, StepCount};
pub use ids::Ids;
pub use inbox::{Counts, FLOOD_FRAMES, Inbox, Mail, Word};
pub use receiver::{AGE_MS_MAX, AHEAD_MS_MAX, Receiver};
pub use record::{Assembler, FRAGMENT_LEN, Fragment, LINE_LEN_MAX};
pub use sender::Sender;
pub use to_interlock::{Act, Setpoint, ToInterlock};
