//! What `fleet sync status`, `fleet sync explain` and `fleet tap` print while a site is disturbed, held against what was so.
//!
//! What was so is read from elsewhere: the robots' journals with the time at which each entry was written, their databases and
//! the server's, looked at ten times a second while it went on, and the record of what was done to the site. Nothing of it comes
//! from the part of the server that makes the figures.
//!
//! Every judgement leaves room for what the printed words claim themselves: a figure is as of the robot's last word, which is as
//! old as it says, and a word may be [`WAY`] on its way. A sentence is untrue when no moment within that room makes it true.
//!
//! Leaves to others: asking and looking while it goes on (`watch`), reading what was printed (`said`, `tapped`).

mod behind;
mod explained;
mod heard;
mod said;
mod seen;
mod tapped;
mod waiting;
mod watch;

#[cfg(test)]
mod tests;

pub use seen::{Evidence, Look, Written};
pub use watch::{Printed, Watch};

use said::Row;
use shared::time::{Instant, Millis};

/// How long a robot's word may be on its way to the server on a busy machine, and how much older than its last word a robot's
/// state may be told: it speaks every second.
pub const WAY: Millis = Millis::secs(2);

/// Something happened or was so at a moment between these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Not before.
    pub from: Instant,
    /// Not after.
    pub to: Instant,
}

impl Span {
    /// The span of a thing that is so much older.
    fn before(self, age: (Millis, Millis)) -> Self {
        let back = |at: Instant, by: Millis| Instant(at.0.saturating_sub(by.0));
        Self { from: back(self.from, age.1), to: back(self.to, age.0) }
    }
}

/// What was held against what was so, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Rows of `fleet sync status` that were judged.
    pub rows: usize,
    /// Explanations that were judged.
    pub explanations: usize,
    /// Entries that the server committed while a tap was connected, and that it had to show.
    pub tapped: usize,
    /// One sentence for each thing that was not so.
    pub untrue: Vec<String>,
}

/// Judges everything that was printed.
#[must_use]
pub fn judge(printed: &Printed, evidence: &Evidence) -> Judged {
    let mut judged = Judged::default();
    for (when, text) in &printed.statuses {
        let rows = said::rows(text);
        judged.rows += rows.as_ref().map_or(0, Vec::len);
        let found = rows
            .map_or_else(|why| vec![why], |rows| rows.iter().flat_map(|row| of_row(row, *when, evidence)).collect());
        judged.untrue.extend(found.into_iter().map(|found| format!("{found}\n  in: {text}")));
    }
    for (when, text) in &printed.explanations {
        let told = said::explanation(text);
        judged.explanations += usize::from(told.is_ok());
        let found = told.map_or_else(|why| vec![why], |told| explained::untrue(&told, *when, evidence));
        judged.untrue.extend(found.into_iter().map(|found| format!("{found}\n  in: {text}")));
    }
    for life in &printed.taps {
        let (count, found) = tapped::untrue(life, evidence);
        judged.tapped += count;
        judged.untrue.extend(found);
    }
    judged
}

fn of_row(row: &Row, when: Span, evidence: &Evidence) -> Vec<String> {
    let Some(robot) = evidence.robots.get(&row.robot) else {
        return vec![format!("{} is no robot of this site", row.robot)];
    };
    let mut found: Vec<String> = [
        heard::untrue(robot, row.heard, when),
        behind::untrue(robot, evidence, &row.robot, row.behind, when),
        behind::chain(robot, row.chain, when),
        row.is_broken_off.then(|| "its record did not go on, and nobody has exchanged a disk".into()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(age) = row.heard {
        found.extend(waiting::untrue(robot, row.unacked, row.oldest, robot.word(when, age), when));
    }
    found.into_iter().map(|found| format!("{} at {} ms: {found}", row.robot, when.to.0)).collect()
}
