//! Runs other programs to their end.
//!
//! A Ctrl-C reaches our children by itself, since they are in our process group; we only have to outlive them, so that
//! the prompt returns when all is put away. A polite kill (SIGTERM) reaches us alone and is passed on.

use crate::clock::Stopwatch;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, Read, Seek};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::Duration;

/// How often a child is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a child that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// What arrived for us since the start.
#[derive(Clone, Default)]
struct Signals {
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
}

/// Runs it and refuses every end but success.
pub fn run(command: &mut Command) -> Result<()> {
    let status = finish(command, None)?;
    if !status.success() {
        bail!("`{}` ended with {}", words(command), ending(status));
    }
    Ok(())
}

/// Runs it to its end; after `limit` it is asked to end, and killed if it does not.
pub fn finish(command: &mut Command, limit: Option<Duration>) -> Result<ExitStatus> {
    let signals = Signals::watched()?;
    let mut child = command.spawn().with_context(|| format!("start `{}`", words(command)))?;
    let status = watch(&mut child, signals, limit).with_context(|| format!("wait for `{}`", words(command)))?;
    if signals.interrupt.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    Ok(status)
}

/// Runs it to its end and gives what it said on stdout, which must be text.
pub fn answer(command: &mut Command) -> Result<(ExitStatus, String)> {
    // A file takes any amount; a pipe that nobody reads while we wait does not.
    let mut file = tempfile::tempfile().context("make a file for the answer")?;
    let status = finish(command.stdout(file.try_clone().context("share the file for the answer")?), None)?;
    let mut text = String::new();
    file.rewind().context("read the answer")?;
    file.read_to_string(&mut text).with_context(|| format!("read what `{}` said", words(command)))?;
    Ok((status, text))
}

/// A command as one would type it.
pub fn words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// An end in words.
pub fn ending(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

impl Signals {
    fn watched() -> io::Result<&'static Self> {
        static WATCHED: OnceLock<Signals> = OnceLock::new();
        if let Some(signals) = WATCHED.get() {
            return Ok(signals);
        }
        let signals = Self::default();
        signal_hook::flag::register(SIGINT, Arc::clone(&signals.interrupt))?;
        signal_hook::flag::register(SIGTERM, Arc::clone(&signals.terminate))?;
        Ok(WATCHED.get_or_init(|| signals))
    }
}

fn watch(child: &mut Child, signals: &Signals, limit: Option<Duration>) -> io::Result<ExitStatus> {
    let running = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let is_late = limit.is_some_and(|limit| running.read() > limit);
        if is_late || signals.terminate.load(Ordering::Relaxed) {
            return end(child);
        }
        sleep(PAUSE);
    }
}

fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let leaving = Stopwatch::start();
    kill_process(Pid::from_child(child), Signal::TERM)?;
    while leaving.read() < GRACE {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        sleep(PAUSE);
    }
    child.kill()?;
    child.wait()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_without_success_is_told() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).expect_err("it fails");
        assert_eq!(error.to_string(), "`sh -c exit 3` ended with exit code 3");
    }

    #[test]
    fn an_answer_of_any_length_is_read() {
        let (status, text) = answer(Command::new("seq").arg("100000")).expect("it runs");
        assert!(status.success());
        assert_eq!(text.lines().count(), 100_000);
    }

    #[test]
    fn a_child_over_its_limit_is_ended() {
        let status =
            finish(Command::new("sleep").arg("60"), Some(Duration::from_millis(50))).expect("it can be waited for");
        assert_eq!(ending(status), "signal: 15 (SIGTERM)");
    }
}
