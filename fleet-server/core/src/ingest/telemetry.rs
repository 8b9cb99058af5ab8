//! Telemetry: what comes next in its lane is kept, what was taken is dropped, and a jump has to say that it is one.

use crate::change::{Change, TelemetryRow};
use crate::fleet::Fleet;
use crate::round::At;
use crate::sync::What;
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::time::WallTime;
use shared::wire::fleet_to_robot::Ack;
use shared::wire::telemetry::{Block, Item, Sample, Span, TelemetryBatch};
use shared::wire::to_bytes;
use shared::wire::topic::Down;

impl Fleet {
    /// Takes a batch, and says how far the lane is taken, also when nothing of it could be.
    pub(super) fn telemetry(&mut self, robot: &RobotId, batch: &TelemetryBatch, at: At) -> Result<(), String> {
        let items = batch.items().map_err(|bad| bad.to_string())?;
        self.stamped_by(robot, (batch.boot, batch.mono_ms), at);
        let before = self.telemetry.mark(robot, batch.epoch);
        match fresh(items, before) {
            Fresh::Known => {}
            Fresh::Gap { first } => self.sync.note(robot, What::TelemetryGap { has: before, first }),
            Fresh::Items(items) => self.keep_telemetry(robot, batch, &items, at),
        }
        let seq = self.telemetry.mark(robot, batch.epoch);
        self.send(robot, Down::Ack, &Ack::Telemetry { epoch: batch.epoch, seq });
        Ok(())
    }

    /// Forgets what is too old or too much.
    pub(super) fn expire_telemetry(&mut self, wall: WallTime) {
        if let Some(before) = self.telemetry.expired(wall) {
            self.round.change(Change::TelemetryForgotten { before });
        }
    }

    fn keep_telemetry(&mut self, robot: &RobotId, batch: &TelemetryBatch, items: &[Item], at: At) {
        let mut len = 0;
        for part in items.chunk_by(|a, b| a.sample.zip(b.sample).is_some_and(|(a, b)| a.boot == b.boot)) {
            let row = self.telemetry_row(robot, batch, part, at);
            len += row.weight();
            if row.block.is_none() {
                self.sync.note(robot, What::TelemetryLost { first: row.span.first, last: row.span.last });
            }
            self.round.change(Change::Telemetry(row));
        }
        let Some(seq) = items.last().map(|item| item.span.last) else { return };
        self.telemetry.take(robot, batch.epoch, seq, len, at.wall);
        self.round.change(Change::TelemetryMark { robot: robot.clone(), epoch: batch.epoch, seq });
    }

    fn telemetry_row(&self, robot: &RobotId, batch: &TelemetryBatch, part: &[Item], at: At) -> TelemetryRow {
        let (first, last) = (part[0], part[part.len() - 1]);
        let span = Span { first: first.span.first, last: last.span.last };
        let block = Block::of(part).map(|block| to_bytes(&block));
        let offset_ms = last.sample.map_or(0, |newest| self.offset_ms(robot, batch, &newest, at));
        let time_of = |item: Item| item.sample.map_or(at.wall, |sample| sample.at(offset_ms));
        let (from, to) = (time_of(first), time_of(last));
        let (robot, epoch) = (robot.clone(), batch.epoch);
        TelemetryRow { robot, epoch, span, from, to, offset_ms, block, received: at.wall }
    }

    /// What has to be added to a boot's monotonic clock for the server's calendar. The boot that sends tells it by the moment of
    /// receipt, whatever its calendar says; of an earlier boot only the calendar is left, corrected by how far it was off. An
    /// earlier boot ended before this one began.
    fn offset_ms(&self, robot: &RobotId, batch: &TelemetryBatch, newest: &Sample, at: At) -> i64 {
        let began = at.wall.0.cast_signed().saturating_sub(batch.mono_ms.cast_signed());
        if newest.boot == batch.boot {
            return began;
        }
        if let Some(began) = self.clocks.began_ms(robot, newest.boot) {
            return began;
        }
        let skew_ms = self.clocks.skew_of(robot, newest.boot).unwrap_or(0);
        let claimed = newest.wall_ms.cast_signed().saturating_sub(skew_ms);
        claimed.min(began).saturating_sub(newest.mono_ms.cast_signed())
    }
}

/// What a batch brings to a lane.
#[derive(Debug, PartialEq)]
enum Fresh {
    /// These items come next.
    Items(Vec<Item>),
    /// Nothing that was not taken before.
    Known,
    /// Numbers are missing before the first.
    Gap {
        /// The first number that came.
        first: u64,
    },
}

/// The items behind `before`. An item that reaches across it stands for its rest.
fn fresh(items: Vec<Item>, before: u64) -> Fresh {
    let mut items: Vec<Item> = items.into_iter().filter(|item| item.span.last > before).collect();
    let Some(first) = items.first_mut() else { return Fresh::Known };
    if first.span.first > before + 1 {
        return Fresh::Gap { first: first.span.first };
    }
    first.span.first = before + 1;
    Fresh::Items(items)
}

