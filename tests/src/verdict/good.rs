//! A history in which nothing is wrong, written by hand-made robots; each test spoils one thing of it.
//!
//! Two robots, five tasks each: four inspections and one kitting. `r-1` is cut off during its third task, the button of
//! `r-2` is pressed while it walks in its fourth.

use super::history::{Act, Deed, Event, History, Kept, Phase, Replica, Robot, Server, Truth};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::journal::{Boot, Chain, Epoch, Lane, Stamp};
use shared::task::{OrderRef, Step, TaskKind, TaskRow, TaskState};
use shared::time::Instant;
use shared::wire::fleet_to_robot::Row;
use shared::wire::robot_to_fleet::Mark;
use shared::wire::to_bytes;
use shared::zone::Point;
use std::collections::BTreeMap;

/// The server's epoch.
pub const SERVER_EPOCH: u64 = 77;

/// A name.
pub fn id(name: &str) -> RobotId {
    RobotId::parse(name).unwrap()
}

/// The task with that number.
pub fn task(number: u32) -> TaskId {
    TaskId::from_bytes([u8::try_from(number).unwrap(); 16])
}

/// The order under which it was given out.
pub fn order(number: u32) -> OrderRef {
    OrderRef { task: task(number), fence: 1 }
}

/// A history that passes.
pub fn good() -> History {
    let server = Server { epoch: SERVER_EPOCH, facts: BTreeMap::new(), tasks: BTreeMap::new(), feed: BTreeMap::new() };
    let mut history = History { acts: Vec::new(), robots: BTreeMap::new(), server };
    for (name, first) in [("r-1", 1), ("r-2", 11)] {
        let mut shift = Shift::begin(name);
        for number in first..first + 5 {
            shift.give(number, steps_of(number));
            shift.work(number, &mut history.acts);
        }
        shift.end(&mut history);
    }
    history
}

fn steps_of(number: u32) -> Vec<Step> {
    let walk = Step::WalkTo { to: Point { x_cm: 100, y_cm: 200 } };
    let kitting = vec![walk, Step::Pick { work_ds: 20 }, walk, Step::Place { work_ds: 20 }];
    if number % 10 == 1 { kitting } else { vec![walk, Step::Inspect { work_ds: 30 }] }
}

/// The number of the task during which `r-1` is cut off.
pub const CUT_DURING: u32 = 3;
/// The number of the task during which the button of `r-2` is pressed.
pub const PRESSED_DURING: u32 = 14;

/// One robot's shift as it is written.
struct Shift {
    id: RobotId,
    now_ms: u64,
    chain: Chain,
    journal: Vec<Kept>,
    truth: Vec<Truth>,
    events: Vec<Event>,
    feed: BTreeMap<u64, Vec<u8>>,
    rows: BTreeMap<TaskId, TaskRow>,
}

impl Shift {
    fn begin(name: &str) -> Self {
        let id = id(name);
        let chain = Chain::begin(&id, Epoch(5));
        let (journal, truth, events, feed, rows) = Default::default();
        let mut shift = Self { id, now_ms: 1_000, chain, journal, truth, events, feed, rows };
        shift.note(&Fact::AgentStarted { clean: true });
        shift.event("power_up");
        shift.event("energised");
        shift
    }

    fn note(&mut self, fact: &Fact) {
        self.now_ms += 10;
        let stamp = Stamp { boot: Boot(1), mono: Instant(self.now_ms), hlc: Hlc(self.now_ms) };
        let record = self.chain.append(fact, stamp);
        let (cseq, lane, lane_seq) = (record.entry.cseq, record.entry.lane, record.entry.lane_seq);
        let (epoch, hash, entry, body) = (self.chain.epoch, record.hash, record.entry_bytes, record.body);
        self.journal.push(Kept { epoch, cseq, lane, lane_seq, hash, entry, body, boot_ms: 0 });
    }

    fn event(&mut self, ev: &str) {
        self.now_ms += 10;
        self.events.push(Event { t_ms: self.now_ms, ev: ev.to_owned() });
    }

    fn deed(&mut self, what: Deed) {
        self.now_ms += 100;
        self.truth.push(Truth { t_ms: self.now_ms, what });
    }

