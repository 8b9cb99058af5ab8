//! A batch taken apart into records that are what they claim to be.

use shared::audit::BatchSeal;
use shared::journal::{BadRecord, Epoch, Lane, Record};
use shared::seal::Signature;
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::{Batch, Carried};

/// A signed batch, taken apart.
#[derive(Clone, Debug)]
pub struct Packet {
    /// The lane of its topic.
    pub lane: Lane,
    /// The life of the robot's database.
    pub epoch: Epoch,
    /// The robot's signature under it, and what it says of itself.
    pub seal: BatchSeal,
    /// Its records up to the first that is none.
    pub records: Vec<Record>,
    /// What is wrong with that one, and the whole batch as it was signed.
    pub bad: Option<(BadBatch, Vec<u8>)>,
}

/// Takes a batch apart that came on the topic of a lane.
///
/// # Errors
/// When the bytes are no batch.
pub fn packet(lane: Lane, body: &[u8], signature: Signature) -> Result<Packet, String> {
    let batch: Batch = from_bytes(body).map_err(|e| e.to_string())?;
    let seal = BatchSeal::over(&batch, body, signature);
    let epoch = batch.epoch;
    let (records, bad) = records(lane, batch);
    Ok(Packet { lane, epoch, seal, records, bad: bad.map(|bad| (bad, body.to_vec())) })
}

/// What is wrong with a batch, or with one of its entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBatch {
    /// The batch is of another lane than the topic it came on.
    #[error("the batch is of lane {found}, its topic of {wanted}")]
    Lane {
        /// The topic's lane.
        wanted: &'static str,
        /// The batch's.
        found: &'static str,
    },
    /// First, last and number of entries do not fit together.
    #[error("entries {first} to {last} are announced and {count} are there")]
    Count {
        /// First number announced.
        first: u64,
        /// Last number announced.
        last: u64,
        /// How many entries there are.
        count: usize,
    },
    /// An entry is not a record.
    #[error("at place {seq} of the lane: {why}")]
    Entry {
        /// The number it should have in the lane.
        seq: u64,
        /// Why not.
        why: BadRecord,
    },
    /// An entry has another lane or number than its place in the batch.
    #[error("at place {seq} of the lane stands an entry that calls itself {lane} {found}")]
    Place {
        /// The number its place has.
        seq: u64,
        /// The lane it names.
        lane: &'static str,
        /// The number it names.
        found: u64,
    },
}

/// The records of a batch up to the first that is none, and what is wrong with that one.
fn records(lane: Lane, batch: Batch) -> (Vec<Record>, Option<BadBatch>) {
    if let Some(bad) = bad_frame(lane, &batch) {
        return (vec![], Some(bad));
    }
    let mut records = Vec::with_capacity(batch.entries.len());
    for (seq, carried) in (batch.first..).zip(batch.entries) {
        match record(lane, seq, carried) {
            Ok(record) => records.push(record),
            Err(bad) => return (records, Some(bad)),
        }
    }
    (records, None)
}

fn bad_frame(lane: Lane, batch: &Batch) -> Option<BadBatch> {
    if batch.lane != lane {
        return Some(BadBatch::Lane { wanted: lane.as_str(), found: batch.lane.as_str() });
    }
    let (first, last, count) = (batch.first, batch.last, batch.entries.len());
    let announced = last.checked_sub(first).and_then(|distance| distance.checked_add(1));
    let fits = first > 0 && last < u64::MAX && announced == Some(count as u64);
    (!fits).then_some(BadBatch::Count { first, last, count })
}

fn record(lane: Lane, seq: u64, carried: Carried) -> Result<Record, BadBatch> {
    let record = Record::read(carried.entry, carried.body).map_err(|why| BadBatch::Entry { seq, why })?;
    let is_in_place = record.entry.lane == lane && record.entry.lane_seq == seq;
    if !is_in_place {
        let (lane, found) = (record.entry.lane.as_str(), record.entry.lane_seq);
        return Err(BadBatch::Place { seq, lane, found });
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::FakeRobot;
    use shared::fact::Fact;
    use shared::journal::{Boot, Epoch};
    use shared::wire::robot_to_fleet::Carried;

    fn batch(count: u64) -> Batch {
        let mut robot = FakeRobot::new("r-1", 1);
        let records: Vec<Record> = (0..count).map(|number| robot.write(&Fact::Resumed { number })).collect();
        let entries: Vec<Carried> = records.iter().map(Carried::from).collect();
        Batch { epoch: Epoch(5), lane: Lane::Safety, first: 1, last: count, boot: Boot(1), mono_ms: 1, entries }
    }

    #[test]
    fn the_frame_has_to_fit_its_entries() {
        assert_eq!(records(Lane::Safety, batch(3)).0.len(), 3);
        let frames = [
            Batch { lane: Lane::Work, ..batch(3) },
            Batch { first: 2, ..batch(3) },
            Batch { first: 0, last: 2, ..batch(3) },
            Batch { first: 5, last: 1, ..batch(3) },
            Batch { first: u64::MAX - 2, last: u64::MAX, ..batch(3) },
            Batch { first: 1, last: 0, ..batch(0) },
            Batch { first: 0, last: u64::MAX, ..batch(3) },
        ];
        for frame in frames {
            let (taken, bad) = records(Lane::Safety, frame.clone());
            assert!(taken.is_empty() && bad.is_some(), "{frame:?}");
        }
    }

    #[test]
    fn entries_before_a_bad_one_are_taken() {
        let mut spoiled = batch(3);
        spoiled.entries[1].body[1] ^= 1;
        let (taken, bad) = records(Lane::Safety, spoiled);
        assert_eq!(taken.len(), 1);
        assert!(matches!(bad, Some(BadBatch::Entry { seq: 2, .. })));
        let mut swapped = batch(3);
        swapped.entries.swap(0, 1);
        assert!(matches!(records(Lane::Safety, swapped).1, Some(BadBatch::Place { seq: 1, found: 2, .. })));
    }
}
