//! Stories in which the agent that a test plays must not fall silent, on a machine that may be too busy for that.

use super::Rig;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How long the firmware waits for a heartbeat, less the time between two and what a frame needs on its way.
const SILENCE_MS_FAIR: u64 = 200;
/// How often a story is played again whose agent the machine kept silent.
const ATTEMPTS: u32 = 6;

/// Plays a story in which the agent must not be silent. A failure counts unless this test was itself kept from beating for
/// so long that the firmware had to stop the robot: then the story has shown nothing, and begins anew.
pub fn fairly(story: impl Fn(&mut Rig)) {
    for attempt in 1..=ATTEMPTS {
        let mut rig = Rig::start();
        let played = catch_unwind(AssertUnwindSafe(|| story(&mut rig)));
        let Err(failure) = played else { return };
        if !rig.was_starved() || attempt == ATTEMPTS {
            resume_unwind(failure);
        }
        println!("attempt {attempt}: the machine kept the agent silent for too long; once more");
    }
}

impl Rig {
    /// Whether the machine kept this test from beating in time.
    fn was_starved(&self) -> bool {
        self.silence_ms_max >= SILENCE_MS_FAIR
    }
}
