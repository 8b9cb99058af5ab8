//! The beat of this program: everything that decides does so once a tick.

/// Length of a tick, in milliseconds. The interlock's limits are counted in ticks, and what was heard on the air is stamped with the
/// tick it was heard in.
pub const TICK_MS: u64 = 5;
