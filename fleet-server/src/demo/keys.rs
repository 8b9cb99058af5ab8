//! Private keys of a run: 32 secret bytes each, as 64 hexadecimal digits in a file that only its owner reads and that says in
//! its first line which half of a pair it holds.
//!
//! A key that exists is used as it is. One that cannot be read, or has another form, is an error and is never replaced:
//! a robot that lost its key is another robot to everyone who knew it.

use anyhow::Context;
use shared::clearance::Endorsement;
use shared::key_file::{self, Half};
use shared::officer::Officer;
use shared::seal::SigningKey;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// 32 secret bytes. They are never printed.
pub struct Seed([u8; 32]);

impl Seed {
    /// The key that grows from the bytes.
    pub fn key(&self) -> SigningKey {
        SigningKey::from_seed(&self.0)
    }

    /// The public key, as 64 hexadecimal digits.
    pub fn public_text(&self) -> String {
        self.key().public().to_text()
    }

    /// Reads the seed of a file, or draws one and leaves it there.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not 64 hexadecimal digits.
    pub fn kept_at(path: &Path, draw: fn() -> [u8; 32]) -> anyhow::Result<Self> {
        if path.exists() {
            return Self::read(path);
        }
        let seed = Self(draw());
        seed.write(path)?;
        Ok(seed)
    }

    /// Leaves a copy of the seed in another process's own folder, in place of what is there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn copy_to(&self, path: &Path) -> anyhow::Result<()> {
        if path.exists() {
            std::fs::remove_file(path).with_context(|| format!("cannot replace {}", path.display()))?;
        }
        self.write(path)
    }

    /// Leaves the seed with its endorsement as a safety officer's file, in place of what is there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_officer(&self, path: &Path, endorsement: &Endorsement) -> anyhow::Result<()> {
        if path.exists() {
            std::fs::remove_file(path).with_context(|| format!("cannot replace {}", path.display()))?;
        }
        write_private(path, &Officer::to_text(&self.0, endorsement))
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fleet_audit::input::text(path, fleet_audit::input::KEY_LEN_MAX);
        let text = text.with_context(|| format!("cannot read the key {}", path.display()))?;
        let found = key_file::read(&text, Half::Private);
        found.map(|found| Self(found.bytes)).with_context(|| format!("cannot use {}", path.display()))
    }

    // A crash half way leaves a short file, which the next start refuses by its length instead of using it.
    fn write(&self, path: &Path) -> anyhow::Result<()> {
        write_private(path, &key_file::text(Half::Private, &self.0))
    }
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make the key {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// Makes a folder that only its owner enters, with those above it.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the folder {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_drawn_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r-1.key");
        let first = Seed::kept_at(&path, || [7; 32]).unwrap();
        let again = Seed::kept_at(&path, || [8; 32]).unwrap();
        assert_eq!(first.public_text(), again.public_text());
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("bellwether private key\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r-1.key");
        std::fs::write(&path, "0123").unwrap();
        assert!(Seed::kept_at(&path, || [8; 32]).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "0123");
    }
}
