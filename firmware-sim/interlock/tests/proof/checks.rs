//! The invariants I1 to I21 of the interlock, and what else has to hold, each a named check of one tick.
//!
//! Every check says what must be true of a tick, given what was before, what came in, and what the interlock answered.

use interlock::{Cause, Interlock, Limits, Mail, Motion, Phase, Pins, Status, Word};

use crate::plant::Plant;
use crate::witness::{Look, Press, Witness, latches};

/// One tick, with everything an observer knows of it.
pub struct Tick<'a> {
    pub limits: &'a Limits,
    pub core: &'a Interlock,
    pub before: Look,
    pub pins: Pins,
    pub mail: Mail,
    pub after: Look,
    pub next: &'a Interlock,
    /// The observer's account before this tick.
    pub known: &'a Witness,
    /// The account with this tick's pins and word, before the interlock's answer was known.
    pub heard: &'a Witness,
    /// The account after the answer.
    pub seen: &'a Witness,
    pub plant: &'a Plant,
}

/// A name and whether it holds in a tick.
pub type Check = (&'static str, fn(&Tick<'_>) -> bool);

/// All checks of a tick. I16, I17 and I18 are not properties of a tick; see `world`, `main` and `faces`.
pub const CHECKS: [Check; 35] = [
    ("I1 a demand takes both relays off in the same tick", |t| !t.pins.demand() || !t.after.on()),
    ("I2 latched for 2 ticks: no torque, also with one broken part", |t| {
        t.seen.latched_for < 2 || !t.plant.has_torque()
    }),
    ("I3 while off for a person, and while stopping, the agent has no say", non_interference),
    ("I4 on only from Released or Standby, by an Arm of the current epoch", |t| !rises(t) || armed(t)),
    ("I5 on only after a full press and release of the reset", |t| !rises(t) || t.known.reset_done),
    ("I6 the press began while all was well and kept its bounds", |t| !reset_counts(t) || good_press(t)),
    ("I7 an edge of the reset never energises", |t| t.pins.reset == t.known.prev.reset || !rises(t)),
    ("I8 on only after the proof test", |t| !t.after.on() || t.heard.proof == 3),
    ("I9 on only with both mirrors proven closed", |t| !rises(t) || (t.pins.mirror_1 && t.pins.mirror_2)),
    ("I10 a visible weld locks within the bound", |t| t.heard.unfollowed <= t.limits.mirror || is(t, Phase::Locked)),
    ("I11 full motion only while the own beacon is heard", |t| !full(t) || t.heard.beacon <= t.limits.beacon),
    ("I12 full motion only while the agent is heard", |t| !full(t) || t.heard.heartbeat <= t.limits.heartbeat),
    ("I13 a stop ends motion in the same tick and is never weaker than silence", |t| !stops(t) || stop_is_strong(t)),
    ("I14 locked is off, and stays locked", |t| !was(t, Phase::Locked) || (is(t, Phase::Locked) && !t.after.on())),
    ("I15 an Arm of another epoch is never accepted", |t| !arms_other_epoch(t) || !rises(t)),
    ("I19 the epoch changes on every trip, and only then", epoch_counts_trips),
    ("I20 both relays get the same command", |t| t.after.relay_1 == t.after.relay_2),
    ("I21 Standby only with a reset since the last demand, fault or power-up", |t| {
        !is(t, Phase::Standby) || t.seen.reset_done
    }),
    ("S1 outputs are a function of the phase alone", outputs_fit_phase),
    ("S2 the channels disagree for too long: locked", |t| {
        t.heard.disagree <= t.limits.discrepancy || is(t, Phase::Locked)
    }),
    ("S3 locked only for a fault", |t| !is(t, Phase::Locked) || was(t, Phase::Locked) || t.heard.is_faulty(t.limits)),
    ("S4 a demand leads to Tripped", |t| !t.pins.demand() || is(t, Phase::Tripped) || is(t, Phase::Locked)),
    ("S5 the ramp ends after its window, whatever is said", |t| t.seen.ramp <= t.limits.stopping),
    ("S6 the ramp is not cut short, but for a demand or a fault", |t| {
        !was(t, Phase::Stopping) || is(t, Phase::Stopping) || must_cut(t) || t.known.ramp == t.limits.stopping
    }),
    ("S7 where a stop ends", stopping_ends_right),
    ("S8 Standby ends in time", |t| t.seen.standby <= t.limits.standby + 1),
    ("S9 a return needs calm and must be one of the few", |t| !returns(t) || may_return(t)),
    ("S10 too many link errors end motion", |t| !full(t) || t.heard.errors_within(t.limits) < t.limits.link_errors),
    ("S11 a fault is remembered until a proof test passes", |t| t.next.to_store().fault_pending == t.seen.fault),
    ("A1 motion goes on unless there is a reason to stop", |t| {
        !was(t, Phase::Energised) || is(t, Phase::Energised) || stop_reason(t).is_some()
    }),
    ("A2 whoever may be armed is armed", |t| !may_arm(t) || full(t)),
    ("A3 whoever may not be armed waits", waiting_ends_right),
    ("A4 the reset works as its steps say", reset_steps),
    ("A5 the cause is the reason", |t| !is_trip(t) || t.after.status.cause == cause(t)),
    ("A6 the status tells the truth", status_is_true),
];

