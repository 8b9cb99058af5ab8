//! What was so, from databases and logs: how far each robot's record was acknowledged, and how far it had its rows, at moments.
//!
//! Whatever is looked at only grows within a run: watermarks, cursors, heads of feeds. So a look before a moment bounds it from
//! below, and a look behind it from above, and nothing has to be seen at the moment itself.

use super::said::Age;
use super::{Span, WAY};
use crate::verdict::history::{Act, History, Kept, Phase};
use shared::id::RobotId;
use shared::journal::{Epoch, Lane};
use shared::seal::{Hash, to_hex};
use shared::time::{Instant, Millis, WallTime};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was so.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The robots by name.
    pub robots: BTreeMap<RobotId, Robot>,
    /// Heads of the robots' feeds, as the server's database had them.
    pub feeds: Vec<(Span, BTreeMap<RobotId, u64>)>,
}

/// One robot.
#[derive(Clone, Debug, Default)]
pub struct Robot {
    /// Its journal.
    pub journal: Vec<Written>,
    /// How far it was, as its database had it, oldest first.
    pub looks: Vec<Look>,
    /// From when to when its network was surely cut.
    pub cuts: Vec<Span>,
    /// When anything was done to it or to all.
    pub disturbed: Vec<Instant>,
    /// What the server has taken of it, and when.
    pub committed: Vec<(Hash, WallTime)>,
    /// Hashes of its whole journal, all epochs, in hexadecimal digits.
    pub hashes: BTreeSet<String>,
}

/// An entry of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its lane.
    pub lane: Lane,
    /// Its number there.
    pub lane_seq: u64,
    /// Its number in the chain.
    pub cseq: u64,
    /// When it was written.
    pub at: Instant,
}

/// A look into a robot's database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Span,
    /// The life of the database.
    pub epoch: Epoch,
    /// How far each lane is acknowledged.
    pub acked: [u64; 3],
    /// The newest row that is applied.
    pub cursor: u64,
}

impl Evidence {
    /// Puts together what a run left and what was seen while it went on.
    ///
    /// # Errors
    /// When an entry cannot be read, or a robot began a new epoch: numbers of two epochs do not compare.
    pub fn of(
        history: &History,
        looks: BTreeMap<RobotId, Vec<Look>>,
        feeds: Vec<(Span, BTreeMap<RobotId, u64>)>,
        receipts: &BTreeMap<Vec<u8>, WallTime>,
    ) -> Result<Self, String> {
        let mut robots = BTreeMap::new();
        for (id, robot) in &history.robots {
            let looks = looks.get(id).cloned().unwrap_or_default();
            if looks.iter().any(|look| look.epoch != robot.replica.epoch) {
                return Err(format!("{id} began a new epoch, which nothing in this run makes it do"));
            }
            let journal: Result<Vec<Written>, String> = robot.replica.journal.iter().map(written).collect();
            robots.insert(
                id.clone(),
                Robot {
                    journal: journal?,
                    looks,
                    cuts: cuts(&history.acts, id),
                    disturbed: disturbed(&history.acts, id),
                    committed: history
                        .facts_of(id)
                        .iter()
                        .filter_map(|fact| Some((fact.hash, *receipts.get(&fact.hash.0[..])?)))
                        .collect(),
                    hashes: robot.replica.journal.iter().map(|kept| to_hex(&kept.hash.0)).collect(),
                },
            );
        }
        Ok(Self { robots, feeds })
    }
}

impl Robot {
    /// When the robot's last word was made, if it is as old as it was said to be when it was asked for.
    ///
    /// A word that waited out a cut is told by the time at which it arrived: then it may be as old as the cut.
    pub fn word(&self, asked: Span, age: Age) -> Span {
        let arrived = asked.before(age);
        let made = Instant(arrived.from.0.saturating_sub(WAY.0));
        let waited = self.cuts.iter().filter(|cut| cut.to >= made && cut.to <= asked.to).map(|cut| cut.from);
        Span { from: waited.chain([made]).min().unwrap_or(made), to: arrived.to }
    }

    /// Entries that were written before a span, and acknowledged after it if ever.
    pub fn waited_all_through(&self, span: Span) -> Vec<Written> {
        let Some(behind) = self.looks.iter().find(|look| look.at.from >= span.to) else { return vec![] };
        let waits = |entry: &&Written| entry.at < span.from && behind.acked[entry.lane.index()] < entry.lane_seq;
        self.journal.iter().filter(waits).copied().collect()
    }

    /// Entries that may have waited at some moment of a span.
    pub fn may_have_waited(&self, span: Span) -> Vec<Written> {
        let before = self.looks.iter().rev().find(|look| look.at.to <= span.from);
        let acked = |lane: Lane| before.map_or(0, |look| look.acked[lane.index()]);
        let waits = |entry: &&Written| entry.at <= span.to && acked(entry.lane) < entry.lane_seq;
        self.journal.iter().filter(waits).copied().collect()
    }

    /// For how long the robot had been cut off, at least, when it was asked for.
    pub fn silence(&self, asked: Span) -> Option<Millis> {
        let cut = self.cuts.iter().find(|cut| cut.from <= asked.from && asked.to <= cut.to)?;
        Some(Millis(asked.from.since(cut.from).0.saturating_sub(WAY.0)))
    }

    /// Nothing was done to it for so long before it was asked for.
    pub fn was_left_alone(&self, asked: Span, long: Millis) -> bool {
        let disturbs = |at: &&Instant| **at <= asked.to && **at + long >= asked.from;
        !self.disturbed.iter().any(|at| disturbs(&at))
            && self.looks.first().is_some_and(|first| first.at.from + long <= asked.from)
    }
}

fn written(kept: &Kept) -> Result<Written, String> {
    let record = kept.record()?;
    Ok(Written { lane: kept.lane, lane_seq: kept.lane_seq, cseq: kept.cseq, at: Instant(record.entry.mono_ms) })
}

/// A cut that was never restored lasts for ever.
fn cuts(acts: &[Act], robot: &RobotId) -> Vec<Span> {
    let of = |act: &&Act| act.robot.as_ref() == Some(robot);
    let mut cuts: Vec<Span> = Vec::new();
    for act in acts.iter().filter(of) {
        match (act.act.as_str(), act.phase) {
            ("cut", Phase::After) if cuts.last().is_none_or(|cut| cut.to.0 < u64::MAX) => {
                cuts.push(Span { from: Instant(act.t_ms), to: Instant(u64::MAX) });
            }
            ("restore", Phase::Before) => {
                cuts.iter_mut().filter(|cut| cut.to.0 == u64::MAX).for_each(|cut| cut.to = Instant(act.t_ms));
            }
            _ => {}
        }
    }
    cuts
}

fn disturbed(acts: &[Act], robot: &RobotId) -> Vec<Instant> {
    let touches = |act: &&Act| act.robot.as_ref().is_none_or(|of| of == robot);
    acts.iter().filter(touches).map(|act| Instant(act.t_ms)).collect()
}
