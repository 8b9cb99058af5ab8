//! Falsehoods to plant in a printed report: a judge that finds none of them would find nothing.

use anyhow::{Context, Result};
use serde_json::Value;

/// Somewhat more than a second.
const OFF_MS: u64 = 1_200;

/// What is falsified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// More energy than there was.
    Energised,
    /// Less motion than there was.
    Moving,
    /// More coverage than there was.
    Covered,
    /// Motion that nothing covered.
    Uncovered,
    /// A stretch is unknown although there was evidence.
    Unknown,
    /// A gap is left out.
    NoGap,
    /// A gap is told that was not.
    FalseGap,
    /// A gap has another cause.
    Cause,
    /// A boot stands elsewhere on the calendar.
    Boot,
    /// The report ends early.
    Until,
    /// The chain does not verify.
    Chain,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Energised,
        Self::Moving,
        Self::Covered,
        Self::Uncovered,
        Self::Unknown,
        Self::NoGap,
        Self::FalseGap,
        Self::Cause,
        Self::Boot,
        Self::Until,
        Self::Chain,
    ];

    /// The report of the first robot with the falsehood in it.
    ///
    /// # Errors
    /// When the document has no place for it.
    pub fn into_text(self, text: &str) -> Result<String> {
        let mut document: Value = serde_json::from_str(text)?;
        self.into(&mut document["robots"][0]).context("no place for the falsehood")?;
        Ok(document.to_string())
    }

    fn into(self, robot: &mut Value) -> Option<()> {
        let last = robot["days"].as_array()?.len().checked_sub(1)?;
        let until_ms = robot["until_ms"].as_u64()?;
        let day = &mut robot["days"][last];
        match self {
            Self::Energised => change(&mut day["energised_ms"], |ms| ms + OFF_MS),
            Self::Moving => {
                change(&mut day["moving_ms"], |ms| ms.saturating_sub(OFF_MS))?;
                change(&mut day["moving_covered_ms"], |ms| ms.saturating_sub(OFF_MS))
            }
            Self::Covered => change(&mut day["energised_covered_ms"], |ms| ms + OFF_MS),
            Self::Uncovered => change(&mut day["moving_covered_ms"], |ms| ms - 1),
            Self::Unknown => {
                change(&mut day["unknown_ms"], |ms| ms + 2 * OFF_MS)?;
                day["unknown"].as_array_mut()?.push(serde_json::json!([until_ms - 2 * OFF_MS, until_ms]));
                Some(())
            }
            Self::NoGap => {
                let longest = longest(day)?;
                day["gaps"].as_array_mut()?.remove(longest);
                Some(())
            }
            Self::FalseGap => {
                let gap = serde_json::json!({
                    "from_ms": until_ms - 3 * OFF_MS, "to_ms": until_ms - OFF_MS, "open": false, "cause": "not_heard",
                    "energised_ms": 0, "moving_ms": 0, "earliest_ms": until_ms - 3 * OFF_MS, "latest_ms": until_ms - 3 * OFF_MS
                });
                day["gaps"].as_array_mut()?.push(gap);
                Some(())
            }
            Self::Cause => {
                let longest = longest(day)?;
                day["gaps"][longest]["cause"] = "ended".into();
                Some(())
            }
            Self::Boot => change(&mut robot["boots"][0]["begin_ms"], |ms| ms + 60_000),
            Self::Until => change(&mut robot["until_ms"], |ms| ms - 60_000),
            Self::Chain => {
                robot["journal"][0]["chain"] = "missing".into();
                Some(())
            }
        }
    }
}

fn change(number: &mut Value, to: impl Fn(u64) -> u64) -> Option<()> {
    *number = to(number.as_u64()?).into();
    Some(())
}

fn longest(day: &Value) -> Option<usize> {
    let gaps = day["gaps"].as_array()?;
    let length = |gap: &Value| Some(gap["to_ms"].as_u64()? - gap["from_ms"].as_u64()?);
    (0..gaps.len()).max_by_key(|place| length(&gaps[*place]))
}
