//! The motors as the control thread knows them: the line, the goal, the newest report of the body.
//!
//! A setpoint always *names* its step, so that the agent learns how often it was done. It *moves* the body only if it
//! came while motion was allowed: what was wanted before a stop does not start by itself after it. And it moves the body
//! only for a while: a heartbeat says that the agent lives, not that it still wants this.

use crate::body::goal::{Goal, Torque};
use crate::body::pipe::{Drive, Report};
use crate::config::Start;
use crate::motor::{FromBody, Line};
use crate::record::Recorder;
use interlock::Motion;
use interlock_link::{Act, Setpoint, StepCount};
use shared::time::Instant;
use std::sync::mpsc::Receiver;

/// How long a setpoint moves the body, in milliseconds; as long as a heartbeat counts. The agent repeats it every 50 ms.
const SETPOINT_MS_MAX: u64 = 300;

#[derive(Debug)]
pub(super) struct Motors {
    words: Receiver<FromBody>,
    line: Option<Line>,
    is_given_up: bool,
    report: Report,
    goal: Goal,
    is_named: bool,
    session: u32,
    /// Whether motion was allowed in the last tick.
    was_allowed: bool,
    /// Whether the goal came while motion was allowed, and motion was allowed ever since.
    is_fresh: bool,
    /// When the newest setpoint came.
    said_at: Instant,
}

impl Motors {
    pub(super) fn new(start: Start, words: Receiver<FromBody>) -> Self {
        let report = Report { x_cm: start.x_cm, y_cm: start.y_cm, ..Report::default() };
        Self {
            words,
            line: None,
            is_given_up: false,
            report,
            goal: Goal::default(),
            is_named: false,
            session: 0,
            was_allowed: false,
            is_fresh: false,
            said_at: Instant(0),
        }
    }

    /// The newest report; where the body starts before there is one.
    pub(super) const fn body(&self) -> &Report {
        &self.report
    }

    /// Whether there is a body at the line.
    pub(super) const fn is_alive(&self) -> bool {
        self.line.is_some()
    }

    /// Whether there will be no body any more.
    pub(super) const fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// How far the named step is, once the body has heard its name.
    pub(super) fn step_count(&self) -> Option<StepCount> {
        let is_asked = self.is_named && (self.report.order, self.report.step) == (self.goal.order, self.goal.step);
        is_asked.then(|| step_count_of(&self.report))
    }

    /// Takes what the keeper tells; `true` when the body died.
    pub(super) fn listen(&mut self, recorder: &Recorder) -> bool {
        let mut has_died = false;
        while let Ok(word) = self.words.try_recv() {
            match word {
                FromBody::Born(line) => self.line = Some(line),
                FromBody::Report(report) => self.report = report,
                FromBody::GivenUp => {
                    recorder.say("too many bodies died in a row; the motors stay off".to_owned());
                    self.is_given_up = true;
                }
                FromBody::Died(reason) => {
                    recorder.say(format!("the body is gone: {reason}"));
                    self.line = None;
                    self.report.moving = false;
                    has_died = true;
                }
            }
        }
        has_died
    }

    /// Takes the newest setpoint. A new session wants nothing until it says so; its number is told to the body only
    /// with its first setpoint, because only what an agent says is a rest.
    pub(super) fn follow(&mut self, setpoint: Option<Setpoint>, session: u32, now: Instant) {
        if session != self.session {
            self.session = session;
            self.goal.act = Act::Rest;
            self.is_fresh = false;
        }
        let Some(Setpoint { act, step, order, x_cm, y_cm, amount }) = setpoint else { return };
        self.goal = Goal { order, step, act, x_cm, y_cm, amount, session };
        self.is_named = true;
        self.said_at = now;
        self.is_fresh |= self.was_allowed;
    }

    /// Nothing is wanted any more, and nobody has said what was.
    pub(super) fn lose_power(&mut self) {
        self.goal = Goal::default();
        (self.is_named, self.was_allowed, self.is_fresh) = (false, false, false);
    }

