//! Telemetry is taken, sent and forgotten in its own time, and yields first when room is short.

use super::*;
use crate::storage::StorageReading;
use crate::telemetry::{FileEnd, Keep, KeptItem, Reservation, TelemetryLoaded, Wanted};
use shared::wire::ability::Abilities;
use shared::wire::robot_to_fleet::Session;
use shared::wire::telemetry::{Item, Span, TelemetryBatch};

impl Bench {
    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.at = self.at + Millis::secs(1);
            self.robot.handle_timeout(self.at);
            self.drain();
        }
    }

    /// The epoch in which this start numbers its telemetry.
    fn counts_in(&self) -> Epoch {
        self.robot.history.numbers_epoch()
    }

    fn items(&self) -> Vec<KeptItem> {
        let item = |keep: &Keep| match keep {
            Keep::Item { epoch, item } => Some((*epoch, *item)),
            Keep::Forget { .. } | Keep::Thin(_) => None,
        };
        let items = self.kept.iter().filter_map(item);
        items.zip(1..).map(|((epoch, item), place)| KeptItem { place, epoch, item }).collect()
    }

    /// The server answers the newest hello, and keeps telemetry or not.
    pub(super) fn welcome_able(&mut self, can: Abilities) {
        self.input(Input::Connected);
        let hello = self.published.iter().rev().find_map(|payload| {
            let key = SigningKey::from_seed(&[1; 32]).public();
            let session: Session = Sealed::open(payload, &key, Context::Up, &me()).ok()?;
            if let Session::Hello { nonce, .. } = session { Some(nonce) } else { None }
        });
        let (nonce, marks) = (hello.unwrap(), vec![]);
        self.say(
            Down::Ack,
            &Ack::Welcome { nonce, server_epoch: 5, marks, feed_head: 0, can: Some(can), wall_ms: None },
        );
    }

    fn batches(&self) -> Vec<TelemetryBatch> {
        let key = SigningKey::from_seed(&[1; 32]).public();
        let open = |payload: &Vec<u8>| Sealed::open::<TelemetryBatch>(payload, &key, Context::Up, &me()).ok();
        self.published.iter().filter(|payload| payload.len() <= 16 * 1024).filter_map(open).collect()
    }

    fn newest_safety(&self) -> Mark {
        let safety = self.records.iter().rev().find(|record| record.entry.lane == Lane::Safety).unwrap();
        Mark { lane: Lane::Safety, seq: safety.entry.lane_seq, hash: safety.hash }
    }

    fn measured(&mut self, permille: u64) {
        self.input(Input::Storage(StorageReading { used: permille, quota: 1000, has_reserve: true }));
    }
}

#[test]
fn a_sample_is_kept_each_second_under_a_number_that_was_reserved_before() {
    let mut bench = Bench::new(loaded());
    bench.look();
    let reserved = Change::Telemetry(Reservation { epoch: bench.counts_in(), to: 4096, ended: None });
    assert!(bench.commits.iter().any(|changes| changes.contains(&reserved)));
    for _ in 0..20 {
        bench.at = bench.at + Millis(950);
        bench.look();
    }
    let items = bench.items();
    let numbers: Vec<u64> = items.iter().map(|kept| kept.item.span.last).collect();
    assert_eq!(numbers, (1..=items.len() as u64).collect::<Vec<_>>());
    assert!(items.len() >= 20);
    let sample = items[1].item.sample.unwrap();
    assert_eq!((sample.boot, sample.condition.phase), (Boot(9), Some(shared::fact::InterlockPhase::Energised)));
    let reservations = bench.commits.iter().flatten().filter(|change| matches!(change, Change::Telemetry(_))).count();
    assert_eq!(reservations, 1, "one for the block: a sample costs no durable commit");
    bench.input(Input::Shutdown);
    let ended = bench.commits.last().unwrap().iter().any(
        |change| matches!(change, Change::Telemetry(reservation) if reservation.ended == Some(bench.items().len() as u64)),
    );
    assert!(ended);
}

