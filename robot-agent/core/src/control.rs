//! The control loop's decisions, every 50 ms: beat, disclose, arm by the rule, ask for the motion that was decided.
//!
//! It has no disk and no network client, and shares no lock with the driver. It beats only while its own cycles are on
//! time and the driver's are not stuck, so a hung agent stops its robot.

use crate::Seen;
use crate::disclosure;
use crate::execution::Activity;
use crate::permit::MotionPermit;
use interlock_link::{Act, Body, FromInterlock, Phase, Setpoint, Status, StepCount, ToInterlock};
use shared::task::Step;
use shared::time::{Instant, Millis};

/// How old the firmware's words may be and still be called known.
const KNOWN: Millis = Millis::secs(1);
/// How long a hello to the firmware may stay unanswered.
const HELLO_AGAIN: Millis = Millis(200);
/// Between two requests to arm.
const ARM_AGAIN: Millis = Millis(250);
/// How long the robot gives notice before it moves again by itself after a machine-class stop.
const NOTICE: Millis = Millis::secs(3);
/// How long the driver may be busy with one cycle (a commit on slow flash) before the robot is let stop.
pub const DRIVER_STUCK: Millis = Millis::secs(2);
/// How long after the last cycle one still counts as on time. Five periods of 50 ms: just inside the firmware's 300 ms, so
/// that a loop which was hung does not beat as if it had not been.
const CYCLE_LATE: Millis = Millis(250);

/// What the control loop was handed.
#[derive(Clone, Copy, Debug)]
pub enum Received {
    /// A link to the firmware stands; the nonce was drawn for this session.
    Linked {
        /// Random.
        nonce: u64,
    },
    /// The link is gone.
    Unlinked,
    /// The firmware said this.
    Word(FromInterlock),
    /// The driver decided this.
    Act(Activity),
    /// The driver wants rest.
    Rest,
    /// The robot may ask to be armed in this trip epoch.
    MayArm {
        /// Which.
        trip_epoch: u32,
    },
}

/// What one cycle does.
#[derive(Debug, Default, PartialEq)]
pub struct Cycle {
    /// Words to the firmware, in order.
    pub words: Vec<ToInterlock>,
    /// A disclosure is due on the air.
    pub disclose: bool,
    /// The robot gives notice that it will move again: lamp and voice.
    pub notice: bool,
    /// The beat was withheld because this cycle came late or the driver is stuck.
    pub withheld: bool,
}

/// The control loop's memory. `receive` takes what came in, `cycle` decides, `seen` is for the driver.
#[derive(Debug, Default)]
pub struct Control {
    link: Link,
    status: Option<(Status, Instant)>,
    body: Option<(Body, Instant)>,
    count: Option<(StepCount, Instant)>,
    activity: Option<Activity>,
    last_cycle: Option<Instant>,
    may_arm: Option<u32>,
    armed: Option<Instant>,
    notice_since: Option<Instant>,
    disclosed: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Link {
    #[default]
    Down,
    Hello {
        nonce: u64,
        said: Option<Instant>,
    },
    Up,
}

impl Control {
    /// Takes one thing that came in.
    pub fn receive(&mut self, received: Received, now: Instant) {
        match received {
            Received::Linked { nonce } => self.link = Link::Hello { nonce, said: None },
            Received::Unlinked => self.unlink(),
            Received::Word(word) => self.hear(word, now),
            Received::Act(activity) => self.activity = Some(activity),
            Received::Rest => self.activity = None,
            Received::MayArm { trip_epoch } => self.may_arm = Some(trip_epoch),
        }
    }

    /// One cycle. `driver_finished` is when the driver last finished one of its own.
    pub fn cycle(&mut self, driver_finished: Instant, now: Instant) -> Cycle {
        let on_time = self.last_cycle.is_none_or(|last| now.since(last) <= CYCLE_LATE);
        self.last_cycle = Some(now);
        let may_beat = on_time && now.since(driver_finished) < DRIVER_STUCK;
        let disclose = self.discloses(now);
        let words = self.words(may_beat, now);
        Cycle { words, disclose, notice: self.notice_since.is_some(), withheld: !may_beat }
    }

    /// What the driver should know; everything that is too old is unknown.
    #[must_use]
    pub fn seen(&self, now: Instant) -> Seen {
        let known = |at: Instant| now.since(at) <= KNOWN;
        Seen {
            status: self.status.filter(|(_, at)| known(*at)).map(|(status, _)| status),
            body: self.body.filter(|(_, at)| known(*at)).map(|(body, _)| body),
            count: self.count.filter(|(_, at)| known(*at)).map(|(count, _)| count),
            disclosed: self.disclosed,
        }
    }

    fn unlink(&mut self) {
        self.link = Link::Down;
        (self.status, self.body, self.count, self.notice_since) = (None, None, None, None);
    }

