//! The firmware's own list of events: each entry carries the hash of the one before and the firmware's signature, so
//! that the agent, which only relays the list, can neither change an entry nor leave one out.
//!
//! The form of an entry is in [`shared::firmware_record`]; here is the file.

use super::learnt::Learnt;
use super::news::News;
use crate::lines;
use shared::firmware_record::{Event, hash_of_damaged};
use shared::seal::{Hash, PublicKey, SigningKey, to_hex};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Entries at the end of the list whose signatures are checked at start. Every hash is checked; the newest signature
/// covers them all.
const SIGNATURES_CHECKED: usize = 16;

/// Numbers that a list has to itself when it does not continue the one before. So no number ever stands for two events.
const NUMBERS_PER_BOOT: u64 = 1_000_000_000;

/// A line of the list that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the list, from 0.
    pub place: u64,
    /// The event's number, its low 32 bits.
    pub number: u32,
    /// The line, without its newline.
    pub text: String,
}

/// The list, open for the next entry.
#[derive(Debug)]
pub struct EventList {
    file: File,
    key: SigningKey,
    number: u64,
    head: Hash,
    /// Where each line ends in the file, its newline included.
    ends: Vec<u64>,
}

impl EventList {
    /// Opens the list and checks it. A list that does not hold is put aside whole, and the next one begins with its
    /// hash, so that nobody can make it vanish unseen.
    ///
    /// # Errors
    /// When the file cannot be opened, read or put aside.
    pub fn open(path: &Path, key: SigningKey) -> io::Result<(Self, Learnt)> {
        let found = lines::open(path)?;
        let events: Vec<Option<Event>> = found.whole.iter().map(|line| Event::parse(line).ok()).collect();
        let mut learnt = Learnt { torn: found.torn.len(), ..Learnt::default() };
        events.iter().flatten().for_each(|event| learnt.take(event));
        if let Some((number, head)) = check(&events, &key.public()) {
            let ends = ends(&found.whole);
            return Ok((Self { file: found.file, key, number, head, ends }, learnt));
        }
        learnt.is_damaged = true;
        let head = hash_of_damaged(&std::fs::read(path)?);
        std::fs::rename(path, lines::beside(path, &format!("damaged-{}", to_hex(&head.0[..4]))))?;
        let file = lines::open(path)?.file;
        let number = events.iter().flatten().map(Event::n).max().unwrap_or(0);
        Ok((Self { file, key, number, head, ends: Vec::new() }, learnt))
    }

    /// Lets the numbers go on where no list of an earlier start can have been.
    pub fn begin_anew(&mut self, boot: u64) {
        self.number = self.number.max(boot.saturating_mul(NUMBERS_PER_BOOT));
    }

    /// How many lines it has.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Whether it has no line.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds an entry, waits until it is on disk, and gives its line. What stands before an event and tells of motion and
    /// hearing gets to the disk with the event: a press is not to wait for ten flushes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, news: News) -> io::Result<Line> {
        let is_trace = news.is_trace();
        let event = Event::seal(news.into(), self.number + 1, self.head, &self.key);
        let text = event.line();
        self.file.write_all(format!("{text}\n").as_bytes())?;
        if !is_trace {
            self.file.sync_data()?;
        }
        self.number += 1;
        self.head = event.hash();
        self.ends.push(self.end() + text.len() as u64 + 1);
        Ok(Line { place: self.len() - 1, number: event.n() as u32, text })
    }

    /// The line at a place from 0; `None` behind the end.
    ///
    /// # Errors
    /// When it cannot be read, or somebody else has changed it since.
    pub fn read(&self, place: u64) -> io::Result<Option<Line>> {
        let Some(at) = usize::try_from(place).ok().filter(|at| *at < self.ends.len()) else { return Ok(None) };
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let mut bytes = vec![0; (self.ends[at] - begin - 1) as usize];
        self.file.read_exact_at(&mut bytes, begin)?;
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        let number = Event::parse(&text).map_err(io::Error::other)?.n() as u32;
        Ok(Some(Line { place, number, text }))
    }

    fn end(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }
}

fn ends(lines: &[String]) -> Vec<u64> {
    let mut end = 0;
    let each = lines.iter().map(|line| {
        end += line.len() as u64 + 1;
        end
    });
    each.collect()
}

