//! Both ends of the pipe to the process that merges: frames of a length (four bytes, highest first) and CBOR.

use crate::clock;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::Timespec;
use shared::contribution::{MergeAsk, Merged};
use shared::time::{Instant, Millis};
use shared::wire::{from_bytes, to_bytes};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, ExitCode, Stdio};

/// Memory that the child may use, in bytes: many times what the largest note takes.
const MEMORY_MAX: u64 = 512 * 1024 * 1024;
/// Longest frame, in bytes: a note, its updates and a contribution.
const FRAME_LEN_MAX: usize = 4 * 1024 * 1024;
/// How long one contribution may take.
const PATIENCE: Millis = Millis::secs(5);

/// The process that merges. Dropping it ends it.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    asks: ChildStdin,
    answers: ChildStdout,
}

impl Child {
    /// Starts it.
    pub fn start(program: &Path) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("merge-notes").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let ends = process.stdin.take().zip(process.stdout.take());
        let (asks, answers) = ends.ok_or_else(|| Error::other("a child was started without its pipes"))?;
        Ok(Self { process, asks, answers })
    }

    /// Has it merge one contribution.
    pub fn merge(&mut self, ask: &MergeAsk) -> std::io::Result<Merged> {
        let deadline = clock::now() + PATIENCE;
        write_frame(&mut self.asks, &to_bytes(ask))?;
        let mut length = [0; 4];
        self.read(&mut length, deadline)?;
        let mut frame = vec![0; length_of(length)?];
        self.read(&mut frame, deadline)?;
        from_bytes(&frame).map_err(|e| Error::new(ErrorKind::InvalidData, e.to_string()))
    }

    fn read(&mut self, mut to: &mut [u8], deadline: Instant) -> std::io::Result<()> {
        while !to.is_empty() {
            self.wait(deadline)?;
            match self.answers.read(to)? {
                0 => return Err(Error::new(ErrorKind::UnexpectedEof, "it ended")),
                count => to = &mut to[count..],
            }
        }
        Ok(())
    }

    fn wait(&self, deadline: Instant) -> std::io::Result<()> {
        let left = deadline.since(clock::now());
        let left = Timespec {
            tv_sec: i64::try_from(left.0 / 1000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(left.0 % 1000).unwrap_or(0) * 1_000_000,
        };
        let mut waiting = [PollFd::new(&self.answers, PollFlags::IN)];
        match poll(&mut waiting, Some(&left)) {
            Ok(0) => Err(Error::new(ErrorKind::TimedOut, "it did not answer in time")),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has ended already is as gone as one that is killed.
        let _was_alive = self.process.kill();
        let _waited = self.process.wait();
    }
}

/// The child's own part: merges what comes in until there is no more.
#[must_use]
pub fn run() -> ExitCode {
    let limit = Rlimit { current: Some(MEMORY_MAX), maximum: Some(MEMORY_MAX) };
    if let Err(e) = setrlimit(Resource::As, limit) {
        eprintln!("fleet: cannot limit the memory of the process that merges notes: {e}");
        return ExitCode::FAILURE;
    }
    let (mut asks, mut answers) = (std::io::stdin().lock(), std::io::stdout().lock());
    loop {
        match answered(&mut asks, &mut answers) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return ExitCode::SUCCESS,
            Err(e) => {
                eprintln!("fleet: merging notes: {e}");
                return ExitCode::FAILURE;
            }
        }
    }
}

fn answered(asks: &mut impl Read, answers: &mut impl Write) -> std::io::Result<()> {
    let mut length = [0; 4];
    asks.read_exact(&mut length)?;
    let mut frame = vec![0; length_of(length)?];
    asks.read_exact(&mut frame)?;
    let ask: MergeAsk = from_bytes(&frame).map_err(|e| Error::new(ErrorKind::InvalidData, e.to_string()))?;
    write_frame(answers, &to_bytes(&shared::note::merge(&ask)))
}

fn write_frame(to: &mut impl Write, bytes: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| too_long())?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

fn length_of(bytes: [u8; 4]) -> std::io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| too_long())?;
    if length <= FRAME_LEN_MAX { Ok(length) } else { Err(too_long()) }
}

fn too_long() -> Error {
    Error::new(ErrorKind::InvalidData, "a frame is longer than any note")
}