#[test]
fn a_stop_that_was_not_in_order_keeps_the_loss_before_another_number_is_reserved() {
    let reservation = Some(Reservation { epoch: Epoch(1), to: 4096, ended: None });
    let telemetry = TelemetryLoaded { reservation, file: FileEnd { reserved: 20, items: 20 } };
    let mut bench = Bench::new(Loaded { telemetry, ..loaded() });
    let lost = bench.items();
    assert_eq!((lost[0].epoch, lost[0].item.span), (Epoch(1), Span { first: 21, last: 4096 }));
    assert_eq!((lost.len(), lost[0].item.sample), (1, None));
    assert!(!bench.commits.iter().flatten().any(|change| matches!(change, Change::Telemetry(_))));
    bench.pass(1);
    let items = bench.items();
    assert_eq!((items[1].epoch, items[1].item.span), (bench.counts_in(), Span::one(1)));
    assert_ne!(bench.counts_in(), Epoch(1));
}

#[test]
fn no_two_starts_count_in_one_epoch() {
    let epoch = |seed, challenge| Secrets { seed, challenge: [challenge; 32] }.telemetry_epoch();
    assert!(epoch(1, 1) != epoch(2, 1) && epoch(1, 1) != epoch(1, 2) && epoch(1, 1) == epoch(1, 1));
}

#[test]
fn only_a_server_that_keeps_telemetry_is_sent_any_and_what_it_has_is_forgotten() {
    let mut bench = Bench::new(loaded());
    bench.pass(100);
    bench.welcome_able(Abilities::UNPACKS);
    assert!(bench.wanted.is_empty());
    bench.welcome_able(Abilities::UNPACKS.and(Abilities::TELEMETRY));
    let wanted = bench.wanted[0];
    let read = bench.items();
    bench.input(Input::Telemetry(wanted, read.clone()));
    let batches = bench.batches();
    let sent: Vec<Item> = batches[0].items().unwrap();
    assert_eq!((batches.len(), sent), (1, read.iter().map(|kept| kept.item).collect()));
    let seq = read.last().unwrap().item.span.last;
    let epoch = bench.counts_in();
    bench.say(Down::Ack, &Ack::Telemetry { epoch, seq });
    assert!(bench.kept.contains(&Keep::Forget { epoch, seq }));
}

#[test]
fn neither_the_record_nor_telemetry_waits_for_the_other() {
    let mut bench = Bench::new(loaded());
    bench.pass(100);
    bench.welcome_able(Abilities::UNPACKS.and(Abilities::TELEMETRY));
    assert!(!bench.wanted.is_empty(), "the record is not acknowledged, and telemetry is sent");
    let read = bench.items();
    bench.input(Input::Telemetry(bench.wanted[0], read));
    bench.say(Down::Ack, &Ack::Stored { epoch: Epoch(1), mark: bench.newest_safety(), stamp: None });
    let before = bench.published.len();
    bench.input(Input::Witnessed(vec![crate::Edge::MotionBegan { at: bench.at }]));
    let key = SigningKey::from_seed(&[1; 32]).public();
    let sent = bench.published[before..].iter().any(|payload| {
        let batch = Sealed::open::<shared::wire::robot_to_fleet::Batch>(payload, &key, Context::Up, &me());
        batch.is_ok_and(|batch| batch.lane == Lane::Safety)
    });
    assert!(sent, "telemetry hangs, and safety goes out at once");
}

#[test]
fn a_backlog_goes_in_batches_of_sixteen_kilobytes_one_at_a_time() {
    let item = |number: u64| {
        let mut dense = loaded_sample(number);
        dense.wall_ms ^= number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        KeptItem { place: number, epoch: Epoch(1), item: Item { span: Span::one(number), sample: Some(dense) } }
    };
    let file = FileEnd { reserved: 0, items: 4000 };
    let mut bench = Bench::new(Loaded { telemetry: TelemetryLoaded { reservation: None, file }, ..loaded() });
    bench.welcome_able(Abilities::UNPACKS.and(Abilities::TELEMETRY));
    assert_eq!(bench.wanted.len(), 1);
    bench.input(Input::Telemetry(bench.wanted[0], (1..=2048).map(item).collect()));
    let longest = bench.published.iter().map(Vec::len).max().unwrap();
    assert!(longest <= 16 * 1024, "{longest}");
    assert_eq!(bench.batches().len(), 1);
    bench.input(Input::Connected);
    assert_eq!(bench.wanted.len(), 1, "nothing before the new conversation is welcomed");
}

