//! Where each boot of a robot stands on the calendar, and by whose.
//!
//! A boot in which the server received something stands by the server's calendar. One in which it did not (the robot was cut
//! off all the time) stands by the robot's own, which may have been set wrong; but never before a boot that came before it, nor
//! behind one that followed.

use super::calendar::{Receipt, ahead_ms};
use shared::journal::Boot;
use std::collections::BTreeMap;

/// From when to when the record of a boot goes, on its own clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub boot: Boot,
    /// The first moment that is told.
    pub first_ms: u64,
    /// The last one.
    pub last_ms: u64,
}

/// Whose calendar it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The server's, when it received something of that boot.
    Server,
    /// The robot's own.
    Robot,
}

impl Whose {
    /// Its word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Robot => "robot",
        }
    }
}

/// A boot on the calendar. Times in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub boot: Boot,
    /// How far the calendar is ahead of its clock, in milliseconds.
    pub ahead_ms: i64,
    /// The first moment that is told.
    pub begin_ms: u64,
    /// The last one.
    pub end_ms: u64,
    /// By whose calendar.
    pub calendar: Whose,
}

impl Place {
    fn of(found: &Found, ahead_ms: i64, calendar: Whose) -> Self {
        let at = |mono_ms: u64| mono_ms.saturating_add_signed(ahead_ms);
        Self { boot: found.boot, ahead_ms, begin_ms: at(found.first_ms), end_ms: at(found.last_ms), calendar }
    }

    /// When its clock began to run: the power came on.
    #[must_use]
    pub const fn power_ms(&self) -> u64 {
        0_u64.saturating_add_signed(self.ahead_ms)
    }

    /// A moment of the calendar on its clock; `None` for one that is not after its last.
    #[must_use]
    pub fn mono_of(&self, wall_ms: u64) -> Option<u64> {
        (wall_ms > self.end_ms).then(|| wall_ms.saturating_add_signed(self.ahead_ms.saturating_neg()))
    }

    fn moved_to(self, begin_ms: u64) -> Self {
        let by = between(self.begin_ms, begin_ms);
        let (end_ms, ahead_ms) = (self.end_ms.saturating_add_signed(by), self.ahead_ms.saturating_add(by));
        Self { begin_ms, end_ms, ahead_ms, ..self }
    }
}

/// Places boots, oldest first. `stamps` are both clocks as the robot wrote them, `(monotonic, calendar)`.
#[must_use]
pub fn places(found: &[Found], receipts: &[Receipt], stamps: &BTreeMap<Boot, Vec<(u64, u64)>>) -> Vec<Place> {
    let place = |found: &Found| {
        let is_received = receipts.iter().any(|receipt| receipt.boot == found.boot);
        let stamps = stamps.get(&found.boot).map_or(&[][..], Vec::as_slice);
        let whose = if is_received { Whose::Server } else { Whose::Robot };
        Place::of(found, ahead_ms(found.boot, receipts, stamps), whose)
    };
    let mut places: Vec<Place> = found.iter().map(place).collect();
    put_between(&mut places);
    places
}

/// The robot's own calendar counts only inside of what the server's leaves open.
fn put_between(places: &mut [Place]) {
    for n in 0..places.len() {
        if places[n].calendar == Whose::Server {
            continue;
        }
        let after = places[..n].iter().rposition(|place| place.calendar == Whose::Server).map(|_| places[n - 1].end_ms);
        let before = places[n + 1..].iter().find(|place| place.calendar == Whose::Server).map(|place| place.power_ms());
        let length_ms = places[n].end_ms - places[n].begin_ms;
        let latest_ms = before.map_or(u64::MAX, |before| before.saturating_sub(length_ms));
        let begin_ms = places[n].begin_ms.min(latest_ms).max(after.unwrap_or(0));
        places[n] = places[n].moved_to(begin_ms);
    }
}

fn between(from_ms: u64, to_ms: u64) -> i64 {
    i64::try_from(i128::from(to_ms) - i128::from(from_ms)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;

    fn found(boot: u64) -> Found {
        Found { boot: Boot(boot), first_ms: 1_000, last_ms: 5_000 }
    }

    fn stamped(boot: u64, wall_ms: u64) -> (Boot, Vec<(u64, u64)>) {
        (Boot(boot), vec![(1_000, wall_ms)])
    }

    fn receipt(boot: u64, received_ms: u64) -> Receipt {
        Receipt { boot: Boot(boot), sent_mono_ms: 1_000, received_ms }
    }

    fn begins(receipts: &[Receipt], stamps: [(Boot, Vec<(u64, u64)>); 3]) -> Vec<(u64, Whose)> {
        let places = places(&[found(1), found(2), found(3)], receipts, &stamps.into_iter().collect());
        places.iter().map(|place| (place.begin_ms, place.calendar)).collect()
    }

    #[test]
    fn a_boot_of_which_the_server_heard_nothing_is_put_between_its_neighbours() {
        let receipts = [receipt(1, 10 * DAY_MS), receipt(3, 10 * DAY_MS + 60_000)];
        let begin_of_second = |wall_ms| begins(&receipts, [stamped(1, 0), stamped(2, wall_ms), stamped(3, 0)])[1];
        assert_eq!(
            begin_of_second(10 * DAY_MS + 20_000),
            (10 * DAY_MS + 20_000, Whose::Robot),
            "a calendar that can be"
        );
        assert_eq!(begin_of_second(9 * DAY_MS), (10 * DAY_MS + 4_000, Whose::Robot), "set back");
        assert_eq!(begin_of_second(11 * DAY_MS), (10 * DAY_MS + 55_000, Whose::Robot), "set ahead");
    }

    #[test]
    fn without_a_server_the_robots_own_calendar_is_all_there_is() {
        let told = begins(&[], [stamped(1, 5 * DAY_MS), stamped(2, 3 * DAY_MS), stamped(3, 9 * DAY_MS)]);
        assert_eq!(told, [(5 * DAY_MS, Whose::Robot), (3 * DAY_MS, Whose::Robot), (9 * DAY_MS, Whose::Robot)]);
    }

    #[test]
    fn a_moment_of_the_calendar_is_one_of_the_boots_clock_if_it_is_behind_its_record() {
        let place = Place::of(&found(1), 100_000, Whose::Server);
        assert_eq!((place.power_ms(), place.mono_of(105_001), place.mono_of(105_000)), (100_000, Some(5_001), None));
    }
}
