//! The body's process: reads its motor line from standard input, reports on standard output, writes the truth log.
//!
//! The end of the input is the end of the line: the firmware is gone, so torque is gone, that is written down, and the
//! process ends.

use super::PERMISSION_MS;
use super::diary::{Diary, Line, battery, place_cm};
use super::goal::{Goal, Torque};
use super::physics::{Body, Memory};
use super::pipe::{DRIVE_LEN, Drive, Report};
use super::truth::{Event, Truth};
use crate::clock;
use crate::config::Start;
use crate::fault::Fault;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, OFlags, fcntl_setfl, flock};
use rustix::io::Errno;
use shared::time::{Instant, Millis};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

const STEP_MS: u64 = 10;
const REPORT_EVERY_MS: u64 = 50;
const LOCK_WAIT_MS: u64 = 2000;

/// Lives until the input ends. `overrun_ms` is 0 but for a planted fault: for how long the body goes on as it was last
/// permitted to, after the permission has ended.
///
/// # Errors
/// [`Fault`] when the truth log cannot be read or written.
pub fn run(path: &Path, start: Start, overrun_ms: u64) -> Result<(), Fault> {
    crate::priority::raise();
    let _held_until_the_end = wait_for_the_last(path)?;
    let (truth, past) = Truth::open(path).map_err(|e| Fault::unusable("opening the truth log", path, &e))?;
    let memory = past.memory.unwrap_or_else(|| newborn(start));
    let mut process = Process::new(Body::new(memory), truth, overrun_ms);
    process.wake(past.line_on).map_err(|e| Fault::broken("writing the truth log", path, &e))?;
    process.live().map_err(|e| Fault::broken("writing the truth log", path, &e))
}

/// The body before this one may still be writing its last line. The kernel lets go of its lock however it ends.
fn wait_for_the_last(path: &Path) -> Result<File, Fault> {
    let opened = OpenOptions::new().append(true).create(true).open(path);
    let file = opened.map_err(|e| Fault::unusable("opening the truth log", path, &e))?;
    let until = clock::now() + Millis(LOCK_WAIT_MS);
    while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        if clock::now() > until {
            return Err(Fault::Broken(format!("another body lives in {}", path.display())));
        }
        clock::sleep_until(clock::now() + Millis(STEP_MS));
    }
    Ok(file)
}

fn newborn(start: Start) -> Memory {
    let Start { x_cm, y_cm } = start;
    Memory { x_mm: f64::from(x_cm) * 10.0, y_mm: f64::from(y_cm) * 10.0, battery_permille: 1000.0, ..Memory::default() }
}

struct Process {
    body: Body,
    truth: Truth,
    diary: Diary,
    drive: Drive,
    permitted_until: Instant,
    /// What the newest permission was for.
    permitted: Torque,
    overrun_ms: u64,
    input: Input,
    stepped_at_ns: u64,
    reported_at: Instant,
}

impl Process {
    fn new(body: Body, truth: Truth, overrun_ms: u64) -> Self {
        let now = clock::now();
        let diary = Diary::new(&body, now);
        let drive = Drive { t_ms: 0, torque: Torque::Off, goal: Goal::default() };
        Self {
            body,
            truth,
            diary,
            drive,
            permitted_until: Instant(0),
            permitted: Torque::Off,
            overrun_ms,
            input: Input::default(),
            stepped_at_ns: clock::now_ns(),
            reported_at: Instant(0),
        }
    }

    fn wake(&mut self, died_with_line_on: bool) -> io::Result<()> {
        // Both ends share the pipes' flags with nobody: each pipe was made for this process.
        fcntl_setfl(std::io::stdin(), OFlags::NONBLOCK)?;
        fcntl_setfl(std::io::stdout(), OFlags::NONBLOCK)?;
        let now = clock::now();
        if died_with_line_on {
            self.truth.write(now, Event::Line { on: false })?;
        }
        let (x_cm, y_cm) = place_cm(&self.body);
        self.truth.write(now, Event::Start { x_cm, y_cm })
    }

