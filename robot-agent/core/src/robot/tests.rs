//! A robot without a world: inputs in, outputs out.

mod away;
mod disclosing;
mod marking;

use super::*;
use crate::endorsement::{Stage, Validity};
use crate::execution::Activity;
use crate::orders::tests::row;
use crate::permit::tests::status;
use interlock_link::{Act, Body, Cause, Counters, Phase, StepCount};
use shared::beacon::{self, BeaconTime};
use shared::clearance::Endorsement;
use shared::hlc::Hlc;
use shared::id::TaskId;
use shared::journal::{Chain, Epoch, Record};
use shared::refusal::Code;
use shared::task::TaskRow;
use shared::time::Millis;
use shared::wire::fleet_to_robot::{Ack, Feed, Now, Row, RowBytes};
use shared::wire::robot_to_fleet::Mark;

/// The wall clock at the start: in 2026.
const WALL: WallTime = WallTime(1_795_000_000_000);

/// An endorsement that began a day before the start and ends this long after it, in seconds.
fn endorsement(left_s: u32) -> Vec<u8> {
    let now_s = BeaconTime::from_wall(WALL).secs();
    let key = SigningKey::from_seed(&[1; 32]).public();
    beacon::Endorsement::issue(&ca(), key, now_s - 24 * 3600, now_s + left_s).unwrap().to_pack().to_vec()
}

/// A robot, a server's key, and everything the robot has put out.
struct Bench {
    robot: Robot,
    server: SigningKey,
    at: Instant,
    cursor: u64,
    facts: Vec<Fact>,
    records: Vec<Record>,
    activity: Option<Activity>,
    work: Vec<WorkRow>,
    count: Option<StepCount>,
    may_arm: Option<u32>,
    answers: Vec<LocalAnswer>,
    now_status: (Phase, Cause, u32),
    endorsed: Option<Validity>,
    sits: bool,
    stages: Vec<Stage>,
    holds: bool,
    presses: Option<u32>,
    commits: Vec<Vec<Change>>,
}

fn me() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn loaded() -> Loaded {
    Loaded {
        chain: Chain::begin(&me(), Epoch(1)),
        hlc: Hlc::default(),
        unacked: vec![],
        acked: vec![],
        server_epoch: 5,
        cursor: 0,
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
        clean: true,
    }
}

impl Bench {
    fn new(loaded: Loaded) -> Self {
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
            activity: None,
            work: vec![],
            count: None,
            may_arm: None,
            answers: vec![],
            now_status: (Phase::Energised, Cause::Heartbeat, 7),
            endorsed: None,
            sits: false,
            stages: vec![],
            holds: false,
            presses: Some(0),
            commits: vec![],
        };
        bench.drain();
        bench
    }

    fn input(&mut self, input: Input) {
        self.at = self.at + Millis(50);
        self.robot.handle(input, self.at);
        self.drain();
    }

    fn drain(&mut self) {
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
                Output::Tell(Tell::Stage(stage)) => self.stages.push(stage),
                Output::Tell(Tell::Publish { .. } | Tell::Head { .. }) => {}
            }
        }
    }

    fn commit(&mut self, change: Change) {
        match change {
            Change::Journal(record) => {
                self.facts.push(record.fact().unwrap());
                self.records.push(record);
            }
            Change::Work(work) => self.work.push(work),
            Change::Acked(_)
            | Change::Task { .. }
            | Change::Revoked(_)
            | Change::Cursor { .. }
            | Change::AwaitsPerson(_)
            | Change::ClearanceDue(_)
            | Change::Presses(_)
            | Change::FirmwareLine(_)
            | Change::NowNumber(_)
            | Change::TripEpoch(_)
            | Change::Beacon { .. }
            | Change::Endorsement { .. }
            | Change::Clean(_) => {}
        }
    }

    fn say<T: Encode<()>>(&mut self, channel: Down, body: &T) {
        let bytes = Sealed::seal(&self.server, Context::Down, &me(), body);
        self.input(Input::Message(channel, bytes));
    }

    fn rows(&mut self, rows: &[TaskRow]) {
        let rows: Vec<_> =
            rows.iter().map(|row| RowBytes(shared::wire::to_bytes(&Row::Task { row: row.clone() }))).collect();
        let count = rows.len() as u64;
        self.say(Down::Feed, &Feed { server_epoch: 5, from: self.cursor, rows });
        self.cursor += count;
    }

    fn look(&mut self) {
        let (phase, cause, epoch) = self.now_status;
        let body = Body { x_cm: 0, y_cm: 0, battery_permille: 900, act: Act::Rest, held: self.holds, moving: false };
        let status = Some(status(phase, cause, epoch));
        let counters = self.presses.map(|presses| Counters { presses, boots: 1, energised_s: 0 });
        let (disclosed, heard) = (Some(self.at), Some(self.at));
        self.input(Input::Seen(Seen { status, body: Some(body), count: self.count, counters, disclosed, heard }));
    }

    /// The body answers about the step that is named, as often as the robot asks, until nothing is in hand.
    fn answer(&mut self, count: u8) {
        let activity = self.activity.unwrap();
        let (order, step) = (activity.order, activity.step);
        self.count = Some(StepCount { order, step, count, progress_permille: 0 });
        self.look();
    }

    fn stop(&mut self, phase: Phase, cause: Cause, epoch: u32) {
        self.now_status = (phase, cause, epoch);
        self.look();
    }

    fn resume(&mut self, number: u64, mono: Instant) {
        self.say(Down::Now, &Now::Resume { number, boot: Boot(9), mono_ms: mono.0 });
    }
}

