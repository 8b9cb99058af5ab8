//! A client of the server's REST interface: the supervisor asks and tells over the same door as everyone.
//!
//! Every call blocks for at most its time limit, so it is made on a thread that may wait.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::fact::InterlockPhase;
use shared::id::{RobotId, TaskId};
use shared::task::TaskState;
use std::net::SocketAddr;
use std::time::Duration;

/// A robot as the server last heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RobotView {
    /// Its name.
    pub id: RobotId,
    /// Age of its last word by the server's clock, in milliseconds; none before its first.
    pub heard_age_ms: Option<u64>,
    /// Its interlock, as of its last word.
    pub interlock: Option<InterlockView>,
    /// The clearance that it waits for, if its button was pressed.
    pub clearance: Option<ClearanceView>,
    /// Whether its work waits for a person to resume it.
    pub awaits_person: bool,
    /// Entries of its record that the server has not acknowledged, as of its last word.
    pub unacked: Option<u64>,
    /// How far it has followed the server's feed.
    pub cursor: Option<u64>,
    /// How far the server's feed for it goes.
    pub feed_head: Option<u64>,
}

/// The clearance that a robot waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct ClearanceView {
    /// Of which trip.
    pub trip_epoch: u32,
}

/// The interlock as the robot reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct InterlockView {
    /// Its phase.
    pub phase: InterlockPhase,
    /// Rises on every trip.
    pub trip_epoch: u32,
}

/// Older than this, a word says nothing about now. States come at least once a second.
const FRESH_MS: u64 = 2_500;

impl RobotView {
    /// Whether its last word is of now.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.heard_age_ms.is_some_and(|age| age <= FRESH_MS)
    }

    /// Whether both sides have said everything: nothing of its record is unacknowledged, no row of the feed is missing.
    #[must_use]
    pub fn is_level(&self) -> bool {
        self.is_heard() && self.unacked == Some(0) && self.cursor.is_some() && self.cursor == self.feed_head
    }
}

/// A task, as far as the supervisor cares.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaskView {
    /// Its identity.
    pub id: TaskId,
    /// How far it is.
    pub state: TaskState,
}

#[derive(Deserialize)]
struct Robots {
    robots: Vec<RobotView>,
}

#[derive(Deserialize)]
struct Tasks {
    tasks: Vec<TaskView>,
}

/// A refusal as the server puts it (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
    detail: Option<String>,
    title: Option<String>,
    line: Option<u64>,
    column: Option<serde_json::Value>,
    reason: Option<String>,
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The server did not answer, or not in a way that can be read.
    #[error("the server does not answer {path}: {reason}")]
    Unanswered {
        /// What was asked.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// The server refused.
    #[error("{0}")]
    Refused(String),
}

/// The server at an address.
#[derive(Clone, Debug)]
pub struct Rest {
    agent: ureq::Agent,
    base: String,
}

impl Rest {
    /// A client; nothing is opened yet.
    #[must_use]
    pub fn new(server: SocketAddr) -> Self {
        let limits = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(3)))
            // A refusal has a body that says why.
            .http_status_as_error(false);
        Self { agent: limits.build().into(), base: format!("http://{server}") }
    }

    /// Where the server is, for people.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.base
    }

    /// Whether the server is up.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.agent.get(format!("{}/healthz", self.base)).call().is_ok_and(|answer| answer.status().is_success())
    }

    /// Every robot.
    ///
    /// # Errors
    /// [`Fault`] when there is no answer.
    pub fn robots(&self) -> Result<Vec<RobotView>, Fault> {
        Ok(self.get::<Robots>("/v1/robots")?.robots)
    }

    /// Every task.
    ///
    /// # Errors
    /// [`Fault`] when there is no answer.
    pub fn tasks(&self) -> Result<Vec<TaskView>, Fault> {
        Ok(self.get::<Tasks>("/v1/tasks")?.tasks)
    }

    /// Imports a plan, and returns the tasks it made.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the line and the column when a row is wrong.
    pub fn import(&self, csv: &str) -> Result<Vec<TaskView>, Fault> {
        let path = "/v1/tasks/import";
        let request = self.agent.post(format!("{}{path}", self.base)).header("content-type", "text/csv");
        Ok(read::<Tasks>(path, request.send(csv))?.tasks)
    }

    /// Asks a robot to go on with its work.
    ///
    /// # Errors
    /// [`Fault::Refused`] when it is not heard, or waits for nothing.
    pub fn resume(&self, robot: &RobotId) -> Result<(), Fault> {
        let path = format!("/v1/robots/{robot}/resume-requests");
        let answer = self.agent.post(format!("{}{path}", self.base)).send_empty();
        read::<serde_json::Value>(&path, answer).map(drop)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        read(path, self.agent.get(format!("{}{path}", self.base)).call())
    }
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read<T: DeserializeOwned>(path: &str, answer: Answer) -> Result<T, Fault> {
    let unanswered = |reason: String| Fault::Unanswered { path: path.to_owned(), reason };
    let mut answer = answer.map_err(|fault| unanswered(fault.to_string()))?;
    let succeeded = answer.status().is_success();
    let text = answer.body_mut().read_to_string().map_err(|fault| unanswered(fault.to_string()))?;
    if !succeeded {
        return Err(Fault::Refused(refusal(&text)));
    }
    serde_json::from_str(&text).map_err(|fault| unanswered(fault.to_string()))
}

fn refusal(text: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Problem>(text) else { return text.chars().take(200).collect() };
    let place = match (problem.line, problem.column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, _) => String::new(),
    };
    let why = problem.reason.or(problem.detail).or(problem.title).unwrap_or_default();
    format!("{}{place}: {why}", problem.code.unwrap_or_else(|| "refused".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(heard_age_ms: u64, unacked: u64, cursor: u64) -> RobotView {
        let text = format!(
            r#"{{"id":"r-1","heard_age_ms":{heard_age_ms},"at":{{"x_cm":1,"y_cm":2}},"interlock":{{"phase":"energised","cause":"power_up","trip_epoch":7}},
                "awaits_person":false,"unacked":{unacked},"cursor":{cursor},"feed_head":12,"connection":"online"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_robot_is_level_only_when_its_word_is_of_now() {
        assert!(view(120, 0, 12).is_level());
        assert!(!view(120, 1, 12).is_level());
        assert!(!view(120, 0, 11).is_level());
        assert!(!view(9_000, 0, 12).is_level());
    }

    #[test]
    fn a_refused_row_is_told_with_its_place() {
        let text = r#"{"code":"FLT-1101","title":"t","line":3,"column":"zone","reason":"no such zone"}"#;
        assert_eq!(refusal(text), r#"FLT-1101 (line 3, column "zone"): no such zone"#);
        assert_eq!(refusal("<html>"), "<html>");
    }
}
