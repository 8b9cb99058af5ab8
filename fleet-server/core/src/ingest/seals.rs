//! Keeps the robots' signatures under what was taken from their journals: without them a chain shows that it is one, and
//! not whose.

use crate::change::{BatchSealRow, Change};
use crate::fleet::Fleet;
use crate::round::At;
use shared::audit::BatchSeal;
use shared::id::RobotId;
use shared::wire::robot_to_fleet::Mark;
use shared::wire::topic::Up;

/// A signed batch on its way in, and how far its lane had been taken before.
pub struct Sealing {
    row: BatchSealRow,
    before: Mark,
}

impl Fleet {
    /// The seal of a message on a lane of the journal.
    pub(super) fn sealing(&self, robot: &RobotId, channel: Up, message: &[u8], body: &[u8], at: At) -> Option<Sealing> {
        match channel {
            Up::Safety | Up::Work | Up::Notes => {}
            Up::Telemetry | Up::State | Up::Session | Up::Connection => return None,
        }
        let (epoch, seal) = BatchSeal::of(message, body)?;
        let before = self.lanes.mark(robot, epoch, seal.lane);
        Some(Sealing { row: BatchSealRow { robot: robot.clone(), epoch, seal, received: at.wall }, before })
    }

    /// Keeps a seal if its batch brought something new; what is repeated has one already.
    pub(super) fn keep_seal(&mut self, sealing: Option<Sealing>) {
        let Some(Sealing { row, before }) = sealing else { return };
        if self.lanes.mark(&row.robot, row.epoch, row.seal.lane) != before {
            self.round.change(Change::BatchSeal(row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeRobot, fleet, key, run};
    use crate::{Event, Loaded};
    use shared::fact::Fact;
    use shared::journal::Record;
    use shared::time::Instant;
    use shared::wire::robot_to_fleet::Carried;

    fn seals(fleet: &mut Fleet, event: Event) -> Vec<BatchSealRow> {
        let (changes, _) = run(fleet, event, Instant(1));
        let kept = changes.into_iter().filter_map(|change| {
            let Change::BatchSeal(row) = change else { return None };
            Some(row)
        });
        kept.collect()
    }

    #[test]
    fn a_batch_that_brings_something_new_leaves_its_signature_and_a_repeated_one_none() {
        let (mut fleet, mut robot) = (fleet(Loaded::default()), FakeRobot::new("r-1", 1));
        let records: Vec<Record> = (0..3).map(|number| robot.write(&Fact::Resumed { number })).collect();
        let event = robot.batch(&records);
        let kept = seals(&mut fleet, event.clone());
        let entries: Vec<Carried> = records.iter().map(Carried::from).collect();
        assert_eq!(kept.len(), 1);
        assert!(kept[0].seal.holds(&robot.name, kept[0].epoch, &entries, &key(1).public()));
        assert!(seals(&mut fleet, event).is_empty());
        assert!(seals(&mut fleet, robot.hello(0, 0)).is_empty());
    }
}
