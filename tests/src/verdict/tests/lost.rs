//! Each way in which something that was acknowledged can be gone.

use super::*;

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
