//! A file of lines that only grows, and what a kill in the middle of a line leaves behind.
//!
//! A line counts once its newline is on disk. Bytes after the last newline are a torn line: they are cut off and kept
//! in a file beside, so that the next line does not grow out of half a one.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file of lines as it was found, open for the next line.
#[derive(Debug)]
pub struct Lines {
    /// The whole lines, oldest first, without their newlines; bytes that are no UTF-8 are replaced.
    pub whole: Vec<String>,
    /// Bytes after the last newline, already cut off and kept aside; empty when there were none.
    pub torn: Vec<u8>,
    /// The file, open for appending.
    pub file: File,
}

/// Opens the file, or makes it; cuts a torn line off.
///
/// # Errors
/// When the file or the one beside it cannot be opened, read or written.
pub fn open(path: &Path) -> io::Result<Lines> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let torn = bytes.split_off(end);
    if !torn.is_empty() {
        keep_aside(path, &torn)?;
        file.set_len(end as u64)?;
    }
    let whole = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
    Ok(Lines { whole, torn, file })
}

// A crash right after this leaves the torn bytes in both files; the next start keeps them a second time.
fn keep_aside(path: &Path, torn: &[u8]) -> io::Result<()> {
    let mut aside = OpenOptions::new().append(true).create(true).open(beside(path, "torn"))?;
    aside.write_all(torn)?;
    aside.write_all(b"\n")
}

/// The path with one more ending.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Puts `text` in place of the file's content: after a crash the file is the old one or the new one, whole.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path, "new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_cut_and_kept_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.jsonl");
        std::fs::write(&path, "one\ntwo\nthr").unwrap();
        let mut lines = open(&path).unwrap();
        assert_eq!((lines.whole.as_slice(), lines.torn.as_slice()), (&["one".into(), "two".into()][..], &b"thr"[..]));
        lines.file.write_all(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(std::fs::read_to_string(beside(&path, "torn")).unwrap(), "thr\n");
        assert!(open(&path).unwrap().torn.is_empty());
    }

    #[test]
    fn a_replaced_file_has_the_new_text_and_nothing_lies_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nv.json");
        replace(&path, "a").unwrap();
        replace(&path, "b").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "b");
        assert!(!beside(&path, "new").exists());
    }
}