/// Number and hash of the last entry of a list that holds. A list may begin above 1 when it follows a damaged one.
fn check(events: &[Option<Event>], key: &PublicKey) -> Option<(u64, Hash)> {
    let mut last: Option<(u64, Hash)> = None;
    for (place, event) in events.iter().enumerate() {
        let event = event.as_ref()?;
        let follows = last.is_none_or(|(n, hash)| event.follows(n, &hash));
        let is_near_end = place + SIGNATURES_CHECKED >= events.len();
        if !follows || (is_near_end && !event.is_signed_by(key)) {
            return None;
        }
        last = Some((event.n(), event.hash()));
    }
    Some(last.unwrap_or((0, Hash::default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use interlock_link::LINE_LEN_MAX;
    use shared::firmware_record::Happening;
    use shared::time::Instant;
    use std::path::PathBuf;

    fn news(ev: &'static str, trip_epoch: u32) -> News {
        News { at: Instant(5), boot: 2, trip_epoch, ev, cause: "button" }
    }

    fn open(path: &Path) -> (EventList, Learnt) {
        EventList::open(path, SigningKey::from_seed(&[4; 32])).unwrap()
    }

    fn list_of_three() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.jsonl");
        let (mut list, learnt) = open(&path);
        assert!(learnt.is_new());
        for epoch in [7, 8, 9] {
            list.add(news("trip", epoch)).unwrap();
        }
        (dir, path)
    }

    #[test]
    fn a_list_goes_on_over_restarts() {
        let (_dir, path) = list_of_three();
        let (mut list, learnt) = open(&path);
        assert_eq!((learnt.epoch_max, learnt.boot_max, learnt.events), (9, 2, 3));
        list.add(news("locked", 10)).unwrap();
        let (list, learnt) = open(&path);
        assert_eq!((list.number, learnt.has_open_fault, learnt.is_damaged), (4, true, false));
    }

    #[test]
    fn every_line_can_be_read_again_as_it_was_written_also_after_a_restart() {
        let (_dir, path) = list_of_three();
        let (mut list, _) = open(&path);
        let written = list.add(news("locked", 10)).unwrap();
        assert_eq!(list.read(3).unwrap(), Some(written.clone()));
        assert_eq!((written.place, written.number, list.len()), (3, 4, 4));
        let text = std::fs::read_to_string(&path).unwrap();
        let again: Vec<_> = (0..4).map(|place| list.read(place).unwrap().unwrap().text).collect();
        assert_eq!(text.lines().collect::<Vec<_>>(), again);
        assert_eq!(list.read(4).unwrap(), None);
    }

    #[test]
    fn the_longest_line_there_can_be_fits_the_link() {
        let word = "a".repeat(shared::firmware_record::WORD_LEN_MAX);
        let what = Happening { t_ms: u64::MAX, boot: u64::MAX, trip_epoch: u32::MAX, ev: word.clone(), cause: word };
        let event = Event::seal(what, u64::MAX, Hash::default(), &SigningKey::from_seed(&[4; 32]));
        assert!(event.line().len() <= LINE_LEN_MAX);
    }

    #[test]
    fn a_torn_last_line_is_cut_and_the_list_holds() {
        let (_dir, path) = list_of_three();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        let (list, learnt) = open(&path);
        assert_eq!((list.number, list.len(), learnt.is_damaged), (2, 2, false));
        assert!(learnt.torn > 0);
    }

    #[test]
    fn any_changed_character_is_noticed_and_the_list_put_aside() {
        let (dir, path) = list_of_three();
        let text = std::fs::read_to_string(&path).unwrap();
        let key = SigningKey::from_seed(&[4; 32]).public();
        for at in (0..text.len()).step_by(7).filter(|at| text.as_bytes()[*at] != b'\n') {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let lines = String::from_utf8(bytes).unwrap();
            let events: Vec<_> = lines.lines().map(|line| Event::parse(line).ok()).collect();
            assert_eq!(check(&events, &key), None, "a change at {at} was not noticed");
        }
        std::fs::write(&path, text.replace("\"n\":2", "\"n\":5")).unwrap();
        let (mut list, learnt) = open(&path);
        assert!(learnt.is_damaged && learnt.epoch_max == 9);
        list.begin_anew(3);
        let line = list.add(news("list_damaged", 10)).unwrap();
        assert_eq!((line.place, Event::parse(&line.text).unwrap().n()), (0, 3_000_000_001));
        let aside = std::fs::read_dir(dir.path()).unwrap().flatten();
        assert_eq!(aside.filter(|file| file.file_name().to_string_lossy().contains("damaged")).count(), 1);
        assert!(!open(&path).1.is_damaged, "the new list holds by itself");
    }

    #[test]
    fn an_entry_of_another_firmware_does_not_hold() {
        let (_dir, path) = list_of_three();
        let (_, learnt) = EventList::open(&path, SigningKey::from_seed(&[5; 32])).unwrap();
        assert!(learnt.is_damaged);
    }
}
