//! A robot and everything it has put out, with the words that the stories are told in.

use super::*;
use crate::telemetry::{Keep, TelemetryLoaded, Wanted};

/// The wall clock at the start: in 2026.
pub(super) const WALL: WallTime = WallTime(1_795_000_000_000);

/// An endorsement that began a day before the start and ends this long after it, in seconds.
pub(super) fn endorsement(left_s: u32) -> Vec<u8> {
    let now_s = BeaconTime::from_wall(WALL).secs();
    let key = SigningKey::from_seed(&[1; 32]).public();
    beacon::Endorsement::issue(&ca(), key, now_s - 24 * 3600, now_s + left_s).unwrap().to_pack().to_vec()
}

/// A robot, a server's key, and everything the robot has put out.
pub(super) struct Bench {
    pub(super) robot: Robot,
    pub(super) server: SigningKey,
    pub(super) at: Instant,
    pub(super) cursor: u64,
    pub(super) facts: Vec<Fact>,
    pub(super) records: Vec<Record>,
    pub(super) epoch: Epoch,
    pub(super) recalls: Vec<(Lane, RangeInclusive<u64>)>,
    pub(super) published: Vec<Vec<u8>>,
    pub(super) reconnects: u32,
    pub(super) activity: Option<Activity>,
    pub(super) work: Vec<WorkRow>,
    pub(super) count: Option<StepCount>,
    pub(super) may_arm: Option<u32>,
    pub(super) answers: Vec<LocalAnswer>,
    pub(super) now_status: (Phase, Cause, u32),
    pub(super) endorsed: Option<Validity>,
    pub(super) sits: bool,
    pub(super) clock: Option<BeaconClock>,
    pub(super) stages: Vec<Stage>,
    pub(super) seats: Vec<Seat>,
    pub(super) place: Point,
    pub(super) holds: bool,
    pub(super) presses: Option<u32>,
    pub(super) commits: Vec<Vec<Change>>,
    pub(super) kept: Vec<Keep>,
    pub(super) wanted: Vec<Wanted>,
}

pub(super) fn me() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

pub(super) fn loaded() -> Loaded {
    Loaded {
        discontinuity: None,
        chain: Chain::begin(&me(), Epoch(1)),
        hlc: Hlc::default(),
        unacked: vec![],
        acked: vec![],
        server_epoch: 5,
        cursor: 0,
        is_mixed: false,
        snapshot: None,
        aside: vec![],
        tasks: vec![],
        work: vec![],
        awaits_person: false,
        clearance_due: false,
        presses: Some(0),
        firmware_lines: vec![],
        now_number: 0,
        trip_epoch: 7,
        beacon: None,
        endorsements: vec![endorsement(7 * 24 * 3600)],
        milestones: vec![],
        telemetry: TelemetryLoaded::default(),
        edits: vec![],
        notes: vec![],
        seen_stamp: Hlc::default(),
        clean: true,
    }
}

impl Bench {
    pub(super) fn new(loaded: Loaded) -> Self {
        let server = SigningKey::from_seed(&[2; 32]);
        let key = SigningKey::from_seed(&[1; 32]);
        let identity = Identity { robot: me(), key, site_key: server.public(), ca_key: ca().public() };
        let cursor = loaded.cursor;
        let secrets = Secrets { seed: 3, challenge: [4; 32] };
        let robot = Robot::start(identity, loaded, Boot(9), secrets, WALL, Instant(0));
        let mut bench = Self {
            robot,
            server,
            at: Instant(0),
            cursor,
            facts: vec![],
            records: vec![],
            epoch: Epoch(1),
            recalls: vec![],
            published: vec![],
            reconnects: 0,
            activity: None,
            work: vec![],
            count: None,
            may_arm: None,
            answers: vec![],
            now_status: (Phase::Energised, Cause::Heartbeat, 7),
            endorsed: None,
            sits: false,
            clock: None,
            stages: vec![],
            seats: vec![],
            place: Point { x_cm: 0, y_cm: 0 },
            holds: false,
            presses: Some(0),
            commits: vec![],
            kept: vec![],
            wanted: vec![],
        };
        bench.robot.feed_head = Some(0);
        bench.drain();
        bench
    }

