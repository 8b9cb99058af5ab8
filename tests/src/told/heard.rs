//! The age of a robot's last word: not less than a cut has lasted, and not much for one that was left alone.

use super::Span;
use super::said::Age;
use super::seen::Robot;
use shared::time::Millis;

/// So long after the last thing that was done to a robot or to the server everything flows again, on a busy machine.
pub const FLOWS_AFTER: Millis = Millis::secs(30);
/// A robot that was left alone speaks more often than this.
const SPEAKS_WITHIN: Millis = Millis::secs(5);

/// What is not so about the age, if anything.
pub fn untrue(robot: &Robot, heard: Option<Age>, asked: Span) -> Option<String> {
    if let (Some((_, at_most)), Some(silence)) = (heard, robot.silence(asked))
        && at_most < silence
    {
        return Some(format!(
            "its last word is at most {} ms old, and it has been cut off for {} ms",
            at_most.0, silence.0
        ));
    }
    let is_silent = heard.is_none_or(|(at_least, _)| at_least > SPEAKS_WITHIN);
    (is_silent && robot.was_left_alone(asked, FLOWS_AFTER))
        .then(|| format!("it is silent ({heard:?}), and nothing was done to it"))
}
