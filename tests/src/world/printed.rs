//! What `fleet audit disclosure --json` prints, read back: all that a judge of the report may look at.

use super::wall;
use anyhow::{Context, Result};
use serde::Deserialize;

/// The document.
#[derive(Debug, Deserialize)]
pub struct Printed {
    /// One for each robot.
    pub robots: Vec<Robot>,
}

/// One robot's report.
#[derive(Debug, Deserialize)]
pub struct Robot {
    /// Its name.
    pub robot: String,
    /// Where the record ends.
    pub until_ms: Option<u64>,
    /// Entries that cannot be.
    pub unbelievable: u64,
    /// Lines of the controller that are not there.
    pub firmware_missing: u64,
    /// The keys that it disclosed with.
    pub disclosure_ids: Vec<String>,
    /// What its agent's record leaves out.
    pub contradictions: Vec<serde_json::Value>,
    /// Its boots.
    pub boots: Vec<Boot>,
    /// What each epoch proves.
    pub journal: Vec<Proof>,
    /// Its days.
    pub days: Vec<Day>,
}

/// One boot on the calendar.
#[derive(Debug, Deserialize)]
pub struct Boot {
    /// Its id, in hexadecimal digits.
    pub boot: String,
    /// From when its record goes.
    pub begin_ms: u64,
    /// Until when.
    pub end_ms: u64,
    /// By whose calendar.
    pub calendar: String,
}

/// What one epoch proves.
#[derive(Debug, Deserialize)]
pub struct Proof {
    /// By its chain.
    pub chain: String,
    /// By its signatures.
    pub signatures: String,
    /// Entries that no signature covers.
    pub unsigned: u64,
}

/// One day.
#[derive(Debug, Deserialize)]
pub struct Day {
    /// Its first moment.
    pub begin_ms: u64,
    /// The motors had power.
    pub energised_ms: u64,
    /// Of that, covered.
    pub energised_covered_ms: u64,
    /// The body moved.
    pub moving_ms: u64,
    /// Of that, covered.
    pub moving_covered_ms: u64,
    /// Nobody knows whether the motors had power.
    pub unknown_ms: u64,
    /// When that was.
    pub unknown: Vec<(u64, u64)>,
    /// Every time it was not heard.
    pub gaps: Vec<Gap>,
}

/// A gap, or the part of it on one day.
#[derive(Clone, Debug, Deserialize)]
pub struct Gap {
    /// From when.
    pub from_ms: u64,
    /// It began no earlier.
    pub earliest_ms: u64,
    /// It began no later; `None` where nothing bounds it.
    pub latest_ms: Option<u64>,
    /// Until when.
    pub to_ms: u64,
    /// Whether the record ends before it.
    pub open: bool,
    /// Why.
    pub cause: String,
    /// For how much of it the motors had power.
    pub energised_ms: u64,
    /// For how much of it the body moved.
    pub moving_ms: u64,
}

/// Reads the document; its times become those of the world's clock.
///
/// # Errors
/// When it is not the document that programs are promised.
pub fn read(text: &str) -> Result<Printed> {
    let mut printed: Printed = serde_json::from_str(text).context("the printed report")?;
    printed.robots.iter_mut().for_each(Robot::put_on_the_worlds_clock);
    Ok(printed)
}

impl Robot {
    fn put_on_the_worlds_clock(&mut self) {
        self.until_ms = self.until_ms.map(world);
        for boot in &mut self.boots {
            (boot.begin_ms, boot.end_ms) = (world(boot.begin_ms), world(boot.end_ms));
        }
        for day in &mut self.days {
            day.begin_ms = world(day.begin_ms);
            day.unknown.iter_mut().for_each(|(from, to)| (*from, *to) = (world(*from), world(*to)));
            day.gaps.iter_mut().for_each(Gap::put_on_the_worlds_clock);
        }
    }

    /// Whether every boot stands by the server's calendar; the robot's own was set wrong on purpose.
    pub fn is_placed(&self) -> bool {
        self.boots.iter().all(|boot| boot.calendar == "server")
    }

    /// Stretches that are unknown; one over midnight is one.
    pub fn unknown(&self) -> Vec<(u64, u64)> {
        let mut found: Vec<(u64, u64)> = Vec::new();
        for (from, to) in self.days.iter().flat_map(|day| day.unknown.iter().copied()) {
            match found.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                Some(_) | None => found.push((from, to)),
            }
        }
        found
    }

    /// Gaps; one over midnight is one.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut found: Vec<Gap> = Vec::new();
        for gap in self.days.iter().flat_map(|day| &day.gaps) {
            match found.last_mut() {
                Some(last) if last.to_ms == gap.from_ms && last.cause == gap.cause && is_midnight(gap.from_ms) => {
                    (last.to_ms, last.open) = (gap.to_ms, gap.open);
                }
                Some(_) | None => found.push(gap.clone()),
            }
        }
        found
    }
}

impl Gap {
    fn put_on_the_worlds_clock(&mut self) {
        let times = [&mut self.from_ms, &mut self.earliest_ms, &mut self.to_ms];
        times.into_iter().chain(&mut self.latest_ms).for_each(|at| *at = world(*at));
    }

    /// Whether its beginning is told without a doubt.
    pub fn is_exact(&self) -> bool {
        (self.earliest_ms, self.latest_ms) == (self.from_ms, Some(self.from_ms))
    }
}

fn world(wall_ms: u64) -> u64 {
    wall_ms.saturating_sub(wall(0).0)
}

const fn is_midnight(world_ms: u64) -> bool {
    (world_ms + wall(0).0).is_multiple_of(86_400_000)
}
