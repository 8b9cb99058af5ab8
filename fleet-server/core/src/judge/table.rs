//! The table of server change against robot progress, proved by enumeration.
//!
//! The story: a robot works out of reach while a person changes their mind. Its facts arrive in lane order, but cut into
//! batches in every way, repeated, and before or after what the person did. Whatever the order, the task ends in the
//! state that tells what happened, and the robot's copy ends equal to the server's.

use super::*;
use crate::change::Change;
use crate::fixture::{FakeRobot, fleet, given, robot, row, run, state, task_id};
use crate::{Answer, Command, Event, Fleet, Loaded, Tell, Token};
use shared::id::TaskId;
use shared::journal::Record;
use shared::refusal::Code;
use shared::task::{TaskRow, TaskState};
use shared::time::Instant;
use shared::wire::fleet_to_robot::Row;
use std::collections::BTreeMap;

const STATES: [TaskState; 10] = [
    TaskState::Queued,
    TaskState::Assigned,
    TaskState::Dispatched,
    TaskState::Accepted,
    TaskState::Running,
    TaskState::Held,
    TaskState::Blocked,
    TaskState::Done,
    TaskState::Failed,
    TaskState::Cancelled,
];

fn order() -> OrderRef {
    OrderRef { task: task_id(1), fence: 1 }
}

fn every_word() -> Vec<Fact> {
    let (order, why) = (order(), Code::BatteryLow);
    vec![
        Fact::Accepted { order },
        Fact::Refused { order, why },
        Fact::StepStarted { order, step: 0 },
        Fact::StepEnded { order, step: 255 },
        Fact::Held { order, why },
        Fact::Blocked { order, why },
        Fact::Done { order },
        Fact::Failed { order, why },
        Fact::Cancelled { order },
    ]
}

fn judged(task: &TaskRecord, fact: &Fact) -> TaskRecord {
    match judge(Some(task), order(), Word { robot: &robot("r-1"), fact, happened: WallTime(5) }) {
        Verdict::Stays => task.clone(),
        Verdict::Becomes(task) => *task,
        Verdict::Flagged(rule) => panic!("{fact:?} was flagged: {rule:?}"),
    }
}

fn in_state(state: TaskState) -> TaskRecord {
    let given = given(row(1), "r-1");
    TaskRecord { row: TaskRow { state, ..given.row }, ..given }
}

#[test]
fn finished_work_is_never_turned_into_anything_else_and_ends_every_doubt() {
    for before in STATES {
        let done = judged(&in_state(before), &Fact::Done { order: order() });
        assert_eq!(done.row.state, TaskState::Done, "from {before:?}");
        assert_eq!(done.row.late, !before.may_be_on_robot() && before != TaskState::Done);
        for word in every_word() {
            assert_eq!(judged(&done, &word), done, "{word:?} after done from {before:?}");
        }
    }
}

#[test]
fn what_has_ended_changes_only_by_being_done_and_what_is_on_paper_only_so_too() {
    for before in [TaskState::Queued, TaskState::Assigned, TaskState::Failed, TaskState::Cancelled] {
        for word in every_word().into_iter().filter(|word| !matches!(word, Fact::Done { .. })) {
            assert_eq!(judged(&in_state(before), &word), in_state(before), "{word:?} in {before:?}");
        }
    }
}

#[test]
fn saying_it_twice_changes_nothing() {
    for before in STATES {
        for word in every_word() {
            let once = judged(&in_state(before), &word);
            assert_eq!(judged(&once, &word), once, "{word:?} in {before:?}");
        }
    }
}

