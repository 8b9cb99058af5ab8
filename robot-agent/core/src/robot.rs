//! The driver's machine: everything that a robot decides and that has to survive a crash.
//!
//! Inputs: [`Input`]. After each one drain `poll_output`: *rest* may be carried out at once, the *commit* must be on
//! disk before anything behind it is told. The parts are plain values in their own files; here and in
//! `robot/` is only the way between them: *continuing* the record, *listening* to the server, *working* by what the firmware
//! shows, *speaking*.

mod clearing;
mod continuing;
mod editing;
mod endorsing;
mod input;
mod listening;
mod marking;
mod measuring;
mod replicating;
mod speaking;
mod storing;
mod timing;
mod witnessing;
mod working;

use crate::Seen;
use crate::aside::Aside;
use crate::beacon_clock::{self, BeaconClock, BeaconMark, ServerTime};
use crate::change::{Change, Loaded, WorkRow};
use crate::clearance::ClearanceDesk;
use crate::edits::Edits;
use crate::endorsement::{EndorsementDesk, NotTaken};
use crate::execution::Execution;
use crate::feed::FeedCursor;
use crate::firmware_lines::FirmwareLines;
use crate::intake::Intake;
use crate::interlock_watch::InterlockWatch;
use crate::orders::Orders;
use crate::outbound::{Outbound, Output, Tell};
use crate::outbox::Outbox;
use crate::presses::PressCount;
use crate::recorder::Recorder;
use crate::report::Report;
use crate::retention::Retention;
use crate::retreat::Retreat;
use crate::session::Session;
use crate::storage::Storage;
use crate::watchdog::Watchdog;
pub use editing::ShownTask;
pub use input::{Identity, Input, LocalAnswer, LocalAsk, LocalEdit, LocalToken, Secrets};
use measuring::History;
use shared::beacon::DisclosureId;
use shared::fact::{DeadCause, Fact};
use shared::field::OpId;
use shared::journal::Boot;
use shared::machine::Machine;
use shared::seal::{Context, Hash};
use shared::task::OrderRef;
use shared::time::{Instant, WallTime};
use shared::wire::Encode;
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::{BATCH_LEN_MAX, BODY_LEN_MAX, Connection, ConnectionWord};
use shared::wire::topic::Up;
use shared::zone::Point;
use std::collections::BTreeSet;
use witnessing::Open;

/// The driver's machine.
#[derive(Debug)]
pub struct Robot {
    identity: Identity,
    recorder: Recorder,
    outbox: Outbox,
    session: Session,
    watchdog: Watchdog,
    feed: FeedCursor,
    /// The newest row of the feed when the server answered this connection's hello. Rows up to it may be of long ago.
    feed_head: Option<u64>,
    intake: Intake,
    aside: Aside,
    orders: Orders,
    edits: Edits,
    execution: Execution,
    watch: InterlockWatch,
    clearance: ClearanceDesk,
    presses: PressCount,
    firmware_lines: FirmwareLines,
    may_arm: Option<u32>,
    endorsement: EndorsementDesk,
    retreat: Retreat,
    report: Report,
    beacon: BeaconClock,
    beacon_saved: Instant,
    server_time: Option<ServerTime>,
    /// Since when what is disclosed is behind what was disclosed before, until it is heard.
    went_back: Option<Instant>,
    open: Open,
    seen: Seen,
    seen_at: Instant,
    now_number: u64,
    malformed: u64,
    /// Makes epochs that are drawn later in this life of the process unlike any other.
    epoch_seed: Hash,
    server_unpacks: bool,
    refuses_snapshots: bool,
    is_mixed: bool,
    /// The open edits that the server had taken when it welcomed this robot.
    taken: BTreeSet<OpId>,
    history: History,
    storage: Storage,
    /// Most bytes of entries in a batch.
    batch_room: usize,
    retention: Retention,
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
        let history = History::start(loaded.telemetry, secrets.telemetry_epoch(), now);
        let mut robot = Self {
            outbox: Outbox::new(&loaded.acked, loaded.unacked),
            recorder: Recorder::new(loaded.chain, boot, loaded.hlc),
            session: Session::new(secrets.seed),
            watchdog: Watchdog::default(),
            intake: Intake::new(loaded.snapshot),
            aside: Aside::new(&loaded.aside),
            feed: FeedCursor { server_epoch: loaded.server_epoch, cursor: loaded.cursor },
            feed_head: None,
            orders: Orders::new(identity.robot.clone(), loaded.tasks, loaded.work),
            edits: Edits::new(loaded.edits, loaded.notes, loaded.seen_stamp),
            execution: Execution::new(),
            watch: InterlockWatch::new(loaded.trip_epoch, loaded.awaits_person),
            clearance: ClearanceDesk::new(loaded.clearance_due, secrets.challenge),
            presses: PressCount::new(loaded.presses),
            firmware_lines: FirmwareLines::new(loaded.firmware_lines),
            may_arm: None,
            endorsement: EndorsementDesk::new(own, ca, &loaded.endorsements, beacon.time(now).secs()),
            retreat: Retreat::default(),
            report: Report::default(),
            beacon,
            beacon_saved: now,
            server_time: None,
            went_back: loaded.discontinuity.as_ref().and_then(|found| found.before).map(|_| now),
            open: Open::default(),
            seen: Seen::default(),
            seen_at: now,
            now_number: loaded.now_number,
            malformed: 0,
            epoch_seed: Hash::of(&[b"epoch-seed/v1\0", &secrets.seed.to_be_bytes(), &secrets.challenge]),
            server_unpacks: false,
            refuses_snapshots: false,
            is_mixed: loaded.is_mixed,
            taken: BTreeSet::new(),
            history,
            storage: Storage::default(),
            batch_room: BATCH_LEN_MAX,
            retention: Retention::new(loaded.milestones),
            identity,
            out: Outbound::default(),
        };
        robot.recorder.set_wall(wall, now);
        robot.out.change(Change::Clean(false));
        robot.begin_history(loaded.telemetry, now);
        robot.save_beacon_time(now);
        // A database that was put back knows only how long the process lived that wrote it, not the ones since.
        let left = loaded.beacon.filter(|_| !loaded.clean && loaded.discontinuity.is_none());
        if let Some(discontinuity) = loaded.discontinuity {
            robot.begin_epoch(discontinuity, now);
        }
        robot.tell_of_the_process_before(left, now);
        robot.record(&Fact::AgentStarted { clean: loaded.clean }, now);
        robot.record(&Fact::DisclosureStarted { id: robot.disclosure_id() }, now);
        robot.tell_endorsement();
        robot.take_from_aside(&loaded.aside, now);
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

