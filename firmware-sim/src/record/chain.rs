//! The firmware's own list of events: each entry carries the hash of the one before and the firmware's signature, so
//! that the agent, which only relays the list, can neither change an entry nor leave one out.
//!
//! The hash covers the entry's JSON without `hash` and `sig`, its fields in their order; the signature covers the hash.

use crate::lines;
use serde::{Deserialize, Serialize};
use shared::seal::{Context, Hash, PublicKey, Signature, SigningKey, from_hex, to_hex};
use shared::time::Instant;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

const DOMAIN: &[u8] = b"firmware-event/v1\0";

/// Entries at the end of the list whose signatures are checked at start. Every hash is checked; the newest signature
/// covers them all.
const SIGNATURES_CHECKED: usize = 16;

/// Something that happened, before it has its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// When.
    pub at: Instant,
    /// The firmware's start it happened in.
    pub boot: u64,
    /// The trip epoch it happened in.
    pub trip_epoch: u32,
    /// What, in one word.
    pub ev: &'static str,
    /// Why the energy was last taken away, in one word.
    pub cause: &'static str,
}

impl News {
    /// For the log.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} (cause {}, trip epoch {})", self.ev, self.cause, self.trip_epoch)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sealed {
    n: u64,
    t_ms: u64,
    boot: u64,
    trip_epoch: u32,
    ev: String,
    cause: String,
    prev: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    hash: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sig: String,
}

/// What the list tells about the past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learnt {
    /// The highest trip epoch in it.
    pub epoch_max: u32,
    /// The highest number of a start.
    pub boot_max: u64,
    /// How many entries it has.
    pub events: u64,
    /// Presses of the button that were not its proof test.
    pub presses: u32,
    /// Whether the next press would be one of them.
    pub counts_presses: bool,
    /// A lock-out stands in it without a proof test after it.
    pub has_open_fault: bool,
    /// It did not hold and was put aside.
    pub is_damaged: bool,
    /// Bytes of a torn last line; kept in a file beside.
    pub torn: usize,
}

impl Learnt {
    /// Whether nothing was ever written.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.events == 0 && !self.is_damaged && self.torn == 0
    }

    fn take(&mut self, entry: &Sealed) {
        self.epoch_max = self.epoch_max.max(entry.trip_epoch);
        self.boot_max = self.boot_max.max(entry.boot);
        self.events += 1;
        self.take_press(&entry.ev);
        self.has_open_fault = match entry.ev.as_str() {
            "locked" => true,
            "proof_tested" => false,
            _ => self.has_open_fault,
        };
    }
}

impl Learnt {
    /// The same rule by which [`crate::control`] counts: the first press after power-up is the test of the button.
    fn take_press(&mut self, ev: &str) {
        match ev {
            "power_up" => self.counts_presses = false,
            "proof_tested" | "locked" => self.counts_presses = true,
            "button_pressed" if self.counts_presses => self.presses = self.presses.saturating_add(1),
            _ => {}
        }
    }
}

/// The list, open for the next entry.
#[derive(Debug)]
pub struct EventList {
    file: File,
    key: SigningKey,
    number: u64,
    head: Hash,
}

impl EventList {
    /// Opens the list and checks it. A list that does not hold is put aside whole, and the next one begins with its
    /// hash, so that nobody can make it vanish unseen.
    ///
    /// # Errors
    /// When the file cannot be opened, read or put aside.
    pub fn open(path: &Path, key: SigningKey) -> io::Result<(Self, Learnt)> {
        let found = lines::open(path)?;
        let entries: Vec<Option<Sealed>> = found.whole.iter().map(|line| parse(line)).collect();
        let mut learnt = Learnt { torn: found.torn.len(), ..Learnt::default() };
        entries.iter().flatten().for_each(|entry| learnt.take(entry));
        if let Some((number, head)) = check(&entries, &key.public()) {
            return Ok((Self { file: found.file, key, number, head }, learnt));
        }
        learnt.is_damaged = true;
        let head = Hash::of(&[DOMAIN, &std::fs::read(path)?]);
        std::fs::rename(path, lines::beside(path, &format!("damaged-{}", to_hex(&head.0[..4]))))?;
        let file = lines::open(path)?.file;
        Ok((Self { file, key, number: learnt.events, head }, learnt))
    }

