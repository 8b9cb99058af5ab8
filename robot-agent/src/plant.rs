//! Faults planted on purpose, so that a test can show that the verdict finds them. No release build has this file.

use crate::config::Config;
use interlock_link::{Act, FromInterlock, Setpoint, StepCount, ToInterlock};
use robot_core::Change;
use shared::wire::fleet_to_robot::Row;
use std::path::PathBuf;
use std::time::Duration;

/// Which fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plant {
    /// The first pick is done twice.
    Doubled,
    /// Every task row is stored other than it was sent.
    Unequal,
    /// A thread hangs when it is asked to; see [`Hang`].
    Hangs,
}

/// Lets a thread hang for [`HANG`], once each time a file named after it appears in the agent's folder.
#[derive(Debug)]
pub struct Hang {
    trigger: PathBuf,
}

/// Longer than the control loop waits for the driver, and than the firmware waits for the control loop.
const HANG: Duration = Duration::from_secs(3);

impl Hang {
    /// The fault in this thread, if the configuration plants it.
    #[must_use]
    pub fn of(thread: &str, config: &Config) -> Option<Self> {
        (config.plant == Some(Plant::Hangs)).then(|| Self { trigger: config.dir.join(format!("hang-{thread}")) })
    }

    /// Hangs, if it is asked to.
    pub fn if_asked(&self) {
        if std::fs::remove_file(&self.trigger).is_ok() {
            std::thread::sleep(HANG);
        }
    }
}

/// Returns the changes with the title of every task row spoiled, when `armed`.
pub fn spoil(armed: bool, changes: &[Change]) -> Option<Vec<Change>> {
    armed.then(|| changes.iter().map(spoiled).collect())
}

fn spoiled(change: &Change) -> Change {
    let Change::Task { id, row } = change else { return change.clone() };
    let Ok(Row::Task { row: mut task }) = shared::wire::from_bytes(row) else { return change.clone() };
    task.title.push('!');
    Change::Task { id: *id, row: shared::wire::to_bytes(&Row::Task { row: task }) }
}

/// Makes the body do the first pick twice, and hides the first completion from the agent.
#[derive(Debug)]
pub enum Doubling {
    /// Waits for a pick to be finished.
    Watching {
        /// The pick that is asked for now.
        pick: Option<(u64, u8)>,
    },
    /// The pick was finished: names another step for some cycles, so that the body starts this one over.
    Resting {
        /// Which pick.
        pick: (u64, u8),
        /// Cycles left.
        cycles: u8,
    },
    /// The pick is being done again; counts of one are hidden.
    Again {
        /// Which pick.
        pick: (u64, u8),
    },
}

impl Doubling {
    /// Nothing seen yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::Watching { pick: None }
    }

    /// Looks at what the agent asks for and may replace it by rest.
    pub fn outgoing(&mut self, word: ToInterlock) -> ToInterlock {
        let ToInterlock::Setpoint(setpoint) = word else { return word };
        match self {
            Self::Watching { pick } => *pick = (setpoint.act == Act::Pick).then_some((setpoint.order, setpoint.step)),
            Self::Resting { pick, cycles: 0 } => *self = Self::Again { pick: *pick },
            Self::Resting { cycles, .. } => {
                *cycles -= 1;
                return ToInterlock::Setpoint(Setpoint { act: Act::Rest, order: !setpoint.order, ..setpoint });
            }
            Self::Again { .. } => {}
        }
        word
    }

    /// Looks at what the body answers; `None` hides it.
    pub fn incoming(&mut self, word: FromInterlock) -> Option<FromInterlock> {
        let FromInterlock::StepCount(StepCount { order, step, count, .. }) = word else { return Some(word) };
        match self {
            Self::Watching { pick: Some(pick) } if *pick == (order, step) && count == 1 => {
                *self = Self::Resting { pick: *pick, cycles: 4 };
                None
            }
            Self::Resting { pick, .. } | Self::Again { pick } if *pick == (order, step) && count < 2 => None,
            Self::Watching { .. } | Self::Resting { .. } | Self::Again { .. } => Some(word),
        }
    }
}

impl Default for Doubling {
    fn default() -> Self {
        Self::new()
    }
}
