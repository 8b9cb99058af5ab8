//! Which boots of a robot's computers live, told by their clocks: a robot has one computer, and a computer one boot at a time.
//!
//! Terms: a boot *began* on the server's clock when its own stood at 0: the time of receipt minus the stamp, as small as it was
//! ever found, because a message comes late and never early. It is *live* when a word of it is as fresh by that as the server
//! expects of a robot that it hears. Two boots of which each spoke after the other had begun ran on two machines.
//!
//! A message that is repeated later brings no stamp that is newer, and a boot is believed to live only once two of its words,
//! a second apart, agree. Nothing that a robot may do hangs on it: its entries are taken, and somebody is told.

use super::HEARD;
use shared::journal::Boot;
use shared::time::{Instant, Millis};
use std::collections::{BTreeMap, BTreeSet};

/// Two words that agree about when their boot began lie so far apart at least ...
const APART: Millis = Millis::secs(1);
/// ... and differ by no more than this.
const AGREE: Millis = Millis::secs(2);
/// By one part in so many may two clocks drift apart.
const DRIFT: i64 = 1000;
/// As many boots as are remembered, the ones that spoke last.
const RUNS_MAX: usize = 64;

/// The boots of one robot that spoke since the server started.
#[derive(Debug)]
pub struct Boots {
    runs: BTreeMap<Boot, Run>,
    told: BTreeSet<(Boot, Boot)>,
}

/// What is known of one boot; all in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// When it began on the server's clock; below 0 when that was before the server's own boot.
    began: i64,
    /// When that was found.
    found: i64,
    first: u64,
    last: u64,
    /// Two words agreed.
    is_known: bool,
}

impl Run {
    fn new(mono_ms: u64, now: Instant) -> Self {
        let (found, mono) = (signed(now.0), signed(mono_ms));
        Self { began: found.saturating_sub(mono), found, first: mono_ms, last: mono_ms, is_known: false }
    }

    /// An estimate that is old may be too small by the clocks' drift since.
    fn hear(&mut self, mono_ms: u64, now: Instant) {
        let fresh = Self::new(mono_ms, now);
        let drifted = self.began.saturating_add(fresh.found.saturating_sub(self.found) / DRIFT);
        let agrees = fresh.began.abs_diff(drifted) <= AGREE.0 && mono_ms.saturating_sub(self.first) >= APART.0;
        self.is_known |= agrees;
        (self.began, self.found) = (fresh.began.min(drifted), fresh.found);
        (self.first, self.last) = (self.first.min(mono_ms), self.last.max(mono_ms));
    }

    /// When it spoke last, by its own clock.
    fn spoke(&self) -> i64 {
        self.began.saturating_add(signed(self.last))
    }

    fn is_live(&self, now: Instant) -> bool {
        self.is_known && signed(now.0).saturating_sub(self.spoke()) <= signed(HEARD.0)
    }

    fn ran_beside(&self, other: &Self) -> bool {
        let began_before = |one: &Self, two: &Self| one.began.saturating_add(signed(HEARD.0)) < two.spoke();
        self.is_known && other.is_known && began_before(self, other) && began_before(other, self)
    }
}

impl Boots {
    /// Nobody has spoken.
    pub const fn new() -> Self {
        Self { runs: BTreeMap::new(), told: BTreeSet::new() }
    }

    /// A word of a boot, stamped by that boot's clock. Returns a boot that ran beside it on another machine; each pair is told
    /// once.
    pub fn spoke(&mut self, boot: Boot, mono_ms: u64, now: Instant) -> Option<Boot> {
        let run = self.runs.entry(boot).or_insert_with(|| Run::new(mono_ms, now));
        run.hear(mono_ms, now);
        let run = *run;
        self.forget();
        let beside = self.runs.iter().find(|(other, ran)| **other != boot && ran.ran_beside(&run));
        let other = *beside?.0;
        self.told.insert((boot.min(other), boot.max(other))).then_some(other)
    }

    /// Whether a boot lives, whatever was met after it.
    pub fn is_live(&self, boot: Boot, now: Instant) -> bool {
        self.runs.get(&boot).is_some_and(|run| run.is_live(now))
    }

    fn forget(&mut self) {
        while self.runs.len() > RUNS_MAX {
            let Some(oldest) = self.runs.iter().min_by_key(|(_, run)| run.found).map(|(boot, _)| *boot) else { return };
            self.runs.remove(&oldest);
        }
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Boot = Boot(1);
    const B: Boot = Boot(2);

    /// A boot that began at a moment of the server's clock speaks each second, `delay` late.
    fn speaks(boots: &mut Boots, boot: Boot, began: i64, from_s: u64, to_s: u64, delay: u64) -> Option<Boot> {
        let word = |second: u64| u64::try_from(signed(second * 1000) - began).unwrap();
        (from_s..to_s).filter_map(|s| boots.spoke(boot, word(s), Instant(s * 1000 + delay))).last()
    }

    #[test]
    fn a_computer_that_boots_again_is_one_machine() {
        let mut boots = Boots::new();
        assert_eq!(speaks(&mut boots, A, -5_000, 10, 100, 20), None);
        assert_eq!(speaks(&mut boots, B, 101_000, 102, 300, 400), None);
        assert!(boots.is_live(B, Instant(305_000)) && !boots.is_live(A, Instant(305_000)));
    }

    #[test]
    fn two_boots_that_speak_after_each_other_began_ran_on_two_machines_and_that_is_told_once() {
        let mut boots = Boots::new();
        assert_eq!(speaks(&mut boots, A, -5_000, 10, 100, 20), None);
        assert_eq!(speaks(&mut boots, B, -86_400_000, 100, 130, 300), Some(A), "the copy's computer runs for a day");
        assert_eq!(speaks(&mut boots, A, -5_000, 130, 140, 20), None, "told once");
        assert!(boots.is_live(A, Instant(141_000)) && boots.is_live(B, Instant(135_000)));
    }

    #[test]
    fn a_word_that_is_repeated_makes_no_boot_live() {
        let mut boots = Boots::new();
        speaks(&mut boots, A, 0, 10, 100, 20);
        speaks(&mut boots, B, 101_000, 102, 300, 20);
        for second in 300..400 {
            assert_eq!(boots.spoke(A, 99_000, Instant(second * 1000)), None);
        }
        assert!(!boots.is_live(A, Instant(400_000)));
        let mut restarted = Boots::new();
        restarted.spoke(A, 99_000, Instant(400_000));
        assert!(!restarted.is_live(A, Instant(400_000)), "one word shows nothing");
        restarted.spoke(A, 104_000, Instant(400_001));
        assert!(!restarted.is_live(A, Instant(400_001)), "nor do two that come together and were said apart");
    }

    #[test]
    fn a_clock_that_runs_slow_is_still_believed() {
        let mut boots = Boots::new();
        let slow = |second: u64| second * 1000 - second / 20;
        assert!((1..1_000_000).step_by(100).all(|s| boots.spoke(A, slow(s), Instant(s * 1000)).is_none()));
        assert!(boots.is_live(A, Instant(999_905_000)));
    }

    #[test]
    fn stamps_that_nobody_can_have_do_no_harm() {
        let mut boots = Boots::new();
        for mono_ms in [0, u64::MAX, 5] {
            boots.spoke(A, mono_ms, Instant(u64::MAX));
            boots.spoke(B, mono_ms, Instant(0));
        }
        for boot in 0..1000 {
            boots.spoke(Boot(boot), 1, Instant(boot));
        }
        assert!(boots.runs.len() <= RUNS_MAX);
    }
}
