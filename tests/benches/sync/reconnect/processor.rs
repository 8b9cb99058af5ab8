//! How much processor time this process and another one have used, as the kernel counts it.

use anyhow::{Context as _, Result};

/// Milliseconds of a tick, in which the kernel tells it.
const TICK_MS: f64 = 10.0;

/// Milliseconds of this process and of the other, all their threads together.
pub fn used_ms(other: u32) -> Result<f64> {
    Ok((ticks("self")? + ticks(&other.to_string())?) * TICK_MS)
}

fn ticks(process: &str) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in brackets, may hold anything; user and system time are the 12th and 13th word behind it.
    let words: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| -> Result<f64> { Ok(words.get(place).context("a short line of stat")?.parse()?) };
    Ok(ticks(11)? + ticks(12)?)
}
