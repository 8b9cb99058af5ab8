//! The safety controller's own record, in its real form: numbered, chained and signed lines.

use interlock_link::Cause;
use shared::firmware_record::{Event, Happening};
use shared::seal::{Hash, SigningKey};

/// How old an edge of motion may be when it is written, and how many are kept.
const EDGE_MS_MAX: u64 = 5_000;
const EDGES_MAX: usize = 8;

/// The lines so far.
pub struct ControllerRecord {
    key: SigningKey,
    head: Hash,
    lines: Vec<String>,
    boot: u64,
    is_moving: bool,
    /// Edges of motion since the last line: written before the next one, if they are new enough.
    edges: Vec<(u64, &'static str)>,
    /// The last disclosure that was heard since the last line.
    heard: Option<u64>,
}

impl ControllerRecord {
    /// An empty record.
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            head: Hash::default(),
            lines: Vec::new(),
            boot: 0,
            is_moving: false,
            edges: Vec::new(),
            heard: None,
        }
    }

    /// The power came on: what was only remembered is gone. Times are by the machine's clock, which began anew.
    pub fn wake(&mut self, trip_epoch: u32) {
        self.boot += 1;
        self.is_moving = false;
        (self.edges, self.heard) = (Vec::new(), None);
        self.add("power_up", Cause::PowerUp, trip_epoch, 0);
    }

    /// The body reports whether it moves.
    pub fn see_body(&mut self, is_moving: bool, now_ms: u64) {
        if is_moving != self.is_moving {
            self.is_moving = is_moving;
            self.edges.push((now_ms, if is_moving { "moves" } else { "rests" }));
        }
    }

    /// The receiver took a disclosure.
    pub const fn hear(&mut self, now_ms: u64) {
        self.heard = Some(now_ms);
    }

    /// Adds what happened at `now_ms`, behind what was seen before it.
    pub fn add(&mut self, ev: &str, cause: Cause, trip_epoch: u32, now_ms: u64) {
        let edges = std::mem::take(&mut self.edges);
        let first = edges.len().saturating_sub(EDGES_MAX);
        let mut seen = edges[first..].to_vec();
        seen.extend(self.heard.take().map(|at| (at, "heard")));
        seen.sort_by_key(|(at, _)| *at);
        for (at, word) in seen.iter().filter(|(at, _)| now_ms - at <= EDGE_MS_MAX) {
            self.write(word, cause, trip_epoch, *at);
        }
        self.write(ev, cause, trip_epoch, now_ms);
    }

    fn write(&mut self, ev: &str, cause: Cause, trip_epoch: u32, t_ms: u64) {
        let what = Happening { t_ms, boot: self.boot, trip_epoch, ev: ev.to_owned(), cause: word(cause).to_owned() };
        let event = Event::seal(what, self.lines.len() as u64 + 1, self.head, &self.key);
        self.head = event.hash();
        self.lines.push(event.line());
    }

    /// The lines behind the first `told`.
    pub fn behind(&self, told: usize) -> &[String] {
        &self.lines[told.min(self.lines.len())..]
    }
}

const fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Heartbeat => "heartbeat",
        Cause::Beacon => "beacon",
        Cause::Session => "session",
        Cause::Button => "button",
        _ => "power_up",
    }
}
