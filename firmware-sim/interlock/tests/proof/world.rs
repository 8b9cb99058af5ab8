//! The shipped interlock, its plant and its observer as one system.

use std::hash::{Hash, Hasher};

use interlock::{Interlock, Limits, Mail, Phase, Stored};

use crate::checks::{CHECKS, Tick};
use crate::plant::{Fault, Moves, Plant};
use crate::rescue;
use crate::witness::{Look, Witness};

/// The system between two ticks.
#[derive(Clone, Copy, Debug)]
pub struct World {
    pub core: Interlock,
    pub plant: Plant,
    pub witness: Witness,
    /// A bit for each check that did not hold in the tick that led here.
    pub broken: u64,
}

/// The epoch is left out: it only ever matters whether it equals that of an `Arm`, and the words are chosen around it.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.core.memory().hash(state);
        self.plant.hash(state);
        self.witness.hash(state);
        self.broken.hash(state);
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.core.memory() == other.core.memory()
            && (self.plant, self.witness, self.broken) == (other.plant, other.witness, other.broken)
    }
}

impl World {
    /// Nobody has touched anything; the power just came on.
    pub const fn new(limits: &Limits) -> Self {
        let core = Interlock::power_up(*limits, Stored { epoch_mark: 10_000, fault_pending: false });
        Self { core, plant: Plant::new(), witness: Witness::at_power_up(limits, false), broken: 0 }
    }

    /// After one tick.
    pub fn ticked(&self, limits: &Limits, moves: Moves, beacon_heard: bool, mail: Mail, late: (bool, bool)) -> Self {
        let plant = self.plant.moved(moves);
        let pins = plant.pins(beacon_heard);
        let before = Look::at(&self.core);
        let heard = self.witness.hears(limits, &before, pins, mail);
        let mut core = self.core;
        let outputs = core.step(pins, mail);
        let after = Look::at(&core);
        let plant = plant.driven(outputs, late);
        let mut witness = heard.sees(limits, &before, pins, mail, &after);
        witness.latched_for =
            if plant.latched && self.plant.latched { (self.witness.latched_for + 1).min(2) } else { 0 };
        let tick = Tick {
            limits,
            core: &self.core,
            before,
            pins,
            mail,
            after,
            next: &core,
            known: &self.witness,
            heard: &heard,
            seen: &witness,
            plant: &plant,
        };
        let broken = CHECKS.iter().enumerate().filter(|(_, (_, holds))| !holds(&tick)).map(|(bit, _)| 1 << bit).sum();
        Self { core, plant, witness, broken }
    }

    pub fn power_cycled(&self, limits: &Limits) -> Self {
        let stored = self.core.to_store();
        let core = Interlock::power_up(*limits, stored);
        let plant = self.plant.driven(core.outputs(), (false, false));
        let latched_for = self.witness.latched_for;
        let witness = Witness { latched_for, ..Witness::at_power_up(limits, stored.fault_pending) };
        Self { core, plant, witness, broken: 0 }
    }

    pub fn broken_by(&self, fault: Fault) -> Self {
        Self { plant: self.plant.broken_by(fault), ..*self }
    }

    pub fn can_be_rescued(&self) -> bool {
        let excused = self.core.phase() == Phase::Locked || self.plant.fault.is_some();
        excused || rescue::succeeds(self.core, self.plant)
    }
}
