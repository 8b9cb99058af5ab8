//! How the process ends, as scripts read it.

use std::process::ExitCode;

/// The exit codes of `fleet`. Numbers are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Something went wrong.
    Failure,
    /// There is no such thing.
    NotFound,
    /// Not allowed.
    Denied,
    /// The robot could not be reached, or did not confirm.
    NotReached,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Failure => 1,
            Exit::NotFound => 3,
            Exit::Denied => 4,
            Exit::NotReached => 6,
        })
    }
}
