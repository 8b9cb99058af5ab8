//! The words between firmware and body: what may be done, what is wanted, what was done.

use interlock_link::Act;

/// What the motors may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Torque {
    /// Nothing: no torque.
    #[default]
    Off = 0,
    /// Only slow down.
    Ramp = 1,
    /// Follow the goal.
    On = 2,
}

/// What the agent wants done, as the firmware passes it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Which order.
    pub order: u64,
    /// Which of its steps.
    pub step: u8,
    /// What is to be done; `Rest` only names the step.
    pub act: Act,
    /// Target of a walk, centimetres east.
    pub x_cm: i16,
    /// Target of a walk, centimetres north.
    pub y_cm: i16,
    /// Tenths of a second of work, or percent of charge.
    pub amount: u16,
    /// Number of the agent's session since the firmware started.
    pub session: u32,
}

impl Default for Goal {
    fn default() -> Self {
        Self { order: 0, step: 0, act: Act::Rest, x_cm: 0, y_cm: 0, amount: 0, session: 0 }
    }
}

/// Something that belongs in the truth log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The first torque was spent on the step.
    Begun {
        /// Which order.
        order: u64,
        /// Which step.
        step: u8,
        /// What is done.
        act: Act,
    },
    /// The step is done.
    Finished {
        /// Which order.
        order: u64,
        /// Which step.
        step: u8,
        /// What was done.
        act: Act,
        /// How often the step is done now.
        count: u8,
    },
}
