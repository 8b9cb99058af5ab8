//! Tries everything, with the `stateright` crate.
//!
//! At every tick a person may do anything, contacts and relays may lag, the beacon may be heard or not, the agent may
//! say anything, the power may fail; with one fault allowed, any part may break at any moment.

use std::time::Instant;

use interlock::{Cause, Interlock, Limits, Mail, Phase, Word};
use stateright::{Checker, Expectation, HasDiscoveries, Model, Path, Property};

use crate::checks::{CHECKS, words};
use crate::faces;
use crate::plant::{Fault, Moves};
use crate::world::World;

/// What the interlock's memory may take, in bytes.
const BYTES_MAX: usize = 160;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    pub name: &'static str,
    pub limits: Limits,
    pub faults: bool,
}

/// What may happen in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Tick { moves: Moves, beacon_heard: bool, mail: Mail, late: (bool, bool) },
    PowerCycle,
    Break(Fault),
}

/// What was found.
pub struct Outcome {
    pub name: &'static str,
    pub states: usize,
    pub transitions: usize,
    pub seconds: f64,
    pub rows: Vec<Row>,
}

/// One invariant.
pub struct Row {
    pub name: &'static str,
    pub holds: bool,
    /// How it can be broken, tick by tick.
    pub story: Vec<String>,
}

impl Search {
    /// Tries everything, or stops at the first violation.
    pub fn run(&self) -> Outcome {
        let began = now();
        let checker = self.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        let discoveries = checker.discoveries();
        let row = |property: Property<Self>| {
            let path = discoveries.get(property.name);
            let holds = matches!(property.expectation, Expectation::Sometimes) == path.is_some();
            let story = path.filter(|_| !holds).map(story).unwrap_or_default();
            Row { name: property.name, holds, story }
        };
        let mut rows: Vec<Row> = self.properties().into_iter().map(row).collect();
        // A search that ended at a violation says nothing of what it did not come across.
        if rows.iter().any(|row| !row.story.is_empty()) {
            rows.retain(|row| row.holds || !row.story.is_empty());
        }
        // It came to the end without a panic, with arithmetic checked.
        let is_total = checker.is_done() && is_small::<Interlock>();
        rows.push(Row { name: "I17 step is total, in constant memory", holds: is_total, story: Vec::new() });
        let doors = faces::doors_to_pins();
        rows.push(Row { name: "I18 no function makes pins from bytes", holds: doors.is_empty(), story: doors });
        Outcome {
            name: self.name,
            states: checker.unique_state_count(),
            transitions: checker.state_count(),
            seconds: began.elapsed().as_secs_f64(),
            rows,
        }
    }

    /// Where nothing the agent says matters (I3, tried for every word), whether it is there is all that is told apart.
    /// Link errors matter only while energised (I3 tries them everywhere).
    fn mails(core: &Interlock) -> Vec<Mail> {
        let words = words(core.status().trip_epoch);
        let mail = |link_errors| move |word| Mail { word, link_errors };
        match core.phase() {
            Phase::Tripped | Phase::ResetArmed | Phase::ResetPressed | Phase::Locked => {
                [None, Some(Word::Heartbeat)].map(mail(0)).to_vec()
            }
            Phase::Released | Phase::Stopping | Phase::Standby => words.map(mail(0)).to_vec(),
            Phase::Energised => (0..=2).flat_map(|errors| words.map(mail(errors))).collect(),
        }
    }

    /// A relay can only lag behind a command that just changed.
    fn lags(state: &World, moves: Moves, beacon_heard: bool, mail: Mail) -> &'static [(bool, bool)] {
        let mut core = state.core;
        let was_on = core.outputs().relay_1;
        let outputs = core.step(state.plant.moved(moves).pins(beacon_heard), mail);
        if outputs.relay_1 == was_on {
            &[(false, false)]
        } else {
            &[(false, false), (true, false), (false, true), (true, true)]
        }
    }
}

