//! What the safety controller's lines prove of one boot by themselves: when it heard the robot and when it did not, when the
//! body moved and when it rested, when the motors had power.
//!
//! Before each of its events it writes the last disclosure that it took since the one before, and every edge of motion of the
//! last 5 s. So between two neighbours in its numbering nothing else was.

use super::super::sign::{Sign, Stop, What};

/// The longest silence of the robot's disclosure that a controller bears with the energy on.
const BEACON_MS: u64 = 1_500;
/// How old something that it saw may be when it writes it.
const KEPT_MS: u64 = 5_000;

/// Stretches from and to, on the boot's clock, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Testimony {
    /// It did not hear the robot, and stopped it for that.
    pub(super) silent: Vec<(u64, u64)>,
    /// It heard the robot.
    pub(super) hearing: Vec<(u64, u64)>,
    /// The body moved.
    pub(super) moving: Vec<(u64, u64)>,
    /// The body rested.
    pub(super) resting: Vec<(u64, u64)>,
    /// The motors had power, from when to when at least.
    pub(super) energised: Vec<(u64, u64)>,
}

/// One line.
#[derive(Clone, Copy)]
struct Line {
    n: u64,
    at_ms: u64,
    what: What,
}

impl Testimony {
    /// Reads the lines among the signs.
    pub(super) fn of(signs: &[Sign]) -> Self {
        let mut lines: Vec<Line> = signs.iter().filter_map(line).collect();
        lines.sort_by_key(|line| line.n);
        lines.dedup_by_key(|line| line.n);
        let mut testimony = Self::default();
        for run in lines.chunk_by(|before, after| before.n.checked_add(1) == Some(after.n)) {
            testimony.hear(run);
            testimony.see(run);
        }
        testimony
    }

    /// Beacon and energy, event by event.
    fn hear(&mut self, run: &[Line]) {
        let mut took = None;
        let mut energised: Option<u64> = None;
        // An open silence that a disclosure opened goes on until the next one, as far as is told.
        let mut silence: Option<usize> = None;
        for line in run {
            match line.what {
                What::Took { .. } => (took, silence) = (Some(line.at_ms), None),
                What::Line { on, stops, .. } => {
                    let heard_ms = took.take();
                    if let Some(from_ms) = energised.take() {
                        let last_ms = heard_ms.unwrap_or_else(|| line.at_ms.saturating_sub(BEACON_MS));
                        self.hearing.push((from_ms, last_ms.max(from_ms)));
                        self.energised.push((from_ms, line.at_ms));
                    }
                    energised = (on == Some(true) && stops.is_none()).then_some(line.at_ms);
                    if let Some(open) = silence.and_then(|place| self.silent.get_mut(place)) {
                        let goes_on = energised.is_none() && line.at_ms.saturating_sub(open.1) <= KEPT_MS;
                        open.1 = if goes_on { line.at_ms } else { open.1 };
                        silence = silence.filter(|_| goes_on);
                    }
                    // A lock names the cause of the stop before it, and may come long after it.
                    if stops == Some(Stop::Beacon) && on == Some(true) {
                        let bearable_ms = line.at_ms.saturating_sub(BEACON_MS);
                        silence = heard_ms.map(|_| self.silent.len());
                        self.silent.push((heard_ms.unwrap_or(bearable_ms).min(bearable_ms), line.at_ms));
                    }
                }
                What::Woke { .. } => (took, energised, silence) = (None, None, None),
                _ => {}
            }
        }
        self.hearing.extend(energised.map(|from_ms| (from_ms, from_ms)));
    }

    /// Motion, from each edge to the next edge or event: an edge between them would stand there.
    fn see(&mut self, run: &[Line]) {
        for (place, edge) in run.iter().enumerate() {
            let What::Body { moves, .. } = edge.what else { continue };
            let next = run[place + 1..].iter().find(|line| !matches!(line.what, What::Took { .. }));
            let stretch = next.map(|next| (edge.at_ms, next.at_ms));
            if moves { self.moving.extend(stretch) } else { self.resting.extend(stretch) }
        }
    }
}

fn line(sign: &Sign) -> Option<Line> {
    match sign.what {
        What::Line { n, .. } | What::Body { n, .. } | What::Took { n } | What::Woke { n } => {
            Some(Line { n, at_ms: sign.at_ms, what: sign.what })
        }
        _ => None,
    }
}
