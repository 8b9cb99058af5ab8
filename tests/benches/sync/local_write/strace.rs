//! Counts what the kernel was asked to bring to the disk. Our own counter could be wrong about itself.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Calls that wait for the disk while this program, called again with `arguments`, runs to its end.
pub fn fsyncs(arguments: &[&str], log: &Path) -> Result<usize> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync,syncfs", "-o"]).arg(log);
    let status =
        strace.arg(std::env::current_exe()?).args(arguments).status().context("run strace: is it installed?")?;
    ensure!(status.success(), "the traced program ended with {status}");
    let calls = std::fs::read_to_string(log)?;
    Ok(calls.lines().filter(|line| line.contains("sync")).count())
}