/// Whose lane a number belongs to, for those who ask.
impl Fleet {
    /// The newest number of a robot's telemetry that was taken in an epoch; 0 for none.
    #[must_use]
    pub fn telemetry_mark(&self, robot: &RobotId, epoch: Epoch) -> u64 {
        self.telemetry.mark(robot, epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeRobot, WALL, acks, fleet, run};
    use crate::{Loaded, Tell};
    use shared::journal::Boot;
    use shared::time::Instant;
    use shared::wire::telemetry::Condition;

    const E: Epoch = Epoch(5);

    fn item(number: u64, boot: u64) -> Item {
        let (mono_ms, wall_ms) = (number * 1000, WALL.0 - 500_000 + number * 1000);
        let condition = Condition::default();
        let sample = Sample { boot: Boot(boot), mono_ms, wall_ms, at: None, battery_permille: None, condition };
        Item { span: Span::one(number), sample: Some(sample) }
    }

    fn lost(first: u64, last: u64) -> Item {
        Item { span: Span { first, last }, sample: None }
    }

    fn said(fleet: &mut Fleet, items: &[Item]) -> (Vec<TelemetryRow>, Vec<Ack>) {
        let batch = TelemetryBatch::of(E, Boot(1), 60_000, items);
        let (changes, tells): (Vec<Change>, Vec<Tell>) =
            run(fleet, FakeRobot::new("r-1", 1).telemetry(&batch), Instant(1));
        let rows = changes.into_iter().filter_map(|c| if let Change::Telemetry(row) = c { Some(row) } else { None });
        (rows.collect(), acks(&tells, "r-1"))
    }

    fn ack(seq: u64) -> Vec<Ack> {
        vec![Ack::Telemetry { epoch: E, seq }]
    }

    #[test]
    fn what_comes_next_is_kept_and_acknowledged_and_what_was_taken_is_dropped() {
        let mut fleet = fleet(Loaded::default());
        let ten: Vec<Item> = (1..=10).map(|number| item(number, 1)).collect();
        let (rows, acked) = said(&mut fleet, &ten);
        assert_eq!((rows.len(), rows[0].span, acked), (1, Span { first: 1, last: 10 }, ack(10)));
        assert_eq!((rows[0].from, rows[0].to), (WallTime(WALL.0 - 59_000), WallTime(WALL.0 - 50_000)));
        assert_eq!(said(&mut fleet, &ten), (vec![], ack(10)));
        let more: Vec<Item> = (8..=12).map(|number| item(number, 1)).collect();
        let (rows, acked) = said(&mut fleet, &more);
        assert_eq!((rows[0].span, acked), (Span { first: 11, last: 12 }, ack(12)));
    }

    #[test]
    fn a_jump_is_taken_only_when_it_says_that_it_is_one() {
        let mut fleet = fleet(Loaded::default());
        assert_eq!(said(&mut fleet, &[item(2, 1)]), (vec![], ack(0)));
        said(&mut fleet, &[item(1, 1)]);
        assert_eq!(said(&mut fleet, &[item(4097, 1)]), (vec![], ack(1)));
        let (rows, acked) = said(&mut fleet, &[lost(2, 4096), item(4097, 1)]);
        assert_eq!((rows[0].span, rows[0].block.is_none()), (Span { first: 2, last: 4096 }, true));
        assert_eq!((rows.len(), acked), (2, ack(4097)));
    }

    #[test]
    fn a_loss_and_a_thinned_sample_that_reach_back_count_for_what_is_new() {
        let mut fleet = fleet(Loaded::default());
        said(&mut fleet, &[item(1, 1), item(2, 1)]);
        let thinned = Item { span: Span { first: 2, last: 5 }, ..item(5, 1) };
        let (rows, _) = said(&mut fleet, &[thinned]);
        assert_eq!(rows[0].span, Span { first: 3, last: 5 });
        let (rows, acked) = said(&mut fleet, &[lost(1, 9)]);
        assert_eq!((rows[0].span, acked), (Span { first: 6, last: 9 }, ack(9)));
    }

    #[test]
    fn samples_of_an_earlier_boot_are_timed_by_their_calendar_and_lie_before_the_boot_that_sends() {
        let mut fleet = fleet(Loaded::default());
        let (rows, _) = said(&mut fleet, &[item(1, 8), item(2, 1)]);
        assert_eq!(rows[0].to, WallTime(WALL.0 - 499_000));
        assert_eq!(rows[1].to, WallTime(WALL.0 - 58_000));
        let ahead = Item { sample: item(3, 8).sample.map(|s| Sample { wall_ms: WALL.0 + 99, ..s }), ..item(3, 8) };
        assert_eq!(said(&mut fleet, &[ahead]).0[0].to, WallTime(WALL.0 - 60_000));
    }

    #[test]
    fn what_the_store_gave_back_counts_as_taken() {
        let marks = vec![(crate::fixture::robot("r-1"), E, 10)];
        let mut fleet = fleet(Loaded { telemetry_marks: marks, ..Loaded::default() });
        assert_eq!(said(&mut fleet, &[item(10, 1)]), (vec![], ack(10)));
        assert_eq!(said(&mut fleet, &[item(11, 1)]).1, ack(11));
    }

    #[test]
    fn parts_that_make_no_items_are_quarantined_and_not_acknowledged() {
        let mut fleet = fleet(Loaded::default());
        let (rows, acked) = said(&mut fleet, &[lost(9, 3)]);
        assert_eq!((rows, acked, fleet.quarantined()), (vec![], vec![], 1));
    }
}
