//! Boots over midnight, boots that overlap, and nothing at all.

use super::*;
use crate::disclosure::boot::{Doubt, Gap, Tracks};
use crate::disclosure::calendar::DAY_MS;
use crate::disclosure::sign::Cause;
use crate::disclosure::spans::Spans;

fn tracks() -> Tracks {
    let spans = |from, to| std::iter::once((from, to)).collect::<Spans>();
    let gap = Gap { from_ms: 4_000, to_ms: 9_000, is_open: false, cause: Cause::NotHeard, doubt: Doubt::EXACT };
    Tracks {
        energised: spans(1_000, 5_000),
        moving: spans(2_000, 5_000),
        covered: spans(500, 5_850),
        gaps: vec![gap],
        ..Tracks::default()
    }
}

#[test]
fn a_boot_over_midnight_is_cut_there_and_nothing_is_lost() {
    let mut days = BTreeMap::new();
    add(&mut days, &tracks(), i64::try_from(DAY_MS).unwrap() - 3_000);
    let days: Vec<DayReport> = days.into_values().collect();
    let moving: Vec<(Day, u64)> = days.iter().map(|day| (day.day, day.totals.moving_ms)).collect();
    assert_eq!(moving, [(Day(0), 1_000), (Day(1), 2_000)]);
    assert_eq!(days.iter().map(|day| day.totals.energised_ms).sum::<u64>(), 4_000);
    let [gap] = days[1].gaps[..] else { panic!("one gap") };
    assert_eq!(
        (gap.from_ms, gap.to_ms, gap.energised_ms, gap.moving_ms),
        (DAY_MS + 1_000, DAY_MS + 6_000, 1_000, 1_000)
    );
    assert_eq!(days[1].totals.moving_uncovered_ms(), 0, "1 s after the last heard disclosure is covered by it");
}

#[test]
fn two_boots_that_overlap_by_a_wrong_calendar_are_both_counted() {
    let mut days = BTreeMap::new();
    add(&mut days, &tracks(), 0);
    add(&mut days, &tracks(), 100);
    let day = days.into_values().next().unwrap();
    assert_eq!((day.totals.energised_ms, day.energised.total_ms(), day.gaps.len()), (8_000, 4_100, 2));
}

#[test]
fn a_disclosure_before_midnight_makes_no_day_after_it() {
    let mut days = BTreeMap::new();
    let heard = Tracks { covered: std::iter::once((0, 2_850)).collect(), ..Tracks::default() };
    add(&mut days, &heard, i64::try_from(DAY_MS).unwrap() - 1_500);
    assert_eq!(days.into_keys().collect::<Vec<_>>(), [Day(0)]);
}

#[test]
fn an_empty_journal_has_no_days() {
    let robot = RobotId::parse("r-1").unwrap();
    let empty = report(&robot, &[], None);
    assert_eq!((empty.days.len(), empty.until_ms, empty.tampering()), (0, None, None));
}
