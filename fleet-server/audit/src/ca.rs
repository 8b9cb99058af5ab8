//! Whom the auditor believes: the public key of the site's CA, from the command line or from a file.

use shared::seal::PublicKey;
use std::path::Path;

/// Takes 64 hexadecimal digits, or the name of a file that holds them.
///
/// # Errors
/// A sentence, when it is neither.
pub fn parse(text: &str) -> Result<PublicKey, String> {
    if let Ok(key) = PublicKey::parse(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    let content = std::fs::read_to_string(path)
        .map_err(|e| format!("{text} is neither a key of 64 hexadecimal digits nor a file with one: {e}"))?;
    PublicKey::parse(content.trim()).map_err(|e| format!("{text} holds no key: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_as_digits_or_from_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pub");
        let key = PublicKey([0xab; 32]);
        std::fs::write(&path, key.to_text() + "\n").unwrap();
        assert_eq!(parse(&key.to_text()), Ok(key));
        assert_eq!(parse(path.to_str().unwrap()), Ok(key));
        std::fs::write(&path, "abc").unwrap();
        assert!(parse(path.to_str().unwrap()).unwrap_err().contains("holds no key"));
        assert!(parse("abc").unwrap_err().contains("neither"));
    }
}
