//! The recorder: everything the firmware has to keep or to say is written by this one thread, so that the control
//! thread never waits for a disk or a log.
//!
//! It owns the event list, the non-volatile file and the file of the button. If one of them cannot be written the
//! process ends: a controller whose record has a hole must not go on, and the body is off without it.

pub mod chain;
pub mod kept;
pub mod learnt;
pub mod news;
pub mod nv;
pub mod start;

use crate::dropped::{Dropped, Reason};
use crate::lines;
use crate::plant::{Button, Defect};
use crate::say::say;
use chain::{EventList, Line};
use interlock_link::Counters;
use kept::Kept;
use news::News;
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
/// New lines of the event list that wait for the control thread, which takes them at every tick.
const LINES_WAITING_MAX: usize = 256;

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
    /// Nowhere: the line at this place of the event list is wanted again.
    Again(u64),
    /// Nowhere: whoever sent it waits until everything before it is kept.
    Mark(SyncSender<()>),
}

/// The control thread's end.
#[derive(Debug)]
pub struct Recorder {
    entries: SyncSender<Entry>,
    new_lines: Receiver<Line>,
    old_line: Receiver<Line>,
    lines_at_start: u64,
    kept: Arc<Kept>,
    dropped: Arc<Dropped>,
}

impl Recorder {
    /// Starts the thread; `nv` is what the non-volatile file holds.
    #[must_use]
    pub fn start(dir: PathBuf, robot: String, events: EventList, nv: &Nv, dropped: Arc<Dropped>) -> Self {
        let (entries, inbox) = sync_channel(WAITING_MAX);
        let (new, new_lines) = sync_channel(LINES_WAITING_MAX);
        let (old, old_line) = sync_channel(1);
        let (kept, lines_at_start) = (Arc::new(Kept::new(nv)), events.len());
        let writer = Writer { dir, robot, events, kept: Arc::clone(&kept), new, old };
        thread::spawn(move || writer.write_all(&inbox));
        Self { entries, new_lines, old_line, lines_at_start, kept, dropped }
    }

    /// How many lines the event list had when the firmware started.
    #[must_use]
    pub const fn lines_at_start(&self) -> u64 {
        self.lines_at_start
    }

    /// Lines that were added to the event list and are on disk; each is given once.
    pub fn new_lines(&self) -> impl Iterator<Item = Line> {
        self.new_lines.try_iter()
    }

    /// Asks for an old line of the event list, by its place from 0; `false` when the list is too busy. One at a time.
    pub fn ask_for(&self, place: u64) -> bool {
        self.entries.try_send(Entry::Again(place)).is_ok()
    }

    /// The line that was asked for, once it is there.
    pub fn old_line(&self) -> Option<Line> {
        self.old_line.try_recv().ok()
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
    new: SyncSender<Line>,
    old: SyncSender<Line>,
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
                // A control thread that is behind by so many lines comes upon this one as an old line.
                let _told = self.new.try_send(self.events.add(news)?);
            }
            Entry::Again(place) => {
                if let Some(line) = self.events.read(place)? {
                    let _told = self.old.try_send(line);
                }
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
