//! In which boot of the robot's computer each event of the safety controller happened.
//!
//! An agent carries the events into its journal some time later, in any order, perhaps in another boot. The controller's clock
//! begins anew with each boot of the machine, and so does the controller: a *run* is what it wrote from one start to the
//! next, and lies in one boot as a whole.

use super::sign::{Sign, Stop, What};
use shared::firmware_record::Event;
use shared::journal::Boot;

/// Puts each event where its record stands, in the boot it happened in. A run of which nobody can tell where it belongs stays
/// out: a boot without an agent, in which nothing was ever on.
pub(super) fn place_lines(signs: &mut [Sign], lines: &mut [(usize, Event)]) {
    // An agent may carry the lines in any order.
    lines.sort_by_key(|(_, event)| event.n());
    let mut boots: Vec<Boot> = Vec::new();
    for sign in signs.iter() {
        if !boots.contains(&sign.boot) {
            boots.push(sign.boot);
        }
    }
    let mut next = None;
    for run in runs(lines).into_iter().rev() {
        let Some(place) = run.place(signs, &boots, next) else { continue };
        next = Some((place, run.first_ms()));
        let boot = boots[place];
        for (at, event) in run.0 {
            let sign = signs[*at];
            let stamp_ms = if boot == sign.boot { sign.stamp_ms } else { 0 };
            signs[*at] = Sign { boot, at_ms: event.what().t_ms, stamp_ms, what: energy_of(event) };
        }
    }
}

/// What the controller wrote between two of its starts.
struct Run<'a>(&'a [(usize, Event)]);

fn runs(lines: &[(usize, Event)]) -> Vec<Run<'_>> {
    let is_one = |before: &(usize, Event), after: &(usize, Event)| {
        !is_start(&after.1)
            && before.1.what().boot == after.1.what().boot
            && before.1.what().t_ms <= after.1.what().t_ms
    };
    lines.chunk_by(is_one).map(Run).collect()
}

fn is_start(event: &Event) -> bool {
    event.what().ev == "power_up"
}

impl Run<'_> {
    fn first_ms(&self) -> u64 {
        self.0.first().map_or(0, |(_, event)| event.what().t_ms)
    }

    fn last_ms(&self) -> u64 {
        self.0.last().map_or(0, |(_, event)| event.what().t_ms)
    }

    /// The place of its boot: not after the first record that tells of it, nor after the boot of the run behind it. Where the
    /// clocks contradict that, it was the boot before.
    fn place(&self, signs: &[Sign], boots: &[Boot], next: Option<(usize, u64)>) -> Option<usize> {
        let place_of = |boot: Boot| boots.iter().position(|known| *known == boot).unwrap_or(0);
        let told = self.0.iter().map(|(at, _)| place_of(signs[*at].boot)).min().unwrap_or(0);
        let place = next.map_or(told, |(place, _)| place.min(told));
        let is_later =
            |(at, event): &(usize, Event)| signs[*at].boot == boots[place] && event.what().t_ms > signs[*at].stamp_ms;
        let is_behind_next = next.is_some_and(|(after, first_ms)| after == place && self.last_ms() > first_ms);
        if !is_behind_next && !self.0.iter().any(is_later) {
            return Some(place);
        }
        (!self.was_without_agent()).then_some(place.saturating_sub(1))
    }

    /// It is whole, and the energy was never on: no agent has to have been there.
    fn was_without_agent(&self) -> bool {
        let is_on = |(_, event): &(usize, Event)| matches!(energy_of(event), What::Line { on: Some(true), .. });
        self.0.first().is_some_and(|(_, event)| is_start(event)) && !self.0.iter().any(is_on)
    }
}

/// What a controller's event says of energy and motion.
fn energy_of(event: &Event) -> What {
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
mod tests {
    use super::*;
    use shared::firmware_record::Happening;
    use shared::seal::{Hash, SigningKey};

    fn event(n: u64, boot: u64, t_ms: u64, ev: &str) -> Event {
        let what = Happening { t_ms, boot, trip_epoch: 1, ev: ev.into(), cause: "button".into() };
        Event::seal(what, n, Hash::default(), &SigningKey::from_seed(&[1; 32]))
    }

    /// Each event with the boot and the moment at which it was told; the boot and moment where it is placed, if it is.
    fn placed(told: &[(u64, u64, Event)]) -> Vec<Option<(u64, u64)>> {
        let sign = |(boot, stamp_ms, _): &(u64, u64, Event)| Sign {
            boot: Boot(*boot),
            at_ms: *stamp_ms,
            stamp_ms: *stamp_ms,
            what: What::Alive,
        };
        let mut signs: Vec<Sign> = told.iter().map(sign).collect();
        let mut lines: Vec<(usize, Event)> =
            told.iter().enumerate().map(|(at, (_, _, event))| (at, event.clone())).collect();
        place_lines(&mut signs, &mut lines);
        signs.iter().map(|sign| (sign.what != What::Alive).then_some((sign.boot.0, sign.at_ms))).collect()
    }

    #[test]
    fn a_run_lies_in_the_boot_in_which_any_of_its_events_was_told_first() {
        let told = [
            (7, 500, event(1, 1, 10, "power_up")),
            (3, 900, event(3, 2, 10, "power_up")),
            (3, 900, event(2, 1, 700, "standby")),
            (3, 5_000, event(4, 2, 4_000, "energised")),
        ];
        let wanted = [Some((7, 10)), Some((3, 10)), Some((7, 700)), Some((3, 4_000))];
        assert_eq!(placed(&told), wanted, "700 ms is no contradiction in boot 3, but its run began in boot 7");
    }

    #[test]
    fn a_boot_in_which_no_agent_ran_is_in_no_other_boots_record() {
        let told = [
            (1, 9_000, event(1, 1, 10, "power_up")),
            (1, 9_000, event(2, 1, 5_000, "energised")),
            (2, 900, event(3, 2, 10, "power_up")),
            (2, 900, event(4, 2, 8_000, "trip")),
            (2, 900, event(5, 3, 20, "power_up")),
        ];
        assert_eq!(placed(&told)[2..], [None, None, Some((2, 20))]);
    }
}
