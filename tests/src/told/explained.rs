//! The reasons of an explanation: each is so, and none that matters is left out.

use super::said::{Explanation, Reason};
use super::seen::{Evidence, Robot};
use super::{Span, behind, heard, waiting};
use shared::time::Millis;

/// Silence longer than this has to be said.
const SILENCE_IS_SAID_AFTER: Millis = Millis::secs(10);

/// What is not so.
pub fn untrue(told: &Explanation, asked: Span, evidence: &Evidence) -> Vec<String> {
    let Some(robot) = evidence.robots.get(&told.robot) else {
        return vec![format!("{} is no robot of this site", told.robot)];
    };
    let mut found: Vec<String> =
        told.reasons.iter().flat_map(|reason| of_reason(*reason, told, robot, evidence, asked)).collect();
    found.extend(unsaid_silence(&told.reasons, robot, asked));
    found.extend(unsaid_waiting(&told.reasons, robot, asked));
    found.into_iter().map(|found| format!("{} at {} ms: {found}", told.robot, asked.to.0)).collect()
}

fn of_reason(reason: Reason, told: &Explanation, robot: &Robot, evidence: &Evidence, asked: Span) -> Vec<String> {
    let behind = |rows| behind::untrue(robot, evidence, &told.robot, Some(rows), asked);
    let heard = |age| heard::untrue(robot, age, asked);
    match reason {
        Reason::AllWasWell(word) => {
            let waiting = waiting::untrue(robot, Some(0), None, robot.word(asked, word), asked);
            waiting.into_iter().chain(behind(0)).chain(heard(Some(word))).collect()
        }
        Reason::Waited { word, count, oldest } => {
            let waiting = waiting::untrue(robot, Some(count), Some(oldest), robot.word(asked, word), asked);
            waiting.into_iter().chain(heard(Some(word))).collect()
        }
        Reason::NotHeardFor(age) => heard(Some(age)).into_iter().collect(),
        Reason::NotHeardSinceTheStart => heard(None).into_iter().collect(),
        Reason::Behind(rows) => behind(rows).into_iter().collect(),
        Reason::Damage => vec!["its record is damaged, and nobody has touched it".into()],
        Reason::BehindUnknown | Reason::Snapshot | Reason::Other => vec![],
    }
}

fn is_about_silence(reason: &Reason) -> bool {
    matches!(reason, Reason::NotHeardFor(_) | Reason::NotHeardSinceTheStart)
}

fn unsaid_silence(reasons: &[Reason], robot: &Robot, asked: Span) -> Option<String> {
    let silence = robot.silence(asked).filter(|silence| *silence > SILENCE_IS_SAID_AFTER)?;
    let is_said = reasons.iter().any(is_about_silence);
    (!is_said).then(|| format!("it has been cut off for {} ms, and that is no reason", silence.0))
}

/// Whoever does not say that something waited, or that nothing is known, has said that nothing did at the last word.
fn unsaid_waiting(reasons: &[Reason], robot: &Robot, asked: Span) -> Option<String> {
    let says =
        |reason: &Reason| is_about_silence(reason) || matches!(reason, Reason::Waited { .. } | Reason::AllWasWell(_));
    let waited = robot.waited_all_through(robot.word(asked, (Millis(0), SILENCE_IS_SAID_AFTER)));
    (!reasons.iter().any(says) && !waited.is_empty())
        .then(|| format!("{} entries waited, and that is no reason", waited.len()))
}
