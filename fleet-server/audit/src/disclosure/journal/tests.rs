//! Journals that hold, that have holes, and that somebody changed.

use super::*;
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::journal::{Boot, Stamp};
use shared::seal::{Context, SigningKey};
use shared::task::OrderRef;
use shared::time::Instant;
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::Batch;
use shared::wire::to_bytes;

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

/// Five entries: safety, work, safety, work, safety.
fn records() -> Vec<Record> {
    let mut chain = Chain::begin(&robot(), Epoch(1));
    let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
    let order = OrderRef { task: shared::id::TaskId::from_bytes([1; 16]), fence: 1 };
    let work = Fact::Done { order };
    let safety = Fact::Resumed { number: 1 };
    [&safety, &work, &safety, &work, &safety].map(|fact| chain.append(fact, stamp)).to_vec()
}

fn seal(records: &[Record], lane: Lane) -> Received {
    let of_lane: Vec<&Record> = records.iter().filter(|record| record.entry.lane == lane).collect();
    let batch = Batch {
        epoch: Epoch(1),
        lane,
        first: 1,
        last: of_lane.len() as u64,
        boot: Boot(1),
        mono_ms: 7,
        entries: of_lane.into_iter().map(Carried::from).collect(),
    };
    let message = Sealed::seal(&key(), Context::Up, &robot(), &batch);
    let (_, seal) = BatchSeal::of(&message, &to_bytes(&batch)).unwrap();
    Received { seal, received_ms: 1_007 }
}

fn source(records: &[Record]) -> Source {
    let seals = vec![seal(records, Lane::Safety), seal(records, Lane::Work)];
    let entries = records.iter().rev().map(Carried::from).collect();
    Source { robot: robot(), epoch: Epoch(1), entries, seals, key: Some(key().public()) }
}

#[test]
fn a_whole_journal_in_any_order_is_one_chain_and_signed_to_its_end() {
    let journal = Journal::read(&source(&records()));
    assert_eq!(journal.chain, ChainState::Whole { cseq: 5 });
    assert_eq!(journal.signatures, SignatureState::Signed { up_to: 5 });
    assert_eq!(journal.records, records());
    assert_eq!(journal.receipts[0].received_ms, 1_007);
}

#[test]
fn an_entry_of_a_lane_that_has_not_arrived_is_missing_and_no_tampering() {
    let mut found = source(&records());
    found.entries.retain(|carried| *carried != Carried::from(&records()[1]));
    let journal = Journal::read(&found);
    assert_eq!(journal.chain, ChainState::Missing { proved: 1, missing: 1, newest: 5 });
    assert_eq!(journal.signatures, SignatureState::Signed { up_to: 5 });
}

#[test]
fn whatever_was_changed_is_found() {
    let mut body = source(&records());
    body.entries[0].body[1] ^= 1;
    assert!(matches!(Journal::read(&body).chain, ChainState::Broken { .. }));
    let mut twice = source(&records());
    twice.entries.push(Carried::from(&records()[2]));
    assert!(matches!(Journal::read(&twice).chain, ChainState::Broken { .. }));
    let other = Source { epoch: Epoch(2), ..source(&records()) };
    assert!(matches!(Journal::read(&other).chain, ChainState::Broken { .. }));
}

/// A server that writes a robot's whole history anew keeps the chain, but it does not have the robot's key.
#[test]
fn a_history_that_was_written_anew_is_not_signed() {
    let mut chain = Chain::begin(&robot(), Epoch(1));
    let stamp = Stamp { boot: Boot(1), mono: Instant(2), hlc: Hlc(2) };
    let anew: Vec<Record> = (0..3).map(|number| chain.append(&Fact::Resumed { number }, stamp)).collect();
    let forged = Source { entries: anew.iter().map(Carried::from).collect(), ..source(&records()) };
    let journal = Journal::read(&forged);
    assert_eq!(journal.chain, ChainState::Whole { cseq: 3 });
    assert!(matches!(journal.signatures, SignatureState::Wrong { .. }));
}

#[test]
fn without_a_key_nothing_is_claimed_and_without_a_signature_nothing_is_proved() {
    let no_key = Source { key: None, ..source(&records()) };
    assert_eq!(Journal::read(&no_key).signatures, SignatureState::NotChecked);
    let no_seals = Source { seals: vec![], ..source(&records()) };
    let read = Journal::read(&no_seals);
    assert_eq!(read.signatures, SignatureState::Signed { up_to: 0 });
    assert_eq!(read.signatures.unsigned(&read.chain), 5, "whoever keeps the signatures back proves nothing");
    let mut absurd = source(&records());
    absurd.seals[0].seal.last = u64::MAX;
    assert_eq!(Journal::read(&absurd).signatures, SignatureState::Signed { up_to: 4 });
}
