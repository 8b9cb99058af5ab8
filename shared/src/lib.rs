//! The vocabulary that robots and fleet speak: identities, time, facts, tasks, seals, and the wire.
//!
//! Everything here is a pure value or a pure function. Nothing reads a clock, draws a random number, opens a file or a
//! socket. Both sides meet only in this package, so a word that is not here cannot be said between them; in particular
//! there is no word for energising a robot.
//!
//! Leaves to others: what a robot decides (`robot-core`), what the server decides (`fleet-core`), the five words to
//! the safety controller (`interlock-link`, which the fleet never imports).
//!
//! With the feature `wire` come the types that travel as CBOR; the safety controller builds without it. With `notes` comes
//! the merging of notes, which only those switch on who edit or merge them.

pub mod beacon;
pub mod firmware_record;
pub mod id;
pub mod key_file;
pub mod machine;
pub mod seal;
pub mod time;

#[cfg(feature = "wire")]
pub mod audit;
#[cfg(feature = "wire")]
pub mod checklist;
#[cfg(feature = "wire")]
pub mod clearance;
#[cfg(feature = "wire")]
pub mod contribution;
#[cfg(feature = "wire")]
pub mod fact;
#[cfg(feature = "wire")]
pub mod field;
#[cfg(feature = "wire")]
pub mod hlc;
#[cfg(feature = "wire")]
pub mod journal;
#[cfg(feature = "notes")]
pub mod note;
#[cfg(feature = "wire")]
pub mod note_log;
#[cfg(feature = "wire")]
pub mod officer;
#[cfg(feature = "wire")]
pub mod op;
#[cfg(feature = "wire")]
pub mod refusal;
#[cfg(feature = "wire")]
pub mod task;
#[cfg(feature = "wire")]
pub mod wire;
#[cfg(feature = "wire")]
pub mod zone;
