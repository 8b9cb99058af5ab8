//! The record goes on, or says where it could not.

use super::*;
use crate::continuity::Discontinuity;
use shared::fact::EpochCause;
use shared::wire::robot_to_fleet::Session;

impl Bench {
    /// The nonce of the newest hello and the epoch that it names.
    fn hello(&self) -> (u64, Epoch) {
        let key = SigningKey::from_seed(&[1; 32]).public();
        let session = |bytes: &Vec<u8>| Sealed::open::<Session>(bytes, &key, Context::Up, &me()).ok();
        let hello =
            |session| if let Session::Hello { nonce, epoch, .. } = session { Some((nonce, epoch)) } else { None };
        self.published.iter().rev().filter_map(session).find_map(hello).unwrap()
    }

    /// The server answers the newest hello, with nothing in its lanes.
    pub(super) fn welcome_now(&mut self) {
        self.welcome(vec![]);
    }

    /// The server's feed stands at this row.
    pub(super) fn welcome_at(&mut self, feed_head: u64) {
        let (nonce, _) = self.hello();
        self.say(
            Down::Ack,
            &Ack::Welcome { nonce, server_epoch: 5, marks: vec![], feed_head, can: None, wall_ms: None },
        );
    }

    fn welcome(&mut self, marks: Vec<Mark>) {
        let (nonce, _) = self.hello();
        self.say(Down::Ack, &Ack::Welcome { nonce, server_epoch: 5, marks, feed_head: 0, can: None, wall_ms: None });
    }

    /// Records of the current epoch, oldest first.
    fn current(&self) -> &[Record] {
        let begin = self.records.iter().rposition(|record| record.entry.cseq == 1).unwrap();
        &self.records[begin..]
    }
}

fn mark_of(record: &Record) -> Mark {
    Mark { lane: record.entry.lane, seq: record.entry.lane_seq, hash: record.hash }
}

fn foreign(seq: u64) -> Mark {
    Mark { lane: Lane::Safety, seq, hash: Hash([1; 32]) }
}

#[test]
fn an_acknowledgement_moves_the_outbox_only_for_its_own_epoch() {
    let mut bench = Bench::new(loaded());
    let mark = mark_of(&bench.records[0]);
    let before = bench.robot.outbox.len();
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(2), mark, stamp: None });
    assert_eq!(bench.robot.outbox.len(), before);
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark, stamp: None });
    assert_eq!((bench.robot.outbox.len(), bench.epoch), (before - 1, Epoch(1)));
}

#[test]
fn a_start_that_proves_nothing_begins_an_epoch_and_offers_again_what_waits() {
    let mut chain = Chain::begin(&me(), Epoch(1));
    let stamp = shared::journal::Stamp { boot: Boot(1), mono: Instant(5), hlc: Hlc(6) };
    let unacked =
        vec![chain.append(&Fact::Resumed { number: 1 }, stamp), chain.append(&Fact::Done { order: order(1) }, stamp)];
    let discontinuity =
        Some(Discontinuity { cause: EpochCause::DatabaseOlder, before: Some(Epoch(1)), fresh: Epoch(9) });
    let bench = Bench::new(Loaded { chain, unacked: unacked.clone(), discontinuity, ..loaded() });
    assert_eq!(bench.epoch, Epoch(9));
    let began = Fact::EpochBegan { cause: EpochCause::DatabaseOlder, before: Some(Epoch(1)), again: 2 };
    let started = Fact::AgentStarted { clean: true };
    assert_eq!(bench.facts[..4], [began, Fact::Resumed { number: 1 }, Fact::Done { order: order(1) }, started]);
    let origins: Vec<_> = bench.records.iter().filter_map(|r| r.entry.origin.as_deref()).map(|o| o.hash).collect();
    assert_eq!(origins, unacked.iter().map(|record| record.hash).collect::<Vec<_>>());
    assert_eq!(bench.records[0].entry.prev, Chain::begin(&me(), Epoch(9)).head);
}

#[test]
fn a_database_that_was_made_says_so_in_its_own_first_epoch() {
    let discontinuity = Some(Discontinuity { cause: EpochCause::Made, before: Some(Epoch(7)), fresh: Epoch(1) });
    let bench = Bench::new(Loaded { discontinuity, ..loaded() });
    assert_eq!(bench.epoch, Epoch(1));
    assert_eq!(bench.facts[0], Fact::EpochBegan { cause: EpochCause::Made, before: Some(Epoch(7)), again: 0 });
}

#[test]
fn a_server_that_knows_another_history_of_this_epoch_ends_it() {
    for (mark, cause) in [(foreign(1), EpochCause::ServerDiffers), (foreign(99), EpochCause::ServerAhead)] {
        let mut bench = Bench::new(loaded());
        bench.input(Input::Connected);
        let old = bench.hello();
        bench.welcome(vec![mark]);
        assert!(bench.epoch != Epoch(1));
        assert_eq!(bench.current()[0].fact(), Some(Fact::EpochBegan { cause, before: Some(Epoch(1)), again: 2 }));
        assert_eq!(bench.current()[1].fact(), Some(Fact::AgentStarted { clean: true }));
        let new = bench.hello();
        assert!(new.1 == bench.epoch && new.0 != old.0, "it greets in its new epoch");
        let (epoch, sent) = (bench.epoch, bench.current().len());
        bench.welcome(vec![]);
        bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark, stamp: None });
        assert_eq!(
            (bench.epoch, bench.current().len()),
            (epoch, sent),
            "late words about the old epoch change nothing"
        );
    }
}

#[test]
fn a_server_that_was_put_back_gets_the_missing_entries_under_their_own_numbers() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    let safety = bench.records[..2].to_vec();
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: mark_of(&safety[1]), stamp: None });
    bench.input(Input::Connected);
    bench.welcome(vec![Mark { lane: Lane::Safety, seq: 0, hash: Hash::default() }]);
    assert_eq!(bench.recalls, [(Lane::Safety, 0..=2)]);
    bench.input(Input::Recalled(Lane::Safety, safety.clone()));
    assert_eq!(bench.epoch, Epoch(1));
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: mark_of(&safety[1]), stamp: None });
    assert_eq!(bench.robot.outbox.len(), 1, "the accepted order in the work lane still waits");
}

#[test]
fn what_is_not_kept_any_more_for_a_server_that_was_put_back_ends_the_epoch() {
    let mut bench = Bench::new(loaded());
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: mark_of(&bench.records[1].clone()), stamp: None });
    bench.input(Input::Connected);
    bench.welcome(vec![Mark { lane: Lane::Safety, seq: 0, hash: Hash::default() }]);
    bench.input(Input::Recalled(Lane::Safety, vec![]));
    let began = Fact::EpochBegan { cause: EpochCause::ServerBehind, before: Some(Epoch(1)), again: 0 };
    assert_eq!(bench.current()[0].fact(), Some(began));
}

#[test]
fn what_is_written_after_the_server_spoke_is_stamped_after_its_word() {
    let mut bench = Bench::new(loaded());
    let stamp = Hlc::default().next(WallTime(1_800_000_000_000));
    assert!(bench.records[0].entry.hlc < stamp, "this robot's calendar is far behind");
    let mark = mark_of(&bench.records[0]);
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark, stamp: Some(stamp) });
    bench.rows(&[row(1, 1)]);
    assert!(bench.records.last().unwrap().entry.hlc > stamp);
    let seen = bench.commits.iter().flatten().any(|change| *change == Change::Stamp(stamp));
    assert!(seen, "also after a restart");
}
