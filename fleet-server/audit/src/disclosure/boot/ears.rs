//! When the robot's own receiver heard it in one boot, and every gap.

use super::super::sign::{Cause, Stop, What};
use super::{ENERGY_AFTER_BEAT_MS, Gap, Life, closed};

/// The longest silence of the agent's beat, and of the robot's own disclosure, that a controller bears with the energy on. The
/// second with the cycles until it is noticed.
const BEAT_MS: u64 = 300;
const BEACON_MS: u64 = 1_500;

/// What the robot's own receiver heard, and what the controller's stops say about the moments that nobody told.
pub(super) struct Ears<'a> {
    pub(super) stops: &'a [(u64, Stop)],
    /// When the controller wrote that it took a disclosure.
    pub(super) took: &'a [u64],
    pub(super) end_ms: u64,
}

impl Ears<'_> {
    /// When it was heard, from and to, and the gaps between.
    pub(super) fn listen(&self, lives: &[Life<'_>]) -> (Vec<(u64, u64)>, Vec<Gap>) {
        let mut heard = Vec::new();
        let mut gaps: Vec<Gap> = Vec::new();
        let begun = lives.first().and_then(|life| life.signs.first()).map(|sign| sign.at_ms);
        let mut silent = begun.map(|from| (from, Cause::Starting));
        for life in lives {
            let mut since = None;
            for sign in life.signs {
                match sign.what {
                    What::Heard => {
                        since = since.or(Some(sign.at_ms));
                        gaps.extend(silent.take().map(|(from, cause)| closed(from, sign.at_ms, cause)));
                    }
                    What::Unheard(cause) => {
                        heard.extend(since.take().map(|from| (from, sign.at_ms)));
                        silent = Some(silent.map_or((sign.at_ms, cause), |(from, _)| (from, cause)));
                    }
                    _ => {}
                }
            }
            if let Some(from) = since {
                let last = self.last_heard(life).max(from);
                heard.push((from, last));
                silent = life.next_ms.map(|_| (last, Cause::Died));
            }
        }
        gaps.extend(silent.map(|(from_ms, cause)| Gap { from_ms, to_ms: self.end_ms, is_open: true, cause }));
        (heard, gaps)
    }

    /// The last moment at which a process that told no end of it was heard. Its controller has written that before the stop
    /// that the death led to. An older one has not; but it gave energy only while it heard both, so the robot was heard no
    /// longer ago than the controller bears.
    fn last_heard(&self, life: &Life<'_>) -> u64 {
        let Some(next_ms) = life.next_ms else { return life.last_ms };
        let range = life.last_ms..=next_ms.saturating_add(ENERGY_AFTER_BEAT_MS);
        let Some((at, stop)) = self.stops.iter().find(|(at, _)| range.contains(at)) else { return life.last_ms };
        // The next process was heard before that stop: it was not this one's death that led to it.
        if self.took.iter().any(|took| next_ms <= *took && took <= at) {
            return life.last_ms;
        }
        let bearable = at.saturating_sub(BEACON_MS);
        if let Some(took) = self.took.iter().filter(|took| (bearable..=*at).contains(took)).max() {
            return *took;
        }
        match stop {
            Stop::Beacon => bearable,
            Stop::Agent => at.saturating_sub(BEAT_MS).max(life.last_ms),
            Stop::Other => bearable.max(life.last_ms),
        }
    }
}
