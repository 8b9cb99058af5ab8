//! A snapshot of the feed on its way in: which of its chunks are applied, and which tasks stood in them.
//!
//! A chunk is applied whole, in whatever order it comes, together with the note that it is; so a robot that dies in between
//! goes on where it was. Only when every chunk is there is it known which rows are gone. Until then the cursor stays, and
//! rows of the feed that come all the same end the snapshot: the server has begun to speak of something else.
//!
//! Leaves to others: what a chunk holds (`shared::wire::snapshot`), applying rows (`robot/replicating`).

use crate::feed::FeedCursor;
use shared::id::TaskId;
use shared::wire::snapshot::{Chunk, Progress};
use std::collections::{BTreeMap, BTreeSet};

/// Which snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotMark {
    /// The life of the server's database.
    pub server_epoch: u64,
    /// Its name.
    pub snapshot: u64,
    /// The row of the feed at which it was taken.
    pub as_of: u64,
    /// How many chunks it has.
    pub of: u32,
}

/// A snapshot of which a part is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// Which.
    pub mark: SnapshotMark,
    /// The chunks that are applied, each with the tasks that stood in it.
    pub chunks: BTreeMap<u32, Vec<TaskId>>,
}

/// The snapshot that is coming in, if any.
#[derive(Debug)]
pub struct Intake {
    partial: Option<Partial>,
    /// The last one that was applied whole: its chunks come again when our word about the last one was lost.
    whole: Option<SnapshotMark>,
}

/// How a chunk stands to what is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is to be applied.
    Fresh,
    /// It is applied; the server should be told how far we are.
    Known(Progress),
    /// It is of another life of the server's database.
    Foreign,
    /// It is of a snapshot that something newer has replaced, or contradicts itself: nothing is done with it.
    Void,
}

impl Intake {
    /// Takes up where the replica left off.
    pub const fn new(partial: Option<Partial>) -> Self {
        Self { partial, whole: None }
    }

    /// How much of a snapshot is applied, for a hello.
    pub fn progress(&self) -> Option<Progress> {
        self.partial.as_ref().map(Partial::progress)
    }

    /// How a chunk stands to what is applied.
    pub fn offered(&self, server_epoch: u64, chunk: &Chunk, feed: FeedCursor) -> Offered {
        let mark = mark_of(server_epoch, chunk);
        if server_epoch != feed.server_epoch {
            return Offered::Foreign;
        }
        if self.whole == Some(mark) {
            return Offered::Known(Progress { snapshot: mark.snapshot, chunks: mark.of });
        }
        let is_void = chunk.number >= chunk.of || chunk.as_of < feed.cursor;
        let current = self.partial.as_ref();
        if is_void || current.is_some_and(|partial| partial.mark.as_of > mark.as_of) {
            return Offered::Void;
        }
        let known = current.filter(|partial| partial.mark == mark && partial.chunks.contains_key(&chunk.number));
        known.map_or(Offered::Fresh, |partial| Offered::Known(partial.progress()))
    }

    /// Whether a chunk begins a snapshot; the one before it, if any, is forgotten then.
    pub fn begin(&mut self, server_epoch: u64, chunk: &Chunk) -> Option<SnapshotMark> {
        let mark = mark_of(server_epoch, chunk);
        let goes_on = self.partial.as_ref().is_some_and(|partial| partial.mark == mark);
        if goes_on {
            return None;
        }
        self.partial = Some(Partial { mark, chunks: BTreeMap::new() });
        Some(mark)
    }

    /// Notes that a chunk is applied. Returns the tasks of the whole snapshot when it was the last one missing.
    pub fn applied(&mut self, number: u32, tasks: Vec<TaskId>) -> Option<(SnapshotMark, BTreeSet<TaskId>)> {
        let partial = self.partial.as_mut().expect("a chunk is applied behind `begin`");
        partial.chunks.insert(number, tasks);
        let whole = self.partial.take_if(|partial| partial.chunks.len() as u64 == u64::from(partial.mark.of))?;
        self.whole = Some(whole.mark);
        Some((whole.mark, whole.chunks.into_values().flatten().collect()))
    }

