//! A good run passes, and each way to fail is found: every test spoils one thing of the good run.

mod body;
mod lost;

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

fn kept(like: &Kept, record: Record) -> Kept {
    let (cseq, lane, lane_seq) = (record.entry.cseq, record.entry.lane, record.entry.lane_seq);
    Kept {
        epoch: like.epoch,
        cseq,
        lane,
        lane_seq,
        hash: record.hash,
        entry: record.entry_bytes,
        body: record.body,
        boot_ms: 0,
    }
}

#[test]
fn a_good_run_passes() {
    let verdict = verdict(&good());
    assert_eq!(verdict.failures, Vec::<String>::new());
    assert_eq!((verdict.tasks_done, verdict.done_offline, faults(&verdict)), (10, 1, [0; 4]));
    assert!(verdict.replicas_equal && verdict.pressed_robot_was_moving && verdict.acked > 50);
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