fn loaded_sample(number: u64) -> shared::wire::telemetry::Sample {
    let condition = shared::wire::telemetry::Condition::default();
    let (mono_ms, wall_ms) = (number * 1000, WALL.0 + number * 1000);
    shared::wire::telemetry::Sample { boot: Boot(9), mono_ms, wall_ms, at: None, battery_permille: None, condition }
}

#[test]
fn from_eighty_percent_on_telemetry_is_thinned_and_the_record_says_so() {
    let mut bench = Bench::new(loaded());
    bench.pass(99);
    bench.measured(799);
    assert!(bench.wanted.is_empty());
    bench.measured(800);
    assert!(matches!(bench.wanted[..], [Wanted::ToThin { after: 0, .. }]));
    let read = bench.items();
    bench.input(Input::Telemetry(bench.wanted[0], read.clone()));
    let Some(Keep::Thin(thinned)) = bench.kept.iter().find(|keep| matches!(keep, Keep::Thin(_))) else {
        panic!("kept")
    };
    let dropped = thinned.dropped.len() as u64;
    assert!(dropped > 40, "{dropped}");
    let last = read.last().unwrap().item.span.last;
    assert!(bench.facts.contains(&Fact::Thinned { first: 1, last, dropped }));
    bench.input(Input::Telemetry(bench.wanted[0], vec![]));
    assert_eq!(bench.facts.iter().filter(|fact| matches!(fact, Fact::Thinned { .. })).count(), 1);
}

#[test]
fn what_is_under_way_is_not_thinned() {
    let mut bench = Bench::new(loaded());
    bench.pass(99);
    bench.welcome_able(Abilities::TELEMETRY);
    let read = bench.items();
    bench.input(Input::Telemetry(bench.wanted[0], read.clone()));
    bench.measured(900);
    bench.input(Input::Telemetry(*bench.wanted.last().unwrap(), read));
    assert!(!bench.kept.iter().any(|keep| matches!(keep, Keep::Thin(_))));
}

#[test]
fn new_work_is_refused_with_the_reason_and_work_in_hand_goes_on() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    bench.measured(950);
    let low = TaskRow { priority: 4, ..row(2, 1) };
    bench.rows(&[low, row(3, 1)]);
    let refused = |number| Fact::Refused { order: order(number), why: Code::StorageFull };
    assert!(bench.facts.contains(&refused(2)) && !bench.facts.contains(&refused(3)));
    bench.measured(1000);
    bench.rows(&[TaskRow { priority: 1, ..row(4, 1) }]);
    assert!(bench.facts.contains(&refused(4)));
    assert!(bench.activity.is_some_and(|activity| activity.act.is_some()), "{:?}", bench.activity);
    bench.measured(100);
    bench.rows(&[row(5, 1)]);
    assert!(bench.facts.contains(&Fact::Accepted { order: order(5) }));
}

#[test]
fn a_full_disk_is_recorded_once_and_no_further_step_is_taken_until_there_is_room() {
    let mut bench = Bench::new(loaded());
    bench.rows(&[row(1, 1)]);
    bench.look();
    bench.answer(0);
    bench.input(Input::StorageFull);
    bench.input(Input::StorageFull);
    assert_eq!(bench.facts.iter().filter(|fact| **fact == Fact::StorageFull).count(), 1);
    assert!(bench.activity.is_some(), "the step in hand is ended");
    bench.answer(1);
    assert!(bench.facts.contains(&Fact::StepEnded { order: order(1), step: 0 }));
    assert_eq!(bench.activity, None);
    assert!(bench.facts.contains(&Fact::Blocked { order: order(1), why: Code::StorageFull }));
    bench.measured(10);
    bench.look();
    assert!(bench.activity.is_some());
}

#[test]
fn what_is_held_is_put_down_although_the_disk_is_full() {
    let begun = WorkRow { task: order(1).task, fence: 1, steps_done: 2, begun: false, ended: false, blocked: None };
    let mut bench = Bench::new(Loaded { tasks: vec![row(1, 1)], work: vec![begun], ..loaded() });
    bench.holds = true;
    bench.input(Input::StorageFull);
    bench.look();
    assert_eq!(bench.activity.map(|activity| activity.step), Some(2), "it goes on to put it down");
}