    fn hear(&mut self, word: FromInterlock, now: Instant) {
        match word {
            FromInterlock::Welcome { nonce } => {
                if matches!(self.link, Link::Hello { nonce: ours, .. } if ours == nonce) {
                    self.link = Link::Up;
                }
            }
            FromInterlock::Status(status) => self.status = Some((status, now)),
            FromInterlock::Body(body) => self.body = Some((body, now)),
            FromInterlock::StepCount(count) => self.count = Some((count, now)),
            FromInterlock::Counters(_) | FromInterlock::Record(_) => {}
        }
    }

    fn discloses(&mut self, now: Instant) -> bool {
        let period = disclosure::period(self.status.map(|(status, _)| status.phase));
        let due = self.disclosed.is_none_or(|last| now.since(last) >= period);
        if due {
            self.disclosed = Some(now);
        }
        due
    }

    fn words(&mut self, may_beat: bool, now: Instant) -> Vec<ToInterlock> {
        match self.link {
            Link::Down => vec![],
            Link::Hello { nonce, said } => self.hello(nonce, said, now),
            Link::Up if !may_beat => vec![],
            Link::Up => {
                let arm = self.arm(now);
                let setpoint = ToInterlock::Setpoint(self.setpoint(now));
                [Some(ToInterlock::Heartbeat), arm, Some(setpoint)].into_iter().flatten().collect()
            }
        }
    }

    fn hello(&mut self, nonce: u64, said: Option<Instant>, now: Instant) -> Vec<ToInterlock> {
        if said.is_some_and(|said| now.since(said) < HELLO_AGAIN) {
            return vec![];
        }
        self.link = Link::Hello { nonce, said: Some(now) };
        vec![ToInterlock::Hello { nonce }]
    }

    /// Arms after a person's reset at once, and from Standby after the notice, but only in a trip epoch for which the driver
    /// has said that no clearance is due. The firmware decides either way.
    fn arm(&mut self, now: Instant) -> Option<ToInterlock> {
        let (status, _) = self.status?;
        let noticed = self.notice_is_over(&status, now);
        let wanted = status.phase == Phase::Released || noticed;
        let waits = self.armed.is_some_and(|at| now.since(at) < ARM_AGAIN);
        if !wanted || waits || self.may_arm != Some(status.trip_epoch) {
            return None;
        }
        self.armed = Some(now);
        Some(ToInterlock::Arm { epoch: status.trip_epoch })
    }

    fn notice_is_over(&mut self, status: &Status, now: Instant) -> bool {
        let returns = status.phase == Phase::Standby && status.standby_ok && status.returns_left > 0;
        if !returns {
            self.notice_since = None;
            return false;
        }
        now.since(*self.notice_since.get_or_insert(now)) >= NOTICE
    }

