//! The only file of the auditor's tool that reads a clock.

use shared::beacon::BeaconTime;
use shared::time::WallTime;
use std::time::SystemTime;

/// Now, as this machine's calendar claims: a bystander has nothing better.
#[must_use]
pub fn now() -> BeaconTime {
    #[expect(clippy::disallowed_methods, reason = "the auditor's one reader of the clock")]
    let now = SystemTime::now();
    // A calendar before 1970 is one before 2019: everything is from the future then, and is told to be.
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    BeaconTime::from_wall(WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)))
}
