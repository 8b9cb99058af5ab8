//! The agent as the control thread knows it: its frames boiled down to one mail a tick, and what it is told.

use super::motion::Motors;
use super::teller::Teller;
use crate::link::{FRAMES_WAITING_MAX, FromAgent, Link, ToAgent};
use crate::record::Recorder;
use interlock::{Cause, Mail, Phase, Status};
use interlock_link::{Body, Counters, Counts, FromInterlock, Ids, Inbox, Sender, Setpoint};
use rustix::process::geteuid;
use shared::time::Instant;

const STATUS_EVERY_MS: u64 = 50;
const BODY_EVERY_MS: u64 = 100;
const COUNTERS_EVERY_MS: u64 = 1000;

#[derive(Debug)]
pub(super) struct Agent {
    ids: Ids,
    inbox: Inbox,
    sender: Sender<FromInterlock>,
    link: Link,
    /// Number of the connection; what is meant for an earlier one is not written to this one.
    connection: u64,
    /// Mail of a connection that was replaced within the tick: a stop in it still counts.
    carried: Mail,
    /// Frames of earlier connections.
    counts_before: Counts,
    /// Connection and nonce of the newest session, and its number since the firmware started.
    greeted: Option<(u64, u64)>,
    session: u32,
    said: Said,
    teller: Teller,
}

/// What the agent was told last.
#[derive(Debug, Default)]
struct Said {
    status_at: Instant,
    body_at: Instant,
    counters_at: Instant,
    stop: Option<(Phase, Cause, u32)>,
    presses: Option<u32>,
    count: Option<(u64, u8, u8)>,
}

impl Agent {
    /// `lines` are those of the event list at the start.
    pub(super) fn new(robot: &str, link: Link, lines: u64) -> Self {
        let ids = Ids::of_robot(robot, 0);
        Self {
            ids,
            inbox: Inbox::new(ids),
            sender: Sender::firmware(ids),
            link,
            connection: 0,
            carried: Mail::default(),
            counts_before: Counts::default(),
            greeted: None,
            session: 0,
            said: Said::default(),
            teller: Teller::new(lines),
        }
    }

    /// Number of the newest session since the firmware started; 0 = none yet.
    pub(super) const fn session(&self) -> u32 {
        self.session
    }

    /// Takes everything that has arrived, and answers a greeting.
    pub(super) fn listen(&mut self, now: Instant, recorder: &Recorder) -> Mail {
        for _ in 0..FRAMES_WAITING_MAX {
            match self.link.incoming.try_recv() {
                Ok(FromAgent::Frame(cut)) => self.inbox.push(cut.bytes(), wire_ms(now)),
                Ok(FromAgent::Connected { uid }) => self.begin_connection(uid, recorder),
                Ok(FromAgent::Gone) => recorder.say("the agent is gone".to_owned()),
                Err(_) => break,
            }
        }
        if let Some(nonce) = self.inbox.take_hello() {
            self.welcome(nonce, now, recorder);
        }
        let (carried, mail) = (std::mem::take(&mut self.carried), self.inbox.take());
        merged(carried, mail)
    }

    /// The newest setpoint that came in this session since the last tick.
    pub(super) fn take_setpoint(&mut self) -> Option<Setpoint> {
        self.inbox.take_setpoint()
    }

    /// A session does not outlive the power; hanging up is how the agent learns of it.
    pub(super) fn lose_power(&mut self) {
        self.counts_before = sum(&self.counts_before, &self.inbox.counts());
        self.inbox = Inbox::new(self.ids);
        self.sender = Sender::firmware(self.ids);
        self.carried = Mail::default();
        self.link.send(ToAgent::HangUp { connection: self.connection });
    }

    fn begin_connection(&mut self, uid: u32, recorder: &Recorder) {
        self.carried = merged(self.carried, self.inbox.take());
        self.counts_before = sum(&self.counts_before, &self.inbox.counts());
        self.inbox = Inbox::new(self.ids);
        self.connection += 1;
        let is_separate = uid != 0 && uid != geteuid().as_raw();
        let words = if is_separate { "a uid of its own" } else { "one uid: separation NOT SHOWN" };
        recorder.say(format!("an agent connected as uid {uid}, {words}"));
    }

    fn welcome(&mut self, nonce: u64, now: Instant, recorder: &Recorder) {
        self.send(FromInterlock::Welcome { nonce }, now);
        self.said = Said::default();
        if self.greeted != Some((self.connection, nonce)) {
            self.greeted = Some((self.connection, nonce));
            self.session = self.session.wrapping_add(1);
            self.teller.restart();
            recorder.say(format!("session {} of the agent", self.session));
        }
    }

