//! The figures of a drill, as a table and as one line of JSON.

use super::Args;
use serde::Serialize;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::clock::now;

/// Longest time after which the torque has to be gone (SR-19), in milliseconds.
const TORQUE_MS_MAX: u64 = 30;

/// One press of an energised robot.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    /// The tick that sampled it, by the firmware's clock.
    pub t_ms: u64,
    /// Ticks from then to the relays' command.
    pub ticks: u64,
    /// Milliseconds from then to the first open main contact.
    pub contact_ms: u64,
    /// Frames that had reached this firmware until then.
    pub frames: u64,
}

/// What one robot's drill found.
#[derive(Debug, Default)]
pub struct Part {
    /// All presses that count.
    pub presses: Vec<Press>,
    /// Torque off after each of them, in milliseconds.
    pub torque_ms: Vec<u64>,
    /// Presses that came while the robot had just stopped by itself.
    pub not_energised: u64,
    /// Presses that the panel did not answer in time.
    pub unanswered: u64,
    /// Looks at the panel that found the relays on after a press.
    pub seen_on_after: u64,
    /// Events of power without release and reset before them.
    pub energised_without_reset: u64,
    /// How far the body walked.
    pub moved_mm: u64,
    late_ms_max: u64,
    late_ticks: u64,
    dropped: u64,
}

impl Part {
    /// Frames a second that reached the firmware between each press and the next.
    fn rates(&self) -> impl Iterator<Item = u64> {
        let between = |two: &[Press]| (two[1].frames - two[0].frames) * 1000 / (two[1].t_ms - two[0].t_ms).max(1);
        self.presses.windows(2).map(between)
    }

    /// Takes the firmware's own figures from its last status.
    pub fn take_last(&mut self, status: &Value) {
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        self.late_ms_max = number(&status["late_ms_max"]);
        self.late_ticks = number(&status["late_ticks"]);
        self.dropped = status["dropped"].as_object().into_iter().flat_map(|all| all.values()).map(number).sum();
    }
}

/// A distribution in one line.
#[derive(Debug, Default, Serialize)]
struct Spread {
    p50: u64,
    p90: u64,
    p99: u64,
    p999: u64,
    max: u64,
}

impl Spread {
    fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let at =
            |thousandth: usize| values.get(values.len().saturating_sub(1) * thousandth / 1000).copied().unwrap_or(0);
        Self { p50: at(500), p90: at(900), p99: at(990), p999: at(999), max: at(1000) }
    }

    fn row(&self, what: &str) -> String {
        let Self { p50, p90, p99, p999, max } = self;
        format!("{what:<46}{p50:>7}{p90:>7}{p99:>7}{p999:>7}{max:>7}\n")
    }
}

/// Frames a second that reached a firmware between two presses: of all pairs of presses of all robots.
#[derive(Debug, Default, Serialize)]
struct Rate {
    min: u64,
    p1: u64,
    p10: u64,
    p50: u64,
    mean: u64,
}

impl Rate {
    fn of(mut rates: Vec<u64>) -> Self {
        rates.sort_unstable();
        let at = |percent: usize| rates.get(rates.len() * percent / 100).copied().unwrap_or(0);
        let mean = rates.iter().sum::<u64>().checked_div(rates.len() as u64).unwrap_or(0);
        Self { min: at(0), p1: at(1), p10: at(10), p50: at(50), mean }
    }
}

/// All figures.
#[derive(Debug, Serialize)]
pub struct Report {
    hostile: bool,
    firmwares: u64,
    seed: u64,
    presses: u64,
    not_energised: u64,
    unanswered: u64,
    energised_afterwards: u64,
    command_ticks: Spread,
    contact_ms: Spread,
    torque_ms: Spread,
    torque_over_30_ms: u64,
    timer_late_ms: Spread,
    tick_late_ms_max: u64,
    late_ticks: u64,
    /// As the firmwares count them.
    frames: u64,
    rate: Rate,
    sent: u64,
    dropped: u64,
    walked_mm: u64,
    seconds: u64,
    #[serde(skip)]
    began_ms: u64,
    #[serde(skip)]
    all: Vec<Press>,
    #[serde(skip)]
    torque: Vec<u64>,
    #[serde(skip)]
    rates: Vec<u64>,
}

