//! What is sent again, until when, and what an acknowledgement moves.

use super::*;
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Chain, Stamp};
use shared::wire::robot_to_fleet::BATCH_LEN_MAX;

fn outbox_with(count: u64) -> (Outbox, Chain) {
    let mut chain = Chain::begin(&RobotId::parse("r-1").unwrap(), Epoch(1));
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    let records = (0..count).map(|number| chain.append(&Fact::Resumed { number }, stamp)).collect();
    (Outbox::new(&[], records), chain)
}

fn mark(seq: u64, hash: Hash) -> Mark {
    Mark { lane: Lane::Safety, seq, hash }
}

#[test]
fn a_batch_is_sent_again_until_its_own_hash_is_acknowledged() {
    let (mut outbox, chain) = outbox_with(3);
    let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
    assert_eq!((batch.first, batch.last), (1, 3));
    assert!(outbox.next_batch(Epoch(1), Instant(1999)).is_none());
    assert!(outbox.next_batch(Epoch(1), Instant(2000)).is_some());
    assert!(matches!(outbox.ack(&mark(3, Hash([9; 32]))), Acked::Foreign { ours: Some(_) }));
    assert_eq!(outbox.len(), 3);
    assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Moved);
    assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Nothing);
    assert_eq!((outbox.len(), outbox.poll_timeout()), (0, None));
}

#[test]
fn the_oldest_entry_tells_its_age_and_one_of_an_earlier_boot_that_of_this_boot() {
    let (outbox, _) = outbox_with(2);
    assert_eq!(outbox.oldest_ms(Boot(1), Instant(501)), Some(500));
    assert_eq!(outbox.oldest_ms(Boot(2), Instant(501)), Some(501));
    assert_eq!(outbox_with(0).0.oldest_ms(Boot(1), Instant(501)), None);
}

#[test]
fn an_acknowledgement_of_what_was_never_written_moves_nothing() {
    let (mut outbox, _) = outbox_with(2);
    assert_eq!(outbox.ack(&mark(u64::MAX, Hash::default())), Acked::Foreign { ours: None });
    assert_eq!(outbox.len(), 2);
}

#[test]
fn a_server_that_was_put_back_gets_again_what_it_had_acknowledged() {
    let (mut outbox, mut chain) = outbox_with(3);
    let records = outbox.next_batch(Epoch(1), Instant(0)).unwrap().entries;
    let records: Vec<Record> = records.into_iter().map(|c| Record::read(c.entry, c.body).unwrap()).collect();
    let put_back = mark(1, records[0].hash);
    assert_eq!(outbox.ack(&mark(3, chain.head)), Acked::Moved);
    assert_eq!(outbox.ack(&put_back), Acked::Older);
    assert_eq!(outbox.recall(&put_back), 1..=3);
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    outbox.push(chain.append(&Fact::Resumed { number: 9 }, stamp));
    assert!(outbox.next_batch(Epoch(1), Instant(0)).is_none(), "the lane waits for what is recalled");
    assert!(outbox.recalled(Lane::Safety, records));
    let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
    assert_eq!((batch.first, batch.last), (2, 4));
}

#[test]
fn what_the_replica_does_not_keep_any_more_closes_no_gap() {
    let (mut outbox, chain) = outbox_with(3);
    let all = outbox.take_all();
    let mut outbox = Outbox::new(&[mark(3, chain.head)], vec![]);
    outbox.recall(&mark(1, all[0].hash));
    assert!(!outbox.recalled(Lane::Safety, all[2..].to_vec()));
    assert_eq!(outbox.take_all(), all[2..], "what there is can be offered again in another epoch");
    let mut outbox = Outbox::new(&[mark(3, chain.head)], vec![]);
    outbox.recall(&mark(1, Hash([9; 32])));
    assert!(!outbox.recalled(Lane::Safety, all), "the server has another first entry");
}

#[test]
fn the_same_number_with_another_hash_is_foreign_even_where_all_is_acknowledged() {
    let (mut outbox, chain) = outbox_with(2);
    outbox.ack(&mark(2, chain.head));
    assert!(matches!(outbox.ack(&mark(2, Hash([9; 32]))), Acked::Foreign { ours: Some(_) }));
}

#[test]
fn a_long_backlog_is_cut_into_batches_that_fit() {
    let (mut outbox, _) = outbox_with(2000);
    let batch = outbox.next_batch(Epoch(1), Instant(0)).unwrap().stamped(Boot(1), Instant(0));
    assert_eq!(batch.first, 1);
    assert!(batch.last < 2000);
    assert!(shared::wire::to_bytes(&batch).len() <= BATCH_LEN_MAX);
}
