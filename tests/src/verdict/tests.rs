//! A good run passes, and each way to fail is found: every test spoils one thing of the good run.

use super::good::{SERVER_EPOCH, good, id, order, task};
use super::history::{Deed, Event, History, Kept, Robot, Truth};
use super::{Verdict, verdict};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::journal::{Boot, Chain, Lane, Record, Stamp};
use shared::task::{TaskRow, TaskState};
use shared::time::Instant;
use shared::wire::fleet_to_robot::Row;
use shared::wire::{from_bytes, to_bytes};

/// The figures of the good run after `spoil`.
fn spoiled(spoil: impl FnOnce(&mut History)) -> Verdict {
    let mut history = good();
    spoil(&mut history);
    let verdict = verdict(&history);
    assert!(!verdict.passes(), "nothing was found: {verdict:?}");
    verdict
}

fn r1(history: &mut History) -> &mut Robot {
    history.robots.get_mut(&id("r-1")).unwrap()
}

fn r2(history: &mut History) -> &mut Robot {
    history.robots.get_mut(&id("r-2")).unwrap()
}

fn facts(history: &mut History) -> &mut Vec<Kept> {
    history.server.facts.get_mut(&id("r-1")).unwrap()
}

/// When the first sample, fact or event of a kind was written.
fn event_ms(robot: &Robot, ev: &str) -> u64 {
    robot.events.iter().find(|event| event.ev == ev).unwrap().t_ms
}

fn moved(t_ms: u64) -> Truth {
    Truth { t_ms, what: Deed::Moved { d_mm: 9 } }
}

/// Figures that count things found wrong: lost, doubled, motion, untrue.
fn faults(verdict: &Verdict) -> [usize; 4] {
    [verdict.lost, verdict.doubled, verdict.motion_while_tripped, verdict.untrue]
}

#[test]
fn a_good_run_passes() {
    let verdict = verdict(&good());
    assert_eq!(verdict.failures, Vec::<String>::new());
    assert_eq!((verdict.tasks_done, verdict.done_offline, faults(&verdict)), (10, 1, [0; 4]));
    assert!(verdict.replicas_equal && verdict.pressed_robot_was_moving && verdict.acked > 50);
}

#[test]
fn an_acknowledged_entry_that_the_server_never_stored_is_lost() {
    let verdict = spoiled(|history| drop(facts(history).pop()));
    assert_eq!(faults(&verdict), [1, 0, 0, 0]);
}

#[test]
fn an_entry_that_is_not_acknowledged_yet_is_not_lost() {
    let mut history = good();
    facts(&mut history).pop();
    let newest = r1(&mut history).replica.journal.iter().rev().filter(|kept| kept.lane == Lane::Work).nth(1).unwrap();
    let (seq, hash) = (newest.lane_seq, newest.hash);
    let mark = r1(&mut history).replica.acked.iter_mut().find(|mark| mark.lane == Lane::Work).unwrap();
    (mark.seq, mark.hash) = (seq, hash);
    assert_eq!((verdict(&history).lost, verdict(&history).unacked), (0, 1));
}

#[test]
fn an_acknowledged_entry_that_the_robot_forgot_is_lost() {
    let verdict = spoiled(|history| drop(r1(history).replica.journal.pop()));
    assert_eq!(verdict.lost, 1, "{:?}", verdict.failures);
}

#[test]
fn an_entry_that_the_server_has_otherwise_is_lost() {
    let verdict = spoiled(|history| {
        let last = facts(history).pop().unwrap();
        let before = facts(history).clone();
        facts(history).push(forged(&before, &last));
    });
    assert_eq!(verdict.lost, 1, "{:?}", verdict.failures);
}

/// Another entry in the place of `last`, with a hash of its own that fits the chain.
fn forged(before: &[Kept], last: &Kept) -> Kept {
    let mut chain = Chain::begin(&id("r-1"), last.epoch);
    for kept in before {
        chain.advance(&kept.record().unwrap());
    }
    let fact = Fact::Done { order: order(1) };
    let record = chain.append(&fact, Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(9) });
    kept(last, record)
}

fn kept(like: &Kept, record: Record) -> Kept {
    let (cseq, lane, lane_seq) = (record.entry.cseq, record.entry.lane, record.entry.lane_seq);
    Kept { epoch: like.epoch, cseq, lane, lane_seq, hash: record.hash, entry: record.entry_bytes, body: record.body }
}

#[test]
fn a_watermark_with_a_foreign_hash_is_lost() {
    let verdict = spoiled(|history| r1(history).replica.acked[0].hash = Default::default());
    assert_eq!(faults(&verdict), [1, 0, 0, 0]);
}

