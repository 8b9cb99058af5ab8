//! When an edit counts as written, by the server's calendar.
//!
//! A writer's calendar is neither refused nor trusted: within the boot that sends, its monotonic clock tells how long ago
//! an edit was made. What a writer had seen of others when it wrote comes before what it wrote, and its own edits stay in
//! their order. No stamp lies more than two seconds ahead of the server's clock, unless that fell back.

use crate::ingest::AHEAD_MS_MAX;
use shared::field::FieldStamp;
use shared::hlc::Hlc;
use shared::op::{OpBatch, OpTime};
use shared::time::WallTime;
use std::collections::BTreeMap;

/// The newest stamp of every writer, by its number.
#[derive(Debug, Default)]
pub struct Writers {
    last: BTreeMap<u32, Hlc>,
}

impl Writers {
    /// A write that the store gave back.
    pub fn wrote(&mut self, stamp: FieldStamp) {
        let last = self.last.entry(stamp.origin).or_default();
        *last = last.seen(stamp.hlc);
    }

    /// The newest stamp of all.
    pub fn newest(&self) -> Hlc {
        self.last.values().copied().max().unwrap_or_default()
    }

    /// The stamp of the writer's next edit, made at `wall` as well as can be told, by somebody who had seen `seen`.
    pub fn next(&mut self, origin: u32, wall: WallTime, seen: Hlc, here: WallTime) -> Hlc {
        let highest = WallTime(here.0.saturating_add(AHEAD_MS_MAX));
        let seen = seen.min(Hlc::default().next(highest));
        let last = self.last.entry(origin).or_default();
        *last = last.seen(seen).next(wall.min(highest));
        *last
    }
}

/// When an operation was written, by the server's calendar. One of an earlier boot is told by its writer's calendar,
/// corrected by how far that is off now; it was not written after it was sent.
pub fn written_at(written: Option<OpTime>, sent: &OpBatch, here: WallTime) -> WallTime {
    let Some(written) = written else { return here };
    match (sent.boot, sent.mono_ms, sent.wall_ms) {
        (Some(boot), Some(sent_ms), _) if boot == written.boot => {
            WallTime(here.0.saturating_sub(sent_ms.saturating_sub(written.mono_ms)))
        }
        (_, _, Some(wall_ms)) => {
            let age_ms = wall_ms.saturating_sub(written.hlc.wall().0);
            WallTime(here.0.saturating_sub(age_ms))
        }
        (_, _, None) => here.min(written.hlc.wall()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::ClientId;

    const HERE: WallTime = WallTime(1_795_000_000_000);
    const DAY: u64 = 86_400_000;

    fn batch(boot: u64, mono_ms: u64, wall_ms: u64) -> OpBatch {
        let client = ClientId::parse("a").unwrap();
        let (boot, mono_ms, wall_ms) = (Some(boot), Some(mono_ms), Some(wall_ms));
        OpBatch { client, boot, mono_ms, wall_ms, ops: vec![], cursor: None }
    }

    fn time(boot: u64, mono_ms: u64, wall_ms: u64) -> Option<OpTime> {
        Some(OpTime { hlc: Hlc::default().next(WallTime(wall_ms)), boot, mono_ms })
    }

    #[test]
    fn a_calendar_that_is_off_does_not_matter() {
        for off in [0, DAY, 50 * 365 * DAY] {
            for claims in [HERE.0 - off, HERE.0 + off] {
                let same_boot = written_at(time(1, 500, claims - 5000), &batch(1, 5500, claims), HERE);
                assert_eq!(same_boot, WallTime(HERE.0 - 5000));
                let earlier_boot = written_at(time(2, 500, claims - 7000), &batch(1, 50, claims), HERE);
                assert_eq!(earlier_boot, WallTime(HERE.0 - 7000));
            }
        }
        assert_eq!(written_at(None, &batch(1, 1, 1), HERE), HERE);
        assert_eq!(written_at(time(2, 500, HERE.0 + DAY), &batch(1, 50, HERE.0), HERE), HERE, "not after it was sent");
    }

    #[test]
    fn what_was_seen_and_then_edited_comes_later_and_no_stamp_is_ahead() {
        let mut writers = Writers::default();
        let theirs = writers.next(1, HERE, Hlc::default(), HERE);
        let ours = writers.next(2, WallTime(HERE.0 - 9000), theirs, HERE);
        assert!(ours > theirs);
        assert!(writers.next(2, WallTime(HERE.0 - 9000), Hlc::default(), HERE) > ours, "their own order is kept");
        let ahead = writers.next(3, WallTime(u64::MAX), Hlc(u64::MAX), HERE);
        assert!(ahead.wall().0 <= HERE.0 + AHEAD_MS_MAX);
        writers.wrote(FieldStamp { hlc: Hlc(u64::MAX >> 2), origin: 4, ..FieldStamp::default() });
        assert!(writers.next(4, HERE, Hlc::default(), HERE) > Hlc(u64::MAX >> 2));
    }
}
