//! What the process's exit code says, so that a supervisor can tell a restart that helps from one that does not.

use crate::driver::End;
use crate::replica::{Blame, Fault};

/// Anything that is not named below: a restart may help.
pub const FAILED: u8 = 1;
/// The configuration is wrong: a restart does not help until it is changed.
pub const CONFIG: u8 = 2;
/// The database is damaged, or is not this robot's, or is from a newer program: a restart does not help.
pub const DAMAGED: u8 = 3;
/// The disk is full or refuses to work: a restart does not help until there is room.
pub const STORAGE: u8 = 4;

/// The exit code of an error.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    let of_driver = error.downcast_ref::<End>().and_then(|end| match end {
        End::Replica(fault) => Some(fault),
        End::ControlLoop => None,
    });
    error.downcast_ref::<Fault>().or(of_driver).map_or(FAILED, |fault| of(fault.blame()))
}

const fn of(blame: Blame) -> u8 {
    match blame {
        Blame::Data => DAMAGED,
        Blame::Disk => STORAGE,
        Blame::Moment => FAILED,
    }
}