    /// Adds an entry and waits until it is on disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, news: News) -> io::Result<()> {
        let entry = seal(news, self.number + 1, self.head, &self.key);
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.number += 1;
        self.head = hash_of(&entry);
        Ok(())
    }
}

fn seal(news: News, n: u64, prev: Hash, key: &SigningKey) -> Sealed {
    let News { at, boot, trip_epoch, ev, cause } = news;
    let mut entry = Sealed {
        n,
        t_ms: at.0,
        boot,
        trip_epoch,
        ev: ev.to_owned(),
        cause: cause.to_owned(),
        prev: to_hex(&prev.0),
        hash: String::new(),
        sig: String::new(),
    };
    let hash = hash_of(&entry);
    entry.hash = to_hex(&hash.0);
    entry.sig = to_hex(&key.sign(Context::Firmware, &hash.0).0);
    entry
}

fn hash_of(entry: &Sealed) -> Hash {
    let bare = Sealed { hash: String::new(), sig: String::new(), ..entry.clone() };
    let text = serde_json::to_string(&bare).expect("numbers and texts always have a JSON form");
    Hash::of(&[DOMAIN, text.as_bytes()])
}

/// An entry in its one form: whatever is not written back to the same text is no entry.
fn parse(line: &str) -> Option<Sealed> {
    let entry: Sealed = serde_json::from_str(line).ok()?;
    (serde_json::to_string(&entry).ok()? == line).then_some(entry)
}

/// Number and hash of the last entry of a list that holds. A list may begin above 1 when it follows a damaged one.
fn check(entries: &[Option<Sealed>], key: &PublicKey) -> Option<(u64, Hash)> {
    let mut last: Option<(u64, Hash)> = None;
    for (place, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref()?;
        let hash = hash_of(entry);
        let follows = last.is_none_or(|(n, prev)| entry.n == n + 1 && entry.prev == to_hex(&prev.0));
        let is_whole = entry.hash == to_hex(&hash.0);
        let is_near_end = place + SIGNATURES_CHECKED >= entries.len();
        if !follows || !is_whole || (is_near_end && !is_signed(entry, &hash, key)) {
            return None;
        }
        last = Some((entry.n, hash));
    }
    Some(last.unwrap_or((0, Hash::default())))
}

fn is_signed(entry: &Sealed, hash: &Hash, key: &PublicKey) -> bool {
    let bytes = from_hex(&entry.sig).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.is_some_and(|bytes| key.verify(Context::Firmware, &hash.0, &Signature(bytes)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn presses_are_counted_but_for_the_proof_test_of_each_power_up() {
        let mut learnt = Learnt::default();
        for ev in ["power_up", "button_pressed", "proof_tested", "button_pressed", "locked", "button_pressed"] {
            learnt.take_press(ev);
        }
        assert_eq!(learnt.presses, 2);
        ["power_up", "button_pressed"].into_iter().for_each(|ev| learnt.take_press(ev));
        assert_eq!(learnt.presses, 2);
    }

    #[test]
    fn a_torn_last_line_is_cut_and_the_list_holds() {
        let (_dir, path) = list_of_three();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        let (list, learnt) = open(&path);
        assert_eq!((list.number, learnt.is_damaged), (2, false));
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
            let entries: Vec<_> = lines.lines().map(parse).collect();
            assert_eq!(check(&entries, &key), None, "a change at {at} was not noticed");
        }
        std::fs::write(&path, text.replace("\"n\":2", "\"n\":5")).unwrap();
        let (mut list, learnt) = open(&path);
        assert!(learnt.is_damaged && learnt.epoch_max == 9);
        list.add(news("list_damaged", 10)).unwrap();
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
