//! How much a bench does: enough to measure, or just enough to show that it still runs.

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The sizes of the table.
    Whole,
    /// Once and small, among the ordinary tests: it shows that the bench works and measures nothing.
    Glance,
}

impl Effort {
    /// How often everything is measured anew.
    pub const fn runs(self) -> usize {
        match self {
            Self::Whole => 5,
            Self::Glance => 1,
        }
    }

    /// One of two sizes.
    pub const fn size(self, whole: usize, glance: usize) -> usize {
        match self {
            Self::Whole => whole,
            Self::Glance => glance,
        }
    }
}
