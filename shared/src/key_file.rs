//! Keys in files: which half of a pair it is stands in the first line, because 32 bytes do not tell.
//!
//! Files of before have the digits alone; they are read as either half.

use crate::seal::{BadHex, from_hex, to_hex};

/// Which half of a pair of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The secret one.
    Private,
    /// The one that everybody may know.
    Public,
}

impl Half {
    /// The first line of its file.
    const fn marker(self) -> &'static str {
        match self {
            Self::Private => "bellwether private key",
            Self::Public => "bellwether public key",
        }
    }
}

/// A key as it stood in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its 32 bytes.
    pub bytes: [u8; 32],
    /// Whether the file says which half it is; else its reader can only guess.
    pub is_marked: bool,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found {{ is_marked: {} }}", self.is_marked)
    }
}

/// Why a text is not the wanted half of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeyFile {
    /// It is the other half.
    #[error("it is a private key, and a public key is wanted: nobody but its owner should have it")]
    IsPrivate,
    /// It is the other half.
    #[error("it is a public key, and a private key is wanted")]
    IsPublic,
    /// There are no 64 hexadecimal digits in it.
    #[error(transparent)]
    Hex(#[from] BadHex),
}

/// The content of a file with this half.
#[must_use]
pub fn text(half: Half, bytes: &[u8; 32]) -> String {
    format!("{}\n{}\n", half.marker(), to_hex(bytes))
}

/// The key in a file's content.
///
/// # Errors
/// [`BadKeyFile`] when it is the other half, or no key.
pub fn read(text: &str, wanted: Half) -> Result<Found, BadKeyFile> {
    let text = text.trim();
    let marked = [Half::Private, Half::Public].into_iter().find_map(|half| {
        let digits = text.strip_prefix(half.marker())?;
        Some((half, digits))
    });
    let digits = match marked {
        Some((half, _)) if half != wanted => return Err(other(half)),
        Some((_, digits)) => digits.trim(),
        None => text,
    };
    let bytes = from_hex(digits)?;
    let found = bytes.len();
    let bytes = bytes.try_into().map_err(|_| BadHex::Length { wanted: 32, found })?;
    Ok(Found { bytes, is_marked: marked.is_some() })
}

const fn other(half: Half) -> BadKeyFile {
    match half {
        Half::Private => BadKeyFile::IsPrivate,
        Half::Public => BadKeyFile::IsPublic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_which_half_it_holds_and_the_other_is_refused() {
        let (private, public) = (text(Half::Private, &[7; 32]), text(Half::Public, &[8; 32]));
        assert_eq!(read(&private, Half::Private), Ok(Found { bytes: [7; 32], is_marked: true }));
        assert_eq!(read(&public, Half::Public), Ok(Found { bytes: [8; 32], is_marked: true }));
        assert_eq!(read(&private, Half::Public), Err(BadKeyFile::IsPrivate));
        assert_eq!(read(&public, Half::Private), Err(BadKeyFile::IsPublic));
        assert!(!format!("{:?}", read(&private, Half::Private)).contains("07"));
    }

    #[test]
    fn a_file_of_before_is_read_and_anything_else_is_refused() {
        for half in [Half::Private, Half::Public] {
            assert_eq!(read(&("ab".repeat(32) + "\n"), half), Ok(Found { bytes: [0xab; 32], is_marked: false }));
        }
        for bad in ["", "abc", "bellwether public key\n", "bellwether public key\nab", "another word\n"] {
            assert!(matches!(read(bad, Half::Public), Err(BadKeyFile::Hex(_))), "{bad:?}");
        }
    }
}
