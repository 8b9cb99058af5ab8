//! What the demo says to people: sentences on stdout, or on stderr when stdout belongs to a machine.

/// Where sentences go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// A person reads stdout.
    Stdout,
    /// Stdout belongs to a program that reads it: people get stderr.
    Stderr,
}

impl Voice {
    /// Says one sentence. A reader that has gone away is no reason to end.
    pub fn say(self, sentence: &str) {
        use std::io::Write;
        let line = format!("{sentence}\n");
        let _told = match self {
            Self::Stdout => std::io::stdout().lock().write_all(line.as_bytes()),
            Self::Stderr => std::io::stderr().lock().write_all(line.as_bytes()),
        };
    }
}