fn ca() -> SigningKey {
    SigningKey::from_seed(&[5; 32])
}

impl Bench {
    fn challenge(&mut self) -> Option<Challenge> {
        self.input(Input::Local(LocalToken(1), LocalAsk::Challenge));
        match self.answers.pop() {
            Some(LocalAnswer::Challenge(challenge)) => challenge,
            other => panic!("{other:?}"),
        }
    }

    fn clear(&mut self, challenge: Challenge, ca: &SigningKey) -> Result<(), BadClearance> {
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

#[test]
fn after_a_button_the_robot_asks_to_be_armed_only_when_an_officer_has_cleared_that_trip() {
    let mut bench = Bench::new(loaded());
    bench.look();
    assert_eq!((bench.may_arm, bench.challenge()), (Some(7), None));
    bench.stop(Phase::Tripped, Cause::Button, 8);
    bench.stop(Phase::Released, Cause::Button, 8);
    assert_eq!(bench.may_arm, None, "also the permission of before is taken back");
    let challenge = bench.challenge().unwrap();
    assert_eq!(bench.clear(challenge, &SigningKey::from_seed(&[9; 32])), Err(BadClearance::NotEndorsed));
    assert_eq!(bench.clear(challenge, &ca()), Ok(()));
    assert_eq!(bench.may_arm, Some(8));
    assert!(bench.facts.contains(&Fact::Cleared { trip_epoch: 8, officer: "M. Ito".into() }));
    assert_eq!(bench.clear(challenge, &ca()), Err(BadClearance::NotDue), "used up");
    bench.stop(Phase::Tripped, Cause::Button, 9);
    assert_eq!(bench.clear(challenge, &ca()), Err(BadClearance::Stale), "for the trip before");
    assert_eq!(bench.may_arm, None);
}

#[test]
fn a_clearance_that_is_due_is_due_after_a_restart_and_after_a_power_cycle() {
    let mut bench = Bench::new(Loaded { clearance_due: true, ..loaded() });
    bench.stop(Phase::Released, Cause::PowerUp, 1001);
    assert_eq!(bench.may_arm, None);
    let challenge = bench.challenge().unwrap();
    assert_eq!(bench.clear(challenge, &ca()), Ok(()));
    assert_eq!(bench.may_arm, Some(1001));
}

#[test]
fn a_clearance_through_the_server_counts_by_the_officers_signature() {
    let mut bench = Bench::new(Loaded { clearance_due: true, ..loaded() });
    bench.stop(Phase::Released, Cause::Button, 8);
    let challenge = bench.challenge().unwrap();
    let officer = SigningKey::from_seed(&[6; 32]);
    let say = |bench: &mut Bench, number, ca: &SigningKey| {
        let endorsement = Endorsement::issue(ca, "M. Ito", officer.public(), WallTime(WALL.0 + 1_000_000));
        let clearance = Clearance::answer(&officer, endorsement, &me(), challenge);
        let mono_ms = bench.at.0;
        bench.say(Down::Now, &Now::Clear { number, boot: Boot(9), mono_ms, clearance: Box::new(clearance) });
    };
    let server = bench.server.clone();
    say(&mut bench, 1, &server);
    assert_eq!(bench.may_arm, None, "the server cannot make officers");
    say(&mut bench, 2, &ca());
    assert_eq!(bench.may_arm, Some(8));
}

fn order(number: u8) -> OrderRef {
    OrderRef { task: TaskId::from_bytes([number; 16]), fence: 1 }
}

#[test]
fn an_order_is_accepted_its_steps_begin_after_they_are_recorded_and_end_when_the_body_says_so() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    assert_eq!(bench.facts.last(), Some(&Fact::Accepted { order: order(1) }));
    bench.look();
    assert_eq!(bench.activity.unwrap().act, None, "first the body is asked");
    bench.answer(0);
    assert_eq!(bench.facts.last(), Some(&Fact::StepStarted { order: order(1), step: 0 }));
    assert!(bench.activity.unwrap().act.is_some());
    for _ in 0..3 {
        bench.answer(1);
        if bench.activity.is_some() {
            bench.answer(0);
        }
    }
    assert_eq!(bench.facts.last(), Some(&Fact::Done { order: order(1) }));
    assert!(bench.work.last().unwrap().ended);
}

#[test]
fn after_a_restart_a_pick_in_doubt_is_settled_by_the_body_and_not_repeated() {
    let begun = WorkRow { task: order(1).task, fence: 1, steps_done: 1, begun: true, ended: false, blocked: None };
    let mut bench = Bench::new(Loaded { tasks: vec![row(1, 1)], work: vec![begun], ..loaded() });
    bench.look();
    assert_eq!((bench.activity.unwrap().step, bench.activity.unwrap().act), (1, None));
    bench.answer(1);
    assert_eq!(bench.facts.last(), Some(&Fact::StepEnded { order: order(1), step: 1 }));
    assert!(!bench.facts.contains(&Fact::StepStarted { order: order(1), step: 1 }));
}

#[test]
fn a_pressed_button_rests_holds_and_nothing_but_a_timely_resume_while_energised_goes_on() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    assert!(bench.activity.is_some());
    bench.stop(Phase::Tripped, Cause::Button, 8);
    assert_eq!(bench.activity, None);
    assert!(bench.facts.contains(&Fact::Held { order: order(1), why: Code::AwaitingPerson }));
    let at = bench.at;
    bench.resume(1, at);
    bench.stop(Phase::Energised, Cause::Button, 8);
    assert_eq!(bench.activity, None, "a resume given while tripped permits nothing later");
    bench.rows(&[row(2, 1)]);
    assert_eq!(bench.activity, None);
    bench.at = bench.at + Millis::secs(10);
    bench.look();
    let at = bench.at;
    bench.resume(1, at);
    bench.resume(2, at - Millis::secs(4));
    bench.resume(3, at + Millis::secs(9));
    assert_eq!(bench.activity, None, "neither a repeated nor a late word counts, nor one from the future");
    let at = bench.at;
    bench.resume(4, at);
    assert!(bench.activity.is_some());
    assert!(bench.facts.contains(&Fact::Resumed { number: 4 }));
}

