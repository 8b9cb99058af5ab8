//! The recorder: everything the firmware has to keep or to say is written by this one thread, so that the control
//! thread never waits for a disk or a log.
//!
//! It owns the event list, the non-volatile file and the file of the button. If one of them cannot be written the
//! process ends: a controller whose record has a hole must not go on, and the body is off without it.

pub mod chain;
pub mod kept;
pub mod nv;
pub mod start;

use crate::dropped::{Dropped, Reason};
use crate::lines;
use crate::plant::{Button, Defect};
use crate::say::say;
use chain::{EventList, News};
use interlock_link::Counters;
use kept::Kept;
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

/// Where a broken part stays broken when the firmware is gone.
pub const DEFECT_FILE: &str = "defect";

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
    /// Into the file of the defect.
    Defect(Defect),
    /// Into the log.
    Words(String),
    /// Nowhere: whoever sent it waits until everything before it is kept.
    Mark(SyncSender<()>),
}

/// The control thread's end.
#[derive(Debug)]
pub struct Recorder {
    entries: SyncSender<Entry>,
    kept: Arc<Kept>,
    dropped: Arc<Dropped>,
}

impl Recorder {
    /// Starts the thread; `nv` is what the non-volatile file holds.
    #[must_use]
    pub fn start(dir: PathBuf, robot: String, events: EventList, nv: &Nv, dropped: Arc<Dropped>) -> Self {
        let (entries, inbox) = sync_channel(WAITING_MAX);
        let kept = Arc::new(Kept::new(nv));
        let writer = Writer { dir, robot, events, kept: Arc::clone(&kept) };
        thread::spawn(move || writer.write_all(&inbox));
        Self { entries, kept, dropped }
    }

    /// The counters as they are on disk.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.kept.counters()
    }

    /// Waits until all that was handed over is on disk.
    pub fn wait_until_kept(&self) {
        let (waiting, kept) = sync_channel(1);
        self.keep(Entry::Mark(waiting));
        // A full list has no room for the mark; it is counted as incomplete already.
        let _no_room = kept.recv();
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

struct Writer {
    dir: PathBuf,
    robot: String,
    events: EventList,
    kept: Arc<Kept>,
}

impl Writer {
    fn write_all(mut self, inbox: &Receiver<Entry>) {
        while let Ok(entry) = inbox.recv() {
            if let Err(error) = self.write(entry) {
                let place = self.dir.display();
                say(&self.robot, &format!("writing the record in {place} failed: {error}; the firmware ends"));
                std::process::exit(1);
            }
        }
    }

    fn write(&mut self, entry: Entry) -> io::Result<()> {
        match entry {
            Entry::Event(news) => {
                say(&self.robot, &news.words());
                self.events.add(news)?;
            }
            Entry::Nv(nv) => {
                nv.write(&self.dir.join(NV_FILE))?;
                self.kept.set(&nv);
            }
            Entry::Button(button) => lines::replace(&self.dir.join(BUTTON_FILE), button.word())?,
            Entry::Defect(defect) => lines::replace(&self.dir.join(DEFECT_FILE), defect.word())?,
            Entry::Words(words) => say(&self.robot, &words),
            // Whoever waited and went away is not told.
            Entry::Mark(waiting) => drop(waiting.try_send(())),
        }
        Ok(())
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

/// The hardware as a person has broken it; what nobody has a word for is no defect.
#[must_use]
pub fn read_defect(dir: &Path) -> Defect {
    let word = std::fs::read_to_string(dir.join(DEFECT_FILE)).unwrap_or_default();
    Defect::of_word(word.trim()).unwrap_or_default()
}
