//! Judges the seconds of a printed report: energised, moving, and what of both was covered.

use super::diary::Diary;
use super::printed::{Day, Robot};
use super::wall;

/// To the second.
const OFF_MS_MAX: u64 = 1_000;

/// Seconds energised, moving and covered: by the day; over all days where a boot stands by a calendar that was set wrong on
/// purpose.
pub fn untrue(told: &Robot, diary: &Diary, until_ms: u64) -> Vec<String> {
    if !told.is_placed() {
        let of_day = told.days.iter().map(Sums::of);
        return of_day.fold(Sums::default(), Sums::plus).untrue(diary, 0, until_ms);
    }
    const DAY_MS: u64 = 86_400_000;
    let midnight_ms = DAY_MS - wall(0).0 % DAY_MS;
    let days = std::iter::once((0, midnight_ms))
        .chain((0..).map(|n| (midnight_ms + n * DAY_MS, midnight_ms + (n + 1) * DAY_MS)));
    let days = days.take_while(|(from, _)| *from <= until_ms);
    let of = |from: u64| told.days.iter().find(|day| day.begin_ms == from).map(Sums::of).unwrap_or_default();
    let mut untrue: Vec<String> =
        days.clone().flat_map(|(from, to)| of(from).untrue(diary, from, to.min(until_ms))).collect();
    let is_there = |day: &&Day| !days.clone().any(|(from, _)| from == day.begin_ms);
    untrue.extend(told.days.iter().filter(is_there).map(|day| format!("a day that was not: {day:?}")));
    untrue
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    energised: u64,
    energised_covered: u64,
    moving: u64,
    moving_covered: u64,
    unknown: u64,
    /// Of the gaps whose beginning the report itself doubts: what lies in them may have been covered for a while.
    doubted_energised: u64,
    doubted_moving: u64,
}

impl Sums {
    fn of(day: &Day) -> Self {
        let doubted = || day.gaps.iter().filter(|gap| !gap.is_exact());
        Self {
            doubted_energised: doubted().map(|gap| gap.energised_ms).sum(),
            doubted_moving: doubted().map(|gap| gap.moving_ms).sum(),
            energised: day.energised_ms,
            energised_covered: day.energised_covered_ms,
            moving: day.moving_ms,
            moving_covered: day.moving_covered_ms,
            unknown: day.unknown_ms,
        }
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            energised: self.energised + other.energised,
            energised_covered: self.energised_covered + other.energised_covered,
            moving: self.moving + other.moving,
            moving_covered: self.moving_covered + other.moving_covered,
            unknown: self.unknown + other.unknown,
            doubted_energised: self.doubted_energised + other.doubted_energised,
            doubted_moving: self.doubted_moving + other.doubted_moving,
        }
    }

    /// Never more than it was, never less but for what is told as unknown, or lies in a gap whose beginning is told as
    /// doubtful.
    fn untrue(&self, diary: &Diary, from: u64, to: u64) -> Vec<String> {
        let (energised, moving, covered) = (diary.energised(), diary.moving(), diary.covered());
        let pairs = [
            ("energised", self.energised, energised.length_ms(from, to), 0),
            (
                "energised and covered",
                self.energised_covered,
                energised.length_with_ms(&covered, from, to),
                self.doubted_energised,
            ),
            ("moving", self.moving, moving.length_ms(from, to), 0),
            ("moving and covered", self.moving_covered, moving.length_with_ms(&covered, from, to), self.doubted_moving),
        ];
        let is_off = |told: u64, was: u64, doubted: u64| {
            told > was + OFF_MS_MAX || was > told + self.unknown + doubted + OFF_MS_MAX
        };
        let off = pairs.into_iter().filter(|(_, told, was, doubted)| is_off(*told, *was, *doubted));
        let words = |(what, told, was, _)| {
            format!(
                "from {from} to {to}: {what} for {told} ms in the report, for {was} ms in fact, {} unknown",
                self.unknown
            )
        };
        let mut untrue: Vec<String> = off.map(words).collect();
        if self.moving != self.moving_covered {
            untrue.push(format!("the report has {} ms of uncovered motion", self.moving - self.moving_covered));
        }
        untrue
    }
}