fn rises(t: &Tick<'_>) -> bool {
    !t.before.on() && t.after.on()
}

fn full(t: &Tick<'_>) -> bool {
    t.after.motion == Motion::Full
}

fn was(t: &Tick<'_>, phase: Phase) -> bool {
    t.before.status.phase == phase
}

fn is(t: &Tick<'_>, phase: Phase) -> bool {
    t.after.status.phase == phase
}

fn epoch(look: &Look) -> u32 {
    look.status.trip_epoch
}

fn stops(t: &Tick<'_>) -> bool {
    matches!(t.mail.word, Some(Word::Stop { .. }))
}

fn armed(t: &Tick<'_>) -> bool {
    let from = was(t, Phase::Released) || was(t, Phase::Standby);
    from && t.mail.word == Some(Word::Arm { epoch: epoch(&t.before) })
}

fn arms_other_epoch(t: &Tick<'_>) -> bool {
    matches!(t.mail.word, Some(Word::Arm { epoch: named }) if named != epoch(&t.before))
}

/// Whether this tick makes the interlock take the reset for done.
fn reset_counts(t: &Tick<'_>) -> bool {
    was(t, Phase::ResetPressed) && is(t, Phase::Released)
}

fn good_press(t: &Tick<'_>) -> bool {
    let bounds = t.limits.reset_min..=t.limits.reset_max;
    !t.pins.reset && matches!(t.heard.press, Press::Good(ticks) if bounds.contains(&ticks))
}

fn must_cut(t: &Tick<'_>) -> bool {
    t.pins.demand() || t.heard.is_faulty(t.limits)
}

/// Words the agent may say: with the current epoch, the ones around it and the extremes.
pub fn words(epoch: u32) -> [Option<Word>; 10] {
    let arm = |epoch| Some(Word::Arm { epoch });
    [
        None,
        Some(Word::Heartbeat),
        arm(epoch),
        arm(epoch.wrapping_sub(1)),
        arm(epoch.wrapping_add(1)),
        arm(0),
        arm(u32::MAX),
        Some(Word::Session),
        Some(Word::Stop { latch: false }),
        Some(Word::Stop { latch: true }),
    ]
}

/// Checked once for each state and pins, not for each word: when the word is none, all others are tried beside it.
///
/// More than the phase has to be the same: everything the interlock remembers, but for whether the agent is there.
fn non_interference(t: &Tick<'_>) -> bool {
    let phase = t.before.status.phase;
    if t.mail != Mail::default() {
        return true;
    }
    words(epoch(&t.before)).into_iter().all(|word| {
        let clean = after(t, word, 0);
        let noise_matters = phase == Phase::Energised;
        (noise_matters || (1..=3).all(|link_errors| clean == after(t, word, link_errors)))
            && match phase {
                Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed | Phase::Locked => same_as_silence(t, word),
                Phase::Stopping if word != Some(Word::Stop { latch: true }) => same_as_silence(t, word),
                Phase::Stopping | Phase::Released | Phase::Energised | Phase::Standby => true,
            }
    })
}

/// A sign of life may only be noted as one; any other word changes nothing at all.
fn same_as_silence(t: &Tick<'_>, word: Option<Word>) -> bool {
    let alive = matches!(word, Some(Word::Heartbeat | Word::Arm { .. }));
    after(t, word, 0) == after(t, alive.then_some(Word::Heartbeat), 0) && shown(&after(t, word, 0)) == shown(t.next)
}

