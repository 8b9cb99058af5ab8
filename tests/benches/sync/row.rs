//! One line of the table: what was measured, against what, and how it stands to its goal.

use serde::Serialize;

/// A measured row.
#[derive(Serialize)]
pub struct Row {
    /// Its word on the command line.
    pub name: &'static str,
    /// What was done.
    pub work: &'static str,
    /// What the floor did.
    pub floor: &'static str,
    /// How often everything was measured anew.
    pub runs: usize,
    /// What came out.
    pub figures: Vec<Figure>,
}

/// One number of a row: the median over its runs.
#[derive(Serialize)]
pub struct Figure {
    /// What it is.
    pub what: &'static str,
    /// In what it is told; empty for a ratio or a count.
    pub unit: &'static str,
    /// The median.
    pub median: f64,
    /// Where it should lie.
    pub goal: Option<Goal>,
    /// Whether it does.
    pub is_met: Option<bool>,
}

/// Where a number should lie.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Not above this.
    AtMost(f64),
    /// Not below this.
    AtLeast(f64),
}

impl Figure {
    /// The median of some runs.
    pub fn of(what: &'static str, unit: &'static str, runs: &[f64]) -> Self {
        Self { what, unit, median: median(runs), goal: None, is_met: None }
    }

    /// The same, with a goal.
    pub fn with(self, goal: Goal) -> Self {
        Self { goal: Some(goal), is_met: Some(goal.is_met_by(self.median)), ..self }
    }
}

impl Goal {
    fn is_met_by(self, number: f64) -> bool {
        match self {
            Self::AtMost(limit) => number <= limit,
            Self::AtLeast(limit) => number >= limit,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(limit) => format!("at most {limit}"),
            Self::AtLeast(limit) => format!("at least {limit}"),
        }
    }
}

impl Row {
    /// The row in words.
    pub fn print(&self) {
        println!("{}: {}\n  floor: {}; medians of {} runs", self.name, self.work, self.floor, self.runs);
        self.figures.iter().for_each(Figure::print);
    }
}

impl Figure {
    fn print(&self) {
        let Self { what, unit, median, goal, is_met } = self;
        let goal = goal.map_or_else(String::new, |goal| format!("; goal {}", goal.words()));
        let judged = is_met.map_or("", |is_met| if is_met { ", met" } else { ", MISSED" });
        println!("  {what}: {median:.3} {unit}{goal}{judged}");
    }
}

/// The middle of some numbers.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Each run's number of the first against the second of the same run.
pub fn ratios(ours: &[f64], floors: &[f64]) -> Vec<f64> {
    ours.iter().zip(floors).map(|(our, floor)| our / floor).collect()
}
