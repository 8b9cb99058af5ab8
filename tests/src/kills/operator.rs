//! Somebody who gives work and withdraws most of it, and remembers what the server said it had.

use super::ROBOTS;
use crate::clock::until;
use crate::process::Rest;
use crate::verdict::history::History;
use crate::world::random::Random;
use anyhow::Result;
use serde_json::{Value, json};
use shared::time::Millis;
use std::collections::BTreeSet;

/// How long a server that was just started may take to answer, on a busy machine.
const ANSWERS_WITHIN: Millis = Millis::secs(60);
/// Every so many cycles work is given that is not withdrawn: robots have to have something to do twice.
const LASTING_EVERY: u32 = 3;
const ZONES: [&str; 3] = ["near", "store", "cell"];

#[derive(Debug, Default)]
pub(super) struct Operator {
    told: BTreeSet<String>,
}

impl Operator {
    /// Gives each robot an order and takes it away again; now and then one robot keeps one.
    pub(super) fn acts(&mut self, rest: &Rest, cycle: u32, random: &mut Random) -> Result<()> {
        for robot in ROBOTS {
            let code = self.gives(rest, robot, random)?;
            let is_lasting = cycle.is_multiple_of(LASTING_EVERY) && robot == ROBOTS[usize::from(random.once_in(2))];
            if !is_lasting {
                // A server that dies before it answers may or may not have taken it: a wish is repeated, or forgotten.
                let _maybe = rest.post(&format!("/v1/tasks/{code}/cancel-requests"), &Value::Null);
            }
        }
        Ok(())
    }

    /// What was acknowledged and is not there.
    pub(super) fn gone(&self, history: &History) -> Vec<String> {
        let there: BTreeSet<String> = history.server_rows().map(|row| row.code()).collect();
        self.told.difference(&there).cloned().collect()
    }

    pub(super) fn tasks(&self) -> usize {
        self.told.len()
    }

    fn gives(&mut self, rest: &Rest, robot: &str, random: &mut Random) -> Result<String> {
        let zone = ZONES[usize::try_from(random.below(3)).expect("below three")];
        let mut task = json!({ "title": format!("at {zone}"), "kind": "inspection", "zone": zone, "robot": robot });
        if random.once_in(3) {
            (task["kind"], task["from"], task["zone"]) = ("kitting".into(), "near".into(), "store".into());
        }
        let code = until("the server takes a task", ANSWERS_WITHIN, || {
            rest.add_task(&task).ok()?["code"].as_str().map(str::to_owned)
        })?;
        self.told.insert(code.clone());
        Ok(code)
    }
}
