//! What one entry of a journal tells about energy, motion and disclosure, and when that was on the robot's own clock.
//!
//! Terms: the *moment* is when it was so, the *stamp* when it was written. A safety controller's line is written by the
//! agent some time after it happened; everything else within a few cycles.

use super::believable::LIFE_MS;
use super::lines::place_lines;
use shared::fact::{Fact, GapCause, InterlockPhase};
use shared::firmware_record::Event;
use shared::journal::{Boot, Record};

/// One thing that a journal tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// In which boot of the robot's computer.
    pub boot: Boot,
    /// When it was so, on that boot's monotonic clock, in milliseconds.
    pub at_ms: u64,
    /// When it was written, on the same clock; 0 when that was in a later boot.
    pub stamp_ms: u64,
    /// What.
    pub what: What,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An agent started; whatever the one before had not told is not known from it.
    Started,
    /// The agent was alive.
    Alive,
    /// The entry names a moment that cannot be.
    Unbelievable,
    /// The agent saw the interlock in a phase with energy, or in one without.
    Phase {
        /// Whether the motors had power.
        on: bool,
    },
    /// An event of the safety controller's own record.
    Line {
        /// Its number in that record, which has no holes.
        n: u64,
        /// Whether the motors had power from then on; `None` for an event that changes nothing about it.
        on: Option<bool>,
        /// Why the controller began to take it away, if this is where it began.
        stops: Option<Stop>,
    },
    /// The safety controller's own record says that the body began to move, or moves no more.
    Body {
        /// The event's number.
        n: u64,
        /// Whether it moves from then on.
        moves: bool,
    },
    /// The safety controller's own record says that it took a disclosure, and no other one before the next event.
    Took {
        /// The event's number.
        n: u64,
    },
    /// The newest sign that a process left which did not end in order, told by the one after it.
    LivedUntil {
        /// It would have left another one within so long, in milliseconds.
        within_ms: u64,
    },
    /// The safety controller started: the power was off before it, and it cannot tell since when.
    Woke {
        /// The event's number in its record.
        n: u64,
    },
    /// The robot's own receiver began to hear its disclosure.
    Heard,
    /// The robot's own receiver heard the last disclosure, for now.
    Unheard(Cause),
    /// The body began to move.
    Moves,
    /// The body moves no more.
    Rests,
}

/// Why a controller takes the energy away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It did not hear the robot's disclosure.
    Beacon,
    /// It did not hear the agent, or another one greeted it.
    Agent,
    /// Anything else: a button, a fault, a word.
    Other,
}

/// Why a robot was not heard to disclose itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It was sent and not heard: the radio was muted or jammed.
    NotHeard,
    /// It was not sent: the radio refused, or the control loop withheld it.
    NotSent,
    /// The safety controller was not heard, so nobody knows what it heard.
    LinkLost,
    /// The agent ended in order.
    Ended,
    /// The agent died, and nothing signs without it.
    Died,
    /// The computer had started and the first disclosure was not heard yet.
    Starting,
}

impl Cause {
    /// Its word in tables and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotHeard => "not_heard",
            Self::NotSent => "not_sent",
            Self::LinkLost => "link_lost",
            Self::Ended => "ended",
            Self::Died => "died",
            Self::Starting => "starting",
        }
    }
}

impl From<GapCause> for Cause {
    fn from(cause: GapCause) -> Self {
        match cause {
            GapCause::NotHeard => Self::NotHeard,
            GapCause::NotSent => Self::NotSent,
            GapCause::LinkLost => Self::LinkLost,
            GapCause::Ended => Self::Ended,
        }
    }
}

/// What the records of a robot tell, oldest first. A controller's line that belongs to another boot than the record that
/// carried it is told for that one.
#[must_use]
pub fn signs<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut lines = Vec::new();
    for record in records {
        let (boot, stamp_ms) = (record.entry.boot, record.entry.mono_ms);
        let sign = |at_ms, what| Sign { boot, at_ms, stamp_ms, what };
        match record.fact() {
            Some(Fact::LivedUntil { boot: lived_in, mono_ms, within_ms }) => {
                let is_known = signs.iter().rev().any(|before: &Sign| before.boot == lived_in);
                let is_past = lived_in != boot || mono_ms <= stamp_ms;
                let told =
                    Sign { boot: lived_in, at_ms: mono_ms, stamp_ms: mono_ms, what: What::LivedUntil { within_ms } };
                signs.push(if is_known && is_past { told } else { sign(stamp_ms, What::Alive) });
            }
            Some(Fact::Firmware { line }) => {
                let event = Event::parse(&line).ok();
                let is_absurd = event.as_ref().is_some_and(|event| event.what().t_ms > LIFE_MS);
                lines.extend(event.filter(|_| !is_absurd).map(|event| (signs.len(), event)));
                signs.push(sign(stamp_ms, if is_absurd { What::Unbelievable } else { What::Alive }));
            }
            Some(fact) => signs.push(told(&fact, stamp_ms, sign)),
            None => signs.push(sign(stamp_ms, What::Alive)),
        }
    }
    place_lines(&mut signs, &mut lines);
    signs
}

fn told(fact: &Fact, stamp_ms: u64, sign: impl Fn(u64, What) -> Sign) -> Sign {
    match fact {
        Fact::AgentStarted { .. } => sign(stamp_ms, What::Started),
        Fact::Interlock { now } => sign(stamp_ms, What::Phase { on: has_energy(now.phase) }),
        // No moment is later than the record that tells it.
        Fact::DisclosureHeard { mono_ms } => sign(stamp_ms.min(*mono_ms), What::Heard),
        Fact::DisclosureGap { cause, mono_ms } => sign(stamp_ms.min(*mono_ms), What::Unheard((*cause).into())),
        Fact::MotionBegan { mono_ms } => sign(stamp_ms.min(*mono_ms), What::Moves),
        Fact::MotionEnded { mono_ms } => sign(stamp_ms.min(*mono_ms), What::Rests),
        _ => sign(stamp_ms, What::Alive),
    }
}

/// A controlled stop still has energy: the robot crouches with it.
const fn has_energy(phase: InterlockPhase) -> bool {
    match phase {
        InterlockPhase::Energised | InterlockPhase::Stopping => true,
        InterlockPhase::Tripped
        | InterlockPhase::ResetArmed
        | InterlockPhase::ResetPressed
        | InterlockPhase::Released
        | InterlockPhase::Standby
        | InterlockPhase::Locked => false,
    }
}

/// What a controller's event says of energy and motion.
pub(super) fn energy_of(event: &Event) -> What {
    let n = event.n();
    let on = match event.what().ev.as_str() {
        "power_up" => return What::Woke { n },
        "heard" => return What::Took { n },
        "moves" => return What::Body { n, moves: true },
        "rests" => return What::Body { n, moves: false },
        "energised" | "stopping" => Some(true),
        "trip" | "standby" | "locked" | "released" | "body_died" => Some(false),
        _ => None,
    };
    What::Line { n, on, stops: stop_of(event) }
}

fn stop_of(event: &Event) -> Option<Stop> {
    let begins = ["stopping", "trip", "locked"].contains(&event.what().ev.as_str());
    begins.then_some(match event.what().cause.as_str() {
        "beacon" => Stop::Beacon,
        "heartbeat" | "session" => Stop::Agent,
        _ => Stop::Other,
    })
}

#[cfg(test)]
mod tests;
