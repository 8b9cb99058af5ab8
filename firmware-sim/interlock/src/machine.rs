//! The state machine. Precedence in every tick: locked, then diagnostics, then demand, then the phase's own logic.

use interlock_link::{Cause, Mail, Phase, Status, Word};

use crate::epoch::{Epoch, Stored};
use crate::limits::Limits;
use crate::pins::{Motion, Outputs, Pins};
use crate::proof_test::ProofTest;
use crate::recent::Recent;

/// The phase, with what only this phase has to remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Tripped,
    ResetArmed,
    ResetPressed { ticks: u32 },
    Released,
    Energised { errors: Recent },
    Stopping { ticks: u32, latched: bool },
    Standby { ticks: u32, healthy: u32 },
    Locked,
}

/// The interlock of one robot.
///
/// [`Interlock::power_up`] once, then [`Interlock::step`] at every tick; everything else only looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interlock {
    limits: Limits,
    epoch: Epoch,
    memory: Memory,
}

/// Everything but the epoch that decides what the interlock does next. Opaque; it can be compared and hashed, which is
/// what a search through all states needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Memory {
    state: State,
    cause: Cause,
    proof_test: ProofTest,
    fault_pending: bool,
    /// Ticks since the agent's last sign of life; stays at one above its limit.
    heartbeat_silence: u32,
    /// Ticks since the own beacon was last heard; stays at one above its limit.
    beacon_silence: u32,
    /// Ticks for which the two channels have disagreed.
    disagreement: u32,
    /// Ticks for which a mirror contact has not shown what its relay was told.
    unfollowed: u32,
    returns: Recent,
    /// The pins of the last tick.
    last: Pins,
}

impl Interlock {
    /// The power came on: always tripped (SR-07), whatever was before.
    #[must_use]
    pub const fn power_up(limits: Limits, stored: Stored) -> Self {
        let memory = Memory {
            state: State::Tripped,
            cause: Cause::PowerUp,
            proof_test: ProofTest::Due,
            fault_pending: stored.fault_pending,
            heartbeat_silence: limits.heartbeat + 1,
            beacon_silence: limits.beacon + 1,
            disagreement: 0,
            unfollowed: 0,
            returns: Recent::NONE,
            last: Pins::DEAD,
        };
        Self { limits, epoch: Epoch::above(stored.epoch_mark), memory }
    }

    /// One tick. Total: any pins and any mail in any state.
    pub fn step(&mut self, pins: Pins, mail: Mail) -> Outputs {
        self.listen(pins, mail.word);
        if self.memory.state != State::Locked {
            self.decide(pins, mail);
        }
        self.memory.last = pins;
        self.outputs()
    }

    /// What the relays are told: a function of the phase alone.
    #[must_use]
    pub const fn outputs(&self) -> Outputs {
        match self.phase() {
            Phase::Energised => Outputs::on(Motion::Full),
            Phase::Stopping => Outputs::on(Motion::RampDown),
            Phase::Tripped
            | Phase::ResetArmed
            | Phase::ResetPressed
            | Phase::Released
            | Phase::Standby
            | Phase::Locked => Outputs::OFF,
        }
    }

