//! When a robot wrote an entry, by the server's calendar.
//!
//! A robot's calendar is neither refused nor trusted. Within the boot that sends a batch its monotonic clock tells how
//! long ago an entry was written, whatever its calendar says. For an earlier boot only the calendar is left; it is corrected
//! by how far it was off when that boot, or the running one, was last compared. Of an earlier boot that sent something itself it is
//! remembered when it began by the server's calendar: then its monotonic clock tells, however its calendar jumped.
//!
//! A batch that waited in the network is not younger for it: of all ways from a boot to here the shortest is taken for the way
//! itself, and what another took longer for the *delay* of that one.
//!
//! Terms: *skew* is how far a robot's calendar is ahead of ours. A robot's stamps rise within each lane as its entries do, and none lies
//! more than [`AHEAD_MS_MAX`] ahead of the server's clock.

use crate::change::SkewRow;
use crate::round::At;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Entry, Lane};
use shared::time::{Instant, WallTime};
use std::collections::BTreeMap;

/// The most that a stamp may lie ahead of the server's clock, in milliseconds; also the most that a calendar may be off
/// without being suspected.
pub const AHEAD_MS_MAX: u64 = 2000;

/// What is known of every robot's calendar.
#[derive(Debug, Default)]
pub struct Clocks {
    robots: BTreeMap<RobotId, Clock>,
}

/// Two clocks that drift apart make ways look longer or shorter by one part of this: 200 in a million.
const DRIFT_PART: u64 = 5000;

#[derive(Debug, Default)]
struct Clock {
    skews: BTreeMap<Boot, i64>,
    /// When a boot's monotonic clock stood at 0, in milliseconds since 1970; a message comes late and never early.
    began: BTreeMap<Boot, i64>,
    newest: Option<Boot>,
    shortest: Option<Way>,
    last: [Hlc; 3],
}

/// The shortest way from a boot to here, as our monotonic clock less the boot's: the two begin at different moments.
#[derive(Clone, Copy, Debug)]
struct Way {
    boot: Boot,
    ms: i64,
    as_of: Instant,
}

/// The moment at which a batch was sent and taken.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The boot that sent it.
    pub boot: Boot,
    /// When, on that boot's monotonic clock, in milliseconds.
    pub mono_ms: u64,
    /// When it was taken.
    pub at: At,
}

/// A stamp, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The corrected stamp.
    pub stamp: Hlc,
    /// How far the entry's own stamp is ahead of it, in milliseconds.
    pub ahead_ms: i64,
    /// How far the boot's calendar is off, when that is news worth keeping.
    pub skew: Option<SkewRow>,
    /// The calendar of the entry's boot is off by too much, or nobody can tell; told once for each boot.
    pub is_suspect: bool,
}

impl Clocks {
    /// What the store gave back; `last` is the newest stamp of each robot's lane.
    pub fn new(skews: Vec<SkewRow>, last: Vec<(RobotId, Lane, Hlc)>) -> Self {
        let mut clocks = Self::default();
        for SkewRow { robot, boot, skew_ms, began_ms } in skews {
            let clock = clocks.robots.entry(robot).or_default();
            clock.skews.insert(boot, skew_ms);
            clock.began.extend(began_ms.map(|began_ms| (boot, began_ms)));
        }
        for (robot, lane, stamp) in last {
            clocks.robots.entry(robot).or_default().last[lane.index()] = stamp;
        }
        clocks
    }

    /// How far the calendar of the boot that spoke last is ahead of ours, in milliseconds.
    pub fn skew_ms(&self, robot: &RobotId) -> Option<i64> {
        let clock = self.robots.get(robot)?;
        clock.skews.get(&clock.newest?).copied()
    }

    /// How far the calendar of a boot was ahead of ours, or of the boot that spoke last, in milliseconds.
    pub fn skew_of(&self, robot: &RobotId, boot: Boot) -> Option<i64> {
        let clock = self.robots.get(robot)?;
        clock.skews.get(&boot).or_else(|| clock.skews.get(&clock.newest?)).copied()
    }

    /// When a boot that sent something itself began, in milliseconds since 1970.
    pub fn began_ms(&self, robot: &RobotId, boot: Boot) -> Option<i64> {
        self.robots.get(robot)?.began.get(&boot).copied()
    }

    /// The newest stamp of a robot's lane.
    pub fn last(&self, robot: &RobotId, lane: Lane) -> Option<Hlc> {
        self.robots.get(robot).map(|clock| clock.last[lane.index()]).filter(|stamp| *stamp != Hlc::default())
    }

