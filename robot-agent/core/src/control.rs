//! The control loop's decisions, every 50 ms: beat, disclose, arm by the rule, ask for the motion that was decided.
//!
//! It has no disk and no network client, and shares no lock with the driver. It beats only while its own cycles are on
//! time and the driver's are not stuck, so a hung agent stops its robot.

mod arming;
mod relay;
mod setpoint;

use crate::Seen;
use crate::disclosure;
use crate::execution::Activity;
use crate::permit::{MotionPermit, fresh};
use arming::Arming;
use interlock_link::{Body, Counters, FromInterlock, Status, StepCount, ToInterlock};
use relay::Relay;
use setpoint::setpoint;
use shared::time::{Instant, Millis};

/// How old the firmware's words may be and still be called known.
const KNOWN: Millis = Millis::secs(1);
/// The same for its counters, which it tells once a second.
const COUNTERS_KNOWN: Millis = Millis::secs(3);
/// How long a hello to the firmware may stay unanswered.
const HELLO_AGAIN: Millis = Millis(200);
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
    /// The robot may not ask to be armed: a clearance is due.
    MayNotArm,
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
    counters: Option<(Counters, Instant)>,
    activity: Option<Activity>,
    last_cycle: Option<Instant>,
    arming: Arming,
    relay: Relay,
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
            Received::MayArm { trip_epoch } => self.arming.permit(Some(trip_epoch)),
            Received::MayNotArm => self.arming.permit(None),
        }
    }

    /// One cycle. `driver_finished` is when the driver last finished one of its own.
    pub fn cycle(&mut self, driver_finished: Instant, now: Instant) -> Cycle {
        let on_time = self.last_cycle.is_none_or(|last| now.since(last) <= CYCLE_LATE);
        self.last_cycle = Some(now);
        let may_beat = on_time && now.since(driver_finished) < DRIVER_STUCK;
        let disclose = self.discloses(now);
        let arm = self.arming.ask(fresh(self.status, now).filter(|_| may_beat), now);
        let words = self.words(may_beat, arm, now);
        Cycle { words, disclose, notice: self.arming.gives_notice(), withheld: !may_beat }
    }

    /// What the driver should know; everything that is too old is unknown.
    #[must_use]
    pub fn seen(&self, now: Instant) -> Seen {
        let known = |at: Instant| now.since(at) <= KNOWN;
        Seen {
            status: self.status.filter(|(_, at)| known(*at)).map(|(status, _)| status),
            body: self.body.filter(|(_, at)| known(*at)).map(|(body, _)| body),
            count: self.count.filter(|(_, at)| known(*at)).map(|(count, _)| count),
            counters: self.counters.filter(|(_, at)| now.since(*at) <= COUNTERS_KNOWN).map(|(counters, _)| counters),
            disclosed: self.disclosed,
        }
    }

    /// Lines of the firmware's own record that came in since the last call, for the driver's journal.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.relay.take_lines()
    }

    fn unlink(&mut self) {
        self.link = Link::Down;
        (self.status, self.body, self.count, self.counters) = (None, None, None, None);
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
            FromInterlock::Counters(counters) => self.counters = Some((counters, now)),
            FromInterlock::Record(fragment) => self.relay.take(&fragment),
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

    fn words(&mut self, may_beat: bool, arm: Option<ToInterlock>, now: Instant) -> Vec<ToInterlock> {
        match self.link {
            Link::Down => vec![],
            Link::Hello { nonce, said } => self.hello(nonce, said, now),
            Link::Up if !may_beat => vec![],
            Link::Up => {
                let decided = self.activity.map(|activity| activity.trip_epoch);
                let permit = decided.and_then(|epoch| MotionPermit::from_status(self.status, epoch, now));
                let setpoint = ToInterlock::Setpoint(setpoint(self.activity, permit));
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::tests::status;
    use interlock_link::{Act, Cause, Phase};
    use shared::task::Step;

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
    fn on_a_stale_status_nothing_is_asked_for() {
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 7 }, Instant(0));
        hear(&mut control, Phase::Released, Cause::Button, 7, Instant(0));
        assert!(arms(&control.cycle(Instant(0), Instant(200))));
        assert!(!arms(&control.cycle(Instant(450), Instant(450))), "nobody knows how the interlock is now");
        hear(&mut control, Phase::Energised, Cause::Button, 7, Instant(450));
        control.receive(walk(7), Instant(450));
        assert_eq!(act(&control.cycle(Instant(650), Instant(650))), Some(Act::Walk));
        assert_eq!(act(&control.cycle(Instant(700), Instant(700))), Some(Act::Rest));
    }

    #[test]
    fn a_loop_that_hung_says_nothing_in_the_cycle_in_which_it_goes_on_and_begins_its_notice_anew() {
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 8 }, Instant(0));
        let standby = |control: &mut Control, at: u64| {
            hear(control, Phase::Standby, Cause::Heartbeat, 8, Instant(at));
            control.cycle(Instant(at), Instant(at))
        };
        assert!(standby(&mut control, 50).notice);
        let late = standby(&mut control, 5_000);
        assert!(late.withheld && late.words.is_empty() && !late.notice);
        let first = (0..100).map(|i| 5_050 + i * 50).find(|at| arms(&standby(&mut control, *at)));
        assert_eq!(first, Some(8_050));
    }

    #[test]
    fn what_a_link_told_is_forgotten_with_it() {
        let mut control = linked();
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(10));
        let counters = interlock_link::Counters { presses: 3, boots: 1, energised_s: 0 };
        control.receive(Received::Word(FromInterlock::Counters(counters)), Instant(10));
        assert_eq!(control.seen(Instant(3_010)).counters, Some(counters));
        assert_eq!(control.seen(Instant(3_011)).counters, None);
        control.receive(Received::Unlinked, Instant(20));
        assert_eq!(control.seen(Instant(20)), Seen::default());
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