fn shown(core: &Interlock) -> (Status, interlock::Outputs) {
    (core.status(), core.outputs())
}

fn after(t: &Tick<'_>, word: Option<Word>, link_errors: u8) -> Interlock {
    let mut core = *t.core;
    core.step(t.pins, Mail { word, link_errors });
    core
}

/// Compared with what silence in its place would have brought.
fn stop_is_strong(t: &Tick<'_>) -> bool {
    let silent = after(t, None, t.mail.link_errors);
    let not_more = t.after.on() <= silent.outputs().relay_1 && t.after.motion != Motion::Full;
    not_more && ticks_to_energise(t, *t.next) >= ticks_to_energise(t, silent)
}

/// With the best of all agents from now on and nobody touching anything; bounded by what Standby could take at most.
fn ticks_to_energise(t: &Tick<'_>, mut core: Interlock) -> u32 {
    let bound = t.limits.stopping + t.limits.healthy + 4;
    let pins = |core: &Interlock| {
        let off = !core.outputs().relay_1;
        Pins { ch_a: true, ch_b: true, reset: false, mirror_1: off, mirror_2: off, beacon_heard: true }
    };
    (0..bound)
        .find(|_| {
            let word = Some(Word::Arm { epoch: core.status().trip_epoch });
            core.step(pins(&core), Mail { word, link_errors: 0 }).motion == Motion::Full
        })
        .unwrap_or(bound)
}

fn outputs_fit_phase(t: &Tick<'_>) -> bool {
    let expected = match t.after.status.phase {
        Phase::Energised => (true, Motion::Full),
        Phase::Stopping => (true, Motion::RampDown),
        Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed | Phase::Released | Phase::Standby | Phase::Locked => {
            (false, Motion::None)
        }
    };
    (t.after.relay_1, t.after.motion) == expected
}

fn stopping_ends_right(t: &Tick<'_>) -> bool {
    if !was(t, Phase::Stopping) || is(t, Phase::Stopping) || must_cut(t) {
        return true;
    }
    let person = t.known.latched || latches(t.before.status.phase, t.mail.word);
    let worn_out = t.heard.returns_within(t.limits) >= t.limits.returns;
    is(t, if person || worn_out { Phase::Tripped } else { Phase::Standby })
}

fn returns(t: &Tick<'_>) -> bool {
    was(t, Phase::Standby) && rises(t)
}

/// Calm has to have lasted before this tick, and to last in it.
fn may_return(t: &Tick<'_>) -> bool {
    let calm = t.known.calm >= t.limits.healthy && t.heard.heartbeat <= t.limits.heartbeat;
    calm && t.heard.returns_within(t.limits) < t.limits.returns && t.known.standby <= t.limits.standby
}

fn may_arm(t: &Tick<'_>) -> bool {
    let from = was(t, Phase::Released) || (was(t, Phase::Standby) && may_return(t));
    let quiet = mirrors(t) && !t.pins.reset && !t.known.prev.reset;
    from && quiet && !must_cut(t) && t.heard.beacon <= t.limits.beacon && armed(t)
}

fn mirrors(t: &Tick<'_>) -> bool {
    t.pins.mirror_1 && t.pins.mirror_2
}

/// Where Released and Standby lead, when nothing cuts and nothing arms.
fn waiting_ends_right(t: &Tick<'_>) -> bool {
    let phase = t.before.status.phase;
    if !matches!(phase, Phase::Released | Phase::Standby) || must_cut(t) || may_arm(t) {
        return true;
    }
    let too_long = phase == Phase::Standby && t.known.standby > t.limits.standby;
    is(t, if latches(phase, t.mail.word) || too_long { Phase::Tripped } else { phase })
}

/// The steps from Tripped to Released, when nothing cuts.
fn reset_steps(t: &Tick<'_>) -> bool {
    let phase = t.before.status.phase;
    if must_cut(t) {
        return true;
    }
    let expected = match phase {
        Phase::Tripped if t.heard.proof == 3 && mirrors(t) && !t.pins.reset => Phase::ResetArmed,
        Phase::ResetArmed if mirrors(t) => {
            if t.pins.reset {
                Phase::ResetPressed
            } else {
                Phase::ResetArmed
            }
        }
        Phase::ResetPressed if mirrors(t) => pressed_step(t),
        Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed => Phase::Tripped,
        Phase::Released | Phase::Energised | Phase::Stopping | Phase::Standby | Phase::Locked => return true,
    };
    is(t, expected)
}

