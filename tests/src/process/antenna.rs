//! What truly came through to a robot's receiver, as the simulated antenna wrote it: the witness of every disclosure that
//! can have been heard, which neither the agent nor the verifier behind the antenna can touch.

use super::key_of;
use crate::history;
use anyhow::Result;
use serde::Deserialize;
use shared::beacon::Presence;
use shared::seal::{PublicKey, from_hex};
use shared::time::Instant;
use std::path::{Path, PathBuf};

/// A robot's antenna.
#[derive(Clone, Debug)]
pub struct Antenna {
    log: PathBuf,
    key: PublicKey,
}

/// A hand changed the reception.
#[derive(Clone, Debug, Deserialize)]
struct Change {
    is: String,
    /// The newest packets with the robot's id that came through before, oldest first.
    passed: Vec<Passed>,
}

#[derive(Clone, Debug, Deserialize)]
struct Passed {
    t_ms: u64,
    pack: String,
}

impl Antenna {
    /// The antenna of the robot whose safety controller keeps its files there.
    #[must_use]
    pub fn of(robot: &str, dir: &Path) -> Self {
        Self { log: dir.join("air.jsonl"), key: key_of(robot).public() }
    }

    /// When the last disclosure came through before the newest mute, if that is written and there was one. Whole, canonical
    /// and signed by the robot: what else came through was no disclosure.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn last_before_the_mute(&self) -> Result<Option<Instant>> {
        let changes: Vec<Change> = history::lines_of(&self.log)?;
        let muted = changes.into_iter().rev().find(|change| change.is == "muted");
        let passed = muted.into_iter().flat_map(|change| change.passed).rev();
        Ok(passed.into_iter().find(|passed| self.is_disclosure(passed)).map(|passed| Instant(passed.t_ms)))
    }

    fn is_disclosure(&self, passed: &Passed) -> bool {
        let presence = from_hex(&passed.pack).ok().and_then(|bytes| Presence::read(&bytes).ok());
        presence.is_some_and(|presence| presence.check(&self.key).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::beacon::{BeaconTime, MachineName, PresenceWords, Status, encode_presence};
    use shared::id::RobotId;
    use shared::seal::to_hex;

    #[test]
    fn the_last_that_the_robot_has_signed_counts_and_nothing_behind_it() {
        let dir = tempfile::tempdir().unwrap();
        let name = MachineName::of(&RobotId::parse("r-1").unwrap()).unwrap();
        let words =
            PresenceWords { name, status: Status::Ground, time: BeaconTime::from_ds(9), cseq: 1, head: [0; 16] };
        let own = to_hex(&encode_presence(&key_of("r-1"), &words));
        let forged = to_hex(&encode_presence(&key_of("r-2"), &words));
        let change = |is, passed| json!({"t_ms": 9, "ev": "reception", "is": is, "passed": passed}).to_string() + "\n";
        let passed = json!([{"t_ms": 4, "pack": own}, {"t_ms": 5, "pack": own}, {"t_ms": 6, "pack": forged}]);
        let text = change("muted", json!([])) + &change("clear", json!([])) + &change("muted", passed);
        std::fs::write(dir.path().join("air.jsonl"), text + &change("clear", json!([]))).unwrap();
        assert_eq!(Antenna::of("r-1", dir.path()).last_before_the_mute().unwrap(), Some(Instant(5)));
    }
}
