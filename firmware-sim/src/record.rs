//! The recorder: everything the firmware has to keep or to say is written by this one thread, so that the control
//! thread never waits for a disk or a log.
//!
//! It owns the event list, the non-volatile file and the file of the button. If one of them cannot be written the
//! process ends: a controller whose record has a hole must not go on, and the body is off without it.

pub mod chain;
pub mod nv;
pub mod start;

use crate::dropped::{Dropped, Reason};
use crate::lines;
use crate::plant::Button;
use crate::say::say;
use chain::{EventList, News};
use nv::Nv;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

/// The firmware's non-volatile file.
pub const NV_FILE: &str = "nv.json";
/// The firmware's event list.
pub const EVENTS_FILE: &str = "events.jsonl";
/// Where the button stays when the firmware is gone: a latched button is latched without power.
pub const BUTTON_FILE: &str = "button";

const WAITING_MAX: usize = 1024;

/// Something to write.
#[derive(Debug)]
pub enum Entry {
    /// Into the event list.
    Event(News),
    /// Into the non-volatile file.
    Nv(Nv),
    /// Into the file of the button.
    Button(Button),
    /// Into the log.
    Words(String),
}

/// The control thread's end.
#[derive(Debug)]
pub struct Recorder {
    entries: SyncSender<Entry>,
    dropped: Arc<Dropped>,
}

impl Recorder {
    /// Starts the thread.
    #[must_use]
    pub fn start(dir: PathBuf, robot: String, events: EventList, dropped: Arc<Dropped>) -> Self {
        let (entries, inbox) = sync_channel(WAITING_MAX);
        thread::spawn(move || write_all(&dir, &robot, events, &inbox));
        Self { entries, dropped }
    }

    /// Hands an entry over; never waits. A list that a thousand events wait for is counted as incomplete.
    pub fn keep(&self, entry: Entry) {
        match self.entries.try_send(entry) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.dropped.count(Reason::RecordFull),
            Err(TrySendError::Disconnected(_)) => std::process::exit(1),
        }
    }
}

fn write_all(dir: &Path, robot: &str, mut events: EventList, inbox: &Receiver<Entry>) {
    while let Ok(entry) = inbox.recv() {
        if let Err(error) = write(dir, robot, &mut events, entry) {
            say(robot, &format!("writing the record in {} failed: {error}; the firmware ends", dir.display()));
            std::process::exit(1);
        }
    }
}

fn write(dir: &Path, robot: &str, events: &mut EventList, entry: Entry) -> io::Result<()> {
    match entry {
        Entry::Event(news) => {
            say(robot, &news.words());
            events.add(news)
        }
        Entry::Nv(nv) => nv.write(&dir.join(NV_FILE)),
        Entry::Button(button) => lines::replace(&dir.join(BUTTON_FILE), button.word()),
        Entry::Words(words) => {
            say(robot, &words);
            Ok(())
        }
    }
}

/// The button as it was left; a file that says something else than a position says pressed.
#[must_use]
pub fn read_button(dir: &Path) -> Button {
    match std::fs::read_to_string(dir.join(BUTTON_FILE)) {
        Ok(word) => Button { is_pressed: word.trim() != Button { is_pressed: false }.word() },
        Err(error) => Button { is_pressed: error.kind() != io::ErrorKind::NotFound },
    }
}
