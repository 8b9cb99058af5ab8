//! A program that does one thing and ends, run by a test as a person would.

use super::binaries;
use anyhow::{Context, Result};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs one of the workspace's programs to its end; its exit code and everything it said.
///
/// # Errors
/// When it cannot be built or run, or was killed.
pub fn run(program: &str, arguments: &[&str]) -> Result<(i32, String)> {
    run_typing(program, arguments, "")
}

/// The same with somebody who types a line.
///
/// # Errors
/// As [`run`].
pub fn run_typing(program: &str, arguments: &[&str], line: &str) -> Result<(i32, String)> {
    let path = binaries::folder()?.join(program);
    let mut command = Command::new(&path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {}", path.display()))?;
    let mut stdin = child.stdin.take().context("stdin was asked for")?;
    // A program that ended without reading has been asked nothing.
    let _unread = stdin.write_all(line.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().with_context(|| format!("cannot wait for {program}"))?;
    let said = [output.stdout, output.stderr].concat();
    let code = output.status.code().with_context(|| format!("{program} was killed"))?;
    Ok((code, String::from_utf8_lossy(&said).into_owned()))
}
