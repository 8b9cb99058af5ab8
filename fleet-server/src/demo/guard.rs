//! The guard: ends every child when the supervisor dies, however it dies.
//!
//! A supervisor killed with -9 runs no code of its own, and the kernel's own word for this
//! (`PR_SET_PDEATHSIG`) has to be said between fork and exec, which takes unsafe code. So the supervisor keeps one
//! more child, a copy of itself that does nothing but read a pipe whose other end only the supervisor holds. When the
//! supervisor is gone the pipe ends, and the guard kills its process group, in which all the children are.
//!
//! What is left: kill -9 of supervisor *and* guard together leaves the children running. A guard that is killed alone
//! is replaced, as every child is.

use anyhow::Context;
use std::io::Read;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// The process group of all children: the first guard's process id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(i32);

impl Group {
    /// Puts a process to be started into the group.
    pub fn enclose(self, command: &mut Command) {
        command.process_group(self.0);
    }
}

/// Starts the guard and keeps one alive as long as the runtime lives.
///
/// # Errors
/// When the program cannot start itself again.
pub fn start() -> anyhow::Result<Group> {
    let first = spawn(Group(0))?;
    let pid = first.id().and_then(|pid| i32::try_from(pid).ok()).context("the guard ended at once")?;
    let group = Group(pid);
    tokio::spawn(keep(first, group));
    Ok(group)
}

async fn keep(first: Child, group: Group) {
    let mut guard = Some(first);
    loop {
        if let Some(child) = &mut guard {
            // `wait` would close the pipe and so end the group it guards: it is taken out and held meanwhile.
            let _pipe = child.stdin.take();
            let _ended = child.wait().await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        guard = spawn(group).ok();
    }
}

fn spawn(group: Group) -> anyhow::Result<Child> {
    let own = std::env::current_exe().context("cannot find the own program")?;
    let mut command = Command::new(own);
    command.args(["demo", "--guard"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    group.enclose(&mut command);
    command.spawn().context("cannot start the guard")
}

/// What the guard does: waits until the supervisor is gone, then kills the group it is in.
pub fn watch_stdin() -> ExitCode {
    let mut byte = [0];
    while matches!(std::io::stdin().lock().read(&mut byte), Ok(length) if length > 0) {}
    match rustix::process::kill_current_process_group(rustix::process::Signal::KILL) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
