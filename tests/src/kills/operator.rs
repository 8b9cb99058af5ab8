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
const ZONES: [&str; 3] = ["near", "store", "cell"];

#[derive(Debug, Default)]
pub(super) struct Operator {
    told: BTreeSet<String>,
}

impl Operator {
    /// Gives each robot a task, in an order by chance; returns their codes.
    pub(super) fn gives_each(&mut self, rest: &Rest, random: &mut Random) -> Result<Vec<String>> {
        let mut robots = ROBOTS;
        robots.rotate_left(usize::from(random.once_in(2)));
        robots.iter().map(|robot| self.gives(rest, robot, random)).collect()
    }

    /// Takes tasks away again, whatever has become of them.
    pub(super) fn withdraws(rest: &Rest, codes: &[String]) {
        for code in codes {
            // A server that does not answer may or may not have taken it. Then the task is done, and nothing is lost.
            let _maybe = rest.post(&format!("/v1/tasks/{code}/cancel-requests"), &Value::Null);
        }
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
