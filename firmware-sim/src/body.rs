//! The body: motors, hands and battery of a robot, simulated in a child process of the firmware.
//!
//! It moves only while its *motor line* is on. The line is a permission that has to be renewed all the time: every
//! tick of the firmware writes one [`pipe::Drive`]; when none younger than [`PERMISSION_MS`] is there, or the pipe
//! drops, torque is gone. So a firmware that is killed, stopped or late takes the torque away without doing anything.
//!
//! The truth log is the body's memory as well: after a kill it is replayed.
//!
//! Leaves to others: whether motion is allowed (`interlock`), when a step is named (the agent).

pub mod diary;
pub mod goal;
pub mod physics;
pub mod pipe;
pub mod process;
pub mod truth;

/// How old the newest permission of the motor line may be, in milliseconds (SR-19: a tick that late drops the line).
pub const PERMISSION_MS: u64 = 20;
