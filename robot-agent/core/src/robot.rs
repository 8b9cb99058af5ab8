//! The driver's machine: everything that a robot decides and that has to survive a crash.
//!
//! Inputs: [`Input`]. After each one drain `poll_output`: *rest* may be carried out at once, the *commit* must be on
//! disk before anything behind it is told. The parts are plain values in their own files; here and in
//! `robot/` is only the way between them: *listening* to the server, *working* by what the firmware shows, *speaking*.

mod clearing;
mod endorsing;
mod listening;
mod marking;
mod speaking;
mod witnessing;
mod working;

use crate::Seen;
use crate::beacon_clock::{self, BeaconClock, BeaconMark};
use crate::change::{Change, Loaded, WorkRow};
use crate::clearance::ClearanceDesk;
use crate::endorsement::{EndorsementDesk, NotTaken};
use crate::execution::Execution;
use crate::feed::FeedCursor;
use crate::firmware_lines::FirmwareLines;
use crate::interlock_watch::InterlockWatch;
use crate::orders::Orders;
use crate::outbound::{Outbound, Output, Tell};
use crate::outbox::Outbox;
use crate::presses::PressCount;
use crate::recorder::Recorder;
use crate::report::Report;
use crate::session::Session;
use crate::witness::Edge;
use shared::beacon::DisclosureId;
use shared::clearance::{BadClearance, Challenge, Clearance};
use shared::fact::Fact;
use shared::id::RobotId;
use shared::journal::Boot;
use shared::machine::Machine;
use shared::seal::{Context, PublicKey, SigningKey};
use shared::task::OrderRef;
use shared::time::{Instant, WallTime};
use shared::wire::Encode;
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::{Connection, ConnectionWord};
use shared::wire::topic::{Down, Up};
use witnessing::Open;

/// Who this robot is and whom it obeys.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name.
    pub robot: RobotId,
    /// The key it signs with.
    pub key: SigningKey,
    /// The server's key; nothing else is obeyed.
    pub site_key: PublicKey,
    /// The site CA's key, which endorses safety officers and the keys that robots disclose with.
    pub ca_key: PublicKey,
}

/// What is drawn at random for one life of the process.
#[derive(Clone, Copy)]
pub struct Secrets {
    /// Tells hellos apart.
    pub seed: u64,
    /// Makes challenges unforeseeable.
    pub challenge: [u8; 32],
}

/// Ties an answer to somebody who asks at the robot itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalToken(pub u64);

/// What may be asked at the robot itself, without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAsk {
    /// Which challenge waits for an officer.
    Challenge,
    /// An officer's answer to it.
    Clear(Box<Clearance>),
    /// An endorsement of this robot's key, carried here by hand: a link pack.
    Endorse(Vec<u8>),
}

/// What is answered there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAnswer {
    /// The challenge that waits; `None` when no clearance is due.
    Challenge(Option<Challenge>),
    /// The trip is cleared, or why not.
    Cleared(Result<(), BadClearance>),
    /// The endorsement is taken and holds until then, in seconds since 2019, or why it is not taken.
    Endorsed(Result<u32, NotTaken>),
}

/// What may happen to the driver.
#[derive(Debug)]
pub enum Input {
    /// A reading of the wall clock; at least every few seconds.
    Wall(WallTime),
    /// A connection to the broker stands and its subscription is confirmed.
    Connected,
    /// The connection is gone.
    Disconnected,
    /// Bytes on one of this robot's `down` topics.
    Message(Down, Vec<u8>),
    /// What the control loop last saw.
    Seen(Seen),
    /// What the control loop saw begin and end since it told last, oldest first.
    Witnessed(Vec<Edge>),
    /// A line of the firmware's own record; most were told before.
    Firmware(String),
    /// Somebody at the robot asks.
    Local(LocalToken, LocalAsk),
    /// The process is asked to end.
    Shutdown,
}

/// The driver's machine.
#[derive(Debug)]
pub struct Robot {
    identity: Identity,
    recorder: Recorder,
    outbox: Outbox,
    session: Session,
    feed: FeedCursor,
    orders: Orders,
    execution: Execution,
    watch: InterlockWatch,
    clearance: ClearanceDesk,
    presses: PressCount,
    firmware_lines: FirmwareLines,
    may_arm: Option<u32>,
    endorsement: EndorsementDesk,
    report: Report,
    beacon: BeaconClock,
    beacon_saved: Instant,
    open: Open,
    seen: Seen,
    seen_at: Instant,
    now_number: u64,
    malformed: u64,
    server_unpacks: bool,
    out: Outbound,
}

