//! The files of captures in a folder, and which of them makes room for the next.
//!
//! Terms: a *part* is one file, `ID-MS.captures.jsonl`: one robot, from that moment on. A robot's newest part grows until it
//! is long enough, or until the program ends; a torn last line is never continued. Nothing else in the folder is touched.

use shared::beacon::DisclosureId;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const ENDING: &str = ".captures.jsonl";

/// A part is closed when it fills this share of the room: so much is lost at once when it makes room.
const PARTS: u64 = 32;

/// The parts, oldest first.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    bytes_max: u64,
    bytes: u64,
    /// Bytes of each part, by when it was begun.
    parts: BTreeMap<(u64, String), u64>,
    /// The part that grows, of each robot.
    open: BTreeMap<DisclosureId, (u64, String)>,
}

impl Shelf {
    /// Finds the parts that lie there from before.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn open(dir: &Path, bytes_max: u64) -> io::Result<Self> {
        let mut parts = BTreeMap::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(begun_ms) = begun_ms(&name) {
                parts.insert((begun_ms, name), entry.metadata()?.len());
            }
        }
        let bytes = parts.values().sum();
        Ok(Self { dir: dir.to_owned(), bytes_max, bytes, parts, open: BTreeMap::new() })
    }

    /// Appends a line to the robot's part; the oldest part of all makes room for it.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn add(&mut self, robot: DisclosureId, now_ms: u64, line: &str) -> io::Result<()> {
        let length = line.len() as u64;
        while self.bytes + length > self.bytes_max && !self.parts.is_empty() {
            self.remove_oldest()?;
        }
        let part = self.part(robot, now_ms, length);
        let mut file = OpenOptions::new().create(true).append(true).open(self.dir.join(&part.1))?;
        file.write_all(line.as_bytes())?;
        *self.parts.entry(part).or_default() += length;
        self.bytes += length;
        Ok(())
    }

    fn part(&mut self, robot: DisclosureId, now_ms: u64, length: u64) -> (u64, String) {
        let has_room =
            |part: &&(u64, String)| self.parts.get(*part).is_some_and(|bytes| bytes + length <= self.bytes_max / PARTS);
        if let Some(part) = self.open.get(&robot).filter(has_room) {
            return part.clone();
        }
        let part = (now_ms, format!("{robot}-{now_ms}{ENDING}"));
        self.open.insert(robot, part.clone());
        part
    }

    fn remove_oldest(&mut self) -> io::Result<()> {
        let Some((part, bytes)) = self.parts.pop_first() else { return Ok(()) };
        self.bytes -= bytes;
        std::fs::remove_file(self.dir.join(part.1))
    }
}

/// When a part was begun, by its name; 0 for one of a version that wrote no time. `None` for every other file.
fn begun_ms(name: &str) -> Option<u64> {
    let stem = name.strip_suffix(ENDING)?;
    let (id, ms) = stem.split_once('-').unwrap_or((stem, "0"));
    let is_id = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_id.then(|| ms.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 3_200;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn size(dir: &Path) -> u64 {
        let captures = names(dir).into_iter().filter(|name| name.ends_with(ENDING));
        captures.map(|name| std::fs::metadata(dir.join(name)).unwrap().len()).sum()
    }

    #[test]
    fn the_oldest_part_makes_room_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let (evidence, old) = ("clone-r-1-5.evidence.json", format!("{}{ENDING}", "ab".repeat(16)));
        for name in [evidence, &old, "notes.captures.jsonl"] {
            std::fs::write(dir.path().join(name), "x".repeat(1_000)).unwrap();
        }
        let mut shelf = Shelf::open(dir.path(), MAX).unwrap();
        for ms in 0..200 {
            shelf.add(DisclosureId([(ms % 3) as u8; 16]), ms, &"c".repeat(60)).unwrap();
            assert!(size(dir.path()) - 1_000 <= MAX, "{:?}", names(dir.path()));
        }
        let names = names(dir.path());
        assert!(
            names.contains(&evidence.to_owned()) && names.contains(&"notes.captures.jsonl".to_owned()),
            "{names:?}"
        );
        assert!(!names.contains(&old) && size(dir.path()) > MAX, "{names:?}");
        let newest = names.iter().filter_map(|name| begun_ms(name)).max();
        assert_eq!(newest, Some(199));
    }

    #[test]
    fn a_robots_part_grows_and_a_new_listening_begins_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        for start in [10, 20] {
            let mut shelf = Shelf::open(dir.path(), MAX).unwrap();
            (0..5).for_each(|after| shelf.add(DisclosureId([1; 16]), start + after, "line\n").unwrap());
        }
        let id = "01".repeat(16);
        assert_eq!(names(dir.path()), [format!("{id}-10{ENDING}"), format!("{id}-20{ENDING}")]);
    }
}
