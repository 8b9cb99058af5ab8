//! A snapshot on its way to one robot.
//!
//! A few chunks are under way at a time; each answer lets more follow, and without one they are sent again from the
//! first that is missing. The name of a snapshot follows from what it is of, so a robot may go on with one although the server was
//! started anew in between.

use super::RESEND;
use shared::id::RobotId;
use shared::seal::Hash;
use shared::time::Instant;
use shared::wire::fleet_to_robot::FeedWord;
use shared::wire::snapshot::{Chunk, Packed, Progress};

/// Most chunks under way: together they fill a bad link for two seconds, and no buffer of a broker.
const WINDOW: u32 = 4;

/// A snapshot and how much of it has arrived.
#[derive(Debug)]
pub struct Sending {
    name: u64,
    as_of: u64,
    chunks: Vec<Packed>,
    applied: u32,
    sent: u32,
    at: Instant,
}

impl Sending {
    /// A snapshot to be sent, from what the robot already has of it.
    pub fn new(name: u64, as_of: u64, chunks: Vec<Packed>, has: Option<Progress>, now: Instant) -> Self {
        let count = u32::try_from(chunks.len()).expect("a chunk holds many rows");
        let applied = has.filter(|has| has.snapshot == name).map_or(0, |has| has.chunks.min(count));
        Self { name, as_of, chunks, applied, sent: applied, at: now }
    }

    /// The row of the feed at which it was taken.
    pub const fn as_of(&self) -> u64 {
        self.as_of
    }

    /// How many chunks are applied, and how many there are.
    pub fn progress(&self) -> (u32, u32) {
        (self.applied, self.count())
    }

    /// The robot says how much it has applied. Returns whether that is all of it.
    pub fn applied(&mut self, progress: Progress, now: Instant) -> bool {
        if progress.snapshot == self.name && progress.chunks > self.applied && progress.chunks <= self.count() {
            (self.applied, self.at) = (progress.chunks, now);
            self.sent = self.sent.max(self.applied);
        }
        self.applied == self.count()
    }

    /// The chunks that should go out now.
    pub fn next_words(&mut self, server_epoch: u64, now: Instant) -> Vec<FeedWord> {
        if self.sent > self.applied && now >= self.at + RESEND {
            self.sent = self.applied;
        }
        let up_to = self.count().min(self.applied + WINDOW);
        let words: Vec<FeedWord> = (self.sent..up_to).filter_map(|number| self.word(server_epoch, number)).collect();
        if !words.is_empty() {
            (self.sent, self.at) = (up_to, now);
        }
        words
    }

    /// When the chunks under way are due again.
    pub fn resend_at(&self) -> Option<Instant> {
        (self.sent > self.applied).then(|| self.at + RESEND)
    }

    fn word(&self, server_epoch: u64, number: u32) -> Option<FeedWord> {
        let packed = self.chunks.get(usize::try_from(number).ok()?)?.clone();
        let chunk = Chunk { snapshot: self.name, as_of: self.as_of, number, of: self.count(), packed };
        Some(FeedWord::Chunk { server_epoch, chunk })
    }

    fn count(&self) -> u32 {
        u32::try_from(self.chunks.len()).expect("a chunk holds many rows")
    }
}

/// The name of the snapshot of a robot's rows at one row of its feed. It also names how the rows were cut: one that was cut
/// otherwise is another snapshot, and no robot goes on with it.
pub fn name(server_epoch: u64, robot: &RobotId, as_of: u64) -> u64 {
    let parts = [server_epoch.to_be_bytes(), as_of.to_be_bytes()].concat();
    let hash = Hash::of(&[b"snapshot/v2\0", robot.as_str().as_bytes(), b"\0", &parts]);
    u64::from_be_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"))
}
