//! What the tests need from outside cargo: a few programs, two parts of Rust and one more target.
//!
//! As root on Debian what is missing is installed. Elsewhere the one command that installs it is told, and the step
//! fails: a test that does not run must not look like one that passed.

use crate::child;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The processor family of safety controllers: a Cortex-M4 or M7 without an operating system.
pub const BARE_METAL: &str = "thumbv7em-none-eabi";

/// A program that some step starts.
struct Need {
    program: &'static str,
    /// Debian packages that bring it.
    packages: &'static [&'static str],
    is_used: fn(&Workspace) -> bool,
}

const NEEDS: [Need; 8] = [
    Need { program: "cc", packages: &["gcc", "libc6-dev"], is_used: |_| true },
    Need { program: "git", packages: &["git"], is_used: |_| true },
    Need { program: "node", packages: &["nodejs"], is_used: |workspace| !web_tests(workspace).is_empty() },
    Need {
        program: "spin",
        packages: &["spin"],
        is_used: |workspace| has_file(&workspace.root.join("firmware-sim"), is_promela),
    },
    Need {
        program: "mosquitto",
        packages: &["mosquitto"],
        is_used: |workspace| has_file(&workspace.root.join("tests"), starts_mosquitto),
    },
    Need {
        program: "strace",
        packages: &["strace"],
        is_used: |workspace| has_file(&workspace.root.join("tests"), starts_strace),
    },
    Need {
        program: "chromium",
        packages: &["chromium"],
        is_used: |workspace| has_file(&workspace.root.join("tests"), starts_browser),
    },
    Need {
        program: "chromedriver",
        packages: &["chromium-driver"],
        is_used: |workspace| has_file(&workspace.root.join("tests"), starts_browser),
    },
];

/// Makes sure that everything is there.
pub fn meet(workspace: &Workspace) -> Result<()> {
    let missing: Vec<&Need> =
        NEEDS.iter().filter(|need| (need.is_used)(workspace) && !is_installed(need.program)).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    rust_part("rustfmt", "fmt")?;
    rust_part("clippy", "clippy")?;
    bare_metal()
}

/// The tests of the pages: every `*.test.js` or `*.test.mjs` below the `tests` folders of the pages.
pub fn web_tests(workspace: &Workspace) -> Vec<PathBuf> {
    let folders = ["fleet-server/web/tests", "fleet-server/web-hardware/tests"];
    let files = folders.iter().flat_map(|folder| files_below(&workspace.root.join(folder)));
    let mut tests: Vec<PathBuf> = files.filter(|path| is_web_test(path)).collect();
    tests.sort();
    tests
}

fn is_web_test(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".test.js") || name.ends_with(".test.mjs")
}

fn is_promela(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pml")
}

fn starts_mosquitto(path: &Path) -> bool {
    names_program(path, "\"mosquitto\"")
}

fn starts_strace(path: &Path) -> bool {
    names_program(path, "\"strace\"")
}

fn starts_browser(path: &Path) -> bool {
    names_program(path, "\"chromedriver\"")
}

fn names_program(path: &Path, quoted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
        && fs::read_to_string(path).is_ok_and(|text| text.contains(quoted))
}

fn has_file(folder: &Path, is_it: fn(&Path) -> bool) -> bool {
    files_below(folder).iter().any(|path| is_it(path))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where only root looks by default.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).any(|file| file.is_file())
}

fn install(missing: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let programs = missing.iter().map(|need| need.program).collect::<Vec<_>>().join(", ");
    if !is_debian() || !is_root() {
        bail!("{programs} missing. Run: sudo apt-get install -y {} (or your system's equivalent)", packages.join(" "));
    }
    eprintln!("installing {}", packages.join(" "));
    apt_get(&["update", "--quiet"])?;
    apt_get(&[&["install", "--quiet", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    match missing.iter().find(|need| !is_installed(need.program)) {
        Some(need) => bail!("{} is still missing after apt-get installed {}", need.program, need.packages.join(" ")),
        None => Ok(()),
    }
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    child::run(
        Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(std::io::stderr()),
    )
}

fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| (line.starts_with("ID=") || line.starts_with("ID_LIKE=")) && line.contains("debian"))
}

/// This process' folder in /proc belongs to the user it runs as.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}

/// A part of the toolchain that minimal installations leave out.
fn rust_part(name: &str, subcommand: &str) -> Result<()> {
    let mut asks = Command::new("cargo");
    asks.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if asks.status().context("run cargo")?.success() {
        return Ok(());
    }
    rustup(&["component", "add", name])
}

fn bare_metal() -> Result<()> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().context("run rustc --print sysroot")?;
    let sysroot = String::from_utf8(output.stdout).context("rustc names a sysroot that is not UTF-8")?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(BARE_METAL).join("lib").is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", BARE_METAL])
}

fn rustup(arguments: &[&str]) -> Result<()> {
    let command = format!("rustup {}", arguments.join(" "));
    child::run(Command::new("rustup").args(arguments).stdout(std::io::stderr()))
        .with_context(|| format!("this part of Rust is missing; run: {command}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_it_lies() {
        assert!(is_installed("sh"));
        assert!(!is_installed("no-such-program"));
    }

    #[test]
    fn a_missing_program_names_the_command_that_brings_it() {
        if is_root() && is_debian() {
            return;
        }
        let error = install(&[&NEEDS[3]]).expect_err("only root may install");
        assert!(error.to_string().contains("sudo apt-get install -y spin"));
    }

    #[test]
    fn a_web_test_is_known_by_its_name() {
        assert!(is_web_test(Path::new("web/tests/age.test.js")));
        assert!(!is_web_test(Path::new("web/tests/fixture.js")));
    }
}
