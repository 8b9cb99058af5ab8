//! Small files that a person carried to the robot: read only if they are regular and short, so that none holds the command for
//! ever.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// Longest file that is read, in bytes: an endorsement has 407, an officer's file less than a thousand.
const LEN_MAX: u64 = 64 * 1024;

/// The text of such a file.
///
/// # Errors
/// When it cannot be read, is no regular file, is longer, or is no text.
pub fn text(path: &Path) -> Result<String> {
    // Before it is opened: opening a pipe waits for somebody who writes to it.
    if !path.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut text = String::new();
    let len = File::open(path)?.take(LEN_MAX + 1).read_to_string(&mut text)?;
    let is_short = u64::try_from(len).is_ok_and(|len| len <= LEN_MAX);
    if is_short {
        Ok(text)
    } else {
        Err(Error::new(ErrorKind::FileTooLarge, format!("it is longer than {LEN_MAX} bytes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_refused_at_once() {
        assert_eq!(text(Path::new("/dev/zero")).unwrap_err().kind(), ErrorKind::InvalidInput);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e.hex");
        std::fs::write(&path, "00ff\n").unwrap();
        assert_eq!(text(&path).unwrap(), "00ff\n");
        std::fs::write(&path, "0".repeat(64 * 1024 + 1)).unwrap();
        assert_eq!(text(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
