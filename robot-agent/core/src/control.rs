//! The control loop's decisions, every 50 ms: beat, disclose, arm by the rule, ask for the motion that was decided.
//!
//! It has no disk and no network client, and shares no lock with the driver. It beats only while its own cycles are on
//! time and the driver's are not stuck, so a hung agent stops its robot.

mod arming;
mod relay;
mod setpoint;

use crate::Seen;
use crate::beacon_clock::{BeaconClock, ServerTime};
use crate::disclosure::{Disclosure, OnAir};
use crate::endorsement::Validity;
use crate::execution::Activity;
use crate::permit::{MotionPermit, fresh};
use crate::witness::{Edge, Witness};
use arming::Arming;
use interlock_link::{Body, Counters, FromInterlock, Phase, Status, StepCount, ToInterlock};
use relay::Relay;
use setpoint::setpoint;
use shared::time::{Instant, Millis, WallTime};

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
    /// What the wall clock shows.
    Wall(WallTime),
    /// Disclose by this clock from now on; what is known of the server's calendar.
    Clock(BeaconClock, Option<ServerTime>),
    /// The key that the robot discloses with is endorsed from and until then.
    Endorsed(Validity),
    /// The endorsement is about to end: sit down, and stay down until there is another one.
    SitDown,
    /// A disclosure went on the air.
    Disclosed,
}