    /// The phase.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self.memory.state {
            State::Tripped => Phase::Tripped,
            State::ResetArmed => Phase::ResetArmed,
            State::ResetPressed { .. } => Phase::ResetPressed,
            State::Released => Phase::Released,
            State::Energised { .. } => Phase::Energised,
            State::Stopping { .. } => Phase::Stopping,
            State::Standby { .. } => Phase::Standby,
            State::Locked => Phase::Locked,
        }
    }

    /// What the agent, the panel and the record are told.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            phase: self.phase(),
            cause: self.memory.cause,
            trip_epoch: self.epoch.now,
            standby_ok: self.may_return() && self.is_quiet(&self.memory.last),
            beacon_heard: self.is_beacon_heard(),
            button_open: self.memory.last.demand(),
            reset_pressed: self.memory.last.reset,
            proof_tested: self.memory.proof_test == ProofTest::Passed,
            energised: self.outputs().relay_1,
            returns_left: self.limits.returns.saturating_sub(self.memory.returns.count()),
        }
    }

    /// Whether the agent's heartbeat was heard in time.
    #[must_use]
    pub const fn is_agent_heard(&self) -> bool {
        self.memory.heartbeat_silence <= self.limits.heartbeat
    }

    /// Whether the robot's own beacon was heard in time.
    #[must_use]
    pub const fn is_beacon_heard(&self) -> bool {
        self.memory.beacon_silence <= self.limits.beacon
    }

    /// What has to be in non-volatile storage; see [`Stored`].
    #[must_use]
    pub const fn to_store(&self) -> Stored {
        Stored { epoch_mark: self.epoch.mark, fault_pending: self.memory.fault_pending }
    }

    /// All that decides what comes next, but for the epoch, which is only compared with the one an `Arm` names.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Both watchdogs run in every phase, so that Standby and the panel know who is there.
    fn listen(&mut self, pins: Pins, word: Option<Word>) {
        let memory = &mut self.memory;
        let is_alive = match word {
            // An Arm may hide a heartbeat of the same tick, so it counts as one.
            Some(Word::Heartbeat | Word::Arm { .. }) => true,
            // A stop never does: it must not be weaker than silence.
            Some(Word::Session | Word::Stop { .. }) | None => false,
        };
        memory.heartbeat_silence = silence(memory.heartbeat_silence, is_alive, self.limits.heartbeat);
        memory.beacon_silence = silence(memory.beacon_silence, pins.beacon_heard, self.limits.beacon);
        memory.returns = memory.returns.aged();
    }

    fn decide(&mut self, pins: Pins, mail: Mail) {
        let was_on = self.outputs().relay_1;
        if let Some(fault) = self.fault(pins, was_on) {
            self.lock(fault);
        } else if pins.demand() {
            self.cut();
        } else {
            self.advance(pins, mail);
        }
        if self.outputs().relay_1 != was_on {
            // The relays begin to follow a new command now.
            self.memory.unfollowed = 0;
        }
    }

    /// The diagnostics (SR-08, SR-09, SR-11). `is_on` is what the relays were last told; a mirror contact that does not
    /// open when its relay is on would hide a weld later, so both directions count.
    fn fault(&mut self, pins: Pins, is_on: bool) -> Option<Cause> {
        let memory = &mut self.memory;
        let is_followed = pins.mirror_1 != is_on && pins.mirror_2 != is_on;
        memory.disagreement = if pins.ch_a == pins.ch_b { 0 } else { memory.disagreement + 1 };
        memory.unfollowed = if is_followed { 0 } else { memory.unfollowed + 1 };
        memory.proof_test = memory.proof_test.after(&pins);
        if memory.disagreement > self.limits.discrepancy {
            return Some(Cause::Discrepancy);
        }
        if memory.unfollowed > self.limits.mirror {
            return Some(Cause::Mirror);
        }
        if memory.proof_test == ProofTest::Passed {
            memory.fault_pending = false;
        }
        None
    }

    /// Off until the power is cycled and a proof test has passed.
    fn lock(&mut self, fault: Cause) {
        self.trip(fault);
        self.memory.state = State::Locked;
        self.memory.fault_pending = true;
        self.memory.proof_test = ProofTest::Due;
    }

    /// A demand: stop category 0 in the same tick, whatever the phase (SR-01). Each new press is a trip of its own,
    /// except that of the proof test.
    fn cut(&mut self) {
        if !self.memory.last.demand() && self.memory.proof_test == ProofTest::Passed {
            self.trip(Cause::Button);
        }
        self.memory.state = State::Tripped;
    }

    /// A trip of either class has a cause and an epoch of its own, so that no `Arm` meant for an earlier one fits.
    fn trip(&mut self, cause: Cause) {
        self.memory.cause = cause;
        self.epoch = self.epoch.advance();
    }

    fn trip_to_person(&mut self, cause: Cause) -> State {
        self.trip(cause);
        State::Tripped
    }

    /// The phase's own logic. The channels are closed and no fault is known.
    fn advance(&mut self, pins: Pins, mail: Mail) {
        self.memory.state = match self.memory.state {
            State::Tripped => self.in_tripped(pins),
            State::ResetArmed => in_reset_armed(pins),
            State::ResetPressed { ticks } => self.in_reset_pressed(pins, ticks),
            State::Released => self.in_released(pins, mail.word),
            State::Energised { errors } => self.in_energised(mail, errors),
            State::Stopping { ticks, latched } => self.in_stopping(mail.word, ticks, latched),
            State::Standby { ticks, healthy } => self.in_standby(pins, mail.word, ticks, healthy),
            State::Locked => State::Locked,
        };
    }

    /// A reset that is already pressed, held or taped down, is not one: its press must begin while all is well (SR-06).
    fn in_tripped(&self, pins: Pins) -> State {
        let is_well = self.memory.proof_test == ProofTest::Passed && pins.mirrors_closed();
        if is_well && !pins.reset { State::ResetArmed } else { State::Tripped }
    }

    /// Effective on release (SR-05); too short is a bounce, too long is stuck.
    fn in_reset_pressed(&self, pins: Pins, ticks: u32) -> State {
        if !pins.mirrors_closed() {
            State::Tripped
        } else if !pins.reset {
            if ticks >= self.limits.reset_min { State::Released } else { State::ResetArmed }
        } else if ticks >= self.limits.reset_max {
            State::Tripped
        } else {
            State::ResetPressed { ticks: ticks + 1 }
        }
    }

    fn in_released(&mut self, pins: Pins, word: Option<Word>) -> State {
        if word == Some(Word::Stop { latch: true }) {
            self.trip_to_person(Cause::StopLatched)
        } else if self.may_arm(pins, word) {
            State::Energised { errors: Recent::NONE }
        } else {
            State::Released
        }
    }

    fn in_energised(&mut self, mail: Mail, errors: Recent) -> State {
        let room = self.limits.link_errors.min(mail.link_errors);
        let errors = (0..room).fold(errors.aged(), |errors, _| errors.with(self.limits.link_window));
        let Some(cause) = self.stop_cause(mail.word, errors) else {
            return State::Energised { errors };
        };
        self.trip(cause);
        State::Stopping { ticks: 0, latched: cause == Cause::StopLatched }
    }

    fn stop_cause(&self, word: Option<Word>, errors: Recent) -> Option<Cause> {
        match word {
            Some(Word::Stop { latch: true }) => Some(Cause::StopLatched),
            Some(Word::Stop { latch: false }) => Some(Cause::Stop),
            Some(Word::Session) => Some(Cause::Session),
            Some(Word::Heartbeat | Word::Arm { .. }) | None if errors.count() >= self.limits.link_errors => {
                Some(Cause::Link)
            }
            Some(Word::Heartbeat | Word::Arm { .. }) | None if !self.is_agent_heard() => Some(Cause::Heartbeat),
            Some(Word::Heartbeat | Word::Arm { .. }) | None if !self.is_beacon_heard() => Some(Cause::Beacon),
            Some(Word::Heartbeat | Word::Arm { .. }) | None => None,
        }
    }

    /// The window closes by the interlock's own count; a word can make the stop need a person, but not longer.
    fn in_stopping(&mut self, word: Option<Word>, ticks: u32, latched: bool) -> State {
        let latches = word == Some(Word::Stop { latch: true });
        if latches && !latched {
            self.trip(Cause::StopLatched);
        }
        let (ticks, latched) = (ticks + 1, latched || latches);
        if ticks < self.limits.stopping {
            State::Stopping { ticks, latched }
        } else if latched {
            State::Tripped
        } else if self.memory.returns.count() >= self.limits.returns {
            self.trip_to_person(Cause::TooManyReturns)
        } else {
            State::Standby { ticks: 0, healthy: 0 }
        }
    }

    /// No channel has opened since before the stop: any demand on the way leads to Tripped.
    fn in_standby(&mut self, pins: Pins, word: Option<Word>, ticks: u32, healthy: u32) -> State {
        if word == Some(Word::Stop { latch: true }) {
            self.trip_to_person(Cause::StopLatched)
        } else if ticks >= self.limits.standby {
            self.trip_to_person(Cause::StandbyTimeout)
        } else if self.may_return() && self.may_arm(pins, word) {
            self.memory.returns = self.memory.returns.with(self.limits.returns_window);
            State::Energised { errors: Recent::NONE }
        } else {
            State::Standby { ticks: ticks + 1, healthy: self.healthy_after(word, healthy) }
        }
    }

    /// A stop or another session starts the count again, as silence does.
    fn healthy_after(&self, word: Option<Word>, healthy: u32) -> u32 {
        let is_calm = match word {
            Some(Word::Heartbeat | Word::Arm { .. }) | None => true,
            Some(Word::Session | Word::Stop { .. }) => false,
        };
        let is_healthy = is_calm && self.is_agent_heard() && self.is_beacon_heard();
        if is_healthy { self.limits.healthy.min(healthy + 1) } else { 0 }
    }

    /// Whether heartbeat and beacon have been healthy for long enough in Standby.
    const fn may_return(&self) -> bool {
        matches!(self.memory.state, State::Standby { healthy, .. } if healthy >= self.limits.healthy)
    }

    /// The one way to power (SR-05, SR-09, SR-16): the current epoch, both relays proven off, the own beacon heard, and
    /// the reset up in this tick and the one before, so that letting it go is never itself a start.
    fn may_arm(&self, pins: Pins, word: Option<Word>) -> bool {
        word == Some(Word::Arm { epoch: self.epoch.now })
            && self.is_quiet(&pins)
            && !self.memory.last.reset
            && self.is_beacon_heard()
    }

    const fn is_quiet(&self, pins: &Pins) -> bool {
        pins.mirrors_closed() && !pins.reset
    }
}

/// A mirror contact that opens while off is not a trip yet, but no reset counts until it is closed again.
const fn in_reset_armed(pins: Pins) -> State {
    if !pins.mirrors_closed() {
        State::Tripped
    } else if pins.reset {
        State::ResetPressed { ticks: 0 }
    } else {
        State::ResetArmed
    }
}

/// Ticks of silence, no further than one above the limit: that it is too long is all that matters.
fn silence(ticks: u32, is_heard: bool, limit: u32) -> u32 {
    if is_heard { 0 } else { (limit + 1).min(ticks + 1) }
}
