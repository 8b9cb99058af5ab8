//! When the robot says that it is a machine, and in what state it says that it is.
//!
//! It never falls silent while its agent runs: tripped, locked, without a link to the firmware and without an endorsement
//! it discloses once a second, with the state that fits. The state is a disclosure and no permission; what an endorsement
//! permits is asked here too, by the same clock that goes on the air.

use crate::beacon_clock::{BeaconClock, Judged, ServerTime};
use crate::endorsement::{Stage, Validity};
use interlock_link::{Cause, Phase, Status};
use shared::beacon;
use shared::time::{Instant, Millis, WallTime};

/// Between two endorsements on the air: a bystander who just came has to hear one before a disclosure can be believed.
const LINK_EVERY: Millis = Millis::secs(3);

/// What is due on the air in this cycle; the endorsement goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnAir {
    /// The endorsement, if there is one.
    pub link: bool,
    /// A disclosure, in this state.
    pub presence: Option<beacon::Status>,
}

/// When what was said, and by which clock.
#[derive(Debug, Default)]
pub struct Disclosure {
    clock: Option<BeaconClock>,
    wall: Option<(WallTime, Instant)>,
    server: Option<ServerTime>,
    endorsed: Option<Validity>,
    presence: Option<Instant>,
    link: Option<Instant>,
}

impl Disclosure {
    /// Discloses by this clock. Without one nothing counts as endorsed.
    pub fn by(clock: BeaconClock) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    /// Takes a reading of the wall clock.
    pub const fn set_wall(&mut self, wall: WallTime, now: Instant) {
        self.wall = Some((wall, now));
    }

    /// Discloses by this clock from now on, and knows what the server's calendar shows.
    pub const fn set_clock(&mut self, clock: BeaconClock, server: Option<ServerTime>) {
        (self.clock, self.server) = (Some(clock), server);
    }

    /// A new endorsement: it goes on the air at once.
    pub const fn endorse(&mut self, validity: Validity) {
        self.endorsed = Some(validity);
        self.link = None;
    }

    /// How far the endorsement is.
    pub fn stage(&self, now: Instant) -> Stage {
        self.clock.map_or(Stage::Missing, |clock| Stage::of(self.endorsed, clock.time(now).secs()))
    }

    /// Whether motors may have power: while the endorsement lets them, and no calendar says that nobody could verify what the
    /// robot discloses. A robot without a network knows only its own calendar.
    pub fn permits_power(&self, now: Instant) -> bool {
        self.stage(now).permits_power() && (self.wall.is_none() || !self.is_clock_off(now))
    }

    /// Whether the robot may ask to be armed.
    pub fn permits_work(&self, now: Instant) -> bool {
        self.stage(now).permits_work() && self.permits_power(now)
    }

    /// What is due. Marks it as said.
    pub fn due(&mut self, status: Option<&Status>, now: Instant) -> OnAir {
        let is_due = |last: Option<Instant>, period| last.is_none_or(|last| now.since(last) >= period);
        let on_air = OnAir {
            link: self.endorsed.is_some() && is_due(self.link, LINK_EVERY),
            presence: is_due(self.presence, period(status.map(|status| status.phase))).then(|| self.state(status, now)),
        };
        if on_air.link {
            self.link = Some(now);
        }
        if on_air.presence.is_some() {
            self.presence = Some(now);
        }
        on_air
    }

    /// A fault of the disclosure itself is said before anything else: whoever hears it must not build on the rest.
    fn state(&self, status: Option<&Status>, now: Instant) -> beacon::Status {
        if self.is_clock_off(now) || !self.stage(now).permits_power() {
            beacon::Status::Fault
        } else if status.is_some_and(is_stopped_by_button) {
            beacon::Status::StoppedByButton
        } else {
            beacon::Status::Ground
        }
    }

    fn is_clock_off(&self, now: Instant) -> bool {
        let (Some(clock), Some((wall, read))) = (self.clock, self.wall) else { return true };
        let own = WallTime(wall.0.saturating_add(now.since(read).0));
        clock.judge(own, self.server.map(|server| server.at(now)), now) != Judged::Right
    }
}

/// From the press until the motors have power again.
fn is_stopped_by_button(status: &Status) -> bool {
    status.button_open || (status.cause == Cause::Button && !status.energised)
}

