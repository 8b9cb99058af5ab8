//! Every number of the interlock, in one table.

/// Times in ticks of 5 ms, and counts. [`Limits::SHIPPED`] is the only value outside tests; it is a parameter so that
/// an exhaustive search can run the same code with times of a few ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Longest disagreement of the button's two channels.
    pub discrepancy: u32,
    /// Longest time a relay may take to follow its command, as its mirror contact shows it.
    pub mirror: u32,
    /// Longest silence of the agent's heartbeat.
    pub heartbeat: u32,
    /// Longest silence of the robot's own beacon.
    pub beacon: u32,
    /// How long a controlled stop lasts before the power goes.
    pub stopping: u32,
    /// Shortest press of the reset.
    pub reset_min: u32,
    /// Longest press of the reset.
    pub reset_max: u32,
    /// How long heartbeat and beacon have to be healthy before a return from Standby.
    pub healthy: u32,
    /// Longest stay in Standby.
    pub standby: u32,
    /// Returns from Standby within `returns_window`; at most 3, the room there is to remember them.
    pub returns: u8,
    /// See `returns`.
    pub returns_window: u32,
    /// Link errors within `link_window` that make a stop; at most 3, the room there is to remember them.
    pub link_errors: u8,
    /// See `link_errors`.
    pub link_window: u32,
}

impl Limits {
    /// Ticks in a second.
    pub const TICKS_PER_S: u32 = 200;

    /// The numbers a robot runs with.
    pub const SHIPPED: Self = Self {
        // 500 ms (SR-08). Two healthy contacts of one button open within some 10 ms of each other; the rest is for a
        // button that is pushed slowly. Either channel alone cuts at once, so this bounds only the lock-out.
        discrepancy: 100,
        // 100 ms (SR-09). A relay of this size drops within 20 ms. Longer means it may be welded.
        mirror: 20,
        // 300 ms (SR-16). Six beats of 50 ms: five may be lost, a hung control loop is noticed within a third of a
        // second.
        heartbeat: 60,
        // 1.5 s (SR-16). The beacon goes out three times a second: four in a row may be lost on the air.
        beacon: 300,
        // 300 ms, a bounded stop category 1 following IEC 60204-1: enough to crouch, and no word of the agent can
        // make it longer.
        stopping: 60,
        // 100 ms and 3 s (SR-06). A shorter press is a bounce, a longer one a reset that is stuck or taped down.
        reset_min: 20,
        reset_max: 600,
        // 2 s: a return is for an agent that is well again, not for one that restarts over and over.
        healthy: 2 * Self::TICKS_PER_S,
        // 10 minutes. After that nobody near the robot expects it to move by itself.
        standby: 600 * Self::TICKS_PER_S,
        // 3 returns in 10 minutes. A fourth means that something is wrong which software does not repair.
        returns: 3,
        returns_window: 600 * Self::TICKS_PER_S,
        // 3 errors in a second (SR-17), while energised. One is noise; three say that the link cannot be trusted.
        link_errors: 3,
        link_window: Self::TICKS_PER_S,
    };
}
