//! Commands against a whole fleet.

use super::*;
use crate::fixture::{FakeRobot, WALL, fleet, key, nows, robot, row, run, state, task_id, zone};
use crate::{Event, Loaded, Tell};
use shared::clearance::{Challenge, Endorsement};
use shared::fact::{Interlock, TripCause};

fn new(number: u8) -> NewTask {
    NewTask {
        id: task_id(number),
        title: "Look at cell A".into(),
        kind: TaskKind::Inspection,
        zone: zone("cell-a"),
        from: None,
        priority: 3,
        due_ms: None,
        robot: None,
    }
}

fn ask(fleet: &mut Fleet, command: Command, now: Instant) -> (Result<Answer, Refusal>, Vec<Change>, Vec<Tell>) {
    let (changes, tells) = run(fleet, Event::Command { token: Token(8), command }, now);
    let answer = tells.iter().find_map(|tell| match tell {
        Tell::Answer { token: Token(8), result } => Some(result.clone()),
        Tell::Answer { .. } | Tell::Send { .. } | Tell::TaskChanged(_) | Tell::RobotChanged(_) => None,
    });
    (answer.unwrap(), changes, tells)
}

fn code(result: Result<Answer, Refusal>) -> (Code, Option<&'static str>) {
    let refusal = result.unwrap_err();
    (refusal.code, refusal.field)
}

#[test]
fn asking_twice_makes_one_task_and_asking_otherwise_is_refused() {
    let mut fleet = fleet(Loaded::default());
    let (first, changes, _) = ask(&mut fleet, Command::Create(new(1)), Instant(1));
    assert!(matches!(first, Ok(Answer::Task { created: true, .. })));
    assert!(matches!(changes[..], [Change::Task(_)]));
    let (again, changes, _) = ask(&mut fleet, Command::Create(new(1)), Instant(2));
    assert!(matches!(again, Ok(Answer::Task { created: false, .. })));
    assert_eq!(changes, vec![]);
    let other = NewTask { priority: 1, ..new(1) };
    assert_eq!(code(ask(&mut fleet, Command::Create(other), Instant(3)).0), (Code::IdReused, Some("id")));
    assert_eq!(fleet.tasks().count(), 1);
}

#[test]
fn a_wish_that_cannot_be_is_refused_with_its_field() {
    let mut fleet = fleet(Loaded::default());
    let cases = [
        (NewTask { title: String::new(), ..new(1) }, Code::BadBody, "title"),
        (NewTask { title: "x".repeat(201), ..new(1) }, Code::BadBody, "title"),
        (NewTask { title: "a\nb".into(), ..new(1) }, Code::BadBody, "title"),
        (NewTask { priority: 0, ..new(1) }, Code::BadBody, "priority"),
        (NewTask { priority: 6, ..new(1) }, Code::BadBody, "priority"),
        (NewTask { zone: zone("moon"), ..new(1) }, Code::UnknownZone, "zone"),
        (NewTask { from: Some(zone("store")), ..new(1) }, Code::BadBody, "from"),
        (NewTask { kind: TaskKind::Kitting, ..new(1) }, Code::BadBody, "from"),
        (NewTask { kind: TaskKind::Kitting, from: Some(zone("moon")), ..new(1) }, Code::UnknownZone, "from"),
        (NewTask { robot: Some(robot("r-9")), ..new(1) }, Code::UnknownRobot, "robot"),
    ];
    for (wish, wanted, field) in cases {
        let (result, changes, _) = ask(&mut fleet, Command::Create(wish.clone()), Instant(1));
        assert_eq!(code(result), (wanted, Some(field)), "{wish:?}");
        assert_eq!(changes, vec![]);
    }
}

#[test]
fn an_import_with_one_bad_row_imports_nothing() {
    let mut fleet = fleet(Loaded::default());
    let bad = NewTask { zone: zone("moon"), ..new(3) };
    let (result, changes, _) = ask(&mut fleet, Command::Import(vec![new(1), new(2), bad]), Instant(1));
    assert_eq!(result.unwrap_err().row, Some(2));
    assert_eq!((changes.len(), fleet.tasks().count()), (0, 0));
    let (result, _, _) = ask(&mut fleet, Command::Import(vec![new(1), new(2)]), Instant(1));
    let Ok(Answer::Imported(rows)) = result else { panic!("not imported") };
    assert_eq!(rows.iter().map(TaskRow::code).collect::<Vec<_>>(), ["T-00001", "T-00002"]);
}

#[test]
fn an_order_goes_out_when_its_robot_is_heard_and_then_to_no_other() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    let _ = ask(&mut fleet, Command::Create(NewTask { robot: Some(robot("r-1")), ..new(1) }), Instant(1));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Assigned);
    run(&mut fleet, r1.state(&state(1, 1)), Instant(50));
    let sent = fleet.task(task_id(1)).unwrap();
    assert_eq!((sent.state, sent.fence, sent.steps.len()), (TaskState::Dispatched, 1, 2));
    let other = Command::Assign { task: task_id(1), robot: robot("r-2") };
    assert_eq!(code(ask(&mut fleet, other, Instant(60)).0).0, Code::AlreadySent);
    let nobody = Command::Assign { task: task_id(1), robot: robot("r-9") };
    assert_eq!(code(ask(&mut fleet, nobody, Instant(60)).0), (Code::UnknownRobot, Some("robot")));
    let nothing = Command::Assign { task: task_id(2), robot: robot("r-1") };
    assert_eq!(code(ask(&mut fleet, nothing, Instant(60)).0).0, Code::NotFound);
}

