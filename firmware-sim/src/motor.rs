//! The firmware's end of the motor line: keeps a body alive as a child process and writes the permission to it.
//!
//! A thread keeps the child: it starts one, reads its reports, and after an end starts the next. The control thread
//! holds the writing end of the line, so that no other thread can keep a permission alive.

use crate::body::pipe::{Drive, REPORT_LEN, Report};
use crate::clock;
use crate::config::Start;
use crate::fault::Fault;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::pipe::fcntl_setpipe_size;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// What every body is told when it is started.
#[derive(Debug)]
pub struct Birth {
    /// The truth log, which is also the body's memory.
    pub truth: PathBuf,
    /// Where it stands when it has no memory yet.
    pub start: Start,
    /// The argument of a planted fault; a release build has none to give.
    pub planted: Option<&'static str>,
}

/// What the keeper tells.
#[derive(Debug)]
pub enum FromBody {
    /// A body was started; this is its line.
    Born(Line),
    /// The body is like this.
    Report(Report),
    /// The body is gone, with the reason.
    Died(String),
    /// Too many bodies died in a row: there will be no other until the firmware is started anew.
    GivenUp,
}

/// The writing end of a motor line. Dropping it is the surest way to take the torque away.
#[derive(Debug)]
pub struct Line {
    pipe: ChildStdin,
}

/// A body does not take what is written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck;

const WORDS_WAITING_MAX: usize = 32;
const PIPE_LEN: usize = 4096;
/// Before the second body; doubled for each one that dies in a row.
const RESTART_AFTER_MS: u64 = 500;
/// Each death is a power-up with its signed lines and a thousand trip epochs, so they must not go on for ever.
const DEATHS_IN_A_ROW_MAX: u32 = 5;
/// A body that lived for so long begins a new row, in milliseconds.
const LONG_LIFE_MS: u64 = 600_000;

impl Line {
    /// Writes one permission; never waits.
    ///
    /// # Errors
    /// [`Stuck`] when the body has not read for long. It will find old permissions, which are worth nothing.
    pub fn write(&self, drive: &Drive) -> Result<(), Stuck> {
        match rustix::io::write(&self.pipe, &drive.encode()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(_) => Err(Stuck),
        }
    }
}

/// Starts the keeper.
///
/// # Errors
/// [`Fault::Broken`] when this program cannot find itself.
pub fn keep(birth: Birth) -> Result<Receiver<FromBody>, Fault> {
    let program = std::env::current_exe().map_err(|e| Fault::Broken(format!("finding this program failed: {e}")))?;
    let (words, inbox) = sync_channel(WORDS_WAITING_MAX);
    let keeper = thread::Builder::new().name("motor".to_owned());
    let started = keeper.spawn(move || keep_alive(&program, &birth, &words));
    started.map_err(|e| Fault::Broken(format!("starting the motor thread failed: {e}")))?;
    Ok(inbox)
}

fn keep_alive(program: &Path, birth: &Birth, words: &SyncSender<FromBody>) {
    let mut deaths = 0;
    loop {
        let born_at = clock::now();
        if !live_once(program, birth, words) {
            return;
        }
        deaths = deaths_in_a_row(deaths, clock::now().since(born_at).0);
        let Some(wait) = wait_after(deaths) else {
            let _ending = words.send(FromBody::GivenUp);
            return;
        };
        thread::sleep(wait);
    }
}

const fn deaths_in_a_row(before: u32, lived_ms: u64) -> u32 {
    if lived_ms >= LONG_LIFE_MS { 1 } else { before + 1 }
}

/// None when there is to be no other body.
const fn wait_after(deaths: u32) -> Option<Duration> {
    if deaths >= DEATHS_IN_A_ROW_MAX {
        return None;
    }
    Some(Duration::from_millis(RESTART_AFTER_MS << deaths.saturating_sub(1)))
}

/// One life of a body; `false` when nobody wants to know any more.
fn live_once(program: &Path, birth: &Birth, words: &SyncSender<FromBody>) -> bool {
    let end = match born(program, birth) {
        Ok((mut child, line)) => {
            if words.send(FromBody::Born(line)).is_err() {
                return false;
            }
            forward(&mut child, words);
            bury(&mut child)
        }
        Err(error) => format!("it could not be started: {error}"),
    };
    words.send(FromBody::Died(end)).is_ok()
}

/// The child has a process group of its own, so that a Ctrl-C in a terminal reaches the firmware only; the body then
/// sees its line drop and writes that down.
fn born(program: &Path, birth: &Birth) -> io::Result<(Child, Line)> {
    let mut child = Command::new(program)
        .arg("body")
        .arg(format!("--truth={}", birth.truth.display()))
        .arg(format!("--start-x={}", birth.start.x_cm))
        .arg(format!("--start-y={}", birth.start.y_cm))
        .args(birth.planted)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let pipe = child.stdin.take().expect("the standard input was asked to be a pipe");
    fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
    // A short pipe: what a body that hangs has not read is soon too old to matter.
    let _as_it_is = fcntl_setpipe_size(&pipe, PIPE_LEN);
    Ok((child, Line { pipe }))
}

fn forward(child: &mut Child, words: &SyncSender<FromBody>) {
    let Some(mut reports) = child.stdout.take() else { return };
    let mut bytes = [0; REPORT_LEN];
    while reports.read_exact(&mut bytes).is_ok() {
        // A report that finds no room is followed by a newer one.
        let _dropped = words.try_send(FromBody::Report(Report::decode(&bytes)));
    }
}

/// A body that has closed its output is of no use, whatever else it does.
fn bury(child: &mut Child) -> String {
    let _dead_already = child.kill();
    child.wait().map_or_else(|e| format!("its end is unknown: {e}"), |status| format!("it ended with {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_die_in_a_row_come_later_and_later_and_then_no_more() {
        let waits: Vec<_> = (1..=5).map(|deaths| wait_after(deaths).map(|wait| wait.as_millis())).collect();
        assert_eq!(waits, [Some(500), Some(1000), Some(2000), Some(4000), None]);
        assert_eq!((deaths_in_a_row(4, 100), deaths_in_a_row(4, LONG_LIFE_MS)), (5, 1));
    }
}
