//! One line of the table: a median, its floor, and how they stand to each other.

use serde::Serialize;

/// A measured row.
#[derive(Serialize)]
pub struct Row {
    /// What was done.
    pub work: &'static str,
    /// What the floor did.
    pub floor: &'static str,
    /// How often everything was measured anew.
    pub runs: usize,
    /// Median over the runs of each run's median, in microseconds.
    pub p50_us: f64,
    /// The same of the floor.
    pub floor_p50_us: f64,
    /// Median over the runs of each run's own ratio.
    pub ratio: f64,
    /// What the ratio should stay below.
    pub ratio_goal: f64,
    /// Syscalls that bring data to the disk for one piece of work, counted by strace.
    pub fsyncs: f64,
}

impl Row {
    /// The row in words.
    pub fn print(&self) {
        println!("{} (floor: {}), {} runs", self.work, self.floor, self.runs);
        println!("  p50 {:.1} us, floor {:.1} us", self.p50_us, self.floor_p50_us);
        println!("  ratio {:.2}, goal {:.2}; fsyncs a write: {:.3}", self.ratio, self.ratio_goal, self.fsyncs);
    }
}

/// The middle of some figures.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
