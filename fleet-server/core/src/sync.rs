//! How synchronisation with each robot goes, and why one is behind.
//!
//! A bounded list of what happened last, for each robot, and a report that is made when somebody asks. The first figure of a
//! report is the age of the oldest entry that is not acknowledged: counts and words of state can all be well while nothing moves.
//!
//! Leaves to others: showing it (`http`, `cli`).

mod breaks;
mod explain;
mod line;

pub use line::{Line, What};

use crate::change::ChainRow;
use crate::fleet::Fleet;
use explain::reasons;
use shared::id::RobotId;
use shared::journal::{Epoch, Lane};
use shared::time::{Instant, WallTime};
use shared::wire::robot_to_fleet::{Connection, Mark};
use std::collections::{BTreeMap, VecDeque};

/// Most lines that are kept of one robot.
const LINES_MAX: usize = 256;

/// What happened last with every robot.
#[derive(Debug, Default)]
pub(crate) struct SyncLog {
    robots: BTreeMap<RobotId, Recent>,
    wall: WallTime,
}

#[derive(Debug, Default)]
struct Recent {
    lines: VecDeque<Line>,
    /// The newest break of each kind, however much has happened since.
    breaks: BTreeMap<u8, What>,
    epoch: Option<Epoch>,
}

impl SyncLog {
    /// What the calendar says now: new lines are labelled with it.
    pub const fn set_wall(&mut self, wall: WallTime) {
        self.wall = wall;
    }

    /// Adds a line; the oldest goes when there are too many.
    pub fn note(&mut self, robot: &RobotId, what: What) {
        let wall = self.wall;
        let recent = self.robots.entry(robot.clone()).or_default();
        recent.breaks.extend(breaks::rank(&what).map(|rank| (rank, what.clone())));
        if recent.lines.len() == LINES_MAX {
            recent.lines.pop_front();
        }
        recent.lines.push_back(Line { wall, what });
    }

    /// Notes in which life of its database a robot writes.
    pub fn writes_in(&mut self, robot: &RobotId, epoch: Epoch) {
        self.robots.entry(robot.clone()).or_default().epoch = Some(epoch);
    }
}

/// How synchronisation with one robot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncReport {
    /// The robot.
    pub robot: RobotId,
    /// Age of the oldest entry that is not acknowledged, in milliseconds, counted on since the robot's last word; nothing
    /// when it has none, or does not tell.
    pub oldest_unacked_ms: Option<u64>,
    /// Entries that were not acknowledged at its last word.
    pub unacked: Option<u64>,
    /// Samples of telemetry that were not acknowledged at its last word.
    pub telemetry_unacked: Option<u64>,
    /// How much of its storage quota was used at its last word, in thousandths.
    pub storage_permille: Option<u32>,
    /// Milliseconds since its last word.
    pub heard_age_ms: Option<u64>,
    /// Milliseconds since anything signed by it came, other than the connection word that a broker keeps.
    pub talked_age_ms: Option<u64>,
    /// Whether somebody holds its connection.
    pub connection: Option<Connection>,
    /// The newest row of its feed.
    pub feed_head: u64,
    /// The newest row that it is known to have applied.
    pub cursor: Option<u64>,
    /// The newest row that it named last itself, though its feed may not have it.
    pub named: Option<u64>,
    /// Chunks of a snapshot that are applied, and how many there are.
    pub snapshot: Option<(u32, u32)>,
    /// It lacks rows that are forgotten.
    pub lacks_forgotten: bool,
    /// How far each lane has been taken in the epoch in which it writes.
    pub lanes: Vec<Mark>,
    /// How far its chain is verified in that epoch.
    pub chain: Option<ChainRow>,
    /// How far its calendar is ahead of ours, in milliseconds, and whether that is suspect.
    pub clock_skew: Option<(i64, bool)>,
    /// Where its record, or the server's, did not go on since the server started; the most telling first.
    pub breaks: Vec<What>,
    /// Why it is behind, in words; a sentence that all is well when it is not; and behind that what its breaks mean.
    pub why: Vec<String>,
    /// What happened last, oldest first.
    pub lines: Vec<Line>,
}

impl SyncReport {
    /// The breaks as a table has them.
    #[must_use]
    pub fn break_words(&self) -> Vec<&'static str> {
        self.breaks.iter().map(breaks::word).collect()
    }
}

impl Fleet {
    /// How synchronisation stands with the robot of this name, or with all.
    pub(crate) fn sync_reports(&self, only: Option<&RobotId>, now: Instant) -> Vec<SyncReport> {
        let wanted = self.robots().filter(|robot| only.is_none_or(|only| only == *robot));
        wanted.map(|robot| self.sync_report(robot, now)).collect()
    }

    fn sync_report(&self, robot: &RobotId, now: Instant) -> SyncReport {
        let recent = self.sync.robots.get(robot);
        let entry = self.robot(robot);
        let heard = entry.and_then(|entry| entry.state());
        let epoch = recent.and_then(|recent| recent.epoch);
        let (feed_head, cursor) = self.feed_position(robot);
        let age = |(state, at): &(shared::wire::robot_to_fleet::State, Instant)| {
            state.oldest_unacked_ms.map(|ms| ms.saturating_add(now.since(*at).0))
        };
        let mut report = SyncReport {
            robot: robot.clone(),
            oldest_unacked_ms: heard.and_then(age),
            unacked: heard.map(|(state, _)| state.unacked),
            telemetry_unacked: heard.and_then(|(state, _)| state.telemetry_unacked),
            storage_permille: heard.and_then(|(state, _)| state.storage_permille),
            heard_age_ms: heard.map(|(_, at)| now.since(*at).0),
            talked_age_ms: entry.and_then(|entry| entry.talked_at()).map(|at| now.since(at).0),
            connection: entry.and_then(|entry| entry.connection()),
            feed_head,
            cursor,
            named: self.feeds.get(robot).and_then(|feed| feed.named()),
            snapshot: self.snapshot(robot),
            lacks_forgotten: self.feeds.get(robot).is_some_and(|feed| feed.lacks_forgotten()),
            lanes: epoch.map_or(vec![], |epoch| Lane::ALL.map(|lane| self.lanes.mark(robot, epoch, lane)).to_vec()),
            chain: epoch.and_then(|epoch| self.chain(robot, epoch)),
            clock_skew: self.clock_skew(robot),
            breaks: recent.map_or(vec![], |recent| recent.breaks.values().cloned().collect()),
            why: vec![],
            lines: recent.map_or(vec![], |recent| recent.lines.iter().cloned().collect()),
        };
        report.why = reasons(&report);
        report
    }
}

#[cfg(test)]
mod tests;
