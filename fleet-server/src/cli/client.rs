//! The command line's client of the API.

use serde_json::{Value, json};
use std::time::Duration;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read, in bytes.
const ANSWER_LEN_MAX: u64 = 64 * 1024 * 1024;

/// Where the server is, and how answers are printed.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The server's address.
    #[arg(long, default_value = "http://127.0.0.1:8080", global = true)]
    server: String,
    /// Print one JSON document instead of a table.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody answered.
    #[error("{server} does not answer: {why}. Is fleet serve running there? Nothing was changed on this machine.")]
    Unanswered {
        /// Where it was looked for.
        server: String,
        /// What went wrong.
        why: String,
    },
    /// The server refused.
    #[error("{}", sentence(.0))]
    Refused(Box<Value>),
    /// The command itself is wrong.
    #[error("{0}")]
    Usage(String),
    /// What the command names is not in the configuration.
    #[error("{0}")]
    NotFound(String),
    /// A file could not be written.
    #[error("{0}")]
    NotWritten(String),
    /// What is wanted is kept on this machine, and the server has not answered.
    #[error(
        "kept on this machine, {count} not on the server yet: {why}. They are sent with the next command, or by fleet ops push."
    )]
    Kept {
        /// How many operations wait.
        count: usize,
        /// Why the server did not answer.
        why: String,
    },
    /// The server took operations and refused some: they make no sense for the task as it stands.
    #[error("{0}")]
    OpsRefused(String),
    /// The robot has not shown that it did what it was asked.
    #[error("{0}")]
    NotConfirmed(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unanswered { .. } => 1,
            Self::Usage(_) => 2,
            Self::NotFound(_) => 3,
            Self::NotWritten(_) => 1,
            Self::Kept { .. } => 5,
            Self::OpsRefused(_) => 1,
            Self::NotConfirmed(_) => 6,
            Self::Refused(problem) => match (problem["status"].as_u64(), problem["code"].as_str()) {
                (Some(404), _) | (_, Some("FLT-1102" | "FLT-1103")) => 3,
                (Some(401 | 403), _) => 4,
                (_, Some("FLT-1301")) => 6,
                _ => 1,
            },
        }
    }
}

impl Failure {
    /// The failure as one JSON document, for a program that asked for one: code, sentence and exit code.
    pub fn document(&self) -> String {
        document(&json!({ "code": self.code(), "sentence": self.to_string(), "exit": self.exit_code() }))
    }

    /// The server's code, or what happened here.
    fn code(&self) -> &str {
        match self {
            Self::Refused(problem) => problem["code"].as_str().unwrap_or("CLI-REFUSED"),
            Self::Unanswered { .. } => "CLI-UNANSWERED",
            Self::Usage(_) => "CLI-USAGE",
            Self::NotFound(_) => "CLI-NOT-FOUND",
            Self::NotWritten(_) => "CLI-NOT-WRITTEN",
            Self::Kept { .. } => "CLI-KEPT",
            Self::OpsRefused(_) => "CLI-OPS-REFUSED",
            Self::NotConfirmed(_) => "CLI-NOT-CONFIRMED",
        }
    }
}

fn sentence(problem: &Value) -> String {
    let text = |key: &str| problem[key].as_str().map(str::to_owned);
    let place = match (problem["line"].as_u64(), text("column"), text("reason")) {
        (Some(line), Some(column), Some(reason)) => Some(format!("Line {line}, column {column}: {reason}.")),
        _ => text("field").map(|field| format!("The field is {field}.")),
    };
    let code = text("code").map(|code| format!("({code})"));
    let parts = [text("title"), text("detail"), place, text("what_to_do"), code];
    let mut said: Vec<String> = vec![];
    for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
        if !said.contains(&part) {
            said.push(part);
        }
    }
    said.join(" ")
}

/// Asks the server.
pub struct Client {
    server: String,
    agent: ureq::Agent,
}

impl Client {
    /// A client of the server at a place.
    pub fn new(place: &Place) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        let agent = config.proxy(None).build().new_agent();
        Self { server: place.server.trim_end_matches('/').to_owned(), agent }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.read(self.agent.get(self.url(path)).call())
    }

    /// Asks for something that needs no words.
    pub fn post(&self, path: &str) -> Result<Value, Failure> {
        self.read(self.agent.post(self.url(path)).send_empty())
    }

    /// Asks for something in JSON.
    pub fn post_json(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.read(self.agent.post(self.url(path)).send_json(body))
    }

    /// Sends a plan.
    pub fn post_csv(&self, path: &str, body: &[u8]) -> Result<Value, Failure> {
        self.read(self.agent.post(self.url(path)).content_type("text/csv").send(body))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    fn read(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, Failure> {
        let unanswered = |why: ureq::Error| Failure::Unanswered { server: self.server.clone(), why: why.to_string() };
        let mut answer = answer.map_err(unanswered)?;
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(ANSWER_LEN_MAX).read_to_string().map_err(unanswered)?;
        let value = serde_json::from_str(&text);
        match value {
            Ok(value) if status.is_success() => Ok(value),
            Ok(problem) => Err(Failure::Refused(Box::new(problem))),
            Err(_) => {
                let why = format!("it answered {status} with something that is no JSON");
                Err(Failure::Unanswered { server: self.server.clone(), why })
            }
        }
    }
}

/// A name that may stand in a path: it cannot lead anywhere else.
pub fn name(text: &str) -> Result<&str, Failure> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_plain { Ok(text) } else { Err(Failure::Usage(format!("{text:?} is not a name: letters, digits and - only"))) }
}

/// A document as it is printed with `--json`.
pub fn document(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_becomes_a_sentence_and_an_exit_code() {
        let code =
            |status: u16, code: &str| Failure::Refused(Box::new(json!({"status": status, "code": code}))).exit_code();
        assert_eq!((code(404, "FLT-1004"), code(422, "FLT-1103"), code(403, "x")), (3, 3, 4));
        assert_eq!((code(409, "FLT-1301"), code(409, "FLT-1202")), (6, 1));
        let row = json!({"title": "Bad.", "detail": "Bad.", "line": 3, "column": "zone", "reason": "no such zone"});
        assert_eq!(Failure::Refused(Box::new(row)).to_string(), "Bad. Line 3, column zone: no such zone.");
    }

    #[test]
    fn a_failure_is_a_document_with_code_sentence_and_exit_code() {
        let read = |failure: Failure| serde_json::from_str::<Value>(&failure.document()).unwrap();
        let missing = read(Failure::NotFound("fleet.toml has no robot r-9".into()));
        assert_eq!(missing, json!({ "code": "CLI-NOT-FOUND", "sentence": "fleet.toml has no robot r-9", "exit": 3 }));
        let refused = read(Failure::Refused(Box::new(json!({ "status": 409, "code": "FLT-1301", "title": "No." }))));
        assert_eq!((refused["code"].as_str(), refused["exit"].as_u64()), (Some("FLT-1301"), Some(6)));
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        assert!(name("T-00001").is_ok());
        for bad in ["", "..", "a/b", "a?b", "a b", "é"] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
