//! The power of a whole machine, and its clock, which begins anew with each boot.

use super::{At, Node};
use crate::verdict::history::Kept;
use shared::journal::Boot;
use shared::time::Instant;

impl Node {
    /// Somebody pulls the plug of the whole machine for a while.
    pub fn cut_power(&mut self, now_ms: u64, for_ms: u64) {
        if self.dark_until_ms.is_some() {
            return;
        }
        self.listen(now_ms);
        if self.agent.take().is_some() {
            self.body.diary.die(now_ms);
        }
        self.body.lose_power(now_ms);
        self.listen(now_ms);
        self.body.diary.lose_power(now_ms);
        self.dark_until_ms = Some(now_ms + for_ms);
    }

    /// Without power nothing goes on; with it everything begins anew, the clock too.
    pub(super) fn has_power(&mut self, at: &mut At<'_>) -> bool {
        let Some(until_ms) = self.dark_until_ms else { return true };
        if at.now_ms < until_ms {
            return false;
        }
        (self.dark_until_ms, self.power_ms, self.boot) = (None, at.now_ms, Boot(at.random.draw()));
        self.back_ms = at.now_ms + 300 + at.random.below(1_500);
        self.body.power_up(at.now_ms);
        self.body.diary.power_up(self.boot.0, at.now_ms);
        true
    }

    /// The machine's own clock.
    pub(super) fn mono(&self, now_ms: u64) -> Instant {
        Instant(now_ms - self.power_ms)
    }

    /// Puts entries of its boots on the world's clock.
    pub fn date(&self, entries: &mut [Kept]) {
        for kept in entries {
            let boot =
                self.body.diary.boots().iter().find(|boot| kept.boot().is_some_and(|found| found.0 == boot.boot));
            kept.boot_ms = boot.map_or(0, |boot| boot.from_ms);
        }
    }
}
