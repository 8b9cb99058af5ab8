//! The verdict on a run: pure figures from its history, never from what the programs say of themselves.
//!
//! One checker a file, each a function from the history to sentences, one for each thing found wrong; the figure is
//! their number. Leaves to others: reading a history from a folder (`crate::history`).

pub mod chain;
pub mod doubling;
pub mod equality;
pub mod history;
pub mod loss;
pub mod motion;
pub mod orders;
pub mod work;

#[cfg(test)]
pub(crate) mod good;
#[cfg(test)]
mod tests;

use history::History;
use serde::Serialize;

/// Tasks that a run has to finish.
pub const TASKS_DONE_MIN: usize = 8;

/// Tasks that a run has to finish while cut off.
pub const DONE_OFFLINE_MIN: usize = 1;

/// How many findings of one kind are told; the figure counts all.
const TOLD_MAX: usize = 5;

/// The figures of a run, and why it does not pass.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Tasks the server has as done and the body finished.
    pub tasks_done: usize,
    /// Ends of work recorded while the robot was cut off, now at the server.
    pub done_offline: usize,
    /// Journal entries that were acknowledged.
    pub acked: u64,
    /// Journal entries that wait for their acknowledgement.
    pub unacked: usize,
    /// Acknowledged things that are gone, and chains that do not hold.
    pub lost: usize,
    /// Things done once too often.
    pub doubled: usize,
    /// Samples of movement where none may be.
    pub motion_while_tripped: usize,
    /// Places where a record tells other than the body.
    pub untrue: usize,
    /// Every copy equals the server's.
    pub replicas_equal: bool,
    /// A button was pressed on a moving robot.
    pub pressed_robot_was_moving: bool,
    /// Why the run does not pass; empty when it does.
    pub failures: Vec<String>,
}

impl Verdict {
    /// Whether every figure is as it has to be.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Judges a run.
#[must_use]
pub fn verdict(history: &History) -> Verdict {
    let (lost, doubled) = (loss::lost(history), doubling::doubled(history));
    let (motion, untrue) = (motion::motion_while_tripped(history), work::untrue(history));
    let differences = equality::differences(history);
    let mut verdict = Verdict {
        tasks_done: work::tasks_done(history),
        done_offline: work::done_offline(history),
        acked: loss::acked(history),
        unacked: loss::unacked(history),
        lost: lost.len(),
        doubled: doubled.len(),
        motion_while_tripped: motion.len(),
        untrue: untrue.len(),
        replicas_equal: differences.is_empty(),
        pressed_robot_was_moving: motion::pressed_robot_was_moving(history),
        failures: shortfalls(history),
    };
    let found = [
        ("lost", lost),
        ("doubled", doubled),
        ("motion while tripped", motion),
        ("untrue records", untrue),
        ("differences between replicas", differences),
    ];
    verdict.failures.extend(found.iter().flat_map(|(what, findings)| told(what, findings)));
    verdict
}

/// What a run has too little of to prove anything.
fn shortfalls(history: &History) -> Vec<String> {
    let (done, offline, acked) = (work::tasks_done(history), work::done_offline(history), loss::acked(history));
    let mut failures = Vec::new();
    if done < TASKS_DONE_MIN {
        failures.push(format!("{done} tasks were done, {TASKS_DONE_MIN} are wanted"));
    }
    if offline < DONE_OFFLINE_MIN {
        failures.push(format!("{offline} tasks were done while cut off, {DONE_OFFLINE_MIN} is wanted"));
    }
    if acked == 0 {
        failures.push("0 entries were acknowledged, 1 is wanted".to_owned());
    }
    if !motion::pressed_robot_was_moving(history) {
        failures.push("0 buttons were pressed on a moving robot, 1 is wanted".to_owned());
    }
    failures
}

fn told(what: &str, findings: &[String]) -> Vec<String> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut told = vec![format!("{what}: {} found, 0 are allowed", findings.len())];
    told.extend(findings.iter().take(TOLD_MAX).cloned());
    told
}
