//! Words for the log of the process: one line each on standard error, with the time of the machine's clock.
//!
//! Writing may wait for whoever reads the log, so the control thread never calls this; it hands its words to the
//! recorder.

use crate::clock;
use std::io::Write;

/// Writes one line. A log that cannot be written to is no reason to stop: the event list is the record.
pub fn say(robot: &str, text: &str) {
    let line = format!("{:>10} firmware {robot}: {text}\n", clock::now().0);
    let _unwritable = std::io::stderr().write_all(line.as_bytes());
}