    fn setpoint(&self, now: Instant) -> Setpoint {
        let Some(activity) = self.activity else { return naming(0, 0) };
        let permit = MotionPermit::from_status(self.status, activity.trip_epoch, now);
        match (activity.act, permit) {
            (Some(step), Some(permit)) => motion(&activity, step, &permit),
            (Some(_), None) | (None, Some(_) | None) => naming(activity.order, activity.step),
        }
    }
}

/// Names a step without asking for motion: a question to the body.
const fn naming(order: u64, step: u8) -> Setpoint {
    Setpoint { act: Act::Rest, step, order, x_cm: 0, y_cm: 0, amount: 0 }
}

/// Asks for motion, which takes a permit.
fn motion(activity: &Activity, what: Step, _permit: &MotionPermit) -> Setpoint {
    let rest = naming(activity.order, activity.step);
    match what {
        Step::WalkTo { to } => Setpoint { act: Act::Walk, x_cm: to.x_cm, y_cm: to.y_cm, ..rest },
        Step::Pick { work_ds } => Setpoint { act: Act::Pick, amount: work_ds, ..rest },
        Step::Place { work_ds } => Setpoint { act: Act::Place, amount: work_ds, ..rest },
        Step::Inspect { work_ds } => Setpoint { act: Act::Inspect, amount: work_ds, ..rest },
        Step::TendMachine { work_ds } => Setpoint { act: Act::Tend, amount: work_ds, ..rest },
        Step::Charge { until_percent } => Setpoint { act: Act::Charge, amount: until_percent.into(), ..rest },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::tests::status;
    use interlock_link::Cause;

    fn linked() -> Control {
        let mut control = Control::default();
        control.receive(Received::Linked { nonce: 5 }, Instant(0));
        control.receive(Received::Word(FromInterlock::Welcome { nonce: 5 }), Instant(0));
        control
    }

    fn walk(trip_epoch: u32) -> Received {
        let to = shared::zone::Point { x_cm: 3, y_cm: 4 };
        Received::Act(Activity { order: 9, step: 1, act: Some(Step::WalkTo { to }), trip_epoch })
    }

    fn hear(control: &mut Control, phase: Phase, cause: Cause, epoch: u32, now: Instant) {
        control.receive(Received::Word(FromInterlock::Status(status(phase, cause, epoch))), now);
    }

    fn act(cycle: &Cycle) -> Option<Act> {
        cycle.words.iter().find_map(|word| match word {
            ToInterlock::Setpoint(setpoint) => Some(setpoint.act),
            ToInterlock::Hello { .. } | ToInterlock::Heartbeat | ToInterlock::Stop { .. } | ToInterlock::Arm { .. } => {
                None
            }
        })
    }

    fn arms(cycle: &Cycle) -> bool {
        cycle.words.iter().any(|word| matches!(word, ToInterlock::Arm { .. }))
    }

    #[test]
    fn it_greets_until_its_nonce_comes_back_and_beats_only_then() {
        let mut control = Control::default();
        assert!(control.cycle(Instant(0), Instant(0)).words.is_empty());
        control.receive(Received::Linked { nonce: 5 }, Instant(0));
        assert_eq!(control.cycle(Instant(0), Instant(50)).words, [ToInterlock::Hello { nonce: 5 }]);
        control.receive(Received::Word(FromInterlock::Welcome { nonce: 4 }), Instant(60));
        assert!(control.cycle(Instant(0), Instant(100)).words.is_empty());
        control.receive(Received::Word(FromInterlock::Welcome { nonce: 5 }), Instant(110));
        assert_eq!(control.cycle(Instant(0), Instant(150)).words[0], ToInterlock::Heartbeat);
    }

    #[test]
    fn a_stuck_driver_or_a_late_cycle_withholds_the_beat() {
        let mut control = linked();
        assert!(!control.cycle(Instant(0), Instant(1950)).words.is_empty());
        let stuck = control.cycle(Instant(0), Instant(2000));
        assert!(stuck.withheld && stuck.words.is_empty());
        let late = control.cycle(Instant(2251), Instant(2251));
        assert!(late.withheld);
        assert!(!control.cycle(Instant(2251), Instant(2301)).withheld);
    }

    #[test]
    fn a_motion_decided_before_a_trip_is_not_asked_for_after_it() {
        let mut control = linked();
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(10));
        control.receive(walk(7), Instant(10));
        assert_eq!(act(&control.cycle(Instant(10), Instant(50))), Some(Act::Walk));
        hear(&mut control, Phase::Tripped, Cause::Button, 8, Instant(60));
        assert_eq!(act(&control.cycle(Instant(60), Instant(100))), Some(Act::Rest));
        hear(&mut control, Phase::Energised, Cause::Button, 8, Instant(110));
        assert_eq!(act(&control.cycle(Instant(110), Instant(150))), Some(Act::Rest));
        control.receive(walk(8), Instant(160));
        assert_eq!(act(&control.cycle(Instant(160), Instant(200))), Some(Act::Walk));
        assert_eq!(act(&control.cycle(Instant(350), Instant(350))), Some(Act::Rest), "the status is too old");
    }

    #[test]
    fn it_arms_after_a_reset_and_from_standby_only_after_three_seconds_of_notice() {
        let mut control = linked();
        hear(&mut control, Phase::Tripped, Cause::Button, 7, Instant(0));
        assert!(!arms(&control.cycle(Instant(0), Instant(50))));
        hear(&mut control, Phase::Released, Cause::Button, 7, Instant(50));
        control.receive(Received::MayArm { trip_epoch: 6 }, Instant(50));
        assert!(!arms(&control.cycle(Instant(50), Instant(100))), "the word was for an earlier trip");
        control.receive(Received::MayArm { trip_epoch: 7 }, Instant(100));
        assert!(arms(&control.cycle(Instant(100), Instant(150))));
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 8 }, Instant(0));
        let mut first = None;
        for tick in (0..100).map(|i| Instant(i * 50)) {
            hear(&mut control, Phase::Standby, Cause::Heartbeat, 8, tick);
            let cycle = control.cycle(tick, tick);
            assert!(cycle.notice);
            first = first.or(arms(&cycle).then_some(tick));
        }
        assert_eq!(first, Some(Instant(3000)));
    }

    #[test]
    fn it_goes_on_disclosing_without_a_link_and_while_tripped() {
        let mut control = Control::default();
        let sent = |control: &mut Control, from: u64| {
            (0..100).map(|i| Instant(from + i * 50)).filter(|at| control.cycle(*at, *at).disclose).count()
        };
        assert_eq!(sent(&mut control, 0), 5);
        hear(&mut control, Phase::Energised, Cause::PowerUp, 1, Instant(5000));
        assert!(sent(&mut control, 5000) >= 15);
    }
}
