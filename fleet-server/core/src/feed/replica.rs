//! One robot's feed: what it holds, what the robot has of it, and what should go out next.

use super::age::Ages;
use super::sending::Sending;
use super::{RESEND, ROWS_LEN_MAX, ROWS_MAX};
use crate::tell::ReadFeed;
use shared::beacon::Endorsement;
use shared::id::TaskId;
use shared::time::{Instant, Millis, WallTime};
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{Feed, FeedWord, Row, RowBytes, row_kind};
use shared::wire::from_bytes;
use shared::wire::snapshot::{Packed, Progress};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Between two announcements of what the replica should hash to.
const HASHES: Millis = Millis::secs(300);
/// How long the first announcement to a robot since the server's start waits, and one that was due for a robot that has not
/// everything yet. A database that was put back may have given a number anew to another row than the one under way to its robot
/// then: no number shows that, only the sums do.
const HASHES_SOON: Millis = Millis::secs(10);
/// Rows are forgotten this many at a time at least.
const FORGET_MIN: u64 = 64;

/// One robot's rows and the conversation about them.
#[derive(Debug)]
pub struct RobotFeed {
    /// The oldest row that the store has; one above the head when it has none to send.
    first: u64,
    head: u64,
    /// The rows up to the head, without a hole.
    tail: VecDeque<RowBytes>,
    shown: BTreeSet<TaskId>,
    notes_shown: BTreeMap<TaskId, u64>,
    pinned: BTreeMap<u16, RowBytes>,
    /// What became of the robot's own edits, by number, as far as it is not known to have applied it. Nothing else tells it.
    settled: BTreeMap<u64, RowBytes>,
    ages: Ages,
    applied: Option<u64>,
    /// What the robot itself said last, believed or not.
    named: Option<u64>,
    sent: Option<Sent>,
    sending: Option<Sending>,
    has: Option<Progress>,
    /// Only a snapshot helps, until one has been applied whole: one that is under way may be cut off.
    is_wanted_anew: bool,
    hashes_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    up_to: u64,
    at: Instant,
}

/// What should be done for a robot now.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Nothing.
    Nothing,
    /// Send these rows.
    Rows(Feed),
    /// Send these chunks.
    Chunks(Vec<FeedWord>),
    /// Read the rows after this one from the store.
    Read(ReadFeed),
    /// Begin a snapshot, then ask again.
    Snapshot,
}

impl Default for RobotFeed {
    fn default() -> Self {
        Self {
            first: 1,
            head: 0,
            tail: VecDeque::new(),
            shown: BTreeSet::new(),
            notes_shown: BTreeMap::new(),
            pinned: BTreeMap::new(),
            settled: BTreeMap::new(),
            ages: Ages::default(),
            applied: None,
            named: None,
            sent: None,
            sending: None,
            has: None,
            is_wanted_anew: false,
            hashes_at: None,
        }
    }
}

impl RobotFeed {
    /// Number of the newest row; 0 when there is none.
    pub const fn head(&self) -> u64 {
        self.head
    }

    /// The newest row that the robot is known to have applied.
    pub const fn applied(&self) -> Option<u64> {
        self.applied
    }

    /// The newest row that the robot itself named last, though the feed may not have it.
    pub const fn named(&self) -> Option<u64> {
        self.named
    }

    /// How many chunks of a snapshot under way are applied, and how many there are.
    pub fn snapshot(&self) -> Option<(u32, u32)> {
        self.sending.as_ref().map(Sending::progress)
    }

    /// Whether the robot lacks rows that are gone, so that only a snapshot can help.
    pub fn lacks_forgotten(&self) -> bool {
        self.applied.is_some_and(|applied| applied < self.head && applied + 1 < self.first)
    }

    /// The tasks that the robot may see.
    pub const fn shown(&self) -> &BTreeSet<TaskId> {
        &self.shown
    }

    /// The newest row of every kind but tasks.
    pub fn pinned(&self) -> Vec<RowBytes> {
        self.pinned.values().cloned().collect()
    }

    /// What became of the robot's own edits, and may be news to it.
    pub fn settled(&self) -> Vec<RowBytes> {
        self.settled.values().cloned().collect()
    }

    /// The newest endorsement in it.
    pub fn endorsement(&self) -> Option<Endorsement> {
        match from_bytes(&self.pinned.get(&Row::ENDORSEMENT)?.0) {
            Ok(Row::Endorsement { pack }) => Endorsement::read(&pack).ok(),
            Ok(Row::Task { .. } | Row::Revoke { .. } | Row::Note { .. } | Row::Settled { .. } | Row::Stamp { .. })
            | Err(_) => None,
        }
    }

    // ---- what stands in it

    /// Where the rows in the store begin and end.
    pub const fn set_ends(&mut self, first: u64, head: u64) {
        (self.first, self.head) = (first, head);
    }