#[test]
fn a_changed_byte_in_the_servers_record_breaks_its_chain() {
    let verdict = spoiled(|history| facts(history)[4].body[1] ^= 1);
    assert_eq!(verdict.lost, 1);
    assert!(verdict.failures.iter().any(|line| line.contains("server's record of r-1")), "{:?}", verdict.failures);
}

#[test]
fn a_changed_byte_in_the_robots_record_breaks_its_chain() {
    let verdict = spoiled(|history| r1(history).replica.journal[4].entry[3] ^= 1);
    assert!(verdict.lost >= 1);
    assert!(verdict.failures.iter().any(|line| line.contains("the record on r-1")), "{:?}", verdict.failures);
}

#[test]
fn work_that_was_acknowledged_and_whose_task_is_gone_is_lost() {
    let verdict = spoiled(|history| drop(history.server.tasks.remove(&task(2))));
    assert!(verdict.lost >= 1);
    assert!(verdict.failures.iter().any(|line| line.contains("does not have the task")), "{:?}", verdict.failures);
}

#[test]
fn finished_work_that_the_server_stored_and_did_not_mark_is_lost() {
    let verdict = spoiled(|history| set_state_everywhere(history, 2, TaskState::Running));
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([1, 0, 0, 0], true));
}

/// Changes a task's state in all copies alike.
fn set_state_everywhere(history: &mut History, number: u32, state: TaskState) {
    let bytes = history.server.tasks.get_mut(&task(number)).unwrap();
    let mut row: TaskRow = from_bytes(bytes).unwrap();
    row.state = state;
    *bytes = to_bytes(&row);
    let feed = history.server.feed.get_mut(&id("r-1")).unwrap();
    let head = feed.last_key_value().map_or(0, |(seq, _)| *seq) + 1;
    feed.insert(head, to_bytes(&Row::Task { row: row.clone() }));
    let replica = &mut r1(history).replica;
    replica.cursor = head;
    replica.tasks.insert(row.id, to_bytes(&Row::Task { row }));
}

#[test]
fn a_task_that_an_import_was_told_it_made_and_is_gone_is_lost() {
    let verdict = spoiled(|history| {
        let mut import = history.acts[1].clone();
        (import.act, import.tasks) = ("import".to_owned(), vec!["T-00001".to_owned(), "T-00999".to_owned()]);
        history.acts.push(import);
    });
    assert_eq!(faults(&verdict), [1, 0, 0, 0]);
}