#[test]
fn a_resume_signed_by_anybody_else_or_for_another_boot_is_not_obeyed() {
    let mut bench = Bench::new(Loaded { awaits_person: true, ..loaded() });
    bench.look();
    let word = Now::Resume { number: 1, boot: Boot(9), mono_ms: bench.at.0 };
    let forged = Sealed::seal(&SigningKey::from_seed(&[66; 32]), Context::Down, &me(), &word);
    bench.input(Input::Message(Down::Now, forged));
    let reflected = Sealed::seal(&bench.server.clone(), Context::Up, &me(), &word);
    bench.input(Input::Message(Down::Now, reflected));
    assert_eq!(bench.robot.malformed(), 2);
    let mono_ms = bench.at.0;
    bench.say(Down::Now, &Now::Resume { number: 1, boot: Boot(8), mono_ms });
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Resumed { .. })));
}

#[test]
fn a_machine_class_stop_goes_on_by_itself_with_the_same_step() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    bench.stop(Phase::Standby, Cause::Beacon, 8);
    assert_eq!(bench.activity, None);
    bench.stop(Phase::Energised, Cause::Beacon, 8);
    assert_eq!(bench.activity.unwrap().trip_epoch, 8);
    assert!(!bench.facts.iter().any(|fact| matches!(fact, Fact::Held { .. })));
}

