//! Watches the interlock, the hands at the panel and what the body does, and turns every change into an event for the
//! firmware's record.

use super::trace::Trace;
use crate::plant::Plant;
use crate::record::news::News;
use crate::record::{Entry, Recorder};
use crate::words::cause_word;
use interlock::{Phase, Status};
use shared::time::Instant;

#[derive(Debug)]
pub(super) struct Watch {
    boot: u64,
    last: Option<Status>,
    has_body_died: bool,
    trace: Trace,
}

impl Watch {
    pub(super) fn new(boot: u64) -> Self {
        Self { boot, last: None, has_body_died: false, trace: Trace::default() }
    }

    /// Whether the newest power-up was because the body died.
    pub(super) const fn has_body_died(&self) -> bool {
        self.has_body_died
    }

    /// What the body reports of its motion.
    pub(super) fn see_body(&mut self, is_moving: bool, now: Instant) {
        self.trace.see(is_moving, now);
    }

    /// The receiver took a disclosure.
    pub(super) const fn hear(&mut self, now: Instant) {
        self.trace.hear(now);
    }

    pub(super) fn powered_up(&mut self, status: &Status, now: Instant, recorder: &Recorder) {
        self.last = Some(*status);
        self.write("power_up", status, now, recorder);
    }

    pub(super) fn body_died(&mut self, status: &Status, now: Instant, recorder: &Recorder) {
        self.has_body_died = true;
        self.write("body_died", status, now, recorder);
    }

    /// The power went and came; this is the start it counts as.
    pub(super) const fn power_cycled(&mut self, boot: u64) {
        self.boot = boot;
        self.has_body_died = false;
    }

    /// Compares the interlock with the tick before; `true` when a press began that is no proof test.
    pub(super) fn look(&mut self, status: &Status, now: Instant, recorder: &Recorder) -> bool {
        let Some(last) = self.last.replace(*status) else { return false };
        for word in changes(&last, status) {
            self.write(word, status, now, recorder);
        }
        is_press(&last, status)
    }

    /// Compares the actuators before and after an act of a person.
    pub(super) fn hands(&mut self, before: &Plant, after: &Plant, status: &Status, now: Instant, recorder: &Recorder) {
        let button = (before.button.is_pressed, after.button.is_pressed);
        let reset = (before.reset.is_pressed, after.reset.is_pressed);
        let words = [edge(button, "button_pressed", "button_released"), edge(reset, "reset_pressed", "reset_released")];
        for word in words.into_iter().flatten() {
            self.write(word, status, now, recorder);
        }
    }

    /// Writes what was seen before, then the event: the record's times never fall.
    fn write(&mut self, ev: &'static str, status: &Status, now: Instant, recorder: &Recorder) {
        let (boot, trip_epoch, cause) = (self.boot, status.trip_epoch, cause_word(status.cause));
        for (at, ev) in self.trace.take(now).chain([(now, ev)]) {
            recorder.keep(Entry::Event(News { at, boot, trip_epoch, ev, cause }));
        }
    }
}

/// The first press after power-up is the test of the button, unless the interlock has locked since.
fn is_press(last: &Status, now: &Status) -> bool {
    let begins = now.button_open && !last.button_open;
    begins && (last.proof_tested || last.phase == Phase::Locked)
}

const fn edge((before, after): (bool, bool), rise: &'static str, fall: &'static str) -> Option<&'static str> {
    match (before, after) {
        (false, true) => Some(rise),
        (true, false) => Some(fall),
        (false, false) | (true, true) => None,
    }
}

fn changes(last: &Status, now: &Status) -> Vec<&'static str> {
    let mut words = Vec::new();
    if now.proof_tested && !last.proof_tested {
        words.push("proof_tested");
    }
    if now.trip_epoch != last.trip_epoch {
        words.push(trip_word(now.phase));
    } else if now.phase != last.phase {
        words.extend(phase_words(last.phase, now.phase));
    }
    words
}

const fn trip_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Stopping => "stopping",
        Phase::Locked => "locked",
        Phase::Tripped
        | Phase::ResetArmed
        | Phase::ResetPressed
        | Phase::Released
        | Phase::Energised
        | Phase::Standby => "trip",
    }
}

/// A change of phase within one trip.
const fn phase_words(from: Phase, to: Phase) -> &'static [&'static str] {
    match (from, to) {
        (Phase::ResetArmed | Phase::ResetPressed, Phase::Tripped) | (Phase::ResetPressed, Phase::ResetArmed) => {
            &["reset_refused"]
        }
        (_, Phase::Tripped) => &["trip"],
        (_, Phase::ResetArmed | Phase::ResetPressed) => &[],
        (_, Phase::Released) => &["reset", "released"],
        (_, Phase::Energised) => &["energised"],
        (_, Phase::Stopping) => &["stopping"],
        (_, Phase::Standby) => &["standby"],
        (_, Phase::Locked) => &["locked"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use interlock::{Interlock, Limits, Stored};

    fn status(phase: Phase, trip_epoch: u32, proof_tested: bool) -> Status {
        let stored = Stored { epoch_mark: 0, fault_pending: false };
        Status { phase, trip_epoch, proof_tested, ..Interlock::power_up(Limits::SHIPPED, stored).status() }
    }

    #[test]
    fn every_change_has_its_words_and_no_change_has_none() {
        let changed =
            |from: (Phase, u32), to: (Phase, u32)| changes(&status(from.0, from.1, true), &status(to.0, to.1, true));
        assert_eq!(changed((Phase::Energised, 1), (Phase::Tripped, 2)), ["trip"]);
        assert_eq!(changed((Phase::Energised, 1), (Phase::Stopping, 2)), ["stopping"]);
        assert_eq!(changed((Phase::Stopping, 2), (Phase::Standby, 2)), ["standby"]);
        assert_eq!(changed((Phase::ResetPressed, 2), (Phase::Released, 2)), ["reset", "released"]);
        assert_eq!(changed((Phase::ResetPressed, 2), (Phase::ResetArmed, 2)), ["reset_refused"]);
        assert_eq!(changed((Phase::Tripped, 2), (Phase::Tripped, 3)), ["trip"]);
        assert!(changed((Phase::Tripped, 2), (Phase::Tripped, 2)).is_empty());
        let tested = changes(&status(Phase::Tripped, 1, false), &status(Phase::Tripped, 1, true));
        assert_eq!(tested, ["proof_tested"]);
    }
}
