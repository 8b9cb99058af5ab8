//! An observer who sees the pins, the words and the interlock's answer, and keeps its own account of what has happened.
//!
//! It shares no code with the interlock, so that a wrong count there shows here. Counts stop at one above their limit,
//! because more makes no difference and would only make more states.

use interlock::{Interlock, Limits, Mail, Motion, Phase, Pins, Status, Word};

/// How the reset is being pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    Up,
    /// It began or went on while something was wrong.
    Bad,
    /// Ticks for which it has certainly been down, well all the time.
    Good(u32),
}

/// What the interlock showed in one tick.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub status: Status,
    pub motion: Motion,
    pub relay_1: bool,
    pub relay_2: bool,
}

impl Look {
    pub fn at(core: &Interlock) -> Self {
        let outputs = core.outputs();
        Self { status: core.status(), motion: outputs.motion, relay_1: outputs.relay_1, relay_2: outputs.relay_2 }
    }

    pub const fn on(&self) -> bool {
        self.relay_1 || self.relay_2
    }
}

/// The observer's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Witness {
    pub prev: Pins,
    /// 0 nothing, 1 seen closed, 2 then seen open, 3 then seen closed again: passed.
    pub proof: u8,
    pub press: Press,
    /// A full press and release of the reset since the last person-class trip.
    pub reset_done: bool,
    /// The newest stop is one that needs a person.
    pub latched: bool,
    pub latched_for: u32,
    pub beacon: u32,
    pub heartbeat: u32,
    pub disagree: u32,
    pub unfollowed: u32,
    pub ramp: u32,
    pub standby: u32,
    pub calm: u32,
    /// Age of each return and each link error, newest first; the window's length = forgotten.
    pub returns: [u32; 3],
    pub errors: [u32; 3],
    pub fault: bool,
}

impl Witness {
    pub const fn at_power_up(limits: &Limits, fault: bool) -> Self {
        Self {
            prev: Pins::DEAD,
            proof: 0,
            press: Press::Up,
            reset_done: false,
            latched: false,
            latched_for: 0,
            beacon: limits.beacon + 1,
            heartbeat: limits.heartbeat + 1,
            disagree: 0,
            unfollowed: 0,
            ramp: 0,
            standby: 0,
            calm: 0,
            returns: [limits.returns_window; 3],
            errors: [limits.link_window; 3],
            fault,
        }
    }

    /// What the pins and the word of this tick say by themselves, before the interlock's answer is known.
    pub fn hears(mut self, limits: &Limits, before: &Look, pins: Pins, mail: Mail) -> Self {
        let alive = matches!(mail.word, Some(Word::Heartbeat | Word::Arm { .. }));
        self.heartbeat = counted(self.heartbeat, !alive, limits.heartbeat);
        self.beacon = counted(self.beacon, !pins.beacon_heard, limits.beacon);
        self.returns = self.returns.map(|age| (age + 1).min(limits.returns_window));
        if before.status.phase == Phase::Locked {
            return self;
        }
        self.disagree = counted(self.disagree, pins.ch_a != pins.ch_b, limits.discrepancy);
        let follows = pins.mirror_1 != before.relay_1 && pins.mirror_2 != before.relay_2;
        self.unfollowed = counted(self.unfollowed, !follows, limits.mirror);
        self.proof = self.proof_after(pins);
        self.fault &= self.proof < 3 || self.is_faulty(limits);
        if before.status.phase == Phase::Energised {
            self.errors = (0..mail.link_errors.min(3))
                .fold(self.errors.map(|age| (age + 1).min(limits.link_window)), |[newest, second, _], _| {
                    [0, newest, second]
                });
        }
        let unsettled = matches!(mail.word, Some(Word::Session | Word::Stop { .. }));
        let calm = !unsettled && self.heartbeat <= limits.heartbeat && self.beacon <= limits.beacon;
        self.calm = if before.status.phase == Phase::Standby && calm { limits.healthy.min(self.calm + 1) } else { 0 };
        self.press = self.press_after(limits, pins);
        self
    }