    /// Names the point where the robot sits in nobody's way; without one it sits where it stands.
    pub const fn retreats_to(&mut self, safe_point: Point) {
        self.retreat.set_point(safe_point);
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

    /// Writes a fact into the journal. One that no message can carry would be in its lane's way for ever: it becomes a dead
    /// letter, which is told in its place.
    fn record(&mut self, fact: &Fact, now: Instant) {
        let bytes = shared::wire::to_bytes(fact);
        if bytes.len() > BODY_LEN_MAX {
            return self.bury(DeadCause::TooLarge, &bytes, now);
        }
        self.recorder.record(fact, now, &mut self.outbox, &mut self.out);
        self.retention.note(self.recorder.chain(), self.recorder.wall(now));
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
        let payload = self.sealed(body);
        self.out.tell(Tell::Publish { channel, payload });
    }

    fn sealed<T: Encode<()>>(&self, body: &T) -> Vec<u8> {
        let seal = if self.server_unpacks { Sealed::seal_packed } else { Sealed::seal };
        seal(&self.identity.key, Context::Up, &self.identity.robot, body)
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
        self.tend_clock(now);
        self.tend_endorsement(now);
        self.advance(now);
        self.tend_storage(now);
        self.measure(now);
        self.speak(now);
        self.watch_connection(now);
    }

    fn watch_connection(&mut self, now: Instant) {
        let something_waits = !self.session.is_welcome() || self.outbox.len() > 0;
        if self.watchdog.bites(self.session.is_connected() && something_waits, now) {
            self.out.tell(Tell::Reconnect);
        }
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
            Input::PacketMax(len_max) => self.batch_room = speaking::batch_room(len_max),
            Input::Connected => {
                self.session.connected();
                self.feed_head = None;
                self.watchdog.heard();
                self.outbox.forget_sent();
                self.report.forget();
            }
            Input::Disconnected => self.session.disconnected(),
            Input::Message(channel, bytes) => self.message(channel, &bytes, now),
            Input::Seen(seen) => self.see(seen, now),
            Input::Witnessed(edges) => self.witness(&edges, now),
            Input::Firmware(line) => self.relay(line, now),
            Input::Local(token, ask) => self.local(token, ask, now),
            Input::Recalled(lane, records) => self.recalled(lane, records, now),
            Input::Telemetry(wanted, read) => self.telemetry(wanted, &read, now),
            Input::Storage(reading) => self.storage_measured(reading),
            Input::StorageFull => self.storage_filled(now),
            Input::Shutdown => {
                self.rest();
                self.close_record(now);
                self.save_beacon_time(now);
                self.end_history();
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
            self.watchdog.poll_timeout(),
            self.session.is_welcome().then(|| self.outbox.poll_timeout()).flatten(),
            self.session.is_welcome().then(|| self.history.next_batch()).flatten(),
        ];
        let talk = talk.into_iter().flatten().filter(|_| self.session.is_connected());
        let always = [
            Some(self.beacon_saved + beacon_clock::SAVE_EVERY),
            Some(self.history.next_sample()),
            self.execution.poll_timeout(),
            self.sight_ends(),
            self.endorsement.poll_timeout(&self.beacon),
        ];
        talk.chain(always.into_iter().flatten()).min()
    }
}

#[cfg(test)]
mod tests;