    /// Says what is due, and what is new at once.
    pub(super) fn speak(&mut self, status: &Status, motors: &Motors, recorder: &Recorder, now: Instant) {
        self.teller.listen(recorder);
        if self.inbox.session().is_some() {
            let with_status = self.say_status(status, now);
            self.say_counters(recorder.counters(), now);
            self.say_body(motors, now);
            self.say_record(with_status, recorder, now);
        }
        // Also rings for a Welcome.
        self.link.ring();
    }

    fn say_status(&mut self, status: &Status, now: Instant) -> bool {
        let stop = Some((status.phase, status.cause, status.trip_epoch));
        let is_due = now.since(self.said.status_at).0 >= STATUS_EVERY_MS;
        if is_due || stop != self.said.stop {
            self.said.status_at = now;
            self.said.stop = stop;
            self.send(FromInterlock::Status(*status), now);
        }
        is_due
    }

    fn say_counters(&mut self, counters: Counters, now: Instant) {
        let is_due = now.since(self.said.counters_at).0 >= COUNTERS_EVERY_MS;
        if is_due || self.said.presses != Some(counters.presses) {
            self.said.counters_at = now;
            self.said.presses = Some(counters.presses);
            self.send(FromInterlock::Counters(counters), now);
        }
    }

    fn say_body(&mut self, motors: &Motors, now: Instant) {
        let count = motors.step_count();
        let counted = count.map(|count| (count.order, count.step, count.count));
        let is_due = now.since(self.said.body_at).0 >= BODY_EVERY_MS;
        if !is_due && counted == self.said.count {
            return;
        }
        self.said.body_at = now;
        self.said.count = counted;
        self.send(FromInterlock::Body(body_of(motors)), now);
        if let Some(count) = count {
            self.send(FromInterlock::StepCount(count), now);
        }
    }

    fn say_record(&mut self, with_status: bool, recorder: &Recorder, now: Instant) {
        for fragment in self.teller.speak(with_status, recorder) {
            let frame = self.sender.encode(FromInterlock::Record(fragment), wire_ms(now));
            self.link.send(ToAgent::Spare { connection: self.connection, frame });
        }
    }

    fn send(&mut self, word: FromInterlock, now: Instant) {
        let frame = self.sender.encode(word, wire_ms(now));
        self.link.send(ToAgent::Frame { connection: self.connection, frame });
    }

    /// Frames that were judged and taken.
    pub(super) fn taken(&self) -> u64 {
        u64::from(sum(&self.counts_before, &self.inbox.counts()).accepted)
    }

    /// Frames that were thrown away, by reason.
    pub(super) fn dropped(&self) -> [(&'static str, u64); 9] {
        let counts = sum(&self.counts_before, &self.inbox.counts());
        [
            ("link_length", counts.length),
            ("link_version", counts.version),
            ("link_crc", counts.crc),
            ("link_kind", counts.kind),
            ("link_payload", counts.payload),
            ("link_session", counts.session),
            ("link_sequence", counts.sequence),
            ("link_age", counts.age),
            ("link_flood", counts.flood),
        ]
        .map(|(word, count)| (word, u64::from(count)))
    }
}

/// The clock as frames carry it: its low 32 bits.
const fn wire_ms(now: Instant) -> u32 {
    now.0 as u32
}

fn merged(a: Mail, b: Mail) -> Mail {
    Mail { word: a.word.max(b.word), link_errors: a.link_errors.saturating_add(b.link_errors) }
}

fn body_of(motors: &Motors) -> Body {
    let report = motors.body();
    let act = interlock_link::Act::from_u8(report.act).unwrap_or(interlock_link::Act::Rest);
    Body {
        x_cm: report.x_cm,
        y_cm: report.y_cm,
        battery_permille: report.battery_permille,
        act,
        held: report.held,
        moving: report.moving,
    }
}

fn sum(a: &Counts, b: &Counts) -> Counts {
    Counts {
        accepted: a.accepted.saturating_add(b.accepted),
        length: a.length.saturating_add(b.length),
        version: a.version.saturating_add(b.version),
        crc: a.crc.saturating_add(b.crc),
        kind: a.kind.saturating_add(b.kind),
        payload: a.payload.saturating_add(b.payload),
        session: a.session.saturating_add(b.session),
        sequence: a.sequence.saturating_add(b.sequence),
        age: a.age.saturating_add(b.age),
        flood: a.flood.saturating_add(b.flood),
    }
}
