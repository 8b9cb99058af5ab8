//! The report as a table for people, as JSON and as comma-separated values for programs.
//!
//! Every word that is printed is one of ours or a name in `[a-z0-9-]`, so nothing has to be quoted. Lengths are whole
//! milliseconds in documents, seconds in the table.

mod csv;
mod json;
mod table;

use super::day::Totals;
use super::report::Report;
pub use csv::csv;
pub use json::{json, robot_json};
pub use table::table;

const fn columns(totals: &Totals) -> [(&'static str, u64); 6] {
    [
        ("energised_ms", totals.energised_ms),
        ("energised_covered_ms", totals.energised_covered_ms),
        ("moving_ms", totals.moving_ms),
        ("moving_covered_ms", totals.moving_covered_ms),
        ("covered_ms", totals.covered_ms),
        ("unknown_ms", totals.unknown_ms),
    ]
}

/// The ids of the keys that it disclosed with, in hexadecimal digits.
fn disclosure_ids(report: &Report) -> impl Iterator<Item = String> {
    report.disclosure_ids.iter().map(ToString::to_string)
}
