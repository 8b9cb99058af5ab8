//! Carries out one order, one step at a time, each step once.
//!
//! Before a step is begun the body is asked how often it has finished this very step of this order. A step that was
//! finished is recorded as ended and not done again: this is how a step in doubt after a crash is settled. Then the start is committed, then the body acts, and the step has ended when the body's count has moved.

use shared::task::{OrderRef, Step};
use shared::time::{Instant, Millis};

/// How long the body may leave the question unanswered before the step is reported as in doubt.
const ANSWER_WITHIN: Millis = Millis::secs(5);

/// What the body should be doing, as the control loop asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The order's name at the body.
    pub order: u64,
    /// The step's place in the order, from 0.
    pub step: u8,
    /// What to do; `None` only names the step, so that the body tells its count.
    pub act: Option<Step>,
    /// The trip epoch in which it was decided; it is void in any other.
    pub trip_epoch: u32,
}

/// Where the current step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Asking { current: Current, since: Instant },
    Acting { current: Current, before: u8 },
}

/// Which step of which order, decided in which trip epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// The order.
    pub order: OrderRef,
    /// The step's place in the order, from 0.
    pub step: u8,
    /// What it is.
    pub what: Step,
    /// The trip epoch in which it was chosen.
    pub trip_epoch: u32,
}

/// What the body's count means for the current step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It can begin: commit its start, then tell the activity.
    Begin(Current),
    /// It was finished, now or before a crash.
    Ended(Current),
    /// Nobody can say whether it was finished.
    InDoubt(Current),
    /// Nothing new.
    Nothing,
}

/// The step in hand.
#[derive(Debug)]
pub struct Execution {
    stage: Stage,
}

impl Execution {
    /// No step in hand.
    pub const fn new() -> Self {
        Self { stage: Stage::Idle }
    }

    /// The step in hand.
    pub const fn current(&self) -> Option<Current> {
        match self.stage {
            Stage::Idle => None,
            Stage::Asking { current, .. } | Stage::Acting { current, .. } => Some(current),
        }
    }

    /// Takes a step in hand; returns the question to the body.
    pub fn ask(&mut self, current: Current, now: Instant) -> Activity {
        self.stage = Stage::Asking { current, since: now };
        current.activity(None)
    }

    /// Asks the same question anew: nobody has answered it.
    pub fn ask_again(&mut self, now: Instant) {
        if let Stage::Asking { current, .. } = self.stage {
            self.stage = Stage::Asking { current, since: now };
        }
    }

    /// Lets the step go.
    pub const fn drop_step(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Begins the step whose start was recorded; returns what the body has to do.
    pub fn begin(&mut self, current: Current, before: u8) -> Activity {
        self.stage = Stage::Acting { current, before };
        current.activity(Some(current.what))
    }

    /// Compares the body's answer, if it speaks of the step in hand, with what is known.
    pub fn judge(&self, count: Option<(u64, u8, u8)>, now: Instant) -> Progress {
        let count_for = |current: Current| {
            count.filter(|(order, step, _)| (*order, *step) == (current.order.tag(), current.step)).map(|c| c.2)
        };
        match self.stage {
            Stage::Idle => Progress::Nothing,
            Stage::Asking { current, since } => match count_for(current) {
                // Also a step that might be repeated: a body that has finished it does not begin it anew, and its count
                // would never move again.
                Some(count) if count > 0 => Progress::Ended(current),
                Some(_) => Progress::Begin(current),
                None if now.since(since) > ANSWER_WITHIN => Progress::InDoubt(current),
                None => Progress::Nothing,
            },
            Stage::Acting { current, before } => match count_for(current) {
                Some(count) if count != before => Progress::Ended(current),
                Some(_) | None => Progress::Nothing,
            },
        }
    }

    /// When an unanswered question becomes a doubt.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::Asking { since, .. } => Some(since + ANSWER_WITHIN + Millis(1)),
            Stage::Idle | Stage::Acting { .. } => None,
        }
    }
}

impl Current {
    fn activity(&self, act: Option<Step>) -> Activity {
        Activity { order: self.order.tag(), step: self.step, act, trip_epoch: self.trip_epoch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::TaskId;

    fn current(what: Step) -> Current {
        let order = OrderRef { task: TaskId::from_bytes([1; 16]), fence: 1 };
        Current { order, step: 1, what, trip_epoch: 3 }
    }

    fn answer(current: Current, count: u8) -> Option<(u64, u8, u8)> {
        Some((current.order.tag(), current.step, count))
    }

    #[test]
    fn a_pick_that_the_body_has_finished_is_not_done_again() {
        let pick = current(Step::Pick { work_ds: 20 });
        let mut execution = Execution::new();
        assert_eq!(execution.ask(pick, Instant(0)).act, None);
        assert_eq!(execution.judge(None, Instant(1)), Progress::Nothing);
        assert_eq!(execution.judge(answer(pick, 0), Instant(1)), Progress::Begin(pick));
        assert_eq!(execution.judge(answer(pick, 1), Instant(1)), Progress::Ended(pick));
    }

    #[test]
    fn a_walk_ends_when_the_count_moves_and_one_that_was_finished_is_not_begun_again() {
        let walk = current(Step::WalkTo { to: shared::zone::Point::default() });
        let mut execution = Execution::new();
        execution.ask(walk, Instant(0));
        assert_eq!(execution.judge(answer(walk, 0), Instant(1)), Progress::Begin(walk));
        assert_eq!(execution.begin(walk, 0).act, Some(walk.what));
        assert_eq!(execution.judge(answer(walk, 0), Instant(2)), Progress::Nothing);
        assert_eq!(execution.judge(answer(walk, 1), Instant(2)), Progress::Ended(walk));
        execution.ask(walk, Instant(3));
        assert_eq!(
            execution.judge(answer(walk, 1), Instant(4)),
            Progress::Ended(walk),
            "finished just as a stop let it go"
        );
    }

    #[test]
    fn a_silent_body_leaves_the_step_in_doubt_and_an_answer_about_another_step_counts_nothing() {
        let pick = current(Step::Pick { work_ds: 20 });
        let mut execution = Execution::new();
        execution.ask(pick, Instant(0));
        assert_eq!(execution.judge(Some((pick.order.tag(), 0, 1)), Instant(5000)), Progress::Nothing);
        assert_eq!(execution.judge(None, Instant(5001)), Progress::InDoubt(pick));
        assert_eq!(execution.poll_timeout(), Some(Instant(5001)));
    }
}
