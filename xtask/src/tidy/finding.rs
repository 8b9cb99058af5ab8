//! One place that breaks one rule.

use std::fmt;

/// Reads as `file:line: rule: what, why`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// From the repository's root.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// Short name of the rule.
    pub rule: &'static str,
    /// What stands there.
    pub what: String,
    /// Why it may not.
    pub why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}, {}", self.path, self.line, self.rule, self.what, self.why)
    }
}
