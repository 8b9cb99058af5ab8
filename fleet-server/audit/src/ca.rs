//! Whom the auditor believes: the public key of the site's CA, from the command line or from a file.

use shared::seal::PublicKey;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Takes 64 hexadecimal digits, or the name of a file that holds them.
///
/// A private key has as many digits, and would be taken for the public key of a CA that nobody has: its robots would look like
/// strangers. So a file that is kept like a secret is not read as a public key.
///
/// # Errors
/// A sentence, when it is neither, or a private key.
pub fn parse(text: &str) -> Result<PublicKey, String> {
    if let Ok(key) = PublicKey::parse(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    if is_secret(path) {
        return Err(format!(
            "{text} looks like a private key, which no listener needs and nobody should carry: give the public key, ca.pub beside it"
        ));
    }
    let content = std::fs::read_to_string(path)
        .map_err(|e| format!("{text} is neither a key of 64 hexadecimal digits nor a file with one: {e}"))?;
    PublicKey::parse(content.trim()).map_err(|e| format!("{text} holds no key: {e}"))
}

/// Named `.key`, or for its owner's eyes alone and not named `.pub`.
fn is_secret(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_private = || path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 == 0);
    ending == "key" || (ending != "pub" && is_private())
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
        for (name, mode) in [("ca.key", 0o644), ("ca", 0o600)] {
            let secret = dir.path().join(name);
            std::fs::write(&secret, key.to_text()).unwrap();
            std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(parse(secret.to_str().unwrap()).unwrap_err().contains("private key"), "{name}");
        }
        std::fs::write(&path, "abc").unwrap();
        assert!(parse(path.to_str().unwrap()).unwrap_err().contains("holds no key"));
        assert!(parse("abc").unwrap_err().contains("neither"));
    }
}