    /// The robot may see this task.
    pub fn set_shown(&mut self, task: TaskId) {
        self.shown.insert(task);
    }

    /// Up to which revision a task's note stands in it; 0 for not at all.
    pub fn note_shown(&self, task: TaskId) -> u64 {
        self.notes_shown.get(&task).copied().unwrap_or(0)
    }

    /// A task's note stands in it up to this revision.
    pub fn set_note_shown(&mut self, task: TaskId, rev: u64) {
        self.notes_shown.insert(task, rev);
    }

    /// Forgets the notes of tasks that the robot may see no more, as the robot does, and tells which.
    pub fn drop_hidden_notes(&mut self) -> Vec<TaskId> {
        let hidden: Vec<TaskId> = self.notes_shown.keys().filter(|task| !self.shown.contains(task)).copied().collect();
        self.notes_shown.retain(|task, _| self.shown.contains(task));
        hidden
    }

    /// When a row was made.
    pub fn note_age(&mut self, seq: u64, made: WallTime) {
        self.ages.note(seq, made);
    }

    /// Keeps the newest row of a kind that is no task's.
    pub fn pin(&mut self, bytes: &RowBytes) {
        if let Some(kind) = row_kind(&bytes.0).filter(|kind| Row::is_pinned(*kind)) {
            self.pinned.insert(kind, bytes.clone());
        }
    }

    /// Keeps a row that tells what became of an edit.
    pub fn keep_settled(&mut self, seq: u64, bytes: &RowBytes) {
        if row_kind(&bytes.0) == Some(Row::SETTLED) {
            self.settled.insert(seq, bytes.clone());
        }
    }

    fn has_applied(&mut self, cursor: u64) {
        self.applied = Some(cursor);
        self.settled = self.settled.split_off(&(cursor + 1));
    }

    /// Takes a row of the store at a start, in the order of their numbers.
    pub fn insert(&mut self, seq: u64, bytes: RowBytes) {
        if seq < self.first {
            return;
        }
        self.head = self.head.max(seq);
        self.pin(&bytes);
        self.keep_settled(seq, &bytes);
        self.remember(bytes);
    }

    /// Adds the row after the newest.
    pub fn append(&mut self, seq: u64, bytes: RowBytes, made: WallTime) {
        assert_eq!(seq, self.head + 1, "a feed has no holes");
        match from_bytes(&bytes.0) {
            Ok(Row::Task { row }) => self.shown.insert(row.id),
            Ok(Row::Revoke { task }) => self.shown.remove(&task),
            // No task's: `pin` keeps it.
            Ok(Row::Endorsement { .. }) => false,
            // Of a task, whose sight they do not change.
            Ok(Row::Note { .. } | Row::Settled { .. } | Row::Stamp { .. }) => false,
            // A row that a newer server wrote: it travels as it is.
            Err(_) => false,
        };
        self.head = seq;
        self.ages.note(seq, made);
        self.pin(&bytes);
        self.keep_settled(seq, &bytes);
        self.remember(bytes);
    }

    fn remember(&mut self, bytes: RowBytes) {
        self.tail.push_back(bytes);
        if self.tail.len() > ROWS_MAX {
            self.tail.pop_front();
        }
    }

    /// Forgets what is applied or too old; tells up to which row, when it is worth a change.
    pub fn forget(&mut self, wall: WallTime) -> Option<u64> {
        let up_to = self.ages.take_old(wall).max(self.applied.unwrap_or(0));
        let is_worth_it = up_to + 1 >= self.first + FORGET_MIN;
        if is_worth_it {
            self.first = up_to + 1;
        }
        is_worth_it.then_some(up_to)
    }

    // ---- what the robot says

    /// The robot says where it is, from the beginning of a conversation.
    pub fn begin_after(&mut self, cursor: u64) {
        self.named = Some(cursor);
        self.has_applied(cursor.min(self.head));
        (self.sent, self.sending) = (None, None);
    }

    /// The robot says what it understands and how much of a snapshot it has.
    ///
    /// Whoever names a snapshot was cut off in the middle of it, and its cursor does not tell: it may stand where the snapshot
    /// was taken, because the rows differed, or at the beginning of another life. The announcement of hashes is not put
    /// off, or a robot that connects anew every few minutes would never be compared.
    pub fn greeted(&mut self, can: Abilities, has: Option<Progress>, now: Instant) {
        self.is_wanted_anew |= has.is_some();
        self.has = has;
        self.hashes_at = can.has(Abilities::HASHES).then(|| self.hashes_at.unwrap_or(now + HASHES_SOON));
    }

    /// The robot says in passing which row it has.
    pub const fn note_named(&mut self, cursor: u64) {
        self.named = Some(cursor);
    }

