//! One day of a robot's report: boots put on the calendar and cut at midnight.

use super::boot::{COVERS_MS, Doubt, Gap, Tracks};
use super::calendar::Day;
use super::sign::Cause;
use super::spans::Spans;
use std::collections::BTreeMap;

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
    /// It began no earlier than this: a controller bears the robot's silence for a while before anyone notices.
    pub earliest_ms: u64,
    /// It began no later than this: an agent that dies may have been heard until then. All three are the same where it is
    /// known; `None` where nothing bounds it.
    pub latest_ms: Option<u64>,
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

/// Puts one boot on the calendar and cuts it at midnight.
pub(super) fn add(days: &mut BTreeMap<Day, DayReport>, tracks: &Tracks, ahead_ms: i64) {
    let placed = Placed::of(tracks, ahead_ms);
    let heard = placed.covered.as_slice().iter().map(|(from, to)| (*from, to.saturating_sub(COVERS_MS).max(*from) + 1));
    let known = [&placed.energised, &placed.moving, &placed.unknown].map(Spans::as_slice).concat();
    // A day in which nothing was, and only a disclosure of the evening before reaches into, is no day of the report.
    let all: Vec<(u64, u64)> = known.into_iter().chain(heard).collect();
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
            // Where the part before midnight lies on another day, the doubt does too.
            let doubt = if from_ms == gap.from_ms { gap.doubt } else { Doubt::EXACT };
            let earliest_ms = from_ms.saturating_sub(doubt.early_ms);
            let latest_ms = doubt.late_ms.map(|late_ms| from_ms.saturating_add(late_ms));
            GapReport { from_ms, earliest_ms, latest_ms, to_ms, is_open, cause: gap.cause, energised_ms, moving_ms }
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