    fn live(&mut self) -> io::Result<()> {
        loop {
            self.wait();
            let ended = self.listen();
            self.step(ended)?;
            if ended {
                return Ok(());
            }
            self.report();
        }
    }

    fn wait(&self) {
        let stdin = std::io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        let _interrupted = poll(&mut fds, Some(&clock::timeout_ms(STEP_MS)));
    }

    /// Takes what the firmware has written; `true` at the end of the input.
    fn listen(&mut self) -> bool {
        loop {
            match self.input.fill() {
                Ok(0) => return true,
                Ok(_) => self.take_drives(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return false,
                Err(_) => return true,
            }
        }
    }

    fn take_drives(&mut self) {
        while let Some(drive) = self.input.next() {
            self.drive = drive;
            if drive.torque != Torque::Off {
                self.permitted_until = Instant(drive.t_ms) + Millis(PERMISSION_MS);
                self.permitted = drive.torque;
            } else if self.overruns(Instant(drive.t_ms)) {
                continue;
            }
            self.body.name(drive.goal);
        }
    }

    /// One step of the physics. Time that passed without a permission is not made up for.
    fn step(&mut self, ended: bool) -> io::Result<()> {
        let now = clock::now();
        let dt_ms = self.passed_ms();
        let torque = if ended { Torque::Off } else { self.torque(now) };
        let spent = if !ended && self.overruns(now) { self.permitted } else { torque };
        let deeds = self.body.advance(spent, dt_ms.min(PERMISSION_MS as f64));
        let line = Line { torque, off_at: now.min(self.permitted_until) };
        let events = self.diary.note(&self.body, line, deeds, now);
        events.into_iter().try_for_each(|(at, event)| self.truth.write(at, event))
    }

    fn passed_ms(&mut self) -> f64 {
        let now_ns = clock::now_ns();
        let passed = now_ns.saturating_sub(self.stepped_at_ns);
        self.stepped_at_ns = now_ns;
        passed as f64 / 1_000_000.0
    }

    fn torque(&self, now: Instant) -> Torque {
        if now <= self.permitted_until { self.drive.torque } else { Torque::Off }
    }

    /// Whether a planted fault keeps the body going.
    fn overruns(&self, now: Instant) -> bool {
        self.overrun_ms > 0 && now <= self.permitted_until + Millis(self.overrun_ms)
    }

    fn report(&mut self) {
        let now = clock::now();
        if now.since(self.reported_at).0 < REPORT_EVERY_MS {
            return;
        }
        self.reported_at = now;
        // A firmware that does not read misses a report; the next one says the same.
        let _dropped = rustix::io::write(std::io::stdout(), &report_of(&self.body).encode());
    }
}

fn report_of(body: &Body) -> Report {
    let (order, step) = body.named();
    let (x_cm, y_cm) = place_cm(body);
    Report {
        order,
        step,
        x_cm,
        y_cm,
        battery_permille: battery(body),
        act: body.act() as u8,
        held: body.memory().held,
        moving: body.is_moving(),
        count: body.count(),
        progress_permille: body.progress_permille(),
    }
}

/// Bytes of the motor line that do not make a whole record yet.
struct Input {
    bytes: [u8; DRIVE_LEN * 32],
    filled: usize,
    taken: usize,
}

impl Default for Input {
    fn default() -> Self {
        Self { bytes: [0; DRIVE_LEN * 32], filled: 0, taken: 0 }
    }
}

impl Input {
    fn fill(&mut self) -> Result<usize, Errno> {
        self.bytes.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        let read = rustix::io::read(std::io::stdin(), &mut self.bytes[self.filled..])?;
        self.filled += read;
        Ok(read)
    }

    /// The next whole record; one that names nothing is passed over, and the line runs out by itself.
    fn next(&mut self) -> Option<Drive> {
        while self.filled - self.taken >= DRIVE_LEN {
            let record: &[u8; DRIVE_LEN] = self.bytes[self.taken..self.taken + DRIVE_LEN].try_into().ok()?;
            let drive = Drive::decode(record);
            self.taken += DRIVE_LEN;
            if drive.is_some() {
                return drive;
            }
        }
        None
    }
}
