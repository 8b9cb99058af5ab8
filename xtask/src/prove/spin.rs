//! The independent model in `firmware-sim/interlock/model`, checked by `spin`.

use crate::child::{self, ending};
use crate::clock::Stopwatch;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::process::Command;

/// One run of the model: as it is, or with an error planted.
#[derive(Debug, PartialEq, Serialize)]
pub struct Model {
    pub times: String,
    pub what: String,
    /// It holds as it is, and is refuted with an error.
    pub as_expected: bool,
    pub states: String,
}

/// Runs it, thorough with longer times too.
pub fn run(workspace: &Workspace, thorough: bool) -> Result<Vec<Model>> {
    let running = Stopwatch::start();
    let mut script = Command::new("sh");
    script.arg("firmware-sim/interlock/model/run.sh").current_dir(&workspace.root);
    script.args(thorough.then_some("--full"));
    let (status, text) = child::answer(&mut script)?;
    eprint!("{text}");
    let models: Vec<Model> = text.lines().map(read).collect::<Result<_>>()?;
    if models.len() != if thorough { 8 } else { 4 } || status.success() != models.iter().all(|model| model.as_expected)
    {
        bail!("the model's script ended with {} and cannot be believed", ending(status));
    }
    eprintln!("spin took {running}");
    Ok(models)
}

/// `spin small: the model holds: yes (110589 states, 0 errors)`.
fn read(line: &str) -> Result<Model> {
    let parts = || {
        let (times, rest) = line.strip_prefix("spin ")?.split_once(": ")?;
        let (what, rest) = rest.split_once(": ")?;
        let (verdict, rest) = rest.split_once(" (")?;
        let (states, _) = rest.split_once(" states")?;
        Some(Model { times: times.into(), what: what.into(), as_expected: verdict == "yes", states: states.into() })
    };
    parts().with_context(|| format!("read this line of the model's script: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_script_is_read() {
        let model = read("spin full: planted error 1 is refuted: NO (12 states, 0 errors)").expect("it is a line");
        let expected = Model {
            times: "full".into(),
            what: "planted error 1 is refuted".into(),
            as_expected: false,
            states: "12".into(),
        };
        assert_eq!(model, expected);
        assert!(read("sh: spin: not found").is_err());
    }
}