    /// Renews the permission, or takes it away.
    pub(super) fn drive(&mut self, motion: Motion, has_power: bool, now: Instant) {
        self.was_allowed = motion == Motion::Full;
        self.is_fresh &= self.was_allowed && now.since(self.said_at).0 <= SETPOINT_MS_MAX;
        let torque = if has_power { torque(motion, self.is_fresh) } else { Torque::Off };
        if let Some(line) = &self.line {
            // A body that hangs has no fresh permission; one that died is told of by the keeper.
            let _stuck = line.write(&Drive { t_ms: now.0, torque, goal: self.goal });
        }
    }
}

/// How far the named step is, as the body reports it.
const fn step_count_of(report: &Report) -> StepCount {
    StepCount {
        order: report.order,
        step: report.step,
        count: report.count,
        progress_permille: report.progress_permille,
    }
}

const fn torque(motion: Motion, is_fresh: bool) -> Torque {
    match motion {
        Motion::None => Torque::Off,
        Motion::RampDown => Torque::Ramp,
        Motion::Full if is_fresh => Torque::On,
        // Stands under power until the agent wants something.
        Motion::Full => Torque::Ramp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    fn motors() -> Motors {
        let (_, words) = sync_channel(1);
        Motors::new(Start::default(), words)
    }

    fn setpoint(act: Act) -> Option<Setpoint> {
        Some(Setpoint { act, step: 1, order: 7, x_cm: 0, y_cm: 0, amount: 0 })
    }

    #[test]
    fn a_setpoint_from_before_a_stop_moves_nothing_after_it() {
        let mut motors = motors();
        let mut tick = |said, motion| {
            motors.follow(said, 1, Instant(0));
            motors.drive(motion, true, Instant(0));
            torque(motion, motors.is_fresh)
        };
        assert_eq!(tick(setpoint(Act::Walk), Motion::None), Torque::Off);
        assert_eq!(tick(setpoint(Act::Walk), Motion::Full), Torque::Ramp, "said before the agent could know");
        assert_eq!(tick(setpoint(Act::Walk), Motion::Full), Torque::On);
        assert_eq!(tick(None, Motion::Full), Torque::On);
        assert_eq!(tick(None, Motion::RampDown), Torque::Ramp);
        assert_eq!(tick(None, Motion::Full), Torque::Ramp, "the stop voided what was wanted");
    }

    #[test]
    fn a_setpoint_that_is_not_repeated_moves_the_body_for_300_ms_and_the_next_one_moves_it_on() {
        let mut motors = motors();
        let mut tick = |said, at| {
            motors.follow(said, 1, Instant(at));
            motors.drive(Motion::Full, true, Instant(at));
            torque(Motion::Full, motors.is_fresh)
        };
        assert_eq!(tick(None, 995), Torque::Ramp);
        assert_eq!(tick(setpoint(Act::Walk), 1000), Torque::On);
        assert_eq!(tick(None, 1000 + SETPOINT_MS_MAX), Torque::On);
        assert_eq!(tick(None, 1000 + SETPOINT_MS_MAX + 5), Torque::Ramp, "nobody wants it any more");
        assert_eq!(tick(None, 2000), Torque::Ramp);
        assert_eq!(tick(setpoint(Act::Walk), 2005), Torque::On);
    }

    #[test]
    fn a_new_session_names_nothing_to_the_body_by_itself() {
        let mut motors = motors();
        motors.follow(setpoint(Act::Tend), 1, Instant(0));
        motors.follow(None, 2, Instant(0));
        assert_eq!((motors.goal.act, motors.goal.session, motors.goal.order), (Act::Rest, 1, 7));
        motors.follow(setpoint(Act::Rest), 2, Instant(0));
        assert_eq!((motors.goal.act, motors.goal.session), (Act::Rest, 2));
    }

    #[test]
    fn a_count_is_told_once_the_body_has_heard_the_name() {
        let mut motors = motors();
        assert_eq!(motors.step_count(), None);
        motors.follow(setpoint(Act::Rest), 1, Instant(0));
        assert_eq!(motors.step_count(), None);
        motors.report = Report { order: 7, step: 1, count: 3, ..Report::default() };
        assert_eq!(motors.step_count().map(|count| count.count), Some(3));
    }
}
