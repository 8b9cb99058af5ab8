//! How many entries wait for an acknowledgement, and how old the oldest of them is.

use super::said::Age;
use super::seen::{Robot, Written};
use super::{Span, WAY};
use shared::time::Instant;

/// What is not so about what waited at the robot's last word, which was made within `word`.
pub fn untrue(robot: &Robot, unacked: Option<u64>, oldest: Option<Age>, word: Span, asked: Span) -> Vec<String> {
    let Some(unacked) = unacked else { return vec![] };
    let (surely, maybe) = (robot.waited_all_through(word), robot.may_have_waited(word));
    let (at_least, at_most) = (surely.len() as u64, maybe.len() as u64);
    let mut found = Vec::new();
    if unacked < at_least {
        let first = surely.iter().map(|entry| entry.at.0).min().unwrap_or(0);
        found.push(format!(
            "{unacked} entries waited at its last word ({} to {} ms), and {at_least} waited all the time, the first since {first} ms",
            word.from.0, word.to.0
        ));
    }
    if unacked > at_most {
        found.push(format!("{unacked} entries waited at its last word, and there were never more than {at_most}"));
    }
    if unacked > 0 {
        found.extend(oldest.map_or_else(
            || Some("the age of the oldest is not told".into()),
            |age| wrong_age(age, &surely, &maybe, asked),
        ));
    }
    found
}

/// The age is counted on since the word arrived, so the entry may be older by the word's way.
fn wrong_age(age: Age, surely: &[Written], maybe: &[Written], asked: Span) -> Option<String> {
    let written = asked.before(age);
    let from = Instant(written.from.0.saturating_sub(WAY.0));
    if let Some(older) = surely.iter().find(|entry| entry.at < from) {
        return Some(format!("the oldest is at most {} ms old, and one waits since {} ms", age.1.0, older.at.0));
    }
    let is_one_of_them = maybe.iter().any(|entry| from <= entry.at && entry.at <= written.to);
    (!is_one_of_them)
        .then(|| format!("the oldest is {} to {} ms old, and none that waits was written then", age.0.0, age.1.0))
}
