//! The files of the repository, as far as they are text.

use super::rust::{self, Line};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// All files, by name.
pub struct Tree(Vec<File>);

/// One file.
pub struct File {
    /// From the repository's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its text taken apart, when it is Rust.
    pub rust: Option<Vec<Line>>,
}

impl Tree {
    /// What git tracks at `root`, and what it would track if it were told to: a rule holds before the commit.
    pub fn of_git(root: &Path) -> Result<Self> {
        // In a container the folder may belong to somebody else; to list its files does no harm.
        let output = Command::new("git")
            .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("run git ls-files")?;
        if !output.status.success() {
            bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let names = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
        let mut names: Vec<&str> = names.split_terminator('\0').collect();
        names.sort_unstable();
        names.dedup();
        Ok(Self(names.into_iter().filter_map(|name| File::read(root, name)).collect()))
    }

    /// A tree of these files.
    #[cfg(test)]
    pub fn built(files: Vec<File>) -> Self {
        Self(files)
    }

    /// Every file.
    pub fn files(&self) -> &[File] {
        &self.0
    }
}

impl File {
    /// Nothing for a file that is deleted but still tracked, or that is no text.
    fn read(root: &Path, path: &str) -> Option<Self> {
        let text = std::fs::read_to_string(root.join(path)).ok()?;
        Some(Self::new(path, text))
    }

    /// A file with this text.
    pub fn new(path: &str, text: String) -> Self {
        let rust = path.ends_with(".rs").then(|| rust::lines(&text));
        Self { path: path.to_owned(), text, rust }
    }

    /// Whether it lies at `place`: below a folder (`tests/`), or in the file or folder of a noun (`shared/src/seal` is
    /// `shared/src/seal.rs` and all below `shared/src/seal/`).
    pub fn is_at(&self, place: &str) -> bool {
        match self.path.strip_prefix(place) {
            Some(rest) => place.ends_with('/') || rest.starts_with('/') || rest.starts_with('.'),
            None => false,
        }
    }

    /// Whether all of it is a test or a bench.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || ["/tests/", "/benches/"].iter().any(|folder| self.path.contains(folder))
    }

    /// Whether it belongs to the rules themselves, which have to name what they refuse.
    pub fn is_rule(&self) -> bool {
        self.path.starts_with("xtask/src/tidy/")
    }

    /// Its last name without the ending.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> File {
        File::new(path, String::new())
    }

    #[test]
    fn a_noun_is_a_file_or_a_folder() {
        assert!(file("shared/src/seal.rs").is_at("shared/src/seal"));
        assert!(file("shared/src/seal/key.rs").is_at("shared/src/seal"));
        assert!(!file("shared/src/sealed.rs").is_at("shared/src/seal"));
        assert!(file("tests/src/lib.rs").is_at("tests/"));
    }

    #[test]
    fn git_lists_this_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
        let tree = Tree::of_git(root).expect("this is a git repository");
        assert!(tree.files().iter().any(|file| file.path == "xtask/src/tidy/tree.rs" && file.rust.is_some()));
    }
}
