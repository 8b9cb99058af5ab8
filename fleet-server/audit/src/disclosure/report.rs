//! What an auditor reads of one robot: per day how long it had energy, moved, and was covered by a heard disclosure, every
//! gap with its cause, and whether the journal it is read off holds.

use super::believable::{LIFE_MS, believable};
use super::boot::{End, Gap, Tracks, tracks};
use super::calendar::{Day, Receipt, ahead_ms};
use super::controller::Controller;
use super::journal::{ChainState, Journal, SignatureState};
use super::sign::{Cause, signs};
use super::spans::Spans;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Record};
use std::collections::BTreeMap;

/// One robot's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whose.
    pub robot: RobotId,
    /// What each epoch of its journal proves, oldest first.
    pub epochs: Vec<Proof>,
    /// Its days, oldest first.
    pub days: Vec<DayReport>,
    /// The last moment that the record tells of, milliseconds since 1970; `None` for an empty one.
    pub until_ms: Option<u64>,
    /// How many entries name a time that cannot be; nothing is read off them.
    pub unbelievable: u64,
    /// What its safety controller's own lines prove.
    pub controller: Controller,
}

/// What one epoch of a journal proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Which.
    pub epoch: Epoch,
    /// By its chain.
    pub chain: ChainState,
    /// By its signatures.
    pub signatures: SignatureState,
}

impl Proof {
    /// How many entries are there that no signature covers, where signatures were checked.
    #[must_use]
    pub const fn unsigned(&self) -> u64 {
        self.signatures.unsigned(&self.chain)
    }
}

/// One day of one robot. The stretches are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayReport {
    /// Which day, in UTC.
    pub day: Day,
    /// How long each was.
    pub totals: Totals,
    /// The motors had power.
    pub energised: Spans,
    /// The body moved.
    pub moving: Spans,
    /// A heard disclosure covered it.
    pub covered: Spans,
    /// Nobody knows whether the motors had power.
    pub unknown: Spans,
    /// Every time it was not heard.
    pub gaps: Vec<GapReport>,
}

/// Lengths, in milliseconds. Summed over the boots of a day, each by its own clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The motors had power.
    pub energised_ms: u64,
    /// Of that, covered by a heard disclosure.
    pub energised_covered_ms: u64,
    /// The body moved.
    pub moving_ms: u64,
    /// Of that, covered by a heard disclosure.
    pub moving_covered_ms: u64,
    /// Covered by a heard disclosure, moving or not.
    pub covered_ms: u64,
    /// Nobody knows whether the motors had power.
    pub unknown_ms: u64,
}

impl Totals {
    /// Motion that no heard disclosure covers: what must not be.
    #[must_use]
    pub const fn moving_uncovered_ms(&self) -> u64 {
        self.moving_ms - self.moving_covered_ms
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            energised_ms: self.energised_ms + other.energised_ms,
            energised_covered_ms: self.energised_covered_ms + other.energised_covered_ms,
            moving_ms: self.moving_ms + other.moving_ms,
            moving_covered_ms: self.moving_covered_ms + other.moving_covered_ms,
            covered_ms: self.covered_ms + other.covered_ms,
            unknown_ms: self.unknown_ms + other.unknown_ms,
        }
    }
}

/// A gap, or the part of it that lies in a day. Times in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapReport {
    /// The last heard disclosure before it.
    pub from_ms: u64,
    /// The first heard one after it.
    pub to_ms: u64,
    /// Whether none came until the record ends.
    pub is_open: bool,
    /// Why.
    pub cause: Cause,
    /// For how long of it the motors had power.
    pub energised_ms: u64,
    /// For how long of it the body moved.
    pub moving_ms: u64,
}