    /// Stamps the next entry of its lane.
    pub fn stamp(&mut self, robot: &RobotId, entry: &Entry, sent: Sent) -> Stamped {
        let clock = self.robots.entry(robot.clone()).or_default();
        clock.newest = Some(sent.boot);
        clock.hear(sent);
        let delay_ms = clock.delay_ms(sent);
        let (wall, skew_ms) = clock.written(entry, sent, delay_ms);
        let (before, began_ms) = (clock.skews.get(&entry.boot).copied(), clock.began.get(&entry.boot).copied());
        let is_news = before.is_none_or(|before| before.abs_diff(skew_ms) > AHEAD_MS_MAX);
        if is_news {
            clock.skews.insert(entry.boot, skew_ms);
        }
        let stamp = clock.next(entry.lane, wall, sent.at.wall);
        let skew = SkewRow { robot: robot.clone(), boot: entry.boot, skew_ms, began_ms };
        Stamped {
            stamp,
            ahead_ms: ahead_ms(entry.hlc.wall(), stamp.wall()),
            skew: is_news.then_some(skew),
            is_suspect: is_news && (is_off(skew_ms) || began_ms.is_none()),
        }
    }
}

impl Clock {
    fn hear(&mut self, sent: Sent) {
        let began = sent.at.wall.0.cast_signed().saturating_sub(sent.mono_ms.cast_signed());
        self.began.entry(sent.boot).and_modify(|known| *known = began.min(*known)).or_insert(began);
    }

    /// How much longer than the shortest way a batch was under way. The first of a boot, or of this process, is believed.
    fn delay_ms(&mut self, sent: Sent) -> u64 {
        let now = sent.at.now;
        let ms = now.0.cast_signed().saturating_sub(i64::try_from(sent.mono_ms).unwrap_or(i64::MAX));
        let known = self.shortest.filter(|way| way.boot == sent.boot);
        let shortest =
            known.map_or(ms, |way| way.ms.saturating_add_unsigned(now.since(way.as_of).0 / DRIFT_PART).min(ms));
        self.shortest = Some(Way { boot: sent.boot, ms: shortest, as_of: now });
        ms.abs_diff(shortest)
    }

    /// When an entry was written as well as it can be told, and how far its calendar was ahead then.
    fn written(&self, entry: &Entry, sent: Sent, delay_ms: u64) -> (WallTime, i64) {
        let (here, claimed) = (WallTime(sent.at.wall.0.saturating_sub(delay_ms)), entry.hlc.wall());
        if entry.boot == sent.boot {
            let wall = WallTime(here.0.saturating_sub(sent.mono_ms.saturating_sub(entry.mono_ms)));
            return (wall, ahead_ms(claimed, wall));
        }
        if let Some(began) = self.began.get(&entry.boot) {
            let wall = WallTime(began.saturating_add_unsigned(entry.mono_ms).cast_unsigned().min(here.0));
            return (wall, ahead_ms(claimed, wall));
        }
        let skew_ms = self.skews.get(&entry.boot).or_else(|| self.skews.get(&sent.boot)).copied().unwrap_or(0);
        // Whatever it claims, it was written before the boot that sends it began.
        let boot_began = here.0.saturating_sub(sent.mono_ms);
        let corrected = claimed.0.saturating_add_signed(skew_ms.saturating_neg());
        (WallTime(corrected.min(boot_began)), skew_ms)
    }

    /// A stamp after every one of its lane, and not ahead of the server unless the server's own calendar fell back.
    fn next(&mut self, lane: Lane, wall: WallTime, here: WallTime) -> Hlc {
        let highest = WallTime(here.0.saturating_add(AHEAD_MS_MAX));
        let last = &mut self.last[lane.index()];
        *last = last.next(wall.min(highest));
        *last
    }
}

/// Whether a calendar is off by more than a network explains.
pub const fn is_off(skew_ms: i64) -> bool {
    skew_ms.unsigned_abs() > AHEAD_MS_MAX
}