    pub(super) fn input(&mut self, input: Input) {
        self.at = self.at + Millis(50);
        self.robot.handle(input, self.at);
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Rest => self.activity = None,
                Output::ForbidArm => self.may_arm = None,
                Output::Commit(changes) => {
                    self.commits.push(changes.clone());
                    changes.into_iter().for_each(|change| self.commit(change));
                }
                Output::Tell(Tell::Act(activity)) => self.activity = Some(activity),
                Output::Tell(Tell::MayArm { trip_epoch }) => self.may_arm = Some(trip_epoch),
                Output::Tell(Tell::Local { answer, .. }) => self.answers.push(answer),
                Output::Tell(Tell::Endorsed { validity, .. }) => self.endorsed = Some(validity),
                Output::Tell(Tell::SitDown) => self.sits = true,
                Output::Tell(Tell::Seated(seat)) => self.seats.push(seat),
                Output::Tell(Tell::Stage(stage)) => self.stages.push(stage),
                Output::Tell(Tell::Recall { lane, range }) => self.recalls.push((lane, range)),
                Output::Tell(Tell::Publish { payload, .. }) => self.published.push(payload),
                Output::Keep(keeps) => self.kept.extend(keeps),
                Output::Tell(Tell::Telemetry(wanted)) => self.wanted.push(wanted),
                Output::Tell(Tell::Reconnect) => self.reconnects += 1,
                Output::Tell(Tell::Clock(clock, _)) => self.clock = Some(clock),
                Output::Tell(Tell::Head { .. }) => {}
            }
        }
    }

    pub(super) fn commit(&mut self, change: Change) {
        match change {
            Change::Journal(record) => {
                self.facts.push(record.fact().unwrap());
                self.records.push(record);
            }
            Change::Work(work) => self.work.push(work),
            Change::Epoch(epoch) => self.epoch = epoch,
            Change::Acked(_)
            | Change::Task { .. }
            | Change::Revoked(_)
            | Change::Cursor { .. }
            | Change::Mixed(_)
            | Change::SnapshotBegun(_)
            | Change::SnapshotChunk { .. }
            | Change::SnapshotEnded { .. }
            | Change::Aside(_)
            | Change::TakenFromAside(_)
            | Change::Stamp(_)
            | Change::AwaitsPerson(_)
            | Change::ClearanceDue(_)
            | Change::Presses(_)
            | Change::FirmwareLine(_)
            | Change::NowNumber(_)
            | Change::TripEpoch(_)
            | Change::Beacon { .. }
            | Change::Endorsement { .. }
            | Change::Telemetry(_)
            | Change::Pruned(_)
            | Change::Edit(_)
            | Change::EditSettled(_)
            | Change::Note { .. }
            | Change::NoteForgotten(_)
            | Change::SeenStamp(_)
            | Change::Clean(_) => {}
        }
    }

    pub(super) fn say<T: Encode<()>>(&mut self, channel: Down, body: &T) {
        let bytes = Sealed::seal(&self.server, Context::Down, &me(), body);
        self.input(Input::Message(channel, bytes));
    }

    pub(super) fn rows(&mut self, rows: &[TaskRow]) {
        let rows: Vec<_> =
            rows.iter().map(|row| RowBytes(shared::wire::to_bytes(&Row::Task { row: row.clone() }))).collect();
        let count = rows.len() as u64;
        self.say(Down::Feed, &Feed { server_epoch: 5, from: self.cursor, rows });
        self.cursor += count;
    }

    pub(super) fn look(&mut self) {
        let (phase, cause, epoch) = self.now_status;
        let Point { x_cm, y_cm } = self.place;
        let body = Body { x_cm, y_cm, battery_permille: 900, act: Act::Rest, held: self.holds, moving: false };
        let status = Some(status(phase, cause, epoch));
        let counters = self.presses.map(|presses| Counters { presses, boots: 1, energised_s: 0 });
        let (disclosed, heard) = (Some(self.at), Some(self.at));
        self.input(Input::Seen(Seen { status, body: Some(body), count: self.count, counters, disclosed, heard }));
    }

    /// The body answers about the step that is named, as often as the robot asks, until nothing is in hand.
    pub(super) fn answer(&mut self, count: u8) {
        let activity = self.activity.unwrap();
        let (order, step) = (activity.order, activity.step);
        self.count = Some(StepCount { order, step, count, progress_permille: 0 });
        self.look();
    }

    pub(super) fn stop(&mut self, phase: Phase, cause: Cause, epoch: u32) {
        self.now_status = (phase, cause, epoch);
        self.look();
    }

    pub(super) fn resume(&mut self, number: u64, mono: Instant) {
        self.say(Down::Now, &Now::Resume { number, boot: Boot(9), mono_ms: mono.0 });
    }
}

pub(super) fn ca() -> SigningKey {
    SigningKey::from_seed(&[5; 32])
}

impl Bench {
    pub(super) fn challenge(&mut self) -> Option<Challenge> {
        self.input(Input::Local(LocalToken(1), LocalAsk::Challenge));
        match self.answers.pop() {
            Some(LocalAnswer::Challenge(challenge)) => challenge,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn clear(&mut self, challenge: Challenge, ca: &SigningKey) -> Result<(), BadClearance> {
        let officer = SigningKey::from_seed(&[6; 32]);
        let endorsement = Endorsement::issue(ca, "M. Ito", officer.public(), WallTime(WALL.0 + 1_000_000));
        let clearance = Clearance::answer(&officer, endorsement, &me(), challenge);
        self.input(Input::Local(LocalToken(1), LocalAsk::Clear(Box::new(clearance))));
        match self.answers.pop() {
            Some(LocalAnswer::Cleared(result)) => result,
            other => panic!("{other:?}"),
        }
    }
}