#[test]
fn a_withdrawn_order_ends_at_once_unless_something_is_held() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1), row(2, 1)]);
    let cancelled = |number| TaskRow { cancel_wanted: true, ..row(number, 1) };
    bench.rows(&[cancelled(2)]);
    assert_eq!(bench.facts.last(), Some(&Fact::Cancelled { order: order(2) }));
    bench.look();
    bench.answer(0);
    bench.answer(1);
    bench.answer(0);
    assert_eq!(bench.facts.last(), Some(&Fact::StepStarted { order: order(1), step: 1 }), "it picks now");
    bench.rows(&[cancelled(1)]);
    assert!(!bench.facts.contains(&Fact::Cancelled { order: order(1) }));
    bench.answer(1);
    bench.answer(0);
    bench.answer(1);
    assert_eq!(bench.facts.last(), Some(&Fact::Done { order: order(1) }), "what was held is put down first");
}

#[test]
fn an_acknowledgement_moves_the_outbox_only_for_our_own_hash_and_epoch() {
    let mut bench = Bench::new(loaded());
    let record = bench.records[0].clone();
    let mark = |hash| Mark { lane: record.entry.lane, seq: 1, hash };
    let before = bench.robot.outbox.len();
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(2), mark: mark(record.hash), stamp: None });
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: mark(shared::seal::Hash([1; 32])), stamp: None });
    assert_eq!(bench.robot.outbox.len(), before);
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: mark(record.hash), stamp: None });
    assert_eq!(bench.robot.outbox.len(), before - 1);
}

#[test]
fn a_silent_body_blocks_the_order_and_the_robot_sleeps_between_questions() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    let asked = bench.at;
    while bench.at < asked + Millis(5001) {
        bench.look();
    }
    assert_eq!(bench.facts.last(), Some(&Fact::Blocked { order: order(1), why: Code::StepInDoubt }));
    assert!(bench.robot.poll_timeout().unwrap() > bench.at, "a past deadline would spin");
}

#[test]
fn a_line_of_the_firmwares_record_is_journalled_once_in_the_commit_that_marks_it() {
    let mut bench = Bench::new(loaded());
    let event = crate::firmware_lines::tests::event(4, "trip");
    for line in [event.line(), event.line(), "no event".into()] {
        bench.input(Input::Firmware(line));
    }
    let is_line = |change: &Change| matches!(change, Change::Journal(record) if record.fact().unwrap() == Fact::Firmware { line: event.line() });
    let with_line: Vec<_> = bench.commits.iter().filter(|commit| commit.iter().any(is_line)).collect();
    let mark = crate::LineMark { n: 4, hash: event.hash() };
    let [commit] = &with_line[..] else { panic!("{with_line:?}") };
    assert!(commit.contains(&Change::FirmwareLine(mark)));
    assert_eq!(bench.robot.malformed(), 1);
    let mut after = Bench::new(Loaded { firmware_lines: vec![mark], ..loaded() });
    let facts = after.facts.len();
    after.input(Input::Firmware(event.line()));
    assert_eq!(after.facts.len(), facts, "also after a restart");
}

#[test]
fn what_the_control_loop_saw_is_void_when_it_falls_silent() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    assert!(bench.activity.unwrap().act.is_some());
    let ends = bench.at + Millis::secs(1);
    assert!(bench.robot.poll_timeout().unwrap() <= ends);
    bench.at = ends;
    bench.robot.handle_timeout(bench.at);
    bench.drain();
    assert_eq!((bench.activity, bench.robot.watch.now(), bench.robot.seen.body), (None, None, None));
    bench.look();
    assert!(bench.activity.is_some(), "it goes on when the loop does");
}

#[test]
fn no_bytes_from_the_network_panic() {
    let mut bench = Bench::new(loaded());
    for length in 0..200u8 {
        for channel in [Down::Ack, Down::Feed, Down::Now] {
            bench.input(Input::Message(channel, vec![length; length.into()]));
        }
    }
    assert_eq!(bench.robot.malformed(), 600);
}