impl Model for Search {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.limits)]
    }

    fn actions(&self, state: &World, events: &mut Vec<Event>) {
        if state.broken != 0 {
            return;
        }
        for moves in state.plant.moves() {
            for beacon_heard in [true, false] {
                for mail in Self::mails(&state.core) {
                    for &late in Self::lags(state, moves, beacon_heard, mail) {
                        events.push(Event::Tick { moves, beacon_heard, mail, late });
                    }
                }
            }
        }
        events.push(Event::PowerCycle);
        if self.faults && state.plant.fault.is_none() {
            events.extend(Fault::ALL.map(Event::Break));
        }
    }

    fn next_state(&self, state: &World, event: Event) -> Option<World> {
        Some(match event {
            Event::Tick { moves, beacon_heard, mail, late } => {
                state.ticked(&self.limits, moves, beacon_heard, mail, late)
            }
            Event::PowerCycle => state.power_cycled(&self.limits),
            Event::Break(fault) => state.broken_by(fault),
        })
    }

    /// One property for each check, under its name; I16; and what has to be come across.
    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! properties {
            ($($bit:literal)*) => { vec![$(Property::always(CHECKS[$bit].0, holds::<$bit>)),*] };
        }
        let mut all = properties![
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34
        ];
        assert_eq!(all.len(), CHECKS.len(), "every check is a property");
        all.push(Property::always("I16 with healthy hardware a person gets back to energised", rescued));
        all.extend(reached(self.faults));
        all
    }
}

/// A copy is all there is of it, so it owns no memory elsewhere; and it has a bound.
const fn is_small<T: Copy>() -> bool {
    size_of::<T>() <= BYTES_MAX
}

fn holds<const BIT: usize>(_: &Search, state: &World) -> bool {
    state.broken & (1 << BIT) == 0
}

fn rescued(_: &Search, state: &World) -> bool {
    state.can_be_rescued()
}

/// What the search must come across, so that a model in which something cannot happen is not taken for a proof. A
/// mirror contact only fails with a broken part.
fn reached(faults: bool) -> Vec<Property<Search>> {
    macro_rules! reached {
        ($field:ident: $($value:path),*) => {
            vec![$(Property::sometimes(concat!("reached: ", stringify!($value)), |_, state: &World| {
                state.core.status().$field == $value
            })),*]
        };
    }
    let mut all = reached![phase: Phase::Tripped, Phase::ResetArmed, Phase::ResetPressed, Phase::Released,
        Phase::Energised, Phase::Stopping, Phase::Standby, Phase::Locked];
    all.extend(reached![cause: Cause::PowerUp, Cause::Button, Cause::Discrepancy, Cause::StopLatched, Cause::Stop,
        Cause::Heartbeat, Cause::Beacon, Cause::Link, Cause::Session, Cause::StandbyTimeout, Cause::TooManyReturns]);
    if faults {
        all.extend(reached![cause: Cause::Mirror]);
    }
    all
}

fn story(path: &Path<World, Event>) -> Vec<String> {
    let ticks = path.clone().into_vec();
    let line = |(state, event): &(World, Option<Event>)| {
        let status = state.core.status();
        let next = event.map_or(String::new(), |event| format!("; then {event:?}"));
        format!("{:?}, {:?}, epoch {}{next}", status.phase, status.cause, status.trip_epoch)
    };
    ticks.iter().map(line).collect()
}

impl Outcome {
    /// One line for a program.
    pub fn to_json(&self, as_committed: bool) -> String {
        let row = |row: &Row| format!(r#"{{"name":"{}","holds":{}}}"#, row.name, row.holds);
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        format!(
            r#"{{"search":"{}","states":{},"transitions":{},"seconds":{:.1},"as_committed":{as_committed},"invariants":[{}]}}"#,
            self.name,
            self.states,
            self.transitions,
            self.seconds,
            rows.join(",")
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "how long the proof took is printed, nothing depends on it")]
fn now() -> Instant {
    Instant::now()
}
