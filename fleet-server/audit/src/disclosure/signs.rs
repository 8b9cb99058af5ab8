//! The records of a robot, read into the signs they give of energy, motion and disclosure.
//!
//! Leaves to others: where on the robot's clock a controller's line belongs (`lines`), which signs can be believed (`believable`).

use super::believable::LIFE_MS;
use super::lines::place_lines;
use super::sign::{Sign, What};
use shared::fact::{Fact, InterlockPhase};
use shared::firmware_record::Event;
use shared::journal::Record;

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
        Fact::DisclosureStarted { .. } => sign(stamp_ms, What::Key),
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

#[cfg(test)]
mod tests;