impl Robot {
    /// Takes up where the replica left off and records the start.
    #[must_use]
    pub fn start(
        identity: Identity,
        loaded: Loaded,
        boot: Boot,
        secrets: Secrets,
        wall: WallTime,
        now: Instant,
    ) -> Self {
        let beacon = BeaconClock::start(wall, loaded.beacon, boot, now);
        let (own, ca) = (identity.key.public(), identity.ca_key);
        let mut robot = Self {
            outbox: Outbox::new(&loaded.acked, loaded.unacked),
            recorder: Recorder::new(loaded.chain, boot, loaded.hlc),
            session: Session::new(secrets.seed),
            feed: FeedCursor { server_epoch: loaded.server_epoch, cursor: loaded.cursor },
            orders: Orders::new(identity.robot.clone(), loaded.tasks, loaded.work),
            execution: Execution::new(),
            watch: InterlockWatch::new(loaded.trip_epoch, loaded.awaits_person),
            clearance: ClearanceDesk::new(loaded.clearance_due, secrets.challenge),
            presses: PressCount::new(loaded.presses),
            firmware_lines: FirmwareLines::new(loaded.firmware_lines),
            may_arm: None,
            endorsement: EndorsementDesk::new(own, ca, &loaded.endorsements, beacon.time(now).secs()),
            report: Report::default(),
            beacon,
            beacon_saved: now,
            open: Open::default(),
            seen: Seen::default(),
            seen_at: now,
            now_number: loaded.now_number,
            malformed: 0,
            server_unpacks: false,
            identity,
            out: Outbound::default(),
        };
        robot.recorder.set_wall(wall, now);
        robot.out.change(Change::Clean(false));
        robot.save_beacon_time(now);
        robot.tell_of_the_process_before(loaded.beacon.filter(|_| !loaded.clean), now);
        robot.record(&Fact::AgentStarted { clean: loaded.clean }, now);
        robot.record(&Fact::DisclosureStarted { id: robot.disclosure_id() }, now);
        robot.tell_endorsement();
        robot
    }

    /// The clock that the control loop discloses with. Valid once the first commit is on disk.
    #[must_use]
    pub const fn beacon_clock(&self) -> BeaconClock {
        self.beacon
    }

    /// Offers an endorsement before the first drain.
    ///
    /// # Errors
    /// [`NotTaken`] when it is not taken in place of the one there is.
    pub fn offer_endorsement(&mut self, pack: &[u8], now: Instant) -> Result<u32, NotTaken> {
        self.endorse(pack, now)
    }

    /// Messages that were not obeyed because they were not what they claimed to be.
    #[must_use]
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }

    /// The signed word for the retained connection topic, of the connection with this number.
    #[must_use]
    pub fn connection_word(identity: &Identity, word: Connection, link: u64) -> Vec<u8> {
        Sealed::seal(&identity.key, Context::Up, &identity.robot, &ConnectionWord { word, link })
    }

    fn record(&mut self, fact: &Fact, now: Instant) {
        self.recorder.record(fact, now, &mut self.outbox, &mut self.out);
    }

    /// Journals a line of the firmware's record once, whatever the agent thinks of it: it is the firmware's evidence.
    fn relay(&mut self, line: String, now: Instant) {
        match self.firmware_lines.take(&line) {
            Ok(Some(mark)) => {
                self.out.change(Change::FirmwareLine(mark));
                self.record(&Fact::Firmware { line }, now);
            }
            Ok(None) => {}
            Err(_) => self.malformed += 1,
        }
    }

    fn publish<T: Encode<()>>(&mut self, channel: Up, body: &T) {
        let seal = if self.server_unpacks { Sealed::seal_packed } else { Sealed::seal };
        let payload = seal(&self.identity.key, Context::Up, &self.identity.robot, body);
        self.out.tell(Tell::Publish { channel, payload });
    }

    fn save_beacon_time(&mut self, now: Instant) {
        self.beacon_saved = now;
        let time_ds = |at: Instant| self.beacon.time(at).ds();
        let heard_ds = self.open.heard.map(time_ds);
        let mark = BeaconMark { boot: self.recorder.boot(), mono: now, time_ds: time_ds(now), heard_ds };
        self.out.change(Change::Beacon { id: self.disclosure_id(), mark });
    }

    fn disclosure_id(&self) -> [u8; 16] {
        DisclosureId::of(&self.identity.key.public()).0
    }

    fn settle(&mut self, now: Instant) {
        if now >= self.beacon_saved + beacon_clock::SAVE_EVERY {
            self.save_beacon_time(now);
            self.tend_mark(now);
        }
        self.forget_old_sight(now);
        self.tend_endorsement(now);
        self.advance(now);
        self.speak(now);
    }
}

const fn order_of(work: &WorkRow) -> OrderRef {
    OrderRef { task: work.task, fence: work.fence }
}

impl Machine for Robot {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Instant) {
        match input {
            Input::Wall(wall) => self.recorder.set_wall(wall, now),
            Input::Connected => {
                self.session.connected();
                self.outbox.forget_sent();
                self.report.forget();
            }
            Input::Disconnected => self.session.disconnected(),
            Input::Message(channel, bytes) => self.message(channel, &bytes, now),
            Input::Seen(seen) => self.see(seen, now),
            Input::Witnessed(edges) => self.witness(&edges, now),
            Input::Firmware(line) => self.relay(line, now),
            Input::Local(token, ask) => self.local(token, ask, now),
            Input::Shutdown => {
                self.rest();
                self.close_record(now);
                self.save_beacon_time(now);
                self.out.change(Change::Clean(true));
                return;
            }
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.out.poll()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let talk = [
            self.session.poll_timeout(),
            self.report.poll_timeout(),
            self.session.is_welcome().then(|| self.outbox.poll_timeout()).flatten(),
        ];
        let talk = talk.into_iter().flatten().filter(|_| self.session.is_connected());
        let always = [
            Some(self.beacon_saved + beacon_clock::SAVE_EVERY),
            self.execution.poll_timeout(),
            self.sight_ends(),
            self.endorsement.poll_timeout(&self.beacon),
        ];
        talk.chain(always.into_iter().flatten()).min()
    }
}

#[cfg(test)]
mod tests;
