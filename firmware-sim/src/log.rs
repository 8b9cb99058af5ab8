//! Words for the log of the process: one line each on standard error, with the time of the machine's clock.
//!
//! Writing may wait for whoever reads the log, so a thread of its own does it, and what it has no room for is dropped and
//! counted. Nothing waits for a log: the event list is the record.

use crate::clock;
use crate::dropped::{Dropped, Reason};
use crate::fault::Fault;
use shared::time::Instant;
use std::cell::Cell;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

const LINES_WAITING_MAX: usize = 256;
/// Lines a second of what an agent can cause as often as it likes.
const SELDOM_MAX: u32 = 10;
/// How long the last words are waited for at most; the process must not outlive its record for long.
const LAST_WORDS_WAIT: Duration = Duration::from_millis(20);

/// One end of the log.
#[derive(Clone, Debug)]
pub struct Log {
    lines: SyncSender<String>,
    robot: Arc<str>,
    dropped: Arc<Dropped>,
    /// Second of the clock, and lines said in it.
    seldom: Cell<(u64, u32)>,
}

impl Log {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Fault::Broken`] when it cannot be made.
    pub fn start(robot: &str, dropped: Arc<Dropped>) -> Result<Self, Fault> {
        let (log, inbox) = Self::new(robot, dropped);
        let started = thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&inbox));
        started.map(|_| log).map_err(|e| Fault::Broken(format!("starting the log's thread failed: {e}")))
    }

    fn new(robot: &str, dropped: Arc<Dropped>) -> (Self, Receiver<String>) {
        let (lines, inbox) = sync_channel(LINES_WAITING_MAX);
        (Self { lines, robot: robot.into(), dropped, seldom: Cell::default() }, inbox)
    }

    /// Says one line; never waits.
    pub fn say(&self, text: String) {
        let line = format!("{:>10} firmware {}: {text}\n", clock::now().0, self.robot);
        if self.lines.try_send(line).is_err() {
            self.dropped.count(Reason::LogFull);
        }
    }

    /// Says one line, if not too many of the kind were said in this second.
    pub fn say_seldom(&self, text: String) {
        if self.has_leave(clock::now()) {
            self.say(text);
        } else {
            self.dropped.count(Reason::LogFull);
        }
    }

    /// Says why the process ends, and gives it a moment to be read.
    pub fn last_words(&self, text: &str) {
        self.say(text.to_owned());
        thread::sleep(LAST_WORDS_WAIT);
    }

    fn has_leave(&self, now: Instant) -> bool {
        let (second, said) = self.seldom.get();
        let said = if second == now.0 / 1000 { said } else { 0 };
        self.seldom.set((now.0 / 1000, said.saturating_add(1)));
        said < SELDOM_MAX
    }
}

/// A log that cannot be written to is no reason to stop.
fn write_all(inbox: &Receiver<String>) {
    while let Ok(line) = inbox.recv() {
        let _unwritable = std::io::stderr().write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_nobody_reads_drops_lines_and_counts_them() {
        let dropped = Arc::new(Dropped::default());
        let (log, _unread) = Log::new("r-1", Arc::clone(&dropped));
        (0..=LINES_WAITING_MAX).for_each(|_| log.say("x".to_owned()));
        assert_eq!(dropped.by_word()["log_full"], 1);
    }

    #[test]
    fn what_is_said_seldom_is_said_ten_times_a_second() {
        let (log, _unread) = Log::new("r-1", Arc::new(Dropped::default()));
        let said = |at: u64| (0..1000).filter(|_| log.has_leave(Instant(at))).count();
        assert_eq!((said(5000), said(5999), said(6000)), (10, 0, 10));
    }
}
