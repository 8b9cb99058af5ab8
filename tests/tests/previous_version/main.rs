//! What the version before left behind is still understood: its databases open, are brought up to date and lose no row,
//! also when the program is killed at any write of that; its frames open and say the same; its robots are served. The files
//! lie in `fixtures/`, one folder a version, and are never changed.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod databases;
mod frames;
mod killed;

use shared::seal::{SigningKey, from_hex};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1").join(name)
}

fn key(name: &str) -> SigningKey {
    let text = fs::read_to_string(fixture(&format!("{name}.key"))).unwrap();
    SigningKey::from_seed(&from_hex(text.trim()).unwrap().try_into().unwrap())
}

/// A child has the lock of an open database as well, from its fork until its exec. So nobody forks while a test has one open.
fn nobody_forks() -> MutexGuard<'static, ()> {
    static FORK: Mutex<()> = Mutex::new(());
    FORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy in a folder of its own: opening a database of an earlier version changes it.
fn copied(name: &str, to: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(fixture(name), dir.path().join(to)).unwrap();
    dir
}
