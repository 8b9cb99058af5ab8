//! The control loop of a robot of the world: what its agent sees, tells and discloses between two steps of its work.

use super::{At, Node};
use anyhow::Result;
use robot_core::{Input, Seen};

/// How often, at least, the control loop's sight reaches the driver.
const SEEN_EVERY_MS: u64 = 250;
/// Between two disclosures of a robot that may move, and of one that stands without energy.
const DISCLOSED_EVERY_MS: u64 = 300;
const STANDING_EVERY_MS: u64 = 1_000;

impl Node {
    /// The control loop tells what it saw a moment ago, at once when something changed.
    pub(super) fn look(&mut self, seen: Seen, at: &mut At<'_>) -> Result<()> {
        let key = |seen: &Seen| (seen.status, seen.count);
        let is_new =
            self.seen.is_none_or(|(last, told_ms)| key(&last) != key(&seen) || at.now_ms >= told_ms + SEEN_EVERY_MS);
        if is_new {
            self.seen = Some((seen, at.now_ms));
            self.handle(Input::Seen(seen), at)?;
        }
        Ok(())
    }

    /// The control loop tells what began and ended, and what the controller wrote.
    pub(super) fn bear_witness(&mut self, seen: Seen, at: &mut At<'_>) -> Result<()> {
        if self.agent.is_none() {
            return Ok(());
        }
        let (is_heard, is_moving) = (seen.status.is_some_and(|s| s.beacon_heard), seen.body.is_some_and(|b| b.moving));
        let now = self.mono(at.now_ms);
        self.witness.hear(is_heard, now);
        self.witness.move_body(is_moving, now);
        let edges = self.witness.edges();
        if !edges.is_empty() {
            self.witness.delivered(edges.len());
            self.handle(Input::Witnessed(edges), at)?;
        }
        for line in self.body.lines(self.lines_told).to_vec() {
            self.lines_told += 1;
            self.handle(Input::Firmware(line), at)?;
        }
        Ok(())
    }

    /// A robot that runs says that it is a machine, moving or not.
    pub(super) fn disclose(&mut self, now_ms: u64) {
        let every_ms = if self.body.is_energised() { DISCLOSED_EVERY_MS } else { STANDING_EVERY_MS };
        let is_due = self.disclosed_ms.is_none_or(|last| now_ms >= last + every_ms);
        if self.agent.is_some() && is_due {
            self.disclosed_ms = Some(now_ms);
            self.witness.sent(self.mono(now_ms));
            self.body.hear(now_ms);
        }
    }

    /// For the diary: whether a living agent is heard.
    pub(super) fn listen(&mut self, now_ms: u64) {
        let (is_heard, last_ms) = self.body.heard(now_ms);
        let is_unheard = self.body.is_muted() || !is_heard;
        let causes: &[&'static str] = match (self.agent.is_some(), is_unheard) {
            (true, _) => &["not_heard"],
            (false, true) => &["died", "not_heard"],
            (false, false) => &["died"],
        };
        self.body.diary.listen(self.agent.is_some() && is_heard, last_ms, causes, now_ms);
    }
}