    /// The robot says how far it has applied. Returns whether that is news.
    pub fn applied_up_to(&mut self, cursor: u64) -> bool {
        self.named = Some(cursor);
        let is_news = cursor <= self.head && self.applied.is_none_or(|applied| cursor > applied);
        if is_news {
            self.has_applied(cursor);
            self.sent = None;
            self.sending.take_if(|sending| cursor >= sending.as_of());
        }
        is_news
    }

    /// The robot says how much of a snapshot it has applied.
    pub fn chunks_applied(&mut self, at: Progress, now: Instant) {
        if let Some(done) = self.sending.take_if(|sending| sending.applied(at, now)) {
            self.has_applied(done.as_of());
            (self.has, self.is_wanted_anew) = (None, false);
        }
    }

    /// The robot's rows are not what they should be.
    pub const fn want_anew(&mut self) {
        self.is_wanted_anew = true;
    }

    /// The robot's replica is empty: nothing in it can be wrong.
    pub const fn has_nothing(&mut self) {
        self.is_wanted_anew = false;
    }

    // ---- what should go out

    /// What should be done now for a robot that can do this much; what it says to send is marked as sent.
    pub fn next(&mut self, server_epoch: u64, can: Abilities, now: Instant) -> Next {
        if let Some(sending) = &mut self.sending {
            return Next::Chunks(sending.next_words(server_epoch, now));
        }
        let waits = self.resend_at().is_some_and(|at| at > now);
        let Some(from) = self.applied.filter(|_| !waits) else { return Next::Nothing };
        if can.has(Abilities::SNAPSHOTS) && (self.is_wanted_anew || self.is_shorter_whole(from)) {
            return Next::Snapshot;
        }
        if from >= self.head || from + 1 < self.first {
            return Next::Nothing;
        }
        let in_memory = self.head - self.tail.len() as u64;
        if from < in_memory {
            self.sent = Some(Sent { up_to: from + 1, at: now });
            return Next::Read(ReadFeed { after: from, rows_max: ROWS_MAX as u32 });
        }
        let skipped = usize::try_from(from - in_memory).expect("a place in the tail");
        let rows = fitting(self.tail.iter().skip(skipped));
        Next::Rows(self.message(server_epoch, from, rows, now))
    }

    /// The message with rows that were read back, if the robot still lacks them.
    pub fn read_back(&mut self, server_epoch: u64, after: u64, rows: &[RowBytes], now: Instant) -> Option<Feed> {
        let is_wanted = self.applied == Some(after) && self.sending.is_none() && !rows.is_empty();
        is_wanted.then(|| self.message(server_epoch, after, fitting(rows.iter()), now))
    }

    fn message(&mut self, server_epoch: u64, from: u64, rows: Vec<RowBytes>, now: Instant) -> Feed {
        self.sent = Some(Sent { up_to: from + rows.len() as u64, at: now });
        Feed { server_epoch, from, rows }
    }

    /// Whether the rows that are missing are gone, or more than there are in all and not at hand.
    fn is_shorter_whole(&self, from: u64) -> bool {
        let missing = self.head.saturating_sub(from);
        let whole = (self.shown.len() + self.pinned.len()) as u64;
        self.lacks_forgotten() || (missing > self.tail.len() as u64 && missing > whole)
    }

    /// Begins a snapshot of this name.
    pub fn begin_snapshot(&mut self, name: u64, chunks: Vec<Packed>, now: Instant) {
        self.sending = Some(Sending::new(name, self.head, chunks, self.has.take(), now));
    }

    /// Whether what the shards should hash to is to be announced now; then the next time is set.
    pub fn hashes_due(&mut self, now: Instant) -> bool {
        let is_due = self.hashes_at.is_some_and(|at| at <= now);
        let has_everything = self.sending.is_none() && self.applied == Some(self.head);
        if is_due {
            self.hashes_at = Some(now + if has_everything { HASHES } else { HASHES_SOON });
        }
        is_due && has_everything
    }

    /// When something is due.
    pub fn due_at(&self) -> Option<Instant> {
        self.resend_at().into_iter().chain(self.hashes_at).min()
    }

    fn resend_at(&self) -> Option<Instant> {
        if let Some(sending) = &self.sending {
            return sending.resend_at();
        }
        let sent = self.sent.filter(|sent| self.applied.is_none_or(|applied| applied < sent.up_to))?;
        Some(sent.at + RESEND)
    }

    /// Whether the robot may see a task.
    pub fn shows(&self, task: TaskId) -> bool {
        self.shown.contains(&task)
    }
}

/// As many rows as a message holds, and at least one.
fn fitting<'a>(rows: impl Iterator<Item = &'a RowBytes>) -> Vec<RowBytes> {
    let mut room = ROWS_LEN_MAX;
    let fits = |(place, row): &(usize, &RowBytes)| {
        let fits = *place == 0 || row.0.len() <= room;
        room = room.saturating_sub(row.0.len());
        fits
    };
    rows.take(ROWS_MAX).enumerate().take_while(fits).map(|(_, row)| row.clone()).collect()
}