/// Makes the report of one robot off all epochs of its journal, oldest first. `running` is the newest word of the robot
/// itself beyond its journal: its boot, and that boot's monotonic clock.
#[must_use]
pub fn report(robot: &RobotId, journals: &[Journal], running: Option<(Boot, u64)>) -> Report {
    let epochs = journals.iter().map(proof).collect();
    let records: Vec<&Record> = journals.iter().flat_map(|journal| &journal.records).collect();
    let receipts = journals.iter().flat_map(|journal| journal.receipts.iter().copied());
    let receipts: Vec<Receipt> = receipts.filter(|receipt| receipt.sent_mono_ms <= LIFE_MS).collect();
    let signs = signs(records.iter().copied());
    let mut days = BTreeMap::new();
    let mut until_ms = None;
    let mut stamps = stamps(&records);
    let (boots, unbelievable) = believable(&signs);
    let newest = boots.last().map(|(boot, _)| *boot);
    let running = running.filter(|(_, mono_ms)| *mono_ms <= LIFE_MS);
    for (boot, told) in boots {
        let is_last = newest == Some(boot);
        let ahead_ms = ahead_ms(boot, &receipts, &stamps.remove(&boot).unwrap_or_default());
        let running_ms = running.filter(|(newest, _)| *newest == boot).map_or(0, |(_, mono_ms)| mono_ms);
        let end = if is_last { End::Until(running_ms) } else { End::Over };
        let told_ms = told.iter().map(|sign| sign.at_ms.max(sign.stamp_ms)).max().unwrap_or(0).max(running_ms);
        until_ms = until_ms.max(Some(told_ms.saturating_add_signed(ahead_ms)));
        add(&mut days, &tracks(&told, end), ahead_ms);
    }
    Report {
        robot: robot.clone(),
        epochs,
        days: days.into_values().collect(),
        until_ms,
        unbelievable,
        controller: Controller::of(journals, None),
    }
}

fn proof(journal: &Journal) -> Proof {
    Proof { epoch: journal.epoch, chain: journal.chain.clone(), signatures: journal.signatures.clone() }
}

/// Both clocks as each record of a boot has stamped them: `(monotonic, calendar)`, in milliseconds.
fn stamps(records: &[&Record]) -> BTreeMap<Boot, Vec<(u64, u64)>> {
    let mut stamps: BTreeMap<Boot, Vec<(u64, u64)>> = BTreeMap::new();
    for entry in records.iter().map(|record| &record.entry).filter(|entry| entry.mono_ms <= LIFE_MS) {
        stamps.entry(entry.boot).or_default().push((entry.mono_ms, entry.hlc.wall().0));
    }
    stamps
}

/// Puts one boot on the calendar and cuts it at midnight.
fn add(days: &mut BTreeMap<Day, DayReport>, tracks: &Tracks, ahead_ms: i64) {
    let placed = Placed::of(tracks, ahead_ms);
    let all = [&placed.energised, &placed.moving, &placed.covered, &placed.unknown].map(Spans::as_slice).concat();
    let gaps = placed.gaps.iter().map(|gap| (gap.from_ms, gap.to_ms.saturating_add(1)));
    let (Some(first), Some(last)) = (
        all.iter().map(|span| span.0).chain(gaps.clone().map(|gap| gap.0)).min(),
        all.iter().map(|span| span.1).chain(gaps.map(|gap| gap.1)).max(),
    ) else {
        return;
    };
    for day in (Day::of(first).0..=Day::of(last - 1).0).map(Day) {
        let found = placed.on(day);
        days.entry(day).and_modify(|there| there.take(&found)).or_insert(found);
    }
}

/// A boot's tracks on the calendar.
struct Placed {
    energised: Spans,
    moving: Spans,
    covered: Spans,
    unknown: Spans,
    gaps: Vec<Gap>,
}