    /// Forgets what is applied in part; true when there was something.
    pub fn abandon(&mut self) -> bool {
        self.partial.take().is_some()
    }

    /// The rows are wanted anew: a snapshot of the same name is to be applied once more.
    pub const fn want_anew(&mut self) {
        self.whole = None;
    }
}

impl Partial {
    fn progress(&self) -> Progress {
        let holes = (0..).zip(self.chunks.keys()).find(|(place, number)| place != *number);
        let without_hole = holes.map_or(self.chunks.len(), |(place, _)| place as usize);
        let chunks = u32::try_from(without_hole).expect("at most as many as there are numbers");
        Progress { snapshot: self.mark.snapshot, chunks }
    }
}

const fn mark_of(server_epoch: u64, chunk: &Chunk) -> SnapshotMark {
    SnapshotMark { server_epoch, snapshot: chunk.snapshot, as_of: chunk.as_of, of: chunk.of }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::wire::snapshot::Packed;

    const FEED: FeedCursor = FeedCursor { server_epoch: 7, cursor: 5 };

    fn chunk(snapshot: u64, as_of: u64, number: u32) -> Chunk {
        let packed = Packed { bytes: vec![], unpacked_len: None };
        Chunk { snapshot, as_of, number, of: 3, packed }
    }

    fn task(byte: u8) -> TaskId {
        TaskId::from_bytes([byte; 16])
    }

    fn take(intake: &mut Intake, chunk: &Chunk) -> Option<usize> {
        assert_eq!(intake.offered(7, chunk, FEED), Offered::Fresh);
        intake.begin(7, chunk);
        let number = u8::try_from(chunk.number).unwrap();
        intake.applied(chunk.number, vec![task(number)]).map(|(_, tasks)| tasks.len())
    }

    #[test]
    fn chunks_come_in_any_order_and_the_whole_is_known_with_the_last_missing_one() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let mut intake = Intake::new(None);
            let whole = order.map(|number| take(&mut intake, &chunk(9, 20, number)));
            assert_eq!(whole, [None, None, Some(3)], "{order:?}");
            let again = intake.offered(7, &chunk(9, 20, 1), FEED);
            assert_eq!(
                again,
                Offered::Known(Progress { snapshot: 9, chunks: 3 }),
                "our word about the last one was lost"
            );
            intake.want_anew();
            assert_eq!(intake.offered(7, &chunk(9, 20, 1), FEED), Offered::Fresh, "the same rows once more");
        }
    }

    #[test]
    fn progress_counts_up_to_the_first_hole() {
        let mut intake = Intake::new(None);
        assert_eq!(intake.progress(), None);
        take(&mut intake, &chunk(9, 20, 2));
        assert_eq!(intake.progress(), Some(Progress { snapshot: 9, chunks: 0 }));
        take(&mut intake, &chunk(9, 20, 0));
        assert_eq!(intake.progress(), Some(Progress { snapshot: 9, chunks: 1 }));
        let known = intake.offered(7, &chunk(9, 20, 2), FEED);
        assert_eq!(known, Offered::Known(Progress { snapshot: 9, chunks: 1 }));
    }

    #[test]
    fn what_is_older_or_of_another_life_or_contradicts_itself_is_not_applied() {
        let mut intake = Intake::new(None);
        take(&mut intake, &chunk(9, 20, 0));
        assert_eq!(intake.offered(8, &chunk(9, 20, 1), FEED), Offered::Foreign);
        assert_eq!(intake.offered(7, &chunk(8, 19, 1), FEED), Offered::Void, "an older snapshot");
        assert_eq!(intake.offered(7, &chunk(9, 4, 1), FEED), Offered::Void, "older than the cursor");
        assert_eq!(intake.offered(7, &chunk(9, 20, 3), FEED), Offered::Void, "behind the last");
        assert_eq!(take(&mut intake, &chunk(10, 21, 1)), None, "a newer one replaces it");
        assert_eq!(intake.offered(7, &chunk(9, 20, 1), FEED), Offered::Void);
        assert!(intake.abandon() && !intake.abandon());
    }
}
