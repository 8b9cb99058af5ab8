//! The firmware's program, from the same profile as the test itself.

use std::path::PathBuf;
use std::process::Command;

/// Builds it, where `cargo test` of this package alone has not; returns its place.
pub fn firmware() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let (target, profile) = (folder.parent().unwrap(), folder.file_name().unwrap());
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "firmware-sim"]);
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
    cargo.arg("--target-dir").arg(target).arg("--profile");
    cargo.arg(if profile == "debug" { "dev".as_ref() } else { profile });
    assert!(cargo.status().unwrap().success(), "firmware-sim cannot be built");
    folder.join("firmware-sim")
}