impl Report {
    /// Before anything was found.
    pub fn new(args: &Args) -> Self {
        Self {
            hostile: args.hostile,
            firmwares: args.firmwares,
            seed: args.seed,
            presses: 0,
            not_energised: 0,
            unanswered: 0,
            energised_afterwards: 0,
            command_ticks: Spread::default(),
            contact_ms: Spread::default(),
            torque_ms: Spread::default(),
            torque_over_30_ms: 0,
            timer_late_ms: Spread::default(),
            tick_late_ms_max: 0,
            late_ticks: 0,
            frames: 0,
            rate: Rate::default(),
            sent: 0,
            dropped: 0,
            walked_mm: 0,
            seconds: 0,
            began_ms: now().0,
            all: Vec::new(),
            torque: Vec::new(),
            rates: Vec::new(),
        }
    }

    /// Adds one robot's part.
    pub fn add(&mut self, part: Part) {
        self.presses += part.presses.len() as u64;
        self.not_energised += part.not_energised;
        self.unanswered += part.unanswered;
        self.energised_afterwards += part.seen_on_after + part.energised_without_reset;
        self.tick_late_ms_max = self.tick_late_ms_max.max(part.late_ms_max);
        self.late_ticks += part.late_ticks;
        self.dropped += part.dropped;
        self.walked_mm += part.moved_mm;
        self.frames += part.presses.last().map_or(0, |press| press.frames);
        self.rates.extend(part.rates());
        self.all.extend(part.presses);
        self.torque.extend(part.torque_ms);
    }

    /// Closes the figures.
    pub fn finish(&mut self, timer_late_ms: &[u64], frames: &AtomicU64) {
        self.command_ticks = Spread::of(self.all.iter().map(|press| press.ticks).collect());
        self.contact_ms = Spread::of(self.all.iter().map(|press| press.contact_ms).collect());
        self.torque_over_30_ms = self.torque.iter().filter(|ms| **ms > TORQUE_MS_MAX).count() as u64;
        self.torque_ms = Spread::of(std::mem::take(&mut self.torque));
        self.timer_late_ms = Spread::of(timer_late_ms.to_vec());
        self.sent = frames.load(Ordering::Relaxed);
        self.rate = Rate::of(std::mem::take(&mut self.rates));
        self.seconds = now().0.saturating_sub(self.began_ms) / 1000;
    }

    /// Whether every command fell within a tick and nothing was energised without a person. Milliseconds are not
    /// judged: they are the machine's as much as the firmware's.
    pub const fn passes(&self) -> bool {
        self.command_ticks.max <= 1 && self.energised_afterwards == 0
    }

    /// One line of JSON.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("numbers always have a JSON form")
    }

    /// For people.
    pub fn table(&self) -> String {
        let kind = if self.hostile { "hostile" } else { "valid, in-sequence" };
        let mut text = format!(
            "{} presses of energised robots, {} firmwares, seed {}, {} s; bodies walked {} mm\n\
             {} {kind} frames reached the firmwares, which dropped {}\n\
             frames a second at each firmware between two presses: mean {}, half above {}, 99 % above {}, least {}\n\n",
            self.presses,
            self.firmwares,
            self.seed,
            self.seconds,
            self.walked_mm,
            self.frames,
            self.dropped,
            self.rate.mean,
            self.rate.p50,
            self.rate.p1,
            self.rate.min
        );
        text += &format!("{:<46}{:>7}{:>7}{:>7}{:>7}{:>7}\n", "", "50 %", "90 %", "99 %", "99.9 %", "max");
        text += &self.command_ticks.row("relay command off after sampling, ticks");
        text += &self.contact_ms.row("main contact open after sampling, ms");
        text += &self.torque_ms.row("torque off after sampling (truth log), ms");
        text += &self.timer_late_ms.row("beside it: a plain timer thread was late, ms");
        text += &format!(
            "\nlatest tick {} ms, {} ticks so late that they dropped the motor line\n\
             torque off later than 30 ms: {}\n\
             presses not counted: {} because the robot had stopped by itself, {} without an answer\n\
             energised afterwards without release, reset and arm: {}\n{}",
            self.tick_late_ms_max,
            self.late_ticks,
            self.torque_over_30_ms,
            self.not_energised,
            self.unanswered,
            self.energised_afterwards,
            if self.passes() { "The drill passes." } else { "The drill does not pass." }
        );
        text
    }
}