    fn act(&mut self, acts: &mut Vec<Act>, act: &str) {
        for phase in [Phase::Before, Phase::After] {
            self.now_ms += 1;
            let robot = Some(self.id.clone());
            acts.push(Act { t_ms: self.now_ms, act: act.to_owned(), robot, phase, tasks: Vec::new() });
        }
    }

    fn give(&mut self, number: u32, steps: Vec<Step>) {
        let row = TaskRow {
            id: task(number),
            number,
            title: format!("task {number}"),
            kind: TaskKind::Inspection,
            zone: ZoneId::parse("north").unwrap(),
            from: None,
            priority: 3,
            due_ms: None,
            state: TaskState::Dispatched,
            robot: Some(self.id.clone()),
            fence: 1,
            steps,
            steps_done: 0,
            cancel_wanted: false,
            why: None,
            late: false,
        };
        self.feed(&row);
        self.rows.insert(row.id, row);
        self.note(&Fact::Accepted { order: order(number) });
    }

    fn feed(&mut self, row: &TaskRow) {
        let seq = self.feed.len() as u64 + 1;
        self.feed.insert(seq, to_bytes(&Row::Task { row: row.clone() }));
    }

    fn work(&mut self, number: u32, acts: &mut Vec<Act>) {
        if number == CUT_DURING {
            self.act(acts, "cut");
        }
        let steps = self.rows[&task(number)].steps.clone();
        for (step, what) in (0..).zip(&steps) {
            self.step(number, step, what, acts);
        }
        self.note(&Fact::Done { order: order(number) });
        if number == CUT_DURING {
            self.act(acts, "restore");
        }
        let row = self.rows.get_mut(&task(number)).unwrap();
        (row.state, row.steps_done) = (TaskState::Done, u8::try_from(steps.len()).unwrap());
        let row = row.clone();
        self.feed(&row);
    }

    fn step(&mut self, number: u32, step: u8, what: &Step, acts: &mut Vec<Act>) {
        let (order, tag) = (order(number), order(number).tag());
        self.note(&Fact::StepStarted { order, step });
        self.deed(Deed::Begun { order: tag, step });
        if matches!(what, Step::WalkTo { .. }) {
            self.deed(Deed::Moved { d_mm: 140 });
        }
        if number == PRESSED_DURING && step == 0 {
            self.stop_by_button(acts);
        }
        self.deed(Deed::Finished { order: tag, step, act: act_of(what).to_owned() });
        self.note(&Fact::StepEnded { order, step });
    }

    fn stop_by_button(&mut self, acts: &mut Vec<Act>) {
        self.act(acts, "press");
        self.events.push(Event { t_ms: self.now_ms - 1, ev: "button_pressed".to_owned() });
        self.event("trip");
        self.deed(Deed::Moved { d_mm: 4 });
        self.now_ms += 2_000;
        self.act(acts, "release");
        self.act(acts, "reset");
        self.event("reset");
        self.event("energised");
        self.act(acts, "resume");
        self.deed(Deed::Moved { d_mm: 140 });
    }

    fn end(self, history: &mut History) {
        let mark = |lane: Lane| {
            let newest = self.journal.iter().rfind(|kept| kept.lane == lane);
            newest.map(|kept| Mark { lane, seq: kept.lane_seq, hash: kept.hash })
        };
        let newest_rows = self.rows.values().map(|row| (row.id, to_bytes(&Row::Task { row: row.clone() })));
        let replica = Replica {
            epoch: self.chain.epoch,
            server_epoch: SERVER_EPOCH,
            cursor: self.feed.len() as u64,
            acked: Lane::ALL.into_iter().filter_map(mark).collect(),
            tasks: newest_rows.collect(),
            journal: self.journal.clone(),
        };
        history.server.tasks.extend(self.rows.values().map(|row| (row.id, to_bytes(row))));
        history.server.facts.insert(self.id.clone(), self.journal);
        history.server.feed.insert(self.id.clone(), self.feed);
        history.robots.insert(self.id, Robot { truth: self.truth, events: self.events, replica });
    }
}

const fn act_of(step: &Step) -> &'static str {
    match step {
        Step::WalkTo { .. } => "walk",
        Step::Pick { .. } => "pick",
        Step::Place { .. } => "place",
        Step::Inspect { .. } => "inspect",
        Step::TendMachine { .. } => "tend",
        Step::Charge { .. } => "charge",
    }
}