#[test]
fn a_word_that_cannot_be_right_is_flagged() {
    let fact = &Fact::Done { order: order() };
    let flag = |task: Option<&TaskRecord>, fence, name: &str| {
        let word = Word { robot: &robot(name), fact, happened: WallTime(5) };
        judge(task, OrderRef { fence, ..order() }, word)
    };
    let task = in_state(TaskState::Running);
    assert_eq!(flag(None, 1, "r-1"), Verdict::Flagged(Rule::UnknownTask));
    assert_eq!(flag(Some(&task), 0, "r-1"), Verdict::Flagged(Rule::StaleFence));
    assert_eq!(flag(Some(&task), 2, "r-1"), Verdict::Flagged(Rule::NewerFence));
    assert_eq!(flag(Some(&task), 1, "r-2"), Verdict::Flagged(Rule::NotHolder));
}

#[test]
fn work_that_was_finished_after_its_due_time_is_late() {
    let due = |due_ms| {
        let task = in_state(TaskState::Running);
        TaskRecord { row: TaskRow { due_ms: Some(due_ms), ..task.row }, ..task }
    };
    let done = Fact::Done { order: order() };
    assert!(!judged(&due(5), &done).row.late);
    assert!(judged(&due(4), &done).row.late);
}

// ---- every order of arrival

#[derive(Clone, Copy, Debug, PartialEq)]
enum Person {
    Nothing,
    Cancels,
    AssignsToAnother,
}

/// What a robot may do with an order of two steps, and the state that tells it.
fn scripts() -> Vec<(Vec<Fact>, TaskState)> {
    let (order, why) = (order(), Code::StepInDoubt);
    let accepted = Fact::Accepted { order };
    let start = |step| Fact::StepStarted { order, step };
    let end = |step| Fact::StepEnded { order, step };
    let done = Fact::Done { order };
    vec![
        (vec![accepted.clone(), start(0), end(0), start(1), end(1), done.clone()], TaskState::Done),
        (vec![accepted.clone(), start(0), Fact::Held { order, why }, start(0), end(0), done.clone()], TaskState::Done),
        (vec![accepted.clone(), start(0), Fact::Blocked { order, why }], TaskState::Blocked),
        (vec![accepted.clone(), start(0), Fact::Failed { order, why }], TaskState::Failed),
        (vec![accepted.clone(), start(0), end(0), Fact::Cancelled { order }], TaskState::Cancelled),
        (vec![accepted, Fact::Failed { order, why }, done], TaskState::Done),
        (vec![Fact::Refused { order, why }], TaskState::Queued),
    ]
}

/// The site, the robot's copy as its feed makes it, and the robot's pen.
struct World {
    fleet: Fleet,
    copies: BTreeMap<(RobotId, TaskId), TaskRow>,
    pen: FakeRobot,
}

impl World {
    fn new() -> Self {
        let fleet = fleet(Loaded { tasks: vec![], ..Loaded::default() });
        let mut world = Self { fleet, copies: BTreeMap::new(), pen: FakeRobot::new("r-1", 1) };
        world.give(world.pen.state(&state(1, 1)));
        let new = crate::NewTask {
            id: task_id(1),
            title: "Look".into(),
            kind: row(1).kind,
            zone: row(1).zone,
            from: None,
            priority: 3,
            due_ms: None,
            robot: Some(robot("r-1")),
        };
        world.ask(Command::Create(new));
        assert_eq!(world.row().state, TaskState::Dispatched);
        world
    }

    fn give(&mut self, event: Event) -> Vec<Tell> {
        let (changes, tells) = run(&mut self.fleet, event, Instant(10));
        changes.into_iter().for_each(|change| self.apply(change));
        tells
    }

    fn ask(&mut self, command: Command) -> Option<Answer> {
        let tells = self.give(Event::Command { token: Token(1), command });
        tells.into_iter().find_map(|tell| match tell {
            Tell::Answer { result, .. } => result.ok(),
            Tell::Send { .. } | Tell::TaskChanged(_) | Tell::RobotChanged(_) => None,
        })
    }