impl Placed {
    fn of(tracks: &Tracks, ahead_ms: i64) -> Self {
        let at = |ms: u64| ms.saturating_add_signed(ahead_ms);
        let gap = |gap: &Gap| Gap { from_ms: at(gap.from_ms), to_ms: at(gap.to_ms), ..*gap };
        Self {
            energised: tracks.energised.shifted(ahead_ms),
            moving: tracks.moving.shifted(ahead_ms),
            covered: tracks.covered.shifted(ahead_ms),
            unknown: tracks.unknown.shifted(ahead_ms),
            gaps: tracks.gaps.iter().map(gap).collect(),
        }
    }

    fn on(&self, day: Day) -> DayReport {
        let cut = |spans: &Spans| spans.between(day.begin_ms(), day.end_ms());
        let (energised, moving, covered) = (cut(&self.energised), cut(&self.moving), cut(&self.covered));
        let unknown = cut(&self.unknown);
        let totals = Totals {
            energised_ms: energised.total_ms(),
            energised_covered_ms: energised.and(&covered).total_ms(),
            moving_ms: moving.total_ms(),
            moving_covered_ms: moving.and(&covered).total_ms(),
            covered_ms: covered.total_ms(),
            unknown_ms: unknown.total_ms(),
        };
        let of_day = self.gaps.iter().filter(|gap| gap.from_ms < day.end_ms() && gap.to_ms >= day.begin_ms());
        let gap = |gap: &Gap| {
            let (from_ms, to_ms) = (gap.from_ms.max(day.begin_ms()), gap.to_ms.min(day.end_ms()));
            let within = |spans: &Spans| spans.between(from_ms, to_ms).total_ms();
            let is_open = gap.is_open && gap.to_ms == to_ms;
            let (energised_ms, moving_ms) = (within(&energised), within(&moving));
            GapReport { from_ms, to_ms, is_open, cause: gap.cause, energised_ms, moving_ms }
        };
        DayReport { day, totals, gaps: of_day.map(gap).collect(), energised, moving, covered, unknown }
    }
}

impl DayReport {
    /// Takes another boot of the same day in.
    fn take(&mut self, other: &Self) {
        let both = |a: &Spans, b: &Spans| a.as_slice().iter().chain(b.as_slice()).copied().collect();
        self.totals = self.totals.plus(other.totals);
        self.energised = both(&self.energised, &other.energised);
        self.moving = both(&self.moving, &other.moving);
        self.covered = both(&self.covered, &other.covered);
        self.unknown = both(&self.unknown, &other.unknown);
        self.gaps.extend(&other.gaps);
        self.gaps.sort_by_key(|gap| gap.from_ms);
    }
}

impl Report {
    /// The same with one day only.
    #[must_use]
    pub fn of_day(self, day: Option<Day>) -> Self {
        let days = self.days.into_iter().filter(|found| day.is_none_or(|day| found.day == day)).collect();
        Self { days, ..self }
    }

    /// Why the journal is not what its robot wrote, if that is proved.
    #[must_use]
    pub fn tampering(&self) -> Option<String> {
        let broken = self.epochs.iter().find_map(|proof| match (&proof.chain, &proof.signatures) {
            (ChainState::Broken { why }, _) | (_, SignatureState::Wrong { why }) => Some(why.clone()),
            _ => None,
        });
        broken.or_else(|| self.controller.wrong.clone())
    }

    /// Whether entries or the controller's events are missing inside, entries cannot be so, or the energy was unknown at some time.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let has_hole = |proof: &Proof| matches!(proof.chain, ChainState::Missing { .. });
        self.unbelievable > 0
            || self.controller.missing > 0
            || self.epochs.iter().any(has_hole)
            || self.days.iter().any(|day| day.totals.unknown_ms > 0)
    }

    /// How many entries the robot has not signed, where signatures were checked: what they say is not proved.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        self.epochs.iter().map(Proof::unsigned).sum()
    }

    /// Motion that no heard disclosure covers, in milliseconds.
    #[must_use]
    pub fn moving_uncovered_ms(&self) -> u64 {
        self.days.iter().map(|day| day.totals.moving_uncovered_ms()).sum()
    }
}

#[cfg(test)]
mod tests;
