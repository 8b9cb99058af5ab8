//! The exhaustive searches of `firmware-sim/interlock/tests/proof`, run and read.

use crate::child::{self, ending};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// One search, as its program tells it.
#[derive(Serialize, Deserialize)]
pub struct Search {
    pub search: String,
    pub states: u64,
    pub transitions: u64,
    pub seconds: f64,
    /// Whether both numbers are the committed ones: a search that shrank proves less.
    pub as_committed: bool,
    pub invariants: Vec<Invariant>,
}

/// One invariant in one search.
#[derive(Serialize, Deserialize)]
pub struct Invariant {
    pub name: String,
    pub holds: bool,
}

impl Search {
    /// Whether everything holds, over as many states as before.
    pub fn holds(&self) -> bool {
        self.as_committed && self.invariants.iter().all(|invariant| invariant.holds)
    }

    /// Whether the invariant of this name holds here; nothing if the search ended before that was known.
    pub fn holds_for(&self, name: &str) -> Option<bool> {
        Some(self.invariants.iter().find(|invariant| invariant.name == name)?.holds)
    }
}

/// Runs them. A violation is no error: it stands in what is returned.
pub fn run(workspace: &Workspace, thorough: bool) -> Result<Vec<Search>> {
    let mut program =
        workspace.cargo(&["test", "--quiet", "--package", "interlock", "--test", "proof", "--", "--json"]);
    if thorough {
        program.arg("--thorough");
    }
    let (status, text) = child::answer(&mut program)?;
    let searches = read(&text)?;
    if searches.is_empty() || status.success() != searches.iter().all(Search::holds) {
        bail!("the searches ended with {} and cannot be believed", ending(status));
    }
    Ok(searches)
}

fn read(text: &str) -> Result<Vec<Search>> {
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("read this line: {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_or_another_number_of_states_is_no_proof() {
        let line = |committed: bool, holds: bool| {
            let row = format!(r#"{{"name":"I1 off","holds":{holds}}}"#);
            format!(
                r#"{{"search":"x","states":1,"transitions":2,"seconds":0.1,"as_committed":{committed},"invariants":[{row}]}}"#
            )
        };
        for (committed, holds) in [(true, true), (true, false), (false, true)] {
            let searches = read(&line(committed, holds)).expect("the line can be read");
            assert_eq!(searches[0].holds(), committed && holds);
            assert_eq!(searches[0].holds_for("I1 off"), Some(holds));
        }
    }
}
