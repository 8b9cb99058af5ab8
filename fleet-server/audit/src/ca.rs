//! Whom the auditor believes: the public key of the site's CA, from the command line or from a file.

use crate::input;
use shared::key_file::{self, Half};
use shared::seal::{PublicKey, SigningKey};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Takes 64 hexadecimal digits, or the name of a file that holds them.
///
/// A private key has as many digits, and would be taken for the public key of a CA that nobody has: its robots would look like
/// strangers. So a file says which it is; of one that does not, the name and who may read it are all there is to go by.
///
/// # Errors
/// A sentence, when it is neither, or a private key.
pub fn parse(text: &str) -> Result<PublicKey, String> {
    if let Ok(key) = PublicKey::parse(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    let content = input::text(path, input::KEY_LEN_MAX)
        .map_err(|e| format!("{text} is neither a key of 64 hexadecimal digits nor a file with one: {e}"))?;
    let found = key_file::read(&content, Half::Public).map_err(|e| format!("{text} holds no public key: {e}"))?;
    if !found.is_marked && is_secret(path, &found.bytes) {
        return Err(format!(
            "{text} looks like a private key, which no listener needs and nobody should carry: give the public key, ca.pub beside it"
        ));
    }
    Ok(PublicKey(found.bytes))
}

/// The private key of the public one beside it; else named `.key`, or for its owner's eyes alone and not named `.pub`.
fn is_secret(path: &Path, bytes: &[u8; 32]) -> bool {
    is_private_half_of_neighbour(path, bytes) || looks_secret(path)
}

fn is_private_half_of_neighbour(path: &Path, bytes: &[u8; 32]) -> bool {
    let content = input::text(&path.with_file_name("ca.pub"), input::KEY_LEN_MAX).unwrap_or_default();
    let public = SigningKey::from_seed(bytes).public();
    key_file::read(&content, Half::Public).is_ok_and(|found| found.bytes == public.0)
}

fn looks_secret(path: &Path) -> bool {
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
        assert!(parse(path.to_str().unwrap()).unwrap_err().contains("holds no public key"));
        assert!(parse("abc").unwrap_err().contains("neither"));
    }

    #[test]
    fn a_key_is_told_by_what_its_file_says_and_not_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let seed = [7; 32];
        let public = SigningKey::from_seed(&seed).public();
        let parsed = |name: &str, content: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            parse(path.to_str().unwrap())
        };
        assert_eq!(parsed("a.key", &key_file::text(Half::Public, &public.0)), Ok(public));
        assert!(parsed("b.pub", &key_file::text(Half::Private, &seed)).unwrap_err().contains("it is a private key"));
        assert_eq!(parsed("ca.pub", &public.to_text()), Ok(public));
        assert!(
            parsed("c.pub", &shared::seal::to_hex(&seed)).unwrap_err().contains("private key"),
            "ca.pub beside it tells"
        );
        assert!(parse("/dev/zero").unwrap_err().contains("no regular file"));
    }
}
