//! How trials are spread: counted in steps of 50 ms, with the longest of each kind.

use super::{Failure, STANDS_WITHIN_MS, Trial};
use std::collections::BTreeMap;
use std::fmt;

/// Width of a step, in milliseconds.
const STEP_MS: u64 = 50;
/// Characters of the longest bar.
const BAR_LEN: u64 = 40;

/// The trials so far.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    steps: BTreeMap<u64, u64>,
    kinds: BTreeMap<Failure, (u64, u64)>,
}

impl Distribution {
    /// Counts a trial.
    pub fn add(&mut self, trial: Trial) {
        *self.steps.entry(trial.stood_after_ms / STEP_MS).or_default() += 1;
        let (count, max_ms) = self.kinds.entry(trial.failure).or_default();
        *count += 1;
        *max_ms = trial.stood_after_ms.max(*max_ms);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (step, count) in &other.steps {
            *self.steps.entry(*step).or_default() += count;
        }
        for (kind, (count, max_ms)) in &other.kinds {
            let (sum, max) = self.kinds.entry(*kind).or_default();
            *sum += count;
            *max = (*max_ms).max(*max);
        }
    }

    /// How many trials.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.steps.values().sum()
    }

    /// The longest time from the last disclosure heard to the last movement, in milliseconds.
    #[must_use]
    pub fn max_ms(&self) -> u64 {
        self.kinds.values().map(|(_, max_ms)| *max_ms).max().unwrap_or(0)
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.steps.values().copied().max().unwrap_or(1);
        writeln!(f, "last movement after the last disclosure that was heard, {} trials", self.count())?;
        for (step, count) in &self.steps {
            let bar = "#".repeat(usize::try_from((count * BAR_LEN).div_ceil(largest)).unwrap_or(0));
            writeln!(f, "{:>5} .. {:>5} ms {count:>6} {bar}", step * STEP_MS, (step + 1) * STEP_MS)?;
        }
        for (kind, (count, max_ms)) in &self.kinds {
            writeln!(f, "{:<9} {count:>6} trials, longest {max_ms} ms", format!("{kind:?}").to_lowercase())?;
        }
        write!(f, "longest of all {} ms; allowed {STANDS_WITHIN_MS} ms", self.max_ms())
    }
}
