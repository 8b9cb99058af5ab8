//! Where the repository is, where cargo puts what it builds, and what `cargo metadata` says of the packages.

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo run` tells xtask about its own package. Some build scripts (that of `ring`) run anew when one of these
/// differs from the last time, and everything that depends on them is then compiled anew.
const ABOUT_XTASK: [&str; 8] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// The repository and its build folder.
pub struct Workspace {
    /// The repository's root.
    pub root: PathBuf,
    /// Where cargo builds; follows `CARGO_TARGET_DIR` and cargo's configuration.
    pub target: PathBuf,
    /// Whether tests may pass that need two users, where there is one.
    pub accepts_one_uid: bool,
}

impl Workspace {
    /// The workspace this program was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
        let metadata = MetadataCommand::new()
            .current_dir(root)
            .no_deps()
            .exec()
            .with_context(|| format!("read the workspace at {}", root.display()))?;
        Ok(Self { root: root.to_owned(), target: metadata.target_directory.into(), accepts_one_uid: false })
    }

    /// The same, where the test of the separation of agent and panel may pass without showing it.
    pub fn accepting(self, one_uid: bool) -> Self {
        Self { accepts_one_uid: one_uid, ..self }
    }

    /// A program of the dev profile, which must have been built.
    pub fn program(&self, name: &str) -> Result<PathBuf> {
        let path = self.target.join("debug").join(name);
        if !path.is_file() {
            bail!(
                "{} is missing although it was built: does a package still make a program of that name?",
                path.display()
            );
        }
        Ok(path)
    }

    /// `cargo` with these arguments, at the root.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(arguments).current_dir(&self.root);
        ABOUT_XTASK.iter().for_each(|name| {
            command.env_remove(name);
        });
        if self.accepts_one_uid {
            command.env("BELLWETHER_ONE_UID", "1");
        }
        command
    }
}

/// Packages and resolved dependencies of the workspace at `root`, as this machine would build them.
///
/// Other platforms are left out: Bellwether runs on Linux only, and their packages need not be downloaded.
pub fn metadata(root: &Path, is_offline: bool) -> Result<Metadata> {
    let mut options = vec!["--filter-platform".to_owned(), host()?];
    options.extend(is_offline.then(|| "--offline".to_owned()));
    MetadataCommand::new()
        .current_dir(root)
        .other_options(options)
        .exec()
        .with_context(|| format!("read the packages of {}", root.display()))
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("run rustc -vV")?;
    let text = String::from_utf8(output.stdout).context("read the answer of rustc -vV")?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}
