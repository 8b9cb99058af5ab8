//! The recorder: everything the firmware has to keep or to say is written by this one thread, so that the control
//! thread never waits for a disk or a log.
//!
//! It owns the event list, the non-volatile file and the file of the button. If one of them cannot be written the
//! process ends: a controller whose record has a hole must not go on, and the body is off without it. The same if there
//! is no room for an entry, or if the disk has taken none for seconds.
//!
//! What is only said, and may be said as often as an agent likes, never comes here: see [`crate::log`].

pub mod chain;
pub mod kept;
pub mod learnt;
pub mod news;
pub mod nv;
mod patience;
pub mod start;

use crate::fault::Fault;
use crate::log::Log;
use crate::panel::status::PanelStatus;
use crate::plant::{Button, Defect};
use crate::{lines, vital};
use chain::{EventList, Line};
use interlock_link::Counters;
use kept::Kept;
use news::News;
use nv::Nv;
use patience::Patience;
use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

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
/// How long a power-up waits for the disk; the relays are off meanwhile.
const POWER_UP_WAIT: Duration = Duration::from_secs(20);

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
    /// Nowhere: a person's answer, due once everything before it is kept.
    Answer(Box<PanelStatus>, SyncSender<PanelStatus>),
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
    /// Entries that were handed over since the start.
    handed: Cell<u64>,
    patience: Patience,
    log: Log,
}

impl Recorder {
    /// Starts the thread; `nv` is what the non-volatile file holds.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the thread cannot be made.
    pub fn start(dir: PathBuf, events: EventList, nv: &Nv, log: Log) -> Result<Self, Fault> {
        let (entries, inbox) = sync_channel(WAITING_MAX);
        let (new, new_lines) = sync_channel(LINES_WAITING_MAX);
        let (old, old_line) = sync_channel(1);
        let (kept, lines_at_start) = (Arc::new(Kept::new(nv)), events.len());
        let patience = Patience::default();
        let (kept_too, done) = (Arc::clone(&kept), patience.done());
        let writer = Writer { dir, events, kept: kept_too, new, untold: vec![], old, done, log: log.clone() };
        vital::spawn("recorder", move || writer.write_all(&inbox))?;
        Ok(Self { entries, new_lines, old_line, lines_at_start, kept, handed: Cell::new(0), patience, log })
    }

    /// Once a tick: ends the process when the disk has taken nothing for seconds although something waits.
    pub fn watch(&mut self) {
        if self.patience.ends(self.handed.get()) {
            self.log.last_words("the record was not written for seconds; the firmware ends");
            std::process::exit(1);
        }
    }

    /// Says something that is no part of the record; whoever causes it cannot make an entry wait.
    pub fn say(&self, words: String) {
        self.log.say_seldom(words);
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
        let is_asked = self.entries.try_send(Entry::Again(place)).is_ok();
        self.handed.set(self.handed.get() + u64::from(is_asked));
        is_asked
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
        if kept.recv_timeout(POWER_UP_WAIT).is_err() {
            self.log.last_words("the record was not written for seconds; the firmware ends");
            std::process::exit(1);
        }
    }

    /// Hands an entry over; never waits. Without room for it the process ends, because going on would lose it: the robot
    /// is off and its record whole up to here.
    pub fn keep(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            self.log.last_words("the record has no room for another entry; the firmware ends");
            std::process::exit(1);
        }
        self.handed.set(self.handed.get() + 1);
    }
}

struct Writer {
    dir: PathBuf,
    events: EventList,
    kept: Arc<Kept>,
    new: SyncSender<Line>,
    /// Lines that no flush has brought to the disk yet.
    untold: Vec<Line>,
    old: SyncSender<Line>,
    done: Arc<AtomicU64>,
    log: Log,
}

impl Writer {
    fn write_all(mut self, inbox: &Receiver<Entry>) {
        while let Ok(entry) = inbox.recv() {
            if let Err(error) = self.write(entry) {
                let place = self.dir.display();
                self.log.last_words(&format!("writing the record in {place} failed: {error}; the firmware ends"));
                std::process::exit(1);
            }
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells the lines that are on the disk now. A control thread that is behind by so many comes upon the rest as old lines.
    fn tell_all(&mut self) {
        for line in self.untold.drain(..) {
            let _told = self.new.try_send(line);
        }
    }

    fn write(&mut self, entry: Entry) -> io::Result<()> {
        match entry {
            Entry::Event(news) => {
                let (words, is_trace) = (news.words(), news.is_trace());
                self.untold.push(self.events.add(news)?);
                if !is_trace {
                    self.tell_all();
                }
                self.log.say(words);
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
            // Whoever asked and went away gets no answer.
            Entry::Answer(status, answer) => drop(answer.try_send(*status)),
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