/// How long to wait between two disclosures: a third of a second when the robot moves or could soon, a second otherwise.
fn period(phase: Option<Phase>) -> Millis {
    match phase {
        Some(Phase::Energised | Phase::Stopping | Phase::Released | Phase::Standby) => Millis(300),
        Some(Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed | Phase::Locked) | None => Millis::secs(1),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::permit::tests::status;
    use shared::beacon::Status::{Fault, Ground, StoppedByButton};
    use shared::journal::Boot;

    const WALL: WallTime = WallTime(1_795_000_000_000);

    /// A clock that starts in 2026 at the boot, and a week that has just begun.
    pub fn endorsed() -> (BeaconClock, Validity) {
        let clock = BeaconClock::start(WALL, None, Boot(1), Instant(0));
        let from_s = clock.time(Instant(0)).secs();
        (clock, Validity { from_s, until_s: from_s + 7 * 24 * 3600 })
    }

    fn disclosure() -> Disclosure {
        let (clock, validity) = endorsed();
        let mut disclosure = Disclosure::by(clock);
        disclosure.set_wall(WALL, Instant(0));
        disclosure.endorse(validity);
        disclosure
    }

    fn said(disclosure: &Disclosure, phase: Phase, cause: Cause, at: Instant) -> beacon::Status {
        disclosure.state(Some(&status(phase, cause, 1)), at)
    }

    #[test]
    fn it_says_in_what_state_it_is_and_a_fault_of_its_own_first() {
        let mut one = disclosure();
        let soon = Instant(1000);
        assert_eq!(one.state(None, soon), Ground);
        assert_eq!(said(&one, Phase::Energised, Cause::Button, soon), Ground, "up again after the press");
        for phase in [Phase::Tripped, Phase::ResetArmed, Phase::ResetPressed, Phase::Released] {
            assert_eq!(said(&one, phase, Cause::Button, soon), StoppedByButton);
            assert_eq!(said(&one, phase, Cause::PowerUp, soon), Ground);
        }
        let pressed = Status { button_open: true, ..status(Phase::Tripped, Cause::PowerUp, 1) };
        assert_eq!(one.state(Some(&pressed), soon), StoppedByButton, "pressed for its test");
        one.set_wall(WallTime(WALL.0 - 60_000), soon);
        assert_eq!(said(&one, Phase::Tripped, Cause::Button, soon), Fault);
        let week_over = Instant(8 * 24 * 3_600_000);
        let mut two = disclosure();
        two.set_wall(WallTime(WALL.0 + week_over.0), week_over);
        assert_eq!(said(&two, Phase::Tripped, Cause::Button, week_over), Fault);
        let (clock, _) = endorsed();
        assert_eq!(Disclosure::by(clock).state(None, soon), Fault, "no endorsement, no wall clock");
    }

    #[test]
    fn it_never_falls_silent_and_says_more_when_it_may_move() {
        let count = |phase: Option<Phase>| {
            let mut one = disclosure();
            let status = phase.map(|phase| status(phase, Cause::PowerUp, 1));
            let cycles = (0..200).map(|i| one.due(status.as_ref(), Instant(i * 50)));
            cycles.fold((0, 0), |(presences, links), due| {
                (presences + u32::from(due.presence.is_some()), links + u32::from(due.link))
            })
        };
        for phase in [Phase::Energised, Phase::Stopping, Phase::Released, Phase::Standby] {
            assert_eq!(count(Some(phase)), (34, 4), "{phase:?} in ten seconds");
        }
        for phase in
            [None, Some(Phase::Tripped), Some(Phase::ResetArmed), Some(Phase::ResetPressed), Some(Phase::Locked)]
        {
            assert_eq!(count(phase), (10, 4), "{phase:?} in ten seconds");
        }
    }

    #[test]
    fn a_new_endorsement_goes_out_at_once_and_without_one_the_robot_speaks_all_the_same() {
        let (clock, validity) = endorsed();
        let mut one = Disclosure::by(clock);
        assert_eq!(one.due(None, Instant(0)), OnAir { link: false, presence: Some(Fault) });
        one.set_wall(WALL, Instant(0));
        one.endorse(validity);
        assert_eq!(one.due(None, Instant(50)), OnAir { link: true, presence: None });
        assert_eq!(one.due(None, Instant(1000)), OnAir { link: false, presence: Some(Ground) });
        assert!(!one.due(None, Instant(3049)).link && one.due(None, Instant(3050)).link);
    }
}