#[test]
fn a_pick_that_the_body_finished_twice_is_doubled() {
    let verdict = spoiled(|history| {
        let pick = |truth: &&Truth| matches!(&truth.what, Deed::Finished { act, .. } if act == "pick");
        let again = r1(history).truth.iter().find(pick).unwrap().clone();
        r1(history).truth.push(again);
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn an_inspection_that_the_body_finished_twice_is_not_doubled() {
    let mut history = good();
    let look = |truth: &&Truth| matches!(&truth.what, Deed::Finished { act, .. } if act == "inspect");
    let again = r1(&mut history).truth.iter().find(look).unwrap().clone();
    r1(&mut history).truth.push(again);
    assert!(verdict(&history).passes());
}

#[test]
fn a_task_that_two_robots_finished_is_doubled() {
    let verdict = spoiled(|history| {
        let what = Deed::Finished { order: order(2).tag(), step: 1, act: "inspect".to_owned() };
        r2(history).truth.push(Truth { t_ms: 9_000, what });
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn a_step_begun_after_its_end_was_recorded_is_doubled() {
    let verdict = spoiled(|history| {
        let what = Deed::Begun { order: order(2).tag(), step: 0 };
        r1(history).truth.push(Truth { t_ms: 1_000_000, what });
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn an_end_that_the_server_was_told_twice_is_doubled() {
    let verdict = spoiled(|history| {
        let replica = &r1(history).replica;
        let mut chain = Chain::begin(&id("r-1"), replica.epoch);
        replica.journal.iter().for_each(|kept| chain.advance(&kept.record().unwrap()));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1_000_000), hlc: Hlc(9) };
        let again = kept(&replica.journal[0], chain.append(&Fact::Done { order: order(2) }, stamp));
        r1(history).replica.journal.push(again.clone());
        facts(history).push(again);
    });
    assert_eq!(faults(&verdict), [0, 1, 0, 0]);
}

#[test]
fn motion_after_a_trip_is_found_and_the_grace_is_not() {
    let trip_ms = event_ms(&good().robots[&id("r-2")], "button_pressed");
    let mut history = good();
    r2(&mut history).truth.push(moved(trip_ms + 129));
    assert!(verdict(&history).passes());
    let verdict = spoiled(|history| {
        history.acts.retain(|act| act.act != "release" && act.act != "reset" || act.robot != Some(id("r-2")));
        history.acts.retain(|act| act.act != "press" || act.phase == super::history::Phase::Before);
        r2(history).truth.push(moved(trip_ms + 150));
    });
    assert_eq!(faults(&verdict), [0, 0, 1, 0]);
}

#[test]
fn motion_after_a_press_is_found_without_a_word_of_the_controller() {
    let pressed_ms = event_ms(&good().robots[&id("r-2")], "button_pressed");
    let verdict = spoiled(|history| {
        r2(history).events.retain(|event| event.ev != "button_pressed" && event.ev != "trip");
        r2(history).truth.push(moved(pressed_ms + 1_000));
    });
    assert_eq!(faults(&verdict), [0, 0, 1, 0]);
}

#[test]
fn motion_before_the_first_energy_of_a_boot_is_found() {
    let early = spoiled(|history| r1(history).truth.insert(0, moved(1)));
    assert_eq!(faults(&early), [0, 0, 1, 0]);
    let again = spoiled(|history| {
        r1(history).events.push(Event { t_ms: 1_000_000, ev: "power_up".to_owned() });
        r1(history).truth.push(moved(1_000_500));
    });
    assert_eq!(faults(&again), [0, 0, 1, 0]);
}

#[test]
fn a_byte_of_a_task_that_differs_on_the_robot_makes_the_replicas_unequal() {
    let verdict = spoiled(|history| r1(history).replica.tasks.get_mut(&task(3)).unwrap()[9] ^= 1);
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([0; 4], false));
}

#[test]
fn a_task_that_the_robot_does_not_have_makes_the_replicas_unequal() {
    let verdict = spoiled(|history| drop(r1(history).replica.tasks.remove(&task(3))));
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([0; 4], false));
}

#[test]
fn a_cursor_behind_the_feed_makes_the_replicas_unequal() {
    let verdict = spoiled(|history| r1(history).replica.cursor -= 1);
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([0; 4], false));
    let verdict = spoiled(|history| r1(history).replica.server_epoch = SERVER_EPOCH + 1);
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([0; 4], false));
}

#[test]
fn a_feed_that_was_not_told_of_the_newest_state_makes_the_replicas_unequal() {
    let verdict = spoiled(|history| {
        let bytes = history.server.tasks.get_mut(&task(4)).unwrap();
        let mut row: TaskRow = from_bytes(bytes).unwrap();
        row.title.push('!');
        *bytes = to_bytes(&row);
    });
    assert_eq!((faults(&verdict), verdict.replicas_equal), ([0; 4], false));
}

#[test]
fn too_little_work_does_not_pass() {
    let verdict = spoiled(|history| {
        for number in [1, 2, 3] {
            let robot = r1(history);
            robot
                .truth
                .retain(|truth| !matches!(truth.what, Deed::Finished { order: tag, .. } if tag == order(number).tag()));
        }
    });
    assert_eq!((verdict.tasks_done, verdict.untrue), (7, 3));
}

#[test]
fn no_work_while_cut_off_does_not_pass() {
    let verdict = spoiled(|history| history.acts.retain(|act| act.act != "cut"));
    assert_eq!((verdict.done_offline, faults(&verdict)), (0, [0; 4]));
}

#[test]
fn nothing_acknowledged_does_not_pass() {
    let verdict = spoiled(|history| history.robots.values_mut().for_each(|robot| robot.replica.acked.clear()));
    assert_eq!((verdict.acked, faults(&verdict)), (0, [0; 4]));
}

#[test]
fn a_button_pressed_on_a_robot_that_stood_still_proves_nothing() {
    let verdict = spoiled(|history| r2(history).truth.retain(|truth| !matches!(truth.what, Deed::Moved { .. })));
    assert_eq!((verdict.pressed_robot_was_moving, faults(&verdict)), (false, [0; 4]));
}

#[test]
fn a_step_begun_without_a_recorded_start_is_untrue() {
    let verdict = spoiled(|history| {
        let what = Deed::Begun { order: 4711, step: 0 };
        r1(history).truth.push(Truth { t_ms: 5_000, what });
    });
    assert_eq!(faults(&verdict), [0, 0, 0, 1]);
}