    /// What the interlock's answer adds.
    pub fn sees(mut self, limits: &Limits, before: &Look, pins: Pins, mail: Mail, after: &Look) -> Self {
        let (was, is) = (before.status.phase, after.status.phase);
        if !pins.reset {
            self.reset_done |=
                matches!(self.press, Press::Good(ticks) if (limits.reset_min..=limits.reset_max).contains(&ticks));
            self.press = Press::Up;
        }
        if latches(was, mail.word) || needs_person(was, is) || pins.demand() {
            self.reset_done = false;
            self.press = if pins.reset { Press::Bad } else { Press::Up };
        }
        self.latched = is == Phase::Stopping && (self.latched || latches(was, mail.word));
        if was == Phase::Standby && is == Phase::Energised {
            self.returns = [0, self.returns[0], self.returns[1]];
        }
        if before.on() != after.on() || is == Phase::Locked {
            self.unfollowed = 0;
        }
        if is != Phase::Energised {
            self.errors = [limits.link_window; 3];
        }
        if is != Phase::Standby || was != Phase::Standby {
            self.calm = 0;
        }
        if is == Phase::Locked {
            (self.disagree, self.fault, self.proof) = (0, true, 0);
        }
        self.ramp = if after.motion == Motion::RampDown { (self.ramp + 1).min(limits.stopping + 1) } else { 0 };
        self.standby = if is == Phase::Standby { (self.standby + 1).min(limits.standby + 2) } else { 0 };
        self.prev = pins;
        self
    }

    pub const fn is_faulty(&self, limits: &Limits) -> bool {
        self.disagree > limits.discrepancy || self.unfollowed > limits.mirror
    }

    pub fn returns_within(&self, limits: &Limits) -> u8 {
        self.returns.iter().map(|age| u8::from(*age < limits.returns_window)).sum()
    }

    pub fn errors_within(&self, limits: &Limits) -> u8 {
        self.errors.iter().map(|age| u8::from(*age < limits.link_window)).sum()
    }

    fn proof_after(&self, pins: Pins) -> u8 {
        let mirrors = pins.mirror_1 && pins.mirror_2;
        match (self.proof, pins.ch_a, pins.ch_b) {
            (0, true, true) => 1,
            (1, false, false) => 2,
            (2, true, true) if mirrors => 3,
            (proof, _, _) => proof,
        }
    }

    /// `Good` only if the tick before was well too and had the reset up.
    fn press_after(&self, limits: &Limits, pins: Pins) -> Press {
        let well = |pins: Pins| pins.ch_a && pins.ch_b && pins.mirror_1 && pins.mirror_2;
        let is_well = well(pins) && self.proof == 3;
        match self.press {
            Press::Up if pins.reset && is_well && well(self.prev) && !self.prev.reset => Press::Good(0),
            Press::Up if pins.reset => Press::Bad,
            Press::Up => Press::Up,
            Press::Good(ticks) if is_well => {
                Press::Good(if pins.reset { (ticks + 1).min(limits.reset_max + 1) } else { ticks })
            }
            Press::Good(_) | Press::Bad => Press::Bad,
        }
    }
}

/// A stop that software asked a person for, where there is something to stop.
pub fn latches(was: Phase, word: Option<Word>) -> bool {
    let stoppable = matches!(was, Phase::Released | Phase::Energised | Phase::Stopping | Phase::Standby);
    stoppable && word == Some(Word::Stop { latch: true })
}

fn needs_person(was: Phase, is: Phase) -> bool {
    matches!(is, Phase::Tripped | Phase::Locked)
        && !matches!(was, Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed)
}

fn counted(ticks: u32, goes_on: bool, limit: u32) -> u32 {
    if goes_on { (ticks + 1).min(limit + 1) } else { 0 }
}
