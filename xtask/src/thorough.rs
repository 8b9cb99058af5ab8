//! `cargo xtask test --thorough`: the ordinary checks, and then those that take longer than a commit should wait.
//!
//! The interlock's long proof is a command of its own, `cargo xtask prove --thorough`: it is due when the interlock changes.

use crate::child;
use crate::steps::{self, Step};
use crate::workspace::Workspace;
use anyhow::Result;
use std::process::ExitCode;

const STEPS: [Step; 5] = [
    Step {
        name: "thorough: a robot of version 1 at a site of this version",
        run: |workspace| tests(workspace, &["test", "--test", "previous_robot", "--", "--ignored"]),
    },
    Step {
        name: "thorough: 100 kills, outages and exchanges, begun over the embedded broker",
        run: |workspace| tests(workspace, &["run", "--bin", "kills", "--", "--cycles", "100", "--seed", "1"]),
    },
    Step {
        name: "thorough: 100 more, begun over Mosquitto",
        run: |workspace| {
            tests(workspace, &["run", "--bin", "kills", "--", "--cycles", "100", "--seed", "2", "--mosquitto"])
        },
    },
    Step {
        name: "thorough: 2,800 worlds more in which disks are exchanged and calendars are wrong",
        run: |workspace| tests(workspace, &["test", "--test", "disks", "--", "--ignored"]),
    },
    Step {
        name: "thorough: 10,000 beacons muted in motion",
        run: |workspace| tests(workspace, &["run", "--bin", "mute", "--", "--trials", "10000"]),
    },
];

/// Runs the ordinary steps and then these, or as far as they pass.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    steps::run(workspace)?;
    steps::run_all(workspace, &STEPS)
}

/// Something of the package `tests`.
fn tests(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let (verb, rest) = (&arguments[..1], &arguments[1..]);
    child::run(&mut workspace.cargo(&[verb, &["--quiet", "--package", "tests"], rest].concat()))
}
