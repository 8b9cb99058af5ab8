//! What holds the promises to account: the verdict on a run, the processes a test starts, the simulated world.

pub mod browser;
pub mod clock;
pub mod history;
pub mod kills;
pub mod mute;
pub mod process;
pub mod told;
pub mod verdict;
pub mod world;
