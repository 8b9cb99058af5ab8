//! Files that somebody names: read only if they are regular and of a sensible length, so that none holds the program for ever.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// Longest file with a key, in bytes.
pub const KEY_LEN_MAX: u64 = 4096;
/// Longest list of keys or of revoked ids, in bytes.
pub const LIST_LEN_MAX: u64 = 4 << 20;
/// Longest journal or file of captures, in bytes.
pub const JOURNAL_LEN_MAX: u64 = 2 << 30;

/// The bytes of a regular file of at most this length.
///
/// # Errors
/// When it cannot be read, is no regular file (a device or a pipe may never end), or is longer.
pub fn bytes(path: &Path, len_max: u64) -> Result<Vec<u8>> {
    // Before it is opened: opening a pipe waits for somebody who writes to it.
    if !path.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut found = Vec::new();
    File::open(path)?.take(len_max.saturating_add(1)).read_to_end(&mut found)?;
    if u64::try_from(found.len()).is_ok_and(|len| len <= len_max) {
        return Ok(found);
    }
    Err(Error::new(ErrorKind::FileTooLarge, format!("it is longer than {len_max} bytes")))
}

/// The same as text.
///
/// # Errors
/// As [`bytes`], and when it is no text.
pub fn text(path: &Path, len_max: u64) -> Result<String> {
    String::from_utf8(bytes(path, len_max)?).map_err(|_| Error::new(ErrorKind::InvalidData, "it is no text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_and_one_that_is_too_long_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(text(&path, 3).unwrap(), "abc");
        assert_eq!(text(&path, 2).unwrap_err().kind(), ErrorKind::FileTooLarge);
        for endless in [Path::new("/dev/zero"), dir.path()] {
            assert_eq!(bytes(endless, 3).unwrap_err().kind(), ErrorKind::InvalidInput, "{}", endless.display());
        }
        assert_eq!(bytes(&dir.path().join("none"), 3).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