fn ahead_ms(a: WallTime, b: WallTime) -> i64 {
    a.0.cast_signed().saturating_sub(b.0.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeRobot, WALL, robot};
    use shared::fact::Fact;

    const DAY: u64 = 86_400_000;

    /// An entry of the safety lane, written in a boot when the robot's calendar showed `claims`.
    fn entry(boot: u64, mono_ms: u64, claims: u64) -> Entry {
        let record = FakeRobot::new("r-1", 1).write(&Fact::Resumed { number: 1 });
        Entry { boot: Boot(boot), mono_ms, hlc: Hlc::default().next(WallTime(claims)), ..record.entry }
    }

    fn sent(boot: u64, mono_ms: u64, wall: u64) -> Sent {
        Sent { boot: Boot(boot), mono_ms, at: At { now: Instant(0), wall: WallTime(wall) } }
    }

    #[test]
    fn within_a_boot_the_calendar_does_not_matter() {
        for claims in [0, 1000, WALL.0 - DAY, WALL.0 - 5000, WALL.0 + DAY, 1 << 45] {
            let mut clocks = Clocks::default();
            let r1 = robot("r-1");
            let first = clocks.stamp(&r1, &entry(1, 500, claims), sent(1, 5500, WALL.0));
            assert_eq!(first.stamp.wall(), WallTime(WALL.0 - 5000));
            let second = clocks.stamp(&r1, &entry(1, 700, claims.saturating_sub(DAY)), sent(1, 5500, WALL.0));
            assert!(second.stamp > first.stamp, "the robot's order is kept though its calendar jumped");
            assert_eq!(second.stamp.wall(), WallTime(WALL.0 - 4800));
            assert_eq!(first.is_suspect, claims != WALL.0 - 5000);
        }
    }

    /// A person at a robot that is cut off writes a title, and a minute later another person writes the same field at the
    /// server. When the network lets the robot's batch through, what was written first does not win.
    #[test]
    fn a_batch_that_waited_in_the_network_is_stamped_by_when_it_was_written() {
        let (mut clocks, r1) = (Clocks::default(), robot("r-1"));
        let taken = |now_ms: u64, mono_ms: u64| Sent {
            boot: Boot(1),
            mono_ms,
            at: At { now: Instant(now_ms), wall: WallTime(WALL.0 + now_ms) },
        };
        let mut stamp = |mono_ms, sent| clocks.stamp(&r1, &entry(1, mono_ms, WALL.0), sent).stamp.wall().0 - WALL.0;
        assert_eq!(stamp(500, taken(1_040, 540)), 1_000, "40 ms on its way, which nobody can tell");
        assert_eq!(
            stamp(2_000, taken(62_500, 2_000)),
            2_512,
            "a minute on its way; 12 ms are left for drifting clocks"
        );
        assert_eq!(stamp(62_600, taken(63_110, 62_600)), 63_110, "the next is in time again");
    }

    #[test]
    fn an_earlier_boot_is_corrected_by_what_is_known_and_lies_before_the_running_one() {
        let mut clocks = Clocks::default();
        let r1 = robot("r-1");
        let ahead = clocks.stamp(&r1, &entry(1, 100, WALL.0 + DAY), sent(1, 100, WALL.0));
        assert_eq!((ahead.ahead_ms, ahead.is_suspect), (DAY as i64, true));
        assert_eq!(clocks.skew_ms(&r1), Some(DAY as i64));
        let earlier = clocks.stamp(&r1, &entry(1, 900, WALL.0 + DAY + 800), sent(2, 50, WALL.0 + 60_000));
        assert_eq!((earlier.stamp.wall(), earlier.is_suspect), (WallTime(WALL.0 + 800), false), "told once for a boot");
        let unknown = clocks.stamp(&r1, &entry(3, 900, WALL.0 + 9 * DAY), sent(2, 50, WALL.0 + 60_000));
        assert_eq!((unknown.stamp.wall(), unknown.is_suspect), (WallTime(WALL.0 + 59_950), true));
    }

    #[test]
    fn a_calendar_that_jumped_in_a_boot_that_is_over_is_suspected_and_does_not_matter() {
        for jump in [DAY as i64, -(DAY as i64), -(WALL.0 as i64)] {
            let r1 = robot("r-1");
            let mut clocks = Clocks::default();
            let first = clocks.stamp(&r1, &entry(1, 100, WALL.0), sent(1, 100, WALL.0));
            let mut again = Clocks::new(first.skew.into_iter().collect(), vec![]);
            let claims = WALL.0.saturating_add_signed(jump);
            let late = again.stamp(&r1, &entry(1, 900, claims), sent(2, 50, WALL.0 + 60_000));
            assert_eq!((late.stamp.wall(), late.is_suspect), (WallTime(WALL.0 + 800), true), "{jump}");
        }
    }

    #[test]
    fn no_stamp_is_ahead_and_none_falls_back() {
        let mut clocks = Clocks::default();
        let r1 = robot("r-1");
        let mut last = Hlc::default();
        for (step, wall) in [(0, WALL.0), (1, WALL.0 + 5), (2, WALL.0 - DAY), (3, WALL.0 + 10)] {
            let lies = entry(1, u64::MAX, 1 << 60);
            let stamp = clocks.stamp(&r1, &lies, sent(1, 100, wall)).stamp;
            assert!(stamp > last, "step {step}");
            assert!(stamp.wall().0 <= WALL.0 + 10 + AHEAD_MS_MAX);
            last = stamp;
        }
        let again = Clocks::new(vec![], vec![(robot("r-1"), Lane::Safety, last)]);
        assert_eq!(again.last(&robot("r-1"), Lane::Safety), Some(last));
    }
}
