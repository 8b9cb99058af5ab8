//! When the robot's own receiver heard it in one boot, and every gap.

use super::super::sign::{Cause, Stop, What};
use super::{Doubt, ENERGY_AFTER_BEAT_MS, Gap, Life, Took, closed};

/// The longest silence of the agent's beat, and of the robot's own disclosure, that a controller bears with the energy on. The
/// second with the cycles until it is noticed.
const BEAT_MS: u64 = 300;
const BEACON_MS: u64 = 1_500;

/// What the robot's own receiver heard, and what the controller's stops say about the moments that nobody told.
pub(super) struct Ears<'a> {
    pub(super) stops: &'a [(u64, Stop)],
    /// The disclosures that the controller wrote down.
    pub(super) took: &'a [Took],
    pub(super) end_ms: u64,
}

impl Ears<'_> {
    /// When it was heard, from and to, and the gaps between.
    pub(super) fn listen(&self, lives: &[Life<'_>]) -> (Vec<(u64, u64)>, Vec<Gap>) {
        let mut heard = Vec::new();
        let mut gaps: Vec<Gap> = Vec::new();
        let begun = lives.first().and_then(|life| life.signs.first()).map(|sign| sign.at_ms);
        let mut silent = begun.map(|from| closed(from, from, Cause::Starting));
        for life in lives {
            let mut since = None;
            for sign in life.signs {
                match sign.what {
                    What::Heard => {
                        since = since.or(Some(sign.at_ms));
                        gaps.extend(silent.take().map(|gap| Gap { to_ms: sign.at_ms, ..gap }));
                    }
                    What::Unheard(cause) => {
                        heard.extend(since.take().map(|from| (from, sign.at_ms)));
                        silent = Some(silent.map_or(closed(sign.at_ms, 0, cause), |gap| Gap { cause, ..gap }));
                    }
                    _ => {}
                }
            }
            if let Some(from) = since {
                let (last, doubt) = self.last_heard(life);
                heard.push((from, last.max(from)));
                silent = life.next_ms.map(|_| Gap { doubt, ..closed(last.max(from), 0, Cause::Died) });
            }
        }
        gaps.extend(silent.map(|gap| Gap { to_ms: self.end_ms, is_open: true, ..gap }));
        (heard, gaps)
    }

    /// The last moment at which a process that told no end of it was heard. Its controller has written that before the stop
    /// that the death led to. An older one has not; but it gave energy only while it heard both, so the robot was heard no
    /// longer ago than the controller bears. Without a stop the process was heard at its last sign, or a watchdog's time
    /// before it, and may have been heard until it died.
    fn last_heard(&self, life: &Life<'_>) -> (u64, Doubt) {
        let Some(next_ms) = life.next_ms else { return (life.last_ms, Doubt::EXACT) };
        let took = self.took_in(life, next_ms);
        if let Some(last) = took.clone().filter(|took| self.is_last(took, life, next_ms)).map(|took| took.at_ms).max() {
            return (last, Doubt::EXACT);
        }
        let (known_ms, doubt) = undated(life, took.map(|took| took.at_ms).max());
        let range = life.last_ms..=next_ms.saturating_add(ENERGY_AFTER_BEAT_MS);
        // A person stops a robot whether it is heard or not: that says nothing.
        let told = self.stops.iter().find(|(at, stop)| *stop != Stop::Other && range.contains(at));
        let Some((at, stop)) = told else { return (known_ms, doubt) };
        // The next process was heard before that stop: it was not this one's death that led to it.
        if self.took.iter().any(|took| next_ms <= took.at_ms && took.at_ms <= *at) {
            return (known_ms, doubt);
        }
        let bearable = at.saturating_sub(BEACON_MS);
        match stop {
            Stop::Beacon => (bearable, Doubt::EXACT),
            Stop::Agent | Stop::Other => {
                (at.saturating_sub(BEAT_MS).max(life.last_ms), Doubt { early_ms: BEACON_MS, ..Doubt::EXACT })
            }
        }
    }

    /// What the controller took while a process lived that told no end of it.
    fn took_in(&self, life: &Life<'_>, next_ms: u64) -> impl Iterator<Item = &Took> + Clone {
        let last_ms = life.last_ms;
        let is_of_life = move |took: &&Took| took.at_ms < next_ms && took.at_ms.saturating_add(BEACON_MS) >= last_ms;
        self.took.iter().filter(is_of_life)
    }

    /// It took no other until the next process started, or until it noticed that this one was dead.
    fn is_last(&self, took: &Took, life: &Life<'_>, next_ms: u64) -> bool {
        let is_of_death = took.last_until_ms >= life.last_ms && self.stops.contains(&(took.last_until_ms, Stop::Agent));
        took.last_until_ms >= next_ms || is_of_death
    }
}

/// When a process was heard at least, and how far that may be off: it was heard at its last sign, or a watchdog's time before
/// it, and perhaps until it died.
fn undated(life: &Life<'_>, took: Option<u64>) -> (u64, Doubt) {
    let known_ms = took.unwrap_or(0).max(life.last_ms);
    let early_ms = if took == Some(known_ms) { 0 } else { BEACON_MS };
    let ends_ms =
        life.within_ms.map(|within_ms| life.last_ms.saturating_add(within_ms)).into_iter().chain(life.until_ms);
    (known_ms, Doubt { early_ms, late_ms: ends_ms.min().map(|ends_ms| ends_ms.saturating_sub(known_ms)) })
}