    fn apply(&mut self, change: Change) {
        let Change::FeedRow(fed) = change else { return };
        match shared::wire::from_bytes(&fed.row).unwrap() {
            Row::Task { row } => drop(self.copies.insert((fed.robot, row.id), row)),
            Row::Revoke { task } => drop(self.copies.remove(&(fed.robot, task))),
            Row::Endorsement { .. } | Row::Note { .. } | Row::Settled { .. } | Row::Stamp { .. } => {}
        }
    }

    fn row(&self) -> &TaskRow {
        self.fleet.task(task_id(1)).unwrap()
    }

    fn act(&mut self, person: Person) {
        match person {
            Person::Nothing => {}
            Person::Cancels => drop(self.ask(Command::Cancel { task: task_id(1) })),
            Person::AssignsToAnother => drop(self.ask(Command::Assign { task: task_id(1), robot: robot("r-2") })),
        }
    }
}

/// Every way to cut `count` entries into batches: bit i set means that a batch ends after entry i.
fn cuts(count: usize) -> impl Iterator<Item = Vec<std::ops::Range<usize>>> {
    (0..1_usize << (count - 1)).map(move |bits| {
        let ends = (1..count).filter(|i| bits & (1 << (i - 1)) != 0).chain([count]);
        let mut from = 0;
        ends.map(|to| std::mem::replace(&mut from, to)..to).collect()
    })
}

fn expected(told: TaskState, person: Person) -> TaskState {
    match (told, person) {
        // Given back before it was begun: wanted again, by whom the person says.
        (TaskState::Queued, Person::Cancels) => TaskState::Cancelled,
        (TaskState::Queued, Person::Nothing) => TaskState::Queued,
        (state, _) => state,
    }
}

#[test]
fn every_order_of_arrival_ends_in_the_same_truthful_state_and_in_equal_copies() {
    let mut runs = 0;
    for (facts, told) in scripts() {
        for person in [Person::Nothing, Person::Cancels, Person::AssignsToAnother] {
            for batches in cuts(facts.len()) {
                for acts_before in 0..=batches.len() {
                    for repeats in [false, true] {
                        let row = arrival(&facts, &batches, person, acts_before, repeats);
                        check(&row, told, person, &facts);
                        runs += 1;
                    }
                }
            }
        }
    }
    assert!(runs > 1000, "only {runs} arrivals were tried");
}

fn arrival(
    facts: &[Fact],
    batches: &[std::ops::Range<usize>],
    person: Person,
    acts_before: usize,
    repeats: bool,
) -> TaskRow {
    let mut world = World::new();
    let records: Vec<Record> = facts.iter().map(|fact| world.pen.write(fact)).collect();
    for (i, range) in batches.iter().enumerate() {
        if i == acts_before {
            world.act(person);
        }
        // A batch that comes again also comes overlapping: from the beginning of the lane up to its own end.
        world.give(world.pen.batch(&records[range.clone()]));
        if repeats {
            world.give(world.pen.batch(&records[..range.end]));
        }
    }
    if acts_before == batches.len() {
        world.act(person);
    }
    world.give(world.pen.batch(&records));
    let row = world.row().clone();
    let copy = world.copies.get(&(robot("r-1"), row.id));
    let is_mine = row.robot == Some(robot("r-1"));
    assert_eq!(copy, is_mine.then_some(&row), "the robot's copy differs");
    row
}

fn check(row: &TaskRow, told: TaskState, person: Person, facts: &[Fact]) {
    let story = || format!("{facts:?}, the person {person:?}, ended as {row:?}");
    let was_reassigned = told == TaskState::Queued && row.robot == Some(robot("r-2"));
    if was_reassigned {
        return assert_eq!((row.state, person), (TaskState::Assigned, Person::AssignsToAnother), "{}", story());
    }
    assert_eq!(row.state, expected(told, person), "{}", story());
    let is_success = row.state == TaskState::Done;
    assert_eq!(row.why.is_none(), is_success, "a state without its reason: {}", story());
    assert!(!is_success || usize::from(row.steps_done) == row.steps.len(), "{}", story());
}
