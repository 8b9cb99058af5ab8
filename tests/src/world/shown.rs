//! What a run of a world has shown, in figures.

/// What a run has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Tasks done, as the body tells.
    pub tasks_done: usize,
    /// Journal entries acknowledged.
    pub acked: u64,
    /// Milliseconds of motion, all of it covered by a heard disclosure.
    pub moving_ms: u64,
    /// How often a receiver was muted.
    pub mutes: u64,
    /// Gaps in the reports that say that a robot was not heard.
    pub gaps: u64,
    /// Robots, the report of each of which was right to the second.
    pub robots: u64,
    /// Of these, robots of which the report knew every moment.
    pub known: u64,
    /// Robots every gap of which was right, with its cause; the others have a boot on their own wrong calendar.
    pub placed: u64,
    /// Gaps of these.
    pub compared_gaps: u64,
    /// Of these gaps, those that begin with a death that nobody could date to the second.
    pub doubtful_gaps: u64,
    /// Milliseconds that the reports tell as unknown.
    pub unknown_ms: u64,
    /// Boots of machines.
    pub boots: u64,
    /// Days in the reports.
    pub days: u64,
}
