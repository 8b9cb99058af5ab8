//! Days, and where a boot's clock stands on the calendar.
//!
//! A robot's calendar may jump; its monotonic clock does not. So a boot is placed as a whole: durations and order inside it
//! are never changed, only the day they are counted on depends on a calendar.

use shared::journal::Boot;

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

/// A day of the calendar, in UTC: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u64);

/// A text that is not a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadDay(pub String);

impl std::fmt::Display for BadDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a day is written as 2026-11-22, this is {:?}", self.0)
    }
}

impl std::error::Error for BadDay {}

impl Day {
    /// The day that a moment lies in, in milliseconds since 1970.
    #[must_use]
    pub const fn of(wall_ms: u64) -> Self {
        Self(wall_ms / DAY_MS)
    }

    /// Its first moment, in milliseconds since 1970.
    #[must_use]
    pub const fn begin_ms(self) -> u64 {
        self.0.saturating_mul(DAY_MS)
    }

    /// The first moment after it, in milliseconds since 1970.
    #[must_use]
    pub const fn end_ms(self) -> u64 {
        self.begin_ms().saturating_add(DAY_MS)
    }

    /// Reads the form `2026-11-22`.
    ///
    /// # Errors
    /// [`BadDay`] when it has another form, or there is no such day.
    pub fn parse(text: &str) -> Result<Self, BadDay> {
        let bad = || BadDay(text.chars().take(40).collect());
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !is_shaped {
            return Err(bad());
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u64>().map_err(|_| bad());
        let day = Self::from_date(number(0, 4)?, number(5, 7)?, number(8, 10)?).ok_or_else(bad)?;
        // A day that does not come back as it was written, as 2026-02-30, is none.
        if day.to_string() == text { Ok(day) } else { Err(bad()) }
    }

    /// Counts in years that begin in March, so that a leap day is the last day of its year; 400 years have 146,097 days.
    fn from_date(year: u64, month: u64, day: u64) -> Option<Self> {
        let is_real = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
        if !is_real {
            return None;
        }
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year / 400, year % 400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        days.checked_sub(719_468).map(Self)
    }

    fn date(self) -> (u64, u64, u64) {
        let days = self.0 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
        let march = (5 * of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = era * 400 + of_era + u64::from(month <= 2);
        (year, month, of_year - (153 * march + 2) / 5 + 1)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl std::str::FromStr for Day {
    type Err = BadDay;
    fn from_str(text: &str) -> Result<Self, BadDay> {
        Self::parse(text)
    }
}

/// A moment in the form of RFC 3339, in UTC, with milliseconds.
#[must_use]
pub fn moment(wall_ms: u64) -> String {
    let of_day = wall_ms % DAY_MS;
    let (hours, minutes, seconds) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", Day::of(wall_ms), of_day % 1_000)
}

/// A message of a boot that the server received: both clocks at one moment, but for the time it was on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The boot in which it was sent.
    pub boot: Boot,
    /// When it was sent, on that boot's monotonic clock, in milliseconds.
    pub sent_mono_ms: u64,
    /// When it was received, milliseconds since 1970 by the server's calendar.
    pub received_ms: u64,
}

/// How far the calendar is ahead of a boot's monotonic clock, in milliseconds: by the fastest of the server's receipts where
/// there is one, else by the middle one of the robot's own stamps, `(monotonic, calendar)`. A calendar that jumped for less
/// than half of the stamps does not move the middle.
#[must_use]
pub fn ahead_ms(boot: Boot, receipts: &[Receipt], stamps: &[(u64, u64)]) -> i64 {
    let of_boot = receipts.iter().filter(|receipt| receipt.boot == boot);
    let fastest = of_boot.map(|receipt| between(receipt.sent_mono_ms, receipt.received_ms)).min();
    fastest.unwrap_or_else(|| {
        let mut found: Vec<i64> = stamps.iter().map(|(mono, wall)| between(*mono, *wall)).collect();
        found.sort_unstable();
        found.get(found.len() / 2).copied().unwrap_or(0)
    })
}

fn between(mono_ms: u64, wall_ms: u64) -> i64 {
    i64::try_from(i128::from(wall_ms) - i128::from(mono_ms)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_comes_back_from_its_text() {
        for number in 0..150_000 {
            assert_eq!(Day::parse(&Day(number).to_string()), Ok(Day(number)));
        }
        assert_eq!((Day(0).to_string(), Day(20_779).to_string()), ("1970-01-01".into(), "2026-11-22".into()));
    }

    #[test]
    fn a_text_that_is_no_day_is_refused() {
        for bad in ["", "2026-2-1", "2026-02-30", "2023-02-29", "1969-12-31", "2026-13-01", "2026-00-10", "２026-01-01"]
        {
            assert!(Day::parse(bad).is_err(), "{bad}");
        }
        assert!(Day::parse("2024-02-29").is_ok());
        assert_eq!(moment(20_779 * DAY_MS + 3_723_004), "2026-11-22T01:02:03.004Z");
    }

    #[test]
    fn a_jump_of_the_robots_calendar_does_not_move_the_boot() {
        let stamps: Vec<(u64, u64)> = (0..9).map(|i| (i, 1_000_000 + i + if i < 4 { 9_999_999 } else { 0 })).collect();
        assert_eq!(ahead_ms(Boot(1), &[], &stamps), 1_000_000);
        let receipt = |received_ms| Receipt { boot: Boot(1), sent_mono_ms: 50, received_ms };
        let receipts = [receipt(2_000_900), receipt(2_000_060), Receipt { boot: Boot(2), ..receipt(0) }];
        assert_eq!(ahead_ms(Boot(1), &receipts, &stamps), 2_000_010);
        assert_eq!(ahead_ms(Boot(1), &[], &[]), 0);
    }
}