fn pressed_step(t: &Tick<'_>) -> Phase {
    match (t.heard.press, t.pins.reset) {
        (Press::Good(ticks), true) if ticks <= t.limits.reset_max => Phase::ResetPressed,
        (Press::Good(ticks), false) if ticks >= t.limits.reset_min => Phase::Released,
        (Press::Good(_), false) => Phase::ResetArmed,
        (Press::Good(_), true) | (Press::Bad | Press::Up, _) => Phase::Tripped,
    }
}

/// Why motion has to end, in the order in which reasons count.
fn stop_reason(t: &Tick<'_>) -> Option<Cause> {
    let reasons = [
        (t.heard.disagree > t.limits.discrepancy, Cause::Discrepancy),
        (t.heard.unfollowed > t.limits.mirror, Cause::Mirror),
        (t.pins.demand(), Cause::Button),
        (t.mail.word == Some(Word::Stop { latch: true }), Cause::StopLatched),
        (t.mail.word == Some(Word::Stop { latch: false }), Cause::Stop),
        (t.mail.word == Some(Word::Session), Cause::Session),
        (t.heard.errors_within(t.limits) >= t.limits.link_errors, Cause::Link),
        (t.heard.heartbeat > t.limits.heartbeat, Cause::Heartbeat),
        (t.heard.beacon > t.limits.beacon, Cause::Beacon),
    ];
    reasons.into_iter().find_map(|(holds, cause)| holds.then_some(cause))
}

/// A trip is: a fault, a fresh press of the button, a stop of motion, a word that makes a stop need a person, and the
/// end of patience. The press of the proof test is none.
fn is_trip(t: &Tick<'_>) -> bool {
    let phase = t.before.status.phase;
    if phase == Phase::Locked {
        return false;
    }
    let fresh_press = t.pins.demand() && !t.known.prev.demand() && t.known.proof == 3;
    let worn_out = phase == Phase::Stopping && is(t, Phase::Tripped) && !t.pins.demand() && !t.known.latched;
    let gave_up = matches!(phase, Phase::Released | Phase::Standby) && is(t, Phase::Tripped);
    let began = phase == Phase::Energised && !is(t, Phase::Energised);
    let latched = latches(phase, t.mail.word) && !t.known.latched && !must_cut(t);
    is(t, Phase::Locked) || fresh_press || worn_out || gave_up || began || latched
}

fn cause(t: &Tick<'_>) -> Cause {
    let person = match t.before.status.phase {
        Phase::Stopping => Cause::TooManyReturns,
        Phase::Standby => Cause::StandbyTimeout,
        Phase::Tripped
        | Phase::ResetArmed
        | Phase::ResetPressed
        | Phase::Released
        | Phase::Energised
        | Phase::Locked => Cause::PowerUp,
    };
    match stop_reason(t) {
        Some(cause) if must_cut(t) || cause == Cause::StopLatched || was(t, Phase::Energised) => cause,
        Some(_) | None => person,
    }
}

fn epoch_counts_trips(t: &Tick<'_>) -> bool {
    epoch(&t.after) == epoch(&t.before).wrapping_add(u32::from(is_trip(t)))
}

fn status_is_true(t: &Tick<'_>) -> bool {
    let quiet = mirrors(t) && !t.pins.reset;
    let expected = Status {
        phase: t.after.status.phase,
        cause: t.after.status.cause,
        trip_epoch: t.after.status.trip_epoch,
        standby_ok: is(t, Phase::Standby) && t.seen.calm >= t.limits.healthy && quiet,
        beacon_heard: t.seen.beacon <= t.limits.beacon,
        button_open: t.pins.demand(),
        reset_pressed: t.pins.reset,
        proof_tested: t.seen.proof == 3,
        energised: t.after.on(),
        returns_left: t.limits.returns.saturating_sub(t.seen.returns_within(t.limits)),
    };
    t.after.status == expected && t.next.is_agent_heard() == (t.seen.heartbeat <= t.limits.heartbeat)
}
