//! The programs under test, from the same profile as the test itself.
//!
//! `cargo test` builds libraries, not the programs of other packages. They are built here, once per test executable;
//! where they are up to date that costs a second, and a test never judges a program of yesterday.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PROGRAMS: [(&str, &str); 3] =
    [("fleet-server", "fleet"), ("robot-agent", "robot-agent"), ("firmware-sim", "firmware-sim")];

/// What cargo tells a test about its own package. Some build scripts (that of `ring`) run anew when one of these differs
/// from the last time, and everything that depends on them is then compiled anew, here and in the next `cargo test`.
const ABOUT_THE_TEST: [&str; 8] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// The folder of the programs, after they were built.
///
/// # Errors
/// When they cannot be built; cargo's own words are in the error.
pub fn folder() -> Result<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}"))) {
        Ok(folder) => Ok(folder),
        Err(why) => bail!("{why}"),
    }
}

fn build() -> Result<PathBuf> {
    let program = std::env::current_exe().context("a program has no file of its own")?;
    let folder = program.parent().context("a program lies in a folder")?;
    // A test lies in target/<profile>/deps, a program of this package in target/<profile>.
    let folder = folder.parent().filter(|_| folder.ends_with("deps")).unwrap_or(folder);
    let output = cargo(folder)?.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the programs under test cannot be built:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    match PROGRAMS.iter().find(|(_, program)| !folder.join(program).is_file()) {
        Some((package, program)) => bail!("cargo built {package}, and {} is not there", folder.join(program).display()),
        None => Ok(folder.to_owned()),
    }
}

/// Keeps from a build what cargo told the test about its own package.
pub fn forget_the_test(cargo: &mut Command) {
    for name in ABOUT_THE_TEST {
        cargo.env_remove(name);
    }
}

fn cargo(folder: &Path) -> Result<Command> {
    let target = folder.parent().context("a profile's folder lies in the target folder")?;
    let profile = folder.file_name().context("a profile has a name")?;
    let mut cargo = Command::new(env!("CARGO"));
    forget_the_test(&mut cargo);
    cargo.arg("build").arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
    cargo.arg("--target-dir").arg(target).arg("--profile");
    cargo.arg(if profile == "debug" { "dev".as_ref() } else { profile });
    // The whole workspace, as `cargo xtask test` builds it: with fewer packages cargo picks other features for what they
    // share, and compiles half of it again.
    cargo.args(["--workspace", "--bins"]);
    Ok(cargo)
}
