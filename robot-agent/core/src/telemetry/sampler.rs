//! When the next sample is due.

use shared::time::{Instant, Millis};

/// Between two samples.
const EVERY: Millis = Millis::secs(1);

/// A beat of one second that does not drift, and that does not make up for what a late driver has missed: two samples of one
/// moment say nothing more than one.
#[derive(Debug)]
pub struct Sampler {
    due: Instant,
}

impl Sampler {
    /// The first sample is due at once.
    pub const fn new(now: Instant) -> Self {
        Self { due: now }
    }

    /// Whether a sample is due; then the next time is set.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.due;
        if is_due {
            let next = self.due + EVERY;
            self.due = if next > now { next } else { now + EVERY };
        }
        is_due
    }

    /// When the next sample is due.
    pub const fn poll_timeout(&self) -> Instant {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_due_each_second_and_what_was_missed_is_not_made_up_for() {
        let mut sampler = Sampler::new(Instant(500));
        assert!(sampler.is_due(Instant(500)) && !sampler.is_due(Instant(1499)));
        assert!(sampler.is_due(Instant(1600)));
        assert_eq!(sampler.poll_timeout(), Instant(2500), "no drift");
        assert!(sampler.is_due(Instant(9000)));
        assert_eq!(sampler.poll_timeout(), Instant(10_000));
    }
}
