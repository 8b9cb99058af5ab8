//! What the firmware's event list and the body's truth log say about the presses, independently of what the panel said.

use super::report::Part;
use anyhow::{Context, Result};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

/// Reads both logs and adds what they tell.
pub fn judge(dir: &Path, part: &mut Part) -> Result<()> {
    let events = lines(&dir.join("events.jsonl"))?;
    part.energised_without_reset += energised_without_reset(&events);
    let truth = lines(&dir.join("truth.jsonl"))?;
    let power_ms = times(&events, |event| event["ev"] == "energised");
    let on_ms = times(&truth, |line| line["ev"] == "line" && line["on"] == true);
    let off_ms = times(&truth, |line| line["ev"] == "line" && line["on"] == false);
    for press in &part.presses {
        let again_ms = power_ms.iter().copied().find(|ms| *ms > press.t_ms).unwrap_or(u64::MAX);
        part.torque_ms.push(torque_ms(&on_ms, &off_ms, press.t_ms..again_ms));
    }
    part.moved_mm += truth.iter().map(|line| line["d_mm"].as_u64().unwrap_or(0)).sum::<u64>();
    Ok(())
}

/// How often power was given between a press and the release and reset that follow it.
fn energised_without_reset(events: &[Value]) -> u64 {
    let (mut is_pressed, mut is_reset, mut found) = (false, false, 0);
    for event in events {
        match event["ev"].as_str().unwrap_or_default() {
            "button_pressed" => (is_pressed, is_reset) = (true, false),
            "button_released" => is_pressed = false,
            "reset" => is_reset = !is_pressed,
            "energised" if is_pressed || !is_reset => found += 1,
            _ => {}
        }
    }
    found
}

fn times(lines: &[Value], is_meant: impl Fn(&Value) -> bool) -> Vec<u64> {
    lines.iter().filter(|line| is_meant(line)).filter_map(|line| line["t_ms"].as_u64()).collect()
}

/// From the tick that sampled the press to the last end of the motor line before power was given again. Without one, the
/// line has to have been off at the press: a press may come before the body has taken its first permission.
fn torque_ms(on_ms: &[u64], off_ms: &[u64], span: Range<u64>) -> u64 {
    let last_before = |times: &[u64]| times.iter().rfind(|ms| **ms < span.start).copied();
    match off_ms.iter().rfind(|ms| span.contains(ms)) {
        Some(ms) => ms - span.start,
        None if last_before(on_ms) <= last_before(off_ms) => 0,
        None => u64::MAX,
    }
}

fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let end = text.rfind('\n').map_or(0, |at| at + 1);
    text[..end].lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(events: &[&str]) -> u64 {
        energised_without_reset(&events.iter().map(|ev| json!({ "ev": ev })).collect::<Vec<_>>())
    }

    #[test]
    fn power_without_a_persons_acts_is_found() {
        assert_eq!(found(&["button_pressed", "button_released", "reset", "energised", "standby", "energised"]), 0);
        assert_eq!(found(&["reset", "energised", "button_pressed", "energised"]), 1);
        assert_eq!(found(&["reset", "button_pressed", "button_released", "energised"]), 1);
        assert_eq!(found(&["button_pressed", "reset", "button_released", "energised"]), 1);
    }

    #[test]
    fn the_end_of_the_line_is_that_of_its_own_press() {
        assert_eq!(torque_ms(&[50, 500], &[100, 900], 95..400), 5);
        assert_eq!(torque_ms(&[50, 500], &[90, 900], 95..400), 0, "a late tick had dropped it already");
        assert_eq!(torque_ms(&[500], &[900], 95..400), 0, "it had not begun yet");
        assert_eq!(torque_ms(&[50, 97], &[90, 120], 95..400), 25, "it began late and ended late");
        assert_eq!(torque_ms(&[50], &[20], 95..400), u64::MAX, "it never ended");
    }
}