/// What one cycle does.
#[derive(Debug, Default, PartialEq)]
pub struct Cycle {
    /// Words to the firmware, in order.
    pub words: Vec<ToInterlock>,
    /// What is due on the air.
    pub on_air: OnAir,
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
    disclosure: Disclosure,
    witness: Witness,
    sits: bool,
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
    /// Discloses by this clock.
    #[must_use]
    pub fn disclosing_by(clock: BeaconClock) -> Self {
        Self { disclosure: Disclosure::by(clock), ..Self::default() }
    }

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
            Received::Wall(wall) => self.disclosure.set_wall(wall, now),
            Received::Clock(clock, server) => self.disclosure.set_clock(clock, server),
            Received::Endorsed(validity) => self.endorse(validity),
            Received::SitDown => self.sits = true,
            Received::Disclosed => self.witness.sent(now),
        }
    }

    /// One cycle. `driver_finished` is when the driver last finished one of its own.
    pub fn cycle(&mut self, driver_finished: Instant, now: Instant) -> Cycle {
        let on_time = self.last_cycle.is_none_or(|last| now.since(last) <= CYCLE_LATE);
        self.last_cycle = Some(now);
        let may_beat = on_time && now.since(driver_finished) < DRIVER_STUCK;
        if self.status.is_some_and(|(_, at)| now.since(at) > KNOWN) {
            self.witness.lose_firmware();
        }
        let on_air = self.disclosure.due(self.status.as_ref().map(|(status, _)| status), now);
        let may_arm = may_beat && !self.sits && self.disclosure.permits_work(now);
        let arm = self.arming.ask(fresh(self.status, now).filter(|_| may_arm), now);
        let words = self.words(may_beat, arm, now);
        Cycle { words, on_air, notice: self.arming.gives_notice(), withheld: !may_beat }
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
            disclosed: self.witness.last_sent(),
            heard: self.witness.last_heard(now),
        }
    }

    /// Lines of the firmware's own record that came in since the last call, for the driver's journal.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.relay.take_lines()
    }

    /// What changed between the sights, for the record; kept until it is [`delivered`](Self::delivered).
    #[must_use]
    pub fn edges(&self) -> Vec<Edge> {
        self.witness.edges()
    }

    /// The driver has the oldest `count` edges.
    pub fn delivered(&mut self, count: usize) {
        self.witness.delivered(count);
    }

    fn endorse(&mut self, validity: Validity) {
        self.disclosure.endorse(validity);
        self.sits = false;
    }

    fn unlink(&mut self) {
        self.link = Link::Down;
        (self.status, self.body, self.count, self.counters) = (None, None, None, None);
        self.witness.lose_firmware();
    }

    fn hear(&mut self, word: FromInterlock, now: Instant) {
        match word {
            FromInterlock::Welcome { nonce } => {
                if matches!(self.link, Link::Hello { nonce: ours, .. } if ours == nonce) {
                    self.link = Link::Up;
                }
            }
            FromInterlock::Status(status) => {
                self.status = Some((status, now));
                self.witness.hear(status.beacon_heard, now);
            }
            FromInterlock::Body(body) => {
                self.body = Some((body, now));
                self.witness.move_body(body.moving, now);
            }
            FromInterlock::StepCount(count) => self.count = Some((count, now)),
            FromInterlock::Counters(counters) => self.counters = Some((counters, now)),
            FromInterlock::Record(fragment) => self.relay.take(&fragment),
        }
    }

    fn words(&mut self, may_beat: bool, arm: Option<ToInterlock>, now: Instant) -> Vec<ToInterlock> {
        match self.link {
            Link::Down => vec![],
            Link::Hello { nonce, said } => self.hello(nonce, said, now),
            Link::Up if !may_beat => vec![],
            Link::Up => {
                let stops = self.must_stop(now);
                let decided = self.activity.filter(|_| !stops).map(|activity| activity.trip_epoch);
                let permit = decided.and_then(|epoch| MotionPermit::from_status(self.status, epoch, now));
                let setpoint = ToInterlock::Setpoint(setpoint(self.activity, permit));
                let stop = stops.then_some(ToInterlock::Stop { latch: false });
                [Some(ToInterlock::Heartbeat), stop, arm, Some(setpoint)].into_iter().flatten().collect()
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

    /// Whether the disclosure takes the power away: the endorsement has ended, the robot has sat down before its end, or its
    /// clock is off.
    fn must_stop(&self, now: Instant) -> bool {
        let is_on = self.status.is_some_and(|(status, _)| status.phase == Phase::Energised);
        is_on && (self.sits || !self.disclosure.permits_power(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::tests::endorsed;
    use crate::permit::tests::status;
    use interlock_link::{Act, Cause};
    use shared::fact::GapCause;
    use shared::task::Step;

    fn linked() -> Control {
        let (clock, validity) = endorsed();
        let mut control = Control::disclosing_by(clock);
        control.receive(Received::Endorsed(validity), Instant(0));
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
        let heard = Some(Instant(10));
        assert_eq!(control.seen(Instant(20)), Seen { heard, ..Seen::default() }, "when it was heard last stays true");
    }

    #[test]
    fn it_goes_on_disclosing_without_a_link_and_while_tripped() {
        let mut control = Control::default();
        let sent = |control: &mut Control, from: u64| {
            (0..100)
                .map(|i| Instant(from + i * 50))
                .filter(|at| control.cycle(*at, *at).on_air.presence.is_some())
                .count()
        };
        assert_eq!(sent(&mut control, 0), 5);
        hear(&mut control, Phase::Energised, Cause::PowerUp, 1, Instant(5000));
        assert!(sent(&mut control, 5000) >= 15);
    }

    fn stops(cycle: &Cycle) -> bool {
        cycle.words.contains(&ToInterlock::Stop { latch: false })
    }

    #[test]
    fn an_endorsement_that_ends_takes_the_power_away_and_none_is_armed_without_one() {
        let (clock, validity) = endorsed();
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 7 }, Instant(0));
        control.receive(walk(7), Instant(0));
        let short = Validity { until_s: validity.from_s + 3 * 3600, ..validity };
        control.receive(Received::Endorsed(short), Instant(0));
        let last = clock.instant_of(short.until_s + 1) - Millis(1);
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, last);
        let cycle = control.cycle(last, last);
        assert!(act(&cycle) == Some(Act::Walk) && !stops(&cycle), "its last moment");
        let over = last + Millis(1);
        let cycle = control.cycle(over, over);
        assert!(act(&cycle) == Some(Act::Rest) && stops(&cycle), "{cycle:?}");
        hear(&mut control, Phase::Released, Cause::PowerUp, 7, over);
        let cycle = control.cycle(over, over);
        assert!(!arms(&cycle) && !stops(&cycle), "{cycle:?}");
        control.receive(Received::Endorsed(validity), over);
        assert!(arms(&control.cycle(over, over)));
    }

    #[test]
    fn a_clock_that_the_server_says_is_off_takes_the_power_away_until_it_is_set() {
        const WALL: WallTime = WallTime(1_795_000_000_000);
        let (clock, _) = endorsed();
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 7 }, Instant(0));
        control.receive(walk(7), Instant(0));
        control.receive(Received::Wall(WALL), Instant(0));
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(10));
        assert!(!stops(&control.cycle(Instant(50), Instant(50))), "offline it cannot know");
        let server = ServerTime { wall: WallTime(WALL.0 - 86_400_000), read: Instant(0) };
        control.receive(Received::Clock(clock, Some(server)), Instant(60));
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(60));
        let cycle = control.cycle(Instant(100), Instant(100));
        assert!(stops(&cycle) && act(&cycle) == Some(Act::Rest), "{cycle:?}");
        hear(&mut control, Phase::Released, Cause::PowerUp, 7, Instant(110));
        let cycle = control.cycle(Instant(150), Instant(150));
        assert!(!arms(&cycle), "{cycle:?}");
        let set = BeaconClock::set_to(server.at(Instant(160)), Instant(160));
        let (_, validity) = endorsed();
        let yesterday = Validity { from_s: validity.from_s - 2 * 24 * 3600, ..validity };
        control.receive(Received::Endorsed(yesterday), Instant(160));
        control.receive(Received::Clock(set, Some(server)), Instant(160));
        hear(&mut control, Phase::Released, Cause::PowerUp, 7, Instant(160));
        assert!(arms(&control.cycle(Instant(200), Instant(200))));
    }

    #[test]
    fn a_robot_that_sits_stays_down_until_it_is_endorsed_anew() {
        let mut control = linked();
        control.receive(Received::MayArm { trip_epoch: 7 }, Instant(0));
        control.receive(Received::SitDown, Instant(0));
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(10));
        assert!(stops(&control.cycle(Instant(50), Instant(50))));
        hear(&mut control, Phase::Released, Cause::PowerUp, 7, Instant(60));
        assert!(!arms(&control.cycle(Instant(100), Instant(100))));
        let (_, validity) = endorsed();
        control.receive(Received::Endorsed(validity), Instant(110));
        assert!(arms(&control.cycle(Instant(150), Instant(150))));
    }

    #[test]
    fn a_firmware_that_falls_silent_ends_what_was_known_of_it() {
        let mut control = linked();
        hear(&mut control, Phase::Energised, Cause::PowerUp, 7, Instant(10));
        control.cycle(Instant(1010), Instant(1010));
        assert_eq!(control.edges(), [Edge::Heard { at: Instant(10) }]);
        control.cycle(Instant(1050), Instant(1050));
        let gap = Edge::Gap { cause: GapCause::LinkLost, at: Instant(10) };
        assert_eq!(control.edges(), [Edge::Heard { at: Instant(10) }, gap]);
        control.delivered(2);
        control.cycle(Instant(1100), Instant(1100));
        assert!(control.edges().is_empty());
    }
}