#[test]
fn a_robot_that_was_not_heard_for_a_while_gets_its_order_when_it_is_heard_again() {
    let mut fleet = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    run(&mut fleet, r1.state(&state(1, 1)), Instant(0));
    let _ = ask(&mut fleet, Command::Create(NewTask { robot: Some(robot("r-1")), ..new(1) }), Instant(10_001));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Assigned);
    run(&mut fleet, r1.state(&state(1, 1)), Instant(20_000));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Assigned, "a repeated state is not a sign of life");
    run(&mut fleet, r1.state(&state(1, 2)), Instant(20_001));
    assert_eq!(fleet.task(task_id(1)).unwrap().state, TaskState::Dispatched);
}

#[test]
fn a_resume_is_sent_now_or_refused_and_its_number_rises_over_a_restart() {
    let mut first = fleet(Loaded::default());
    let r1 = FakeRobot::new("r-1", 1);
    let resume = || Command::Resume { robot: robot("r-1") };
    assert_eq!(code(ask(&mut first, resume(), Instant(0)).0).0, Code::NotHeard);
    run(&mut first, r1.state(&state(1, 10)), Instant(0));
    assert_eq!(code(ask(&mut first, resume(), Instant(1)).0).0, Code::NothingHeld);
    run(&mut first, r1.state(&State { awaits_person: true, ..state(1, 11) }), Instant(100));
    assert_eq!(code(ask(&mut first, resume(), Instant(2101)).0).0, Code::NotHeard);
    let (result, changes, tells) = ask(&mut first, resume(), Instant(2100));
    let Ok(Answer::Requested { number }) = result else { panic!("refused") };
    assert_eq!(nows(&tells, "r-1"), vec![Now::Resume { number, boot: r1.boot, mono_ms: 11 }]);
    assert_eq!(changes, vec![Change::NowNumber { robot: robot("r-1"), number }]);

    let mut second = fleet(Loaded { now_numbers: vec![(robot("r-1"), WALL.0 + 50)], ..Loaded::default() });
    run(&mut second, r1.state(&State { awaits_person: true, ..state(1, 11) }), Instant(100));
    let (result, _, _) = ask(&mut second, resume(), Instant(100));
    assert_eq!(result, Ok(Answer::Requested { number: WALL.0 + 51 }));
    let nobody = Command::Resume { robot: robot("r-9") };
    assert_eq!(code(ask(&mut second, nobody, Instant(100)).0).0, Code::NotFound);
}

#[test]
fn a_task_that_has_ended_takes_no_assignment() {
    let ended = TaskRecord { row: TaskRow { state: TaskState::Failed, ..row(1) }, given_to: None };
    let mut fleet = fleet(Loaded { tasks: vec![ended], ..Loaded::default() });
    let assign = Command::Assign { task: task_id(1), robot: robot("r-1") };
    assert_eq!(code(ask(&mut fleet, assign, Instant(1)).0).0, Code::TaskEnded);
    assert_eq!(code(ask(&mut fleet, Command::Cancel { task: task_id(1) }, Instant(1)).0).0, Code::TaskEnded);
}

#[test]
fn a_robot_without_power_is_not_resumed_and_a_clearance_is_carried_only_for_the_challenge_that_waits() {
    let r1 = FakeRobot::new("r-1", 1);
    let mut fleet = fleet(Loaded::default());
    let challenge = Challenge { trip_epoch: 8, random: [3; 16] };
    let off = Interlock { phase: InterlockPhase::Released, cause: TripCause::Button, trip_epoch: 8 };
    let waiting = State { awaits_person: true, interlock: Some(off), ..state(1, 11) };
    run(&mut fleet, r1.state(&waiting), Instant(100));
    let refused = |fleet: &mut Fleet, command| code(ask(fleet, command, Instant(100)).0).0;
    let resume = || Command::Resume { robot: robot("r-1") };
    assert_eq!(refused(&mut fleet, resume()), Code::InterlockOpen);
    let clear = |challenge| {
        let endorsement = Endorsement::issue(&key(8), "M. Ito", key(7).public(), WALL);
        Command::Clear(Box::new(Clearance::answer(&key(7), endorsement, &robot("r-1"), challenge)))
    };
    assert_eq!(refused(&mut fleet, clear(challenge)), Code::BadClearance, "none is due");
    run(&mut fleet, r1.state(&State { mono_ms: 12, clearance: Some(challenge), ..waiting }), Instant(100));
    assert_eq!(refused(&mut fleet, resume()), Code::ClearanceDue);
    assert_eq!(refused(&mut fleet, clear(Challenge { trip_epoch: 7, ..challenge })), Code::BadClearance);
    let (result, _, tells) = ask(&mut fleet, clear(challenge), Instant(100));
    assert!(matches!(result, Ok(Answer::Requested { .. })));
    assert!(matches!(nows(&tells, "r-1")[..], [Now::Clear { .. }]));
}
