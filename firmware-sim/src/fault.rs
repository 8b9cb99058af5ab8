//! Why the program ends: each fault is one sentence for a person and one exit code for a supervisor.

use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What ended the program. Its text is the one sentence that goes to standard error.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The configuration, a folder, a key or an address cannot be used: starting again does not help.
    #[error("{0}")]
    Unusable(String),
    /// Something failed while running, or the other side refused.
    #[error("{0}")]
    Broken(String),
}

impl Fault {
    /// The configuration cannot be used, because `attempt` on `path` failed with `error`.
    #[must_use]
    pub fn unusable(attempt: &str, path: &Path, error: &io::Error) -> Self {
        Self::Unusable(format!("{attempt} {} failed: {error}", path.display()))
    }

    /// Running failed, because `attempt` on `path` failed with `error`.
    #[must_use]
    pub fn broken(attempt: &str, path: &Path, error: &io::Error) -> Self {
        Self::Broken(format!("{attempt} {} failed: {error}", path.display()))
    }

    /// 2 when only another configuration helps, 1 otherwise.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unusable(_) => ExitCode::from(2),
            Self::Broken(_) => ExitCode::FAILURE,
        }
    }
}
